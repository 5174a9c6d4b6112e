/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * audit.h - what machines that run, or are saved, hold
 *
 * Plain data: files of this floor fill it in, report prints it.  Each kind of evidence is
 * kept apart; audit_settle() says what follows from all of it.  All strings are foreign, and
 * escaped when they are stored.
 */
#ifndef TAPCOMPAT_AUDIT_AUDIT_H
#define TAPCOMPAT_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <tapcompat.h>

#include "ground/mask.h"

#define AUDIT_SCHEMA "tapcompat-audit"
#define AUDIT_NAME 128
#define AUDIT_WORD 64
#define AUDIT_NOTE 256
#define AUDIT_MACHINES 16384	/* of one host */
#define AUDIT_CARDS 256		/* of one machine */
#define AUDIT_STEPS 24
#define AUDIT_MOST 0x800000ul	/* bytes of a document: some thousands of cards */

/* The kinds of evidence, best first. */
enum audit_source {
	AUDIT_RECORD,	/* a tapcompat-vm document: what the machine is offered */
	AUDIT_QMP,	/* QEMU's answer */
	AUDIT_STATE,	/* a saved state or a migration file */
	AUDIT_GUEST,	/* the guest's own bit string */
	AUDIT_OPTIONS,	/* QEMU's command line: what it does not offer */
	AUDIT_KERNEL,	/* the tap's offloads, as the guest has set them */
	AUDIT_SOURCES,
};

/* What one kind of evidence says. */
struct audit_evidence {
	bool present;
	struct tapcompat_mask held, not_held;
	char detail[AUDIT_NOTE];	/* such as the file that it is from */
};

enum audit_state {
	AUDIT_UNKNOWN,
	AUDIT_HELD,
	AUDIT_NOT_HELD,
};

/* What connects a card to the host. */
enum audit_link {
	AUDIT_LINK_UNKNOWN,
	AUDIT_LINK_TAP,		/* vhost=off */
	AUDIT_LINK_VHOST,	/* vhost=on */
	AUDIT_LINK_MACVTAP,
	AUDIT_LINK_OTHER,	/* no tap: its features are not the kernel's */
	AUDIT_LINKS,
};

/* -1: not known. */
struct audit_nic {
	long host_mtu, queue_pairs, rx_queue_size, tx_queue_size;
	int failover;
};

/* A device on the way out of a tap. */
struct audit_step {
	char name[AUDIT_WORD], kind[20];
	int from;		/* the step before it, or -1 */
	unsigned int mtu;
	bool crossed;		/* frames are sent through it: it may segment them */
	bool has_features;
	uint32_t features;	/* 1 << enum iface_feature */
};

/* The kinds of super-packets that a guest may send. */
enum audit_packet {
	AUDIT_TCP4, AUDIT_TCP6, AUDIT_UDP, AUDIT_TUNNEL,
	AUDIT_PACKETS,
};

/* A tap, as the kernel shows it. */
struct audit_tap {
	char name[AUDIT_WORD];
	bool seen;
	char why[AUDIT_NOTE];	/* it was not */
	bool macvtap, tap, vnet_hdr, multi_queue, persist, counted;
	uint32_t queues, disabled;
	bool has_owner, has_group;
	uint32_t owner, group;
	bool has_features;
	uint32_t features;
	unsigned int steps;
	bool more_steps;	/* than fit */
	struct audit_step step[AUDIT_STEPS];
};

struct audit_card {
	char alias[AUDIT_WORD], netdev[AUDIT_WORD], model[AUDIT_WORD], mac[24];
	char path[AUDIT_NAME];	/* of the device in a saved state */
	enum audit_link link;
	bool virtio;
	struct audit_nic nic;
	struct audit_evidence evidence[AUDIT_SOURCES];
	struct audit_tap *tap;	/* or NULL */
	/* What follows from the evidence. */
	struct tapcompat_mask held, not_held, disputed;
};

enum audit_run {
	AUDIT_RUN_UNKNOWN,
	AUDIT_RUNNING,
	AUDIT_PAUSED,
	AUDIT_OFF,
	AUDIT_SAVED,		/* a file */
	AUDIT_RUNS,
};

struct audit_machine {
	char name[AUDIT_NAME], uuid[40], manager[20], program[AUDIT_NAME], type[AUDIT_WORD];
	char record[AUDIT_NAME];	/* name of the record, or "" */
	char qemu[32];		/* release of its QEMU, or "" */
	long pid;		/* 0: there is none */
	uint64_t space;		/* inode of its network namespace, or 0 */
	enum audit_run run;
	unsigned int vhosts;	/* descriptors of /dev/vhost-net */
	unsigned int cards, room;
	struct audit_card *card;
};

struct audit {
	char host[264], kernel[AUDIT_WORD], arch[AUDIT_WORD];
	time_t when;
	size_t machines, room;
	struct audit_machine *machine;
	size_t taps, tap_room;		/* those that were asked for by name */
	struct audit_tap *tap;
	unsigned int notes;
	char note[16][AUDIT_NOTE];	/* what could not be seen, and why */
};

/* An audit without machines, of this host or of none. */
void audit_init(struct audit *a, bool this_host);
void audit_free(struct audit *a);

/**
 * audit_note() - say what could not be seen; further ones than fit are left out
 */
void audit_note(struct audit *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * audit_machine() - add a machine
 * audit_card() - add a card
 * Return: valid until the next one is added; NULL: no memory, or there are too many
 */
struct audit_machine *audit_machine(struct audit *a);
struct audit_card *audit_card(struct audit_machine *m);

/* The tap of a card, allocated.  Return: NULL: no memory */
struct audit_tap *audit_card_tap(struct audit_card *card);

/* Remove a machine; the others keep their order. */
void audit_drop(struct audit *a, size_t index);

/**
 * audit_evidence() - add evidence to a card
 * @detail: where it is from, not escaped
 */
void audit_evidence(struct audit_card *card, enum audit_source source, struct tapcompat_mask held,
		    struct tapcompat_mask not_held, const char *detail);

/**
 * audit_settle() - what follows from all evidence of a card
 *
 * A record counts unless QEMU, a saved state or the guest says otherwise of what is in it.
 * A feature on which other evidence disagrees is unknown, and disputed.
 */
void audit_settle(struct audit_card *card);
void audit_settle_machine(struct audit_machine *m);
void audit_settle_all(struct audit *a);

enum audit_state audit_state(const struct audit_card *card, unsigned int bit);

/* The best evidence of the state of a feature; AUDIT_SOURCES: there is none. */
enum audit_source audit_rests_on(const struct audit_card *card, unsigned int bit);

/* What a card holds, or may hold: features of the table only. */
struct tapcompat_mask audit_may_hold(const struct audit_card *card);

const char *audit_source_name(enum audit_source source);
const char *audit_state_name(enum audit_state state);
const char *audit_link_name(enum audit_link link);
const char *audit_run_name(enum audit_run run);
const char *audit_packet_name(enum audit_packet packet);

/* ---- tap.c: what a tap means ---- */

/* What QEMU would meet that opens the tap: one line, or NULL behind the last. */
const char *audit_tap_meets(const struct audit_tap *tap, unsigned int index, char *text,
			    size_t size);

/* Receive offloads that are on: features of the table. */
struct tapcompat_mask audit_tap_offloads(const struct audit_tap *tap);

/**
 * audit_tap_cut() - where a super-packet is segmented on its way to a step
 * Return: the step; -1: nowhere on this way; -2: not known
 */
int audit_tap_cut(const struct audit_tap *tap, unsigned int to, enum audit_packet packet);

/* The steps from the tap to one of them.  Return: how many, at most AUDIT_STEPS */
unsigned int audit_tap_way(const struct audit_tap *tap, unsigned int to, unsigned int *way);

/* Does a way out end at this step? */
bool audit_tap_ends(const struct audit_tap *tap, unsigned int step);

/* ---- Where it comes from ---- */

/**
 * audit_processes() - add every process of this host that has taps
 * Return: 0 or -ENOMEM; notes say what could not be seen
 */
int audit_processes(struct audit *a);

/**
 * audit_look() - look at the taps of all cards, and at those asked for by name
 *
 * In a child process, which enters the namespaces.  Call it when all machines are in.
 */
int audit_look(struct audit *a);

/**
 * audit_domains() - libvirt's domains, where a libvirtd answers
 * @all: also those that do not run
 */
int audit_domains(struct audit *a, bool all);

/**
 * audit_command_line() - what a command line says of a machine and its cards
 * @text: arguments, each with its NUL, @len bytes
 * @tap: the names of the taps that the process has, by descriptor
 */
struct audit_fd {
	int fd;
	bool vhost;
	char name[16];		/* of a tap, as the kernel has it */
	int index;		/* of a macvtap, or 0 */
};

int audit_command_line(struct audit_machine *m, const char *text, size_t len,
		       const struct audit_fd *fds, size_t n);

/**
 * audit_guest_text() - bit strings of a guest's /sys/bus/virtio/devices/.../features
 * @error: set to what is wrong
 * Return: 0; -EINVAL
 *
 * The strings are for the machine's virtio cards in their order; those of other devices,
 * which have no bit of a network card's, are left out.
 */
int audit_guest_text(struct audit_machine *m, const char *text, const char *name,
		     struct tapcompat_error *error);

/**
 * audit_file() - add what is in a file: a saved state, a record, an audit, bit strings
 * @a: gets the machines
 * Return: 0, -EINVAL, -ENOMEM or another negative errno
 */
int audit_file(struct audit *a, const char *path, struct tapcompat_error *error);

/**
 * audit_parse() - read a document of audit_json()
 * @line: in which it begins, if @name has it; or 0
 */
int audit_parse(struct audit *a, const char *text, size_t len, const char *name,
		unsigned long line, struct tapcompat_error *error);

/* Is it such a document, by its first bytes?  It may be larger than others. */
bool audit_is(const char *text, size_t len);

/* ---- What was asked for ---- */

/**
 * audit_select() - keep only the machines that operands name
 * @matched: one for each operand, set where something has it as name, UUID, PID or tap
 *
 * A name of a tap that no machine has is added to the taps.
 */
int audit_select(struct audit *a, int n, char *const *operand, bool *matched);

#endif /* TAPCOMPAT_AUDIT_AUDIT_H */
