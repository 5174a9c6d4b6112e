/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * answer.h - what the result of a system call means for a feature
 *
 * "Not supported" makes a feature absent; "not permitted" and the like leave it
 * unknown.  Which errno means which depends on the interface, hence enum asked.
 */
#ifndef TAPCOMPAT_GROUND_ANSWER_H
#define TAPCOMPAT_GROUND_ANSWER_H

enum answer {
	ANSWER_YES,
	ANSWER_NO,	/* the kernel does not support it */
	ANSWER_UNKNOWN,	/* permission, memory, a filter: no conclusion */
};

/* The interface that was asked. */
enum asked {
	ASKED_TUN,	/* an ioctl of tun or macvtap: unknown ones are EINVAL */
	ASKED_VHOST,	/* an ioctl of vhost, after VHOST_SET_OWNER */
	ASKED_NODE,	/* open(2) of a device node */
	ASKED_LINK,	/* a netlink request that creates a link */
	ASKED_BPF,	/* bpf(2), once the kernel is known to have it */
	ASKED_FRAME,	/* sending a frame by write(2) or sendto(2) */
};

/**
 * answer_of() - interpret a result
 * @asked: the interface
 * @result: 0 or a negative errno
 */
enum answer answer_of(enum asked asked, int result);

/**
 * answer_errno() - the symbolic name of an error
 * @result: a negative errno
 * Return: such as "EINVAL", or "error N" for one without a name
 */
const char *answer_errno(int result);

#endif /* TAPCOMPAT_GROUND_ANSWER_H */
