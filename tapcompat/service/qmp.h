/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qmp.h - the QMP server of tapcompat qmp
 */
#ifndef TAPCOMPAT_SERVICE_QMP_H
#define TAPCOMPAT_SERVICE_QMP_H

/**
 * qmp_serve() - answer one QMP client
 * @in, @out: descriptors, which may be the same
 * Return: 1 after "quit"; 0 where the client has gone; a negative errno
 *
 * Probes this host for query-tap.
 */
int qmp_serve(int in, int out);

#endif /* TAPCOMPAT_SERVICE_QMP_H */
