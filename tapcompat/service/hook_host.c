// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hook_host.c - what this host provides to the guest's interfaces
 */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "hook_state.h"

/* The backends to be probed for each type of interface. */
static const unsigned int wanted[] = {
	[DOMAIN_TAP] = 1u << TAPCOMPAT_TAP,
	[DOMAIN_VHOST] = 1u << TAPCOMPAT_VHOST_NET | 1u << TAPCOMPAT_TAP,
	[DOMAIN_EITHER] = 1u << TAPCOMPAT_VHOST_NET | 1u << TAPCOMPAT_TAP,
	[DOMAIN_MACVTAP] = 1u << TAPCOMPAT_MACVTAP | 1u << TAPCOMPAT_TAP,
};

static bool has_link(const struct hook *h, enum domain_link link)
{
	return h->domain.links >> link & 1;
}

/* Probe only the backends that the guest uses: others take time and decide nothing. */
static int probe(struct hook *h)
{
	struct tapcompat_probe_options options = {
		.size = sizeof(options),
		/* QEMU is about to load the same modules. */
		.flags = TAPCOMPAT_PROBE_LOAD_MODULES,
	};
	struct tapcompat_error error;
	unsigned int i;

	for (i = 0; i < ARRAY_LENGTH(wanted); i++)
		if (has_link(h, (enum domain_link)i))
			options.backends |= wanted[i];
	if (!tapcompat_probe(&options, &h->own, &error))
		return TAPCOMPAT_EXIT_YES;
	return hook_refuse(h, TAPCOMPAT_EXIT_UNDECIDED, error.text);
}

/* A document of another kernel says nothing of this one. */
static int same_kernel(const struct tapcompat_caps *caps, const char *name,
		       struct tapcompat_error *error)
{
	struct tapcompat_host host = tapcompat_caps_host(caps);
	struct utsname u;

	if (uname(&u) || !strcmp(host.kernel, u.release))
		return 0;
	text_set(error->text, sizeof(error->text), "%s was probed under Linux %s, and Linux %s is "
		 "running: run tapcompat probe -j again", name, host.kernel, u.release);
	return -EINVAL;
}

int hook_look_at_host(struct hook *h)
{
	struct tapcompat_error error;
	int code = TAPCOMPAT_EXIT_YES, ret;

	h->caps = h->o->caps;
	if (h->caps)
		return code;
	if (!h->o->document) {
		code = probe(h);
	} else {
		ret = tapcompat_caps_load(h->o->document, &h->own, &error);
		if (!ret)
			ret = same_kernel(h->own, h->o->document, &error);
		if (ret)
			code = hook_refuse(h, ret == -ENOMEM ? TAPCOMPAT_EXIT_UNDECIDED :
					   TAPCOMPAT_EXIT_USAGE, error.text);
	}
	h->caps = h->own;
	return code;
}

bool hook_judged(enum domain_link link)
{
	return link < ARRAY_LENGTH(wanted) && wanted[link];
}

enum tapcompat_backend_type hook_backend(struct hook *h, enum domain_link link)
{
	if (link == DOMAIN_TAP)
		return TAPCOMPAT_TAP;
	if (link == DOMAIN_MACVTAP)
		return TAPCOMPAT_MACVTAP;
	if (link == DOMAIN_EITHER && tapcompat_caps_availability(h->caps, TAPCOMPAT_VHOST_NET) ==
				     TAPCOMPAT_UNAVAILABLE) {
		h->fell_back = true;
		return TAPCOMPAT_TAP;
	}
	return TAPCOMPAT_VHOST_NET;
}
