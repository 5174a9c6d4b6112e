/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * evidence.h - evidence that comes as text
 */
#ifndef TAPCOMPAT_AUDIT_EVIDENCE_H
#define TAPCOMPAT_AUDIT_EVIDENCE_H

#include "audit.h"
#include "document/domain.h"

/**
 * evidence_record() - a record is of all cards of a machine
 * @name: of it, for messages
 * Return: 0, -EINVAL, -ENOMEM
 */
int evidence_record(struct audit_machine *m, const char *text, size_t len, const char *name,
		    struct tapcompat_error *error);

/* The backend of a libvirt interface. */
enum audit_link audit_domain_link(enum domain_link link);

#endif /* TAPCOMPAT_AUDIT_EVIDENCE_H */
