/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qmp_fleet.h - the QMP commands that do not probe this host
 */
#ifndef TAPCOMPAT_SERVICE_QMP_FLEET_H
#define TAPCOMPAT_SERVICE_QMP_FLEET_H

#include "qmp_server.h"

/* See @handle of struct qmp_command. */
json_t *qmp_handle_models(struct qmp_call *call);
json_t *qmp_handle_comparison(struct qmp_call *call);
json_t *qmp_handle_baseline(struct qmp_call *call);

/**
 * qmp_caps_of() - parse a host's document
 * @place: of the document in the arguments, for messages
 * Return: to be freed with tapcompat_caps_free(); NULL after qmp_fail()
 */
struct tapcompat_caps *qmp_caps_of(struct qmp_call *call, const json_t *document,
				   const char *place);

#endif /* TAPCOMPAT_SERVICE_QMP_FLEET_H */
