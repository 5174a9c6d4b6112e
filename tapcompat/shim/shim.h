/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shim.h - the preloaded library: what stands between QEMU and the kernel
 *
 * Theory of operation
 *
 * QEMU reaches taps and vhost-net by a handful of libc functions, and libc.c answers for
 * them.  A descriptor that is neither goes through after one look into a table; so does
 * one for which the kernel has all that is asked for.
 *
 * A tap is known by its ioctls, however it was come by (tap.c).  When QEMU first asks for
 * its offloads, the shim finds out which of them this kernel has, as QEMU is about to do
 * anyway; what it lacks and the shim can stand in for, QEMU is told that it is there.  From then
 * on the kernel hears of what it knows, and the shim looks at what is written to the tap.
 *
 * A vhost-net descriptor (vhost.c) is the tap's that came before it: QEMU opens them in
 * this order, and libvirt hands them over so.  If that tap needs the shim, or vhost-net
 * itself lacks something or is not there, a device of our own (device/device.h) is what
 * the descriptor stands for.  Should a tap that needs the shim come to a vhost-net that is
 * the kernel's after all, it is refused: QEMU then moves the packets itself, by way of the
 * shim, and nothing is lost but speed.
 *
 * The shim keeps no descriptor that QEMU would miss, writes to nothing but stderr, and in
 * a child of a process that had a tap or a vhost-net it does nothing at all.
 */
#ifndef TAPCOMPAT_SHIM_SHIM_H
#define TAPCOMPAT_SHIM_SHIM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <tapcompat.h>

#include "device/device.h"
#include "feature/level.h"
#include "stat/stat.h"

/* ---- config.c: the environment ------------------------------------------- */

struct shim_config {
	struct tapcompat_mask emulate;	/* may be emulated */
	bool listed;			/* by name: asked for, whatever QEMU's defaults are */
	struct tapcompat_mask masked;	/* is treated as absent */
	enum tapcompat_shim_level level;
};

/**
 * shim_config() - as the environment has it; a wrong word in it ends the process with 2
 */
const struct shim_config *shim_config(void);

/**
 * shim_say() - a line on stderr, at most ten a second of those below TAPCOMPAT_SHIM_ERROR
 */
void shim_say(enum tapcompat_shim_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- tap.c ---------------------------------------------------------------- */

/*
 * An interface: TUNSETOFFLOAD on one of its queues is for all of them, and QEMU does it on the
 * first one alone.
 */
struct interface {
	int users;		/* its taps */
	char name[16];
	uint32_t asked;		/* TUN_F_*: all that was ever asked for */
	uint32_t offload;	/* as it is now, from QEMU's side */
	struct tapcompat_mask needed;	/* emulated, and asked for */
	bool announced;
	struct interface *next;
};

/* A queue of it: one descriptor. */
struct tap {
	int users;		/* descriptor and device */
	int fd;
	char name[64];		/* escaped */
	struct tapcompat_mask native, emulated;
	struct tapcompat_mask hidden;	/* to be absent, whatever the kernel has */
	struct interface *interface;
	bool vnet;		/* it has a vnet header: there is something to offload */
	struct stat_port *stat;
	struct stat_direction aside;	/* of QEMU's writes while a device counts its own */
	pthread_mutex_t lock;	/* of what follows: QEMU's own writes */
	bool header_known;
	struct transmit *transmit;
};

/**
 * tap_meet() - what is known of a descriptor's tap, which may be met for the first time
 * Return: NULL for something that is no tap, or where nothing can be found out
 */
struct tap *tap_meet(int fd);

/**
 * tap_set_offload() - answer TUNSETOFFLOAD
 * Return: 0 or a negative errno
 */
int tap_set_offload(struct tap *tap, unsigned long flags);

/**
 * tap_needs_us() - was something asked for that the kernel has not?
 */
bool tap_needs_us(const struct tap *tap);

/**
 * tap_write() - QEMU's writev(2) on a tap that needs us
 * Return: bytes or a negative errno
 */
ssize_t tap_write(struct tap *tap, const struct iovec *iov, int count);

/**
 * tap_port() - what a device is to know of it
 * Return: 0; -EBADF, -EINVAL for something that is no tap
 */
int tap_port(struct tap *tap, struct device_port *port);

/**
 * tap_get(), tap_put() - one more that uses it, one less
 */
struct tap *tap_get(struct tap *tap);
void tap_put(struct tap *tap);

/* The tap that was met last: the next vhost-net is for it. */
struct tap *tap_latest(void);

/**
 * tap_set_datapath() - who moves its packets from now on
 */
void tap_set_datapath(struct tap *tap, enum stat_datapath datapath);

/* The vnet header's size was set; a frame was read. */
void tap_header_changed(struct tap *tap);
void tap_count_read(struct tap *tap, ssize_t bytes);

/* ---- vhost.c -------------------------------------------------------------- */

struct vhost_frontend;

/**
 * vhost_placeholder() - a descriptor in place of a vhost-net that is not there
 * Return: it, or a negative errno where the shim is not to stand in
 */
int vhost_placeholder(void);

/* Is this descriptor a vhost-net? */
bool vhost_is_node(int fd);

/**
 * vhost_frontend_open() - what stands behind a descriptor
 * @placeholder: there is no vhost-net behind it
 */
struct vhost_frontend *vhost_frontend_open(int fd, bool placeholder);
void vhost_frontend_close(struct vhost_frontend *fe);


/**
 * vhost_frontend_ioctl() - answer
 * @handled: set to whether it is the shim's to answer; else the kernel is to be asked
 * Return: 0 or a negative errno
 */
int vhost_frontend_ioctl(struct vhost_frontend *fe, unsigned long request, void *arg,
			 bool *handled);

/* ---- table.c: descriptors -------------------------------------------------- */

enum shim_kind { SHIM_NOTHING, SHIM_TAP, SHIM_VHOST };

struct shim_entry {
	enum shim_kind kind;
	union {
		struct tap *tap;
		struct vhost_frontend *vhost;
	};
};

#define SHIM_FDS 65536

extern struct shim_entry *shim_table[SHIM_FDS];

static inline struct shim_entry *shim_find(int fd)
{
	return (unsigned int)fd < SHIM_FDS ?
		__atomic_load_n(&shim_table[fd], __ATOMIC_ACQUIRE) : NULL;
}

struct tap *shim_tap(int fd);

/**
 * shim_remember() - put a descriptor into the table
 * Return: 0 or -ENOMEM
 */
int shim_remember(int fd, struct shim_entry entry);

/**
 * shim_forget() - a descriptor is about to be closed
 */
void shim_forget(int fd);

/**
 * shim_abandon() - forget them all, and leave what stands behind them to a parent
 * Return: whether there were any
 */
bool shim_abandon(void);

#endif /* TAPCOMPAT_SHIM_SHIM_H */
