/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * baseline_json.h - a baseline as a document
 */
#ifndef TAPCOMPAT_REPORT_BASELINE_JSON_H
#define TAPCOMPAT_REPORT_BASELINE_JSON_H

#include "feature/check.h"
#include "fleet/fleet.h"

/**
 * baseline_json() - schema tapcompat-baseline
 * @flags: TAPCOMPAT_PRETTY
 * Return: to be freed with free(); NULL if out of memory
 */
char *baseline_json(const struct tapcompat_fleet *fleet, const struct baseline *b,
		    unsigned int flags);

#endif /* TAPCOMPAT_REPORT_BASELINE_JSON_H */
