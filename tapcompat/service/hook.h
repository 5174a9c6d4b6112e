/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hook.h - libvirt's hook script
 */
#ifndef TAPCOMPAT_SERVICE_HOOK_H
#define TAPCOMPAT_SERVICE_HOOK_H

#include "document/domain.h"

#define HOOK_MAX DOMAIN_MAX

/**
 * struct hook_options - a call of the script
 * @guest, @operation, @phase: as libvirt's hook gets them, such as "prepare", "begin"
 * @xml: the domain, @len bytes
 * @caps: of this host, or NULL
 * @document: path of a document with them, read where they are needed; NULL: probe
 *	this host then, and let the kernel load what the guest would have it load
 * @say: called for each line that is to be said, why it refuses before all else, or NULL:
 *	TAPCOMPAT_FAIL why it refuses, and the ways out; TAPCOMPAT_WARN what is not as it
 *	should be; TAPCOMPAT_PASS what else there is to say
 * @arg: handed to @say
 */
struct hook_options {
	const char *guest, *operation, *phase;
	const char *xml;
	size_t len;
	const struct tapcompat_caps *caps;
	const char *document;
	void (*say)(void *arg, enum tapcompat_verdict verdict, const char *line);
	void *arg;
};

/**
 * hook_judge() - may the guest do what libvirt is about to do?
 * Return: enum tapcompat_exit: TAPCOMPAT_EXIT_YES, or why it refuses
 */
int hook_judge(const struct hook_options *options);

#endif /* TAPCOMPAT_SERVICE_HOOK_H */
