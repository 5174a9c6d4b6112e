/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * document_baseline.h - a baseline as a document
 */
#ifndef TAPCOMPAT_FLEET_DOCUMENT_BASELINE_H
#define TAPCOMPAT_FLEET_DOCUMENT_BASELINE_H

#include "fleet.h"

#include "pure/check.h"

/**
 * baseline_json() - schema tapcompat-baseline
 * @flags: TAPCOMPAT_PRETTY
 * Return: to be freed with free(); NULL where memory ran out
 */
char *baseline_json(const struct tapcompat_fleet *fleet, const struct baseline *b,
		    unsigned int flags);

#endif /* TAPCOMPAT_FLEET_DOCUMENT_BASELINE_H */
