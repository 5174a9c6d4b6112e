/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ask.h - between the two ways to ask a QEMU that runs
 */
#ifndef TAPCOMPAT_STATE_ASK_H
#define TAPCOMPAT_STATE_ASK_H

#include "qemu/qmp.h"
#include "state.h"

struct asking {
	struct qmp qmp;
	const struct state_asking *options;
	struct state_answer *answer;
	struct tapcompat_error *error;
	char name[160];		/* of the QEMU, escaped */
};

/**
 * ask_fail() - say what is wrong
 * Return: @ret
 */
int ask_fail(const struct asking *a, int ret, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * ask_command() - a command whose answer must be there
 * @arguments: taken over
 * @answer: set on success, may be NULL
 */
int ask_command(struct asking *a, const char *command, json_t *arguments, int fd,
		json_t **answer);

/**
 * ask_query() - by x-query-virtio-status, which does not stop the guest
 * Return: as state_ask(); -EOPNOTSUPP on versions that may not survive it
 */
int ask_query(struct asking *a, struct state **state);

#endif /* TAPCOMPAT_STATE_ASK_H */
