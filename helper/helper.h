/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * helper.h - tapcompat-helper(8): a tap on a bridge, for a QEMU that may not make one
 *
 * Theory of operation
 *
 * QEMU starts the helper for -netdev tap,helper= and -netdev bridge,helper= with a
 * socket, and takes a tap from it.  The helper may be setuid root or have
 * cap_net_admin, and then serves users who are nobody: it trusts neither its
 * environment nor its arguments nor its descriptors, and gives up all that it does
 * not need before it looks at any of them.
 *
 * Everything that can refuse comes first: arguments, the socket, the list of who
 * may use which bridge, the bridge, the proof that required features are there.
 * Only then is the tap made.  It is not persistent, so that until its descriptor is
 * sent, the end of the process is the end of the tap, whatever ends it.
 *
 * Each step returns 0 or an exit status, and has then said why.  Status 0 is for
 * the descriptor sent, and for nothing else: QEMU would take its own standard
 * input for the tap.
 */
#ifndef TAPCOMPAT_HELPER_H
#define TAPCOMPAT_HELPER_H

#include <net/if.h>
#include <stdbool.h>

#include <tapcompat.h>

#define HELPER_ACL "/etc/qemu/bridge.conf"
#define HELPER_PATIENCE 30	/* seconds, for all of it */

/* What was asked for. */
struct request {
	bool vnet;			/* --use-vnet */
	bool help, version;
	bool fd_given;
	int fd;
	const char *bridge;
	bool required;			/* --require or --model */
	struct tapcompat_mask require;	/* without what that needs */
	unsigned int flags;		/* TAPCOMPAT_CHECK_* */
};

/* A bridge, by what does not change when it is renamed. */
struct bridge {
	int index;
	unsigned int mtu;
};

/**
 * helper_say() - a line on stderr, which is QEMU's
 */
void helper_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * privilege_drop() - keep what making a tap takes, and nothing else
 *
 * As root: CAP_NET_ADMIN, and CAP_SYS_ADMIN for the proof's namespace.  For a user:
 * CAP_NET_ADMIN, under the user's own ids.
 */
int privilege_drop(void);

/**
 * privilege_drop_namespaces() - the proof has had its namespace: CAP_NET_ADMIN is left
 */
int privilege_drop_namespaces(void);

/**
 * privilege_drop_all() - for the proof's process of a user
 *
 * Its user may trace it from now on: it must hold nothing that is worth anything.
 */
void privilege_drop_all(void);

int options_read(struct request *r, int argc, char **argv);

/**
 * socket_check() - is it what QEMU hands over: a stream socket of this user?
 */
int socket_check(int fd);

/**
 * socket_send() - one byte and one descriptor
 */
int socket_send(int fd, int tap);

/**
 * bridge_name_right() - can a bridge have that name?
 */
bool bridge_name_right(const char *name);

/**
 * acl_check() - may this user use the bridge?
 * @path: the list; see acl.c for its language
 */
int acl_check(const char *path, const char *bridge);

int bridge_find(const char *name, struct bridge *b);

/**
 * proof_run() - are the required features there?
 */
int proof_run(const struct request *r);

/**
 * port_make() - a tap on the bridge, up, with its MTU
 * @tap: set to its descriptor
 */
int port_make(const struct request *r, const struct bridge *b, int *tap);

#endif /* TAPCOMPAT_HELPER_H */
