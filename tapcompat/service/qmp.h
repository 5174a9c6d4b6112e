/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qmp.h - the QMP server of tapcompat qmp
 */
#ifndef TAPCOMPAT_SERVICE_QMP_H
#define TAPCOMPAT_SERVICE_QMP_H

#define QMP_SERVE_PATIENCE 10000L	/* ms */

/**
 * qmp_serve() - answer one QMP client
 * @in, @out: descriptors, which may be the same
 * @others: socket on which further clients wait, or -1; @in and @out are then non-blocking
 * Return: 1 after "quit"; 0 where the client has gone; a negative errno; -ETIMEDOUT if
 *	another client waits and this one has neither sent a complete message nor read its
 *	answer for QMP_SERVE_PATIENCE
 *
 * Probes this host for query-tap.
 */
int qmp_serve(int in, int out, int others);

#endif /* TAPCOMPAT_SERVICE_QMP_H */
