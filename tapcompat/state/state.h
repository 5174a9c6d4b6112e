/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * state.h - what a guest has acknowledged, read from QEMU's device state
 *
 * QEMU's migration stream has a section for each device.  A virtio-net device's holds the
 * features that its guest's driver acknowledged, which no other evidence shows completely.
 * The stream is found in
 *
 *  - the file of xen-save-devices-state (devices, no RAM);
 *  - the file of `migrate file:` or `migrate exec:`, with mapped-ram too;
 *  - libvirt's save image, also a compressed one;
 *  - Proxmox's vmstate volume.
 *
 * A stream has the guest's own bytes in it.  RAM is therefore read record by record, and a
 * device's section is accepted only if there is no second place at which it could end: a
 * guest that writes what looks like a section makes its state unreadable (-EBADMSG), and
 * never changes what is read from it.
 */
#ifndef TAPCOMPAT_STATE_STATE_H
#define TAPCOMPAT_STATE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tapcompat.h>

#define STATE_PATH 256		/* bytes of a device's path, with the final NUL */
#define STATE_NAME 64
#define STATE_CARDS 1024	/* network cards of one machine */
#define STATE_XML 0x400000	/* bytes of a save image's XML */

/* Bits of struct state_card's status, as the virtio specification has them. */
enum state_status {
	STATE_ACKNOWLEDGE = 1,
	STATE_DRIVER = 2,
	STATE_DRIVER_OK = 4,
	STATE_FEATURES_OK = 8,
	STATE_NEEDS_RESET = 64,
	STATE_FAILED = 128,
};

enum state_format {
	STATE_STREAM,		/* QEMU's own, nothing around it */
	STATE_SAVE_IMAGE,	/* libvirt's */
	STATE_QMP,		/* QEMU itself was asked: state_ask() */
};

/**
 * struct state_card - a virtio-net device
 * @path: where it is plugged, escaped: "0000:00:03.0", below bridges "0000:00:02.0:00.0",
 *	"" for one without an address; if @partial, the path of QEMU's object, which ends in
 *	the device's id if it has one: "/machine/peripheral/net0"
 * @instance: tells devices of the same @path apart
 * @offset: of its section in the stream
 * @known: false: the section is a network card's, but cannot be read; all below but @why
 *	is 0
 * @why: if not @known: the reason, one line
 * @partial: of what follows, only @driver, @acked, @status and @mac are known
 * @driver: the guest's driver is up (DRIVER_OK).  Without, the guest holds nothing: @acked
 *	may have bits that a driver has written and not confirmed, or that it has left behind
 * @acked: features that the driver has acknowledged
 * @status: enum state_status
 * @mac: the address as the guest has set it, or QEMU
 * @queue_pairs_max: queue pairs that the device has
 * @queue_pairs: of them, in use
 * @rx_ring: length of the first receive ring, as the driver has set it
 * @tx_ring: of the first transmit ring
 * @rx_ring_default: the same without a driver: property rx_queue_size
 * @tx_ring_default: property tx_queue_size
 * @vnet_hdr: its backend has a vnet header; a destination without is refused
 * @ufo: its backend has UFO; a destination without is refused
 * @offloads_known: @offloads is there (the guest has acknowledged ctrl_guest_offloads)
 * @offloads: receive offloads that the guest has switched on by now: bits as in @acked,
 *	also those of tunnels, which the offload command numbers otherwise
 * @backend_state: it has state of a vhost-user backend with it
 */
struct state_card {
	char path[STATE_PATH];
	uint32_t instance;
	uint64_t offset;
	bool known;
	char why[160];
	bool partial;
	bool driver;
	struct tapcompat_mask acked;
	uint8_t status;
	uint8_t mac[6];
	uint16_t queue_pairs_max;
	uint16_t queue_pairs;
	uint32_t rx_ring;
	uint32_t tx_ring;
	uint32_t rx_ring_default;
	uint32_t tx_ring_default;
	bool vnet_hdr;
	bool ufo;
	bool offloads_known;
	struct tapcompat_mask offloads;
	bool backend_state;
};

/**
 * struct state - a machine's network cards, as a state has them
 * @format: how it was found
 * @machine: versioned machine type, escaped, such as "pc-q35-7.2"; "" if the state has none
 * @compression: program that @format was compressed for: "gzip", "zstd"…; "" if it was not
 * @running: libvirt's: the guest runs when it is restored
 * @xml: libvirt's: the domain's XML as it is in the image, foreign and unchecked; else NULL
 * @bytes: read, after decompression
 * @card: @cards of them, in the stream's order
 */
struct state {
	enum state_format format;
	char machine[STATE_NAME];
	const char *compression;
	bool running;
	char *xml;
	uint64_t bytes;
	struct state_card *card;
	unsigned int cards;
};

/**
 * struct state_options - limits; NULL or zero members mean the defaults
 * @seconds: time for all of it, 3600 by default.  A state is read once from the start to
 *	its devices, which are at the end
 */
struct state_options {
	unsigned int seconds;
};

/**
 * state_read() - read a state from a descriptor
 * @fd: at the start of the state: a file, a block device or a pipe; it is neither written
 *	nor closed, its position changes
 * @name: for messages: the file's name, escaped here
 * @state: set on success, to be released with state_free(); NULL otherwise
 * @error: set on failure: what is wrong, at which offset, and what to do; may be NULL
 *
 * A compressed image is decompressed by its format's own program, a child without a shell.
 * Memory is bounded: about 64 MiB for the devices, whatever the guest's RAM.
 *
 * Return: 0 (a machine without network cards has none); -ENOMSG if it is no state at all;
 *	-EOPNOTSUPP for a kind of state that is not read (multifd, snapshots in qcow2, sections
 *	of unknown length); -EBADMSG for a damaged or ambiguous one; -ENODATA for one that is
 *	cut; -ETIMEDOUT; -ENOENT where the decompressor is not installed; -ENOMEM; another
 *	negative errno where it cannot be read
 */
int state_read(int fd, const char *name, const struct state_options *options,
	       struct state **state, struct tapcompat_error *error);

/**
 * state_load() - the same, from a path
 * @path: opened for reading only; "-" is standard input
 */
int state_load(const char *path, const struct state_options *options, struct state **state,
	       struct tapcompat_error *error);

/**
 * state_free() - release it; takes NULL
 */
void state_free(struct state *state);

/* ---- A QEMU that runs ---------------------------------------------------- */

/**
 * struct state_asking - a running QEMU to be asked over QMP
 * @path: its socket; used if @fd is -1
 * @fd: a connected socket that QMP's greeting comes from, or -1; not closed
 * @stop: it may stop the guest for a moment: this is --ask-qemu.  Without, only
 *	x-query-virtio-status is used, on versions that are known to survive it
 * @connect_ms: until it has greeted, 1000 by default
 * @total_ms: for all, 5000 by default
 */
struct state_asking {
	const char *path;
	int fd;
	bool stop;
	unsigned int connect_ms;
	unsigned int total_ms;
};

/**
 * struct state_answer - what came of it besides the state
 * @version: such as "10.0.2"; "" if it did not get so far
 * @stopped: QEMU was told to stop the guest for its device state
 * @stopped_us: for so many microseconds the guest stood still, by QEMU's own clock; -1 if
 *	QEMU did not say (a guest that was not running did not stand still for us)
 */
struct state_answer {
	char version[32];
	bool stopped;
	long stopped_us;
};

/**
 * state_ask() - ask a running QEMU what its guest has acknowledged
 * @answer: set in any case
 * @state: set on success, format STATE_QMP
 *
 * Nothing of QEMU is changed: the guest is stopped for a moment if it may be, its device
 * state is written to a descriptor of ours, and the guest goes on.  A guest that is being
 * migrated, saved or started is left alone.
 *
 * Return: 0; -ETIMEDOUT where it does not greet or answer in time; -EBUSY in a run state in
 *	which it is left alone; -EOPNOTSUPP where this version cannot be asked without stopping
 *	the guest; -ECONNREFUSED, -EACCES… from connect(2); what state_read() returns
 */
int state_ask(const struct state_asking *asking, struct state_answer *answer,
	      struct state **state, struct tapcompat_error *error);

#endif /* TAPCOMPAT_STATE_STATE_H */
