/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * answer.h - what a system call's result says about a feature
 *
 * "No" and "I may not tell" are different answers: the first makes a feature
 * absent, the second leaves it unknown.  Which errno is which depends on whom
 * one asks, so there is a table for each.
 */
#ifndef TAPCOMPAT_GROUND_ANSWER_H
#define TAPCOMPAT_GROUND_ANSWER_H

enum answer {
	ANSWER_YES,
	ANSWER_NO,	/* the kernel does not have it */
	ANSWER_UNKNOWN,	/* permission, memory, a filter: nothing was learnt */
};

/* Whom one asks. */
enum asked {
	ASKED_TUN,	/* an ioctl of tun or macvtap: unknown ones are EINVAL */
	ASKED_VHOST,	/* an ioctl of vhost, behind VHOST_SET_OWNER */
	ASKED_NODE,	/* open(2) of a device node */
	ASKED_LINK,	/* a netlink request that makes a link */
	ASKED_BPF,	/* bpf(2), behind a check that the kernel knows it */
	ASKED_FRAME,	/* to take a frame, by write(2) or sendto(2) */
};

/**
 * answer_of() - read a result
 * @asked: whom
 * @result: 0 or a negative errno
 */
enum answer answer_of(enum asked asked, int result);

/**
 * answer_errno() - an error as people and greps look for it
 * @result: a negative errno
 * Return: the name, such as "EINVAL", or "error N" for one without a name
 */
const char *answer_errno(int result);

#endif /* TAPCOMPAT_GROUND_ANSWER_H */
