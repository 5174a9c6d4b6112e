/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * files.h - evidence in files
 */
#ifndef TAPCOMPAT_AUDIT_FILES_H
#define TAPCOMPAT_AUDIT_FILES_H

#include "audit.h"

/**
 * audit_file_is_host() - does a file begin as a capability document?
 */
bool audit_file_is_host(const char *path);

/**
 * audit_record_file() - a machine's record
 * audit_guest_file() - its guest's bit strings: a file, or the strings themselves
 * Return: 0, -EINVAL, -ENOMEM or another negative errno
 */
int audit_record_file(struct audit_machine *m, const char *path, struct tapcompat_error *error);
int audit_guest_file(struct audit_machine *m, const char *what, struct tapcompat_error *error);

#endif /* TAPCOMPAT_AUDIT_FILES_H */
