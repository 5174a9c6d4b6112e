/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qmp_fleet.h - the QMP commands that look at no host
 */
#ifndef TAPCOMPAT_SERVICE_QMP_FLEET_H
#define TAPCOMPAT_SERVICE_QMP_FLEET_H

#include "qmp_server.h"

/* As struct qmp_command's @handle. */
json_t *qmp_handle_models(struct qmp_call *call);
json_t *qmp_handle_comparison(struct qmp_call *call);
json_t *qmp_handle_baseline(struct qmp_call *call);

/**
 * qmp_caps_of() - a host, from its document
 * @place: of the document among the arguments
 * Return: to be freed with tapcompat_caps_free(); NULL after qmp_fail()
 */
struct tapcompat_caps *qmp_caps_of(struct qmp_call *call, const json_t *document,
				   const char *place);

#endif /* TAPCOMPAT_SERVICE_QMP_FLEET_H */
