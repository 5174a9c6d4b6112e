/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shim.h - the preloaded library between QEMU and the kernel
 *
 * Theory of operation
 *
 * QEMU uses taps and vhost-net through a few functions of libc, and libc.c defines these
 * functions.  A call on any other descriptor is passed to libc after one lookup in a table
 * (table.c), and so is a call on a tap or vhost-net for which the kernel provides everything
 * that was requested.
 *
 * The shim recognises a tap by its ioctls, however QEMU obtained the descriptor (tap.c).  When
 * QEMU first sets a tap's offloads, the shim tests which of them this kernel supports
 * (offload.c).  Missing offloads that the shim can emulate are reported to QEMU as present.
 * From then on the kernel is only asked for offloads that it supports, and the shim handles
 * what QEMU writes to the tap (write.c).
 *
 * A vhost-net descriptor (vhost.c) belongs to the tap that was recognised before it: QEMU opens
 * them in this order, and libvirt passes them in this order.  If that tap is emulated, or
 * vhost-net is missing or lacks a feature, the shim's own device (device/device.h) answers
 * the descriptor's ioctls.  An emulated tap is refused as the backend of the kernel's
 * vhost-net: QEMU then moves the packets itself, through the shim, which is only slower.
 *
 * The table follows close(2), dup(2) and the like.  A descriptor can also be closed where the
 * shim does not see it, so its identity is checked before it is treated as a tap or vhost-net.
 * In a child that shares the memory of its parent, as after vfork(2), nothing in the table
 * changes; in a forked child of a process with taps the shim does nothing at all.
 */
#ifndef TAPCOMPAT_SHIM_SHIM_H
#define TAPCOMPAT_SHIM_SHIM_H

#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <tapcompat.h>

#include "device/device.h"
#include "feature/policy.h"
#include "stat/stat.h"

/* ---- config.c: the environment ------------------------------------------- */

struct shim_config {
	struct policy policy;
	struct tapcompat_mask emulate;	/* policy_emulated() */
	struct tapcompat_mask masked;	/* policy_unused() */
	enum tapcompat_shim_level level;
	enum tapcompat_shim_engine engine;
};

/**
 * shim_config() - the settings from the environment; an invalid one ends the process (exit 2)
 */
const struct shim_config *shim_config(void);

/**
 * shim_say() - print a line on stderr, at most ten a second below TAPCOMPAT_SHIM_ERROR
 */
void shim_say(enum tapcompat_shim_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- table.c: descriptors -------------------------------------------------- */

enum shim_kind { SHIM_TAP, SHIM_VHOST };

/* First member of struct tap and struct vhost_frontend. */
struct shim_file {
	enum shim_kind kind;
	int users;		/* its descriptors, and devices that it is attached to */
	dev_t dev, rdev;	/* the inode behind the descriptors; many files may share it */
	ino_t ino;
	uint64_t checked;	/* which descriptor shim_check() has looked at, and when */
};

/*
 * Two levels, so that the table covers every possible descriptor: chunks are mapped when they
 * are first needed, and never unmapped.
 */
#define SHIM_CHUNK_BITS 14
#define SHIM_CHUNK (1u << SHIM_CHUNK_BITS)
#define SHIM_CHUNKS (1u << (31 - SHIM_CHUNK_BITS))

/**
 * shim_tap() - the tap of a descriptor, or NULL; takes no lock
 */
struct tap *shim_tap(int fd);

/**
 * shim_is_current() - does a descriptor still refer to the inode of its entry?
 */
bool shim_is_current(int fd, const struct shim_file *file);

/**
 * shim_check() - the same, on the packet path
 *
 * The system call is made at most once per tick of the kernel's coarse clock (1 to 10 ms): a
 * descriptor that was closed unseen and reused within one tick is not noticed.
 */
bool shim_check(int fd, struct shim_file *file);

/**
 * shim_remember() - enter a descriptor into the table
 * @file: gets one more user; its inode is read from @fd
 * Return: 0; -ENOMEM; -EBADF
 */
int shim_remember(int fd, struct shim_file *file);

/**
 * shim_take() - look a descriptor up and become a user of what it is
 * Return: to be released with shim_put(); NULL: it is not in the table
 */
struct shim_file *shim_take(int fd);

/**
 * shim_forget() - the descriptor is about to be closed, or is found to be another file now
 */
void shim_forget(int fd);

/**
 * shim_forget_range() - the same for all descriptors from @first to @last
 */
void shim_forget_range(unsigned int first, unsigned int last);

/**
 * shim_follow() - descriptor @to is a duplicate of @from now
 * Return: 0 or -ENOMEM
 */
int shim_follow(int from, int to);

/**
 * shim_next() - the next descriptor in the table
 * @fd: in: the first to consider; out: where it was found
 * Return: with one more user; NULL at the end
 */
struct shim_file *shim_next(int *fd);

/* One more user; one less: the last one frees it. */
void shim_get(struct shim_file *file);
void shim_put(struct shim_file *file);

/**
 * shim_leave_environment() - remove the shim from LD_PRELOAD, and TAPCOMPAT_*
 * @list: as environ(7); it and its strings are changed
 *
 * Async-signal-safe.
 */
void shim_leave_environment(char **list);

/**
 * shim_is_owner() - is this the process that the table belongs to?
 * Return: false in a child that shares the memory of its parent, as after vfork(2)
 */
bool shim_is_owner(void);

/**
 * shim_own() - the table belongs to this process: at its start
 */
void shim_own(void);

/**
 * shim_abandon() - in a forked child: forget all descriptors, release nothing
 * Return: whether there were any
 */
bool shim_abandon(void);

/* ---- interface.c: which descriptors are queues of one interface ----------- */

/* What identifies an interface, as read from one of its descriptors. */
struct interface_id {
	char name[IFNAMSIZ];
	short flags;		/* IFF_* of TUNGETIFF */
	uint8_t mac[6];
	dev_t node;		/* /dev/net/tun, or the macvtap's own */
	dev_t netns_dev;	/* of its network namespace */
	ino_t netns_ino;	/* 0: not permitted, or not supported, to be read */
};

#define INTERFACE_QUEUES 256	/* Linux drivers/net/tun.c: MAX_TAP_QUEUES */

/*
 * An interface.  TUNSETOFFLOAD on one of its queues applies to all of them, and QEMU does it
 * on the first one only.
 */
struct interface {
	int users;		/* its taps */
	struct interface_id id;
	uint64_t queues[INTERFACE_QUEUES / 64];	/* numbers in use */
	uint32_t asked;		/* TUN_F_*: all that was ever requested */
	uint32_t offload;	/* as QEMU has set it */
	struct tapcompat_mask needed;	/* emulated and requested */
	bool announced;
};

/**
 * interface_identify() - read the identity of the interface behind a descriptor
 * Return: 0 or a negative errno: it is not a tap, or its interface was deleted
 */
int interface_identify(int fd, struct interface_id *id);

/**
 * interface_is_same() - are these two identities, read at the same time, of one interface?
 */
bool interface_is_same(const struct interface_id *a, const struct interface_id *b);

/**
 * interface_refresh() - is this still the interface, perhaps renamed, moved or with a new MAC?
 * @id: as it is now; kept if it is
 */
bool interface_refresh(struct interface *i, const struct interface_id *id);

/**
 * interface_get() - one more tap uses it; interface_put() - one less, the last one frees it
 * @i: NULL for a new one
 * Return: NULL: no memory
 */
struct interface *interface_get(struct interface *i, const struct interface_id *id);
void interface_put(struct interface *i);

/* A number for one of its queues, the lowest that is free; and given back. */
uint32_t interface_number(struct interface *i);
void interface_release(struct interface *i, uint32_t number);

/* ---- tap.c: known taps ------------------------------------------------------ */

/* One queue of an interface: one open file, one or more descriptors. */
struct tap {
	struct shim_file file;
	char name[4 * IFNAMSIZ];	/* escaped */
	struct tapcompat_mask native, emulated;
	struct tapcompat_mask hidden;	/* absent for QEMU, whatever the kernel supports */
	struct interface *interface;
	bool vnet;		/* it has a vnet header: offloads are possible */
	uint32_t queue;		/* of the interface */
	struct stat_port *stat;
	struct stat_direction unlisted;	/* of QEMU's writes while a device uses stat */
	pthread_mutex_t lock;	/* of what follows: QEMU's own writes */
	bool header_known;
	struct transmit *transmit;
};

/**
 * tap_meet() - the tap behind a descriptor, which may be new
 * @tap: set; NULL for a descriptor that is not a tap
 * Return: 0 or a negative errno: it is a tap, and cannot be emulated; a warning was printed
 */
int tap_meet(int fd, struct tap **tap);

/**
 * tap_latest_is_emulated() - of the tap that was met last, which the next vhost-net is for
 */
bool tap_latest_is_emulated(void);

/**
 * tap_port() - describe it to a device
 * Return: 0; -EBADF, -EINVAL for a descriptor that is no longer a tap
 */
int tap_port(struct tap *tap, int fd, struct device_port *port);

/**
 * tap_set_datapath() - what moves its packets from now on
 */
void tap_set_datapath(struct tap *tap, enum stat_datapath datapath);

/* The last user is gone. */
void tap_free(struct tap *tap);

/* ioctl(2) of the kernel: the process' own is the shim's.  Return: its result or -errno */
int tap_ioctl(int fd, unsigned long request, unsigned long arg);

/* ---- offload.c: a tap's offloads -------------------------------------------- */

/**
 * tap_learn() - determine what the kernel provides for this tap, and what is to be emulated
 * Return: 0 or a negative errno
 */
int tap_learn(struct tap *tap, int fd, const struct interface_id *id);

/**
 * tap_set_offload() - answer TUNSETOFFLOAD
 * Return: 0 or a negative errno
 */
int tap_set_offload(struct tap *tap, int fd, unsigned long flags);

/**
 * tap_is_emulated() - was something requested that the kernel lacks?
 */
bool tap_is_emulated(const struct tap *tap);

/* ---- write.c: QEMU's own reads and writes ------------------------------------ */

/**
 * tap_write() - writev(2) on an emulated tap
 * Return: bytes or a negative errno
 */
ssize_t tap_write(struct tap *tap, int fd, const struct iovec *iov, int count);

/* The vnet header's size was set. */
void tap_header_changed(struct tap *tap);

/* A frame was read. */
void tap_count_read(struct tap *tap, ssize_t bytes);

/* No more writes: for tap_free() */
void tap_write_end(struct tap *tap);

/* ---- vhost.c ------------------------------------------------------------------ */

struct vhost_frontend;

/**
 * vhost_placeholder() - a descriptor in place of a vhost-net that does not exist
 * Return: it, or a negative errno where the shim is not to emulate vhost-net
 */
int vhost_placeholder(void);

/* Is this descriptor a vhost-net of the kernel's? */
bool vhost_is_node(int fd);

/**
 * vhost_frontend_open() - enter a descriptor into the table as a vhost-net
 * @placeholder: it is one of vhost_placeholder()
 * Return: 0 or -ENOMEM, and a warning was printed
 */
int vhost_frontend_open(int fd, bool placeholder);

/* The last user is gone. */
void vhost_frontend_free(struct vhost_frontend *fe);

/**
 * vhost_frontend_ioctl() - answer an ioctl
 * @handled: set to whether it was answered; if not, it is for the kernel
 * Return: 0 or a negative errno
 */
int vhost_frontend_ioctl(struct vhost_frontend *fe, int fd, unsigned long request, void *arg,
			 bool *handled);

/* ---- mapping.c ------------------------------------------------------------ */

/**
 * mapping_room() - bytes that are mapped and writable from an address on
 * Return: UINT64_MAX if that cannot be determined
 */
uint64_t mapping_room(const void *address);

/* ---- libc.c ------------------------------------------------------------------- */

/* Has open(2) a third argument?  O_TMPFILE contains O_DIRECTORY, which alone has none. */
static inline bool shim_open_has_mode(int flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

#endif /* TAPCOMPAT_SHIM_SHIM_H */
