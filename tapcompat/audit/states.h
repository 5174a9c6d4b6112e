/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * states.h - evidence in QEMU's device state
 */
#ifndef TAPCOMPAT_AUDIT_STATES_H
#define TAPCOMPAT_AUDIT_STATES_H

#include "audit.h"

/**
 * audit_state_file() - add the machine of a saved state: see state/state.h
 * Return: 0; -ENOMSG if the file is no state; -EINVAL if it is a damaged one; another
 *	negative errno
 */
int audit_state_file(struct audit *a, const char *path, struct tapcompat_error *error);

/**
 * audit_qmp() - ask a running QEMU
 * @m: the machine that it is, which gets the evidence; NULL: add one
 * @path: of its QMP socket
 * @stop: it may stop the guest for the moment that its state takes
 * Return: as state_ask()
 */
int audit_qmp(struct audit *a, struct audit_machine *m, const char *path, bool stop,
	      struct tapcompat_error *error);

#endif /* TAPCOMPAT_AUDIT_STATES_H */
