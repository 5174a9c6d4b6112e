/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_fixture.h - made-up hosts
 */
#ifndef HOST_FIXTURE_H
#define HOST_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "feature/caps.h"
#include "ground/mask.h"

/* A host with all features, verified, but without vhost-vdpa. */
static inline void host_full(struct tapcompat_caps *caps, const char *name)
{
	const struct tapcompat_feature *f;
	int type;

	memset(caps, 0, sizeof(*caps));
	snprintf(caps->host, sizeof(caps->host), "%s", name);
	strcpy(caps->kernel, "9.9.9");
	for (type = 0; type < TAPCOMPAT_BACKENDS; type++) {
		struct caps_backend *b = &caps->backend[type];

		if (type == TAPCOMPAT_VHOST_VDPA) {
			caps_available(b, TAPCOMPAT_UNAVAILABLE, "none");
			continue;
		}
		b->availability = TAPCOMPAT_AVAILABLE;
		for_each_feature(f)
			if (feature_decided_by(f, (enum tapcompat_backend_type)type)) {
				caps_set(b, f, TAPCOMPAT_NATIVE, "%s", "");
				caps_verdict(b, f, TAPCOMPAT_PASSED, "%s", "");
			}
	}
}

/* Set the features of a list in one backend. */
static inline void host_set(struct tapcompat_caps *caps, enum tapcompat_backend_type type,
			    const char *list, enum tapcompat_state state)
{
	const struct tapcompat_feature *f;
	struct tapcompat_mask mask;

	if (tapcompat_require_parse(list, &mask, NULL))
		abort();
	for_each_feature(f)
		if (tapcompat_mask_test(&mask, f->bit) && feature_decided_by(f, type)) {
			caps_set(&caps->backend[type], f, state, "seen so");
			caps->backend[type].feature[feature_index(f)].verified =
				TAPCOMPAT_UNTESTED;
		}
}

/* The same in all available backends. */
static inline void host_set_all(struct tapcompat_caps *caps, const char *list,
				enum tapcompat_state state)
{
	int type;

	for (type = 0; type < TAPCOMPAT_BACKENDS; type++)
		if (caps->backend[type].availability == TAPCOMPAT_AVAILABLE)
			host_set(caps, (enum tapcompat_backend_type)type, list, state);
}

/* The mask of a list; bits without a row by their names in words[]. */
static inline struct tapcompat_mask host_mask(const char *list)
{
	struct tapcompat_mask mask = { { 0, 0 } };

	if (*list && tapcompat_require_parse(list, &mask, NULL))
		abort();
	return mask;
}

static inline struct tapcompat_mask host_bit(unsigned int bit)
{
	struct tapcompat_mask mask = { { 0, 0 } };

	tapcompat_mask_set(&mask, bit);
	return mask;
}

#define USO "host_uso,guest_uso4,guest_uso6"
#define TUNNEL "guest_tunnel,guest_tunnel_csum,host_tunnel,host_tunnel_csum"

#endif /* HOST_FIXTURE_H */
