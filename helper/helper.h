/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * helper.h - tapcompat-helper(8): a tap on a bridge, for a QEMU that may not create one
 *
 * Theory of operation
 *
 * QEMU starts the helper for -netdev tap,helper= and -netdev bridge,helper= with a
 * socket, and receives a tap from it.  The helper may be setuid root or have
 * cap_net_admin, and then serves unprivileged users: it trusts neither its
 * environment nor its arguments nor its descriptors, and drops all privileges that
 * it does not need before it uses any of them.
 *
 * All checks come first: arguments, the socket, the list of who may use which
 * bridge, the bridge, the test of the required features.  Only then is the tap
 * created.  It is not persistent: if the process ends before the descriptor is
 * sent, for whatever reason, the kernel removes the tap.
 *
 * Each step returns 0, or an exit status after a message.  The exit status is 0 only
 * if the descriptor was sent: else QEMU would use its own standard input as the tap.
 */
#ifndef TAPCOMPAT_HELPER_H
#define TAPCOMPAT_HELPER_H

#include <net/if.h>
#include <stdbool.h>

#include <tapcompat.h>

#define HELPER_ACL "/etc/qemu/bridge.conf"
#define HELPER_PATIENCE 30	/* seconds, in total */

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
 * privilege_drop() - keep only what creating a tap needs
 *
 * As root: CAP_NET_ADMIN, and CAP_SYS_ADMIN for the namespace of the test.  For a user:
 * CAP_NET_ADMIN, under the user's own ids.
 */
int privilege_drop(void);

/**
 * privilege_drop_namespaces() - after the test: only CAP_NET_ADMIN is left
 */
int privilege_drop_namespaces(void);

/**
 * privilege_drop_all() - for the process of the test, if a user runs the helper
 *
 * The user may trace it from now on: it must have nothing that the user has not.
 */
void privilege_drop_all(void);

int options_read(struct request *r, int argc, char **argv);

/**
 * socket_check() - is it what QEMU passes: a stream socket of this user?
 */
int socket_check(int fd);

/**
 * socket_send() - one byte and one descriptor
 */
int socket_send(int fd, int tap);

/**
 * bridge_name_right() - is it a valid name of a bridge?
 */
bool bridge_name_right(const char *name);

/**
 * acl_check() - may this user use the bridge?
 * @path: the list; see acl.c for its syntax
 */
int acl_check(const char *path, const char *bridge);

int bridge_find(const char *name, struct bridge *b);

/**
 * proof_run() - does this host provide the required features?
 */
int proof_run(const struct request *r);

/**
 * port_make() - a tap on the bridge, up, with its MTU
 * @tap: set to its descriptor
 */
int port_make(const struct request *r, const struct bridge *b, int *tap);

#endif /* TAPCOMPAT_HELPER_H */
