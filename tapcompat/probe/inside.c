// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * inside.c - the probe, in its own process
 *
 * First vDPA, which is only read, in the host's namespaces; then, in a new network
 * namespace, one backend after the other.
 */
#include "backend.h"

#include <string.h>

#include "ground/answer.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "kernel/netns.h"

/* The backends, and for which wanted ones each must run. */
static const struct stage {
	enum tapcompat_backend_type type;
	unsigned int for_wanted;	/* run for any of these */
	void (*run)(struct probe *p);
} stages[] = {
#define WANTED(type) (1u << TAPCOMPAT_##type)
	{ TAPCOMPAT_TAP,
	  WANTED(TAP) | WANTED(MACVTAP) | WANTED(VHOST_NET) | WANTED(EBPF_RSS), backend_tap },
	{ TAPCOMPAT_EBPF_RSS, WANTED(EBPF_RSS) | WANTED(VHOST_NET), backend_rss },
	{ TAPCOMPAT_VHOST_NET, WANTED(VHOST_NET), backend_vhost },
	{ TAPCOMPAT_MACVTAP, WANTED(MACVTAP), backend_macvtap },
#undef WANTED
};

/* The modules that the backends need; all but vDPA need those of the tap. */
#define NEEDS(module) (1u << MODULE_##module)
#define NEEDS_TAPS (NEEDS(TUN) | NEEDS(BRIDGE) | NEEDS(VXLAN))
static const unsigned int modules_needed[] = {
	[TAPCOMPAT_TAP] = NEEDS_TAPS,
	[TAPCOMPAT_EBPF_RSS] = NEEDS_TAPS,
	[TAPCOMPAT_VHOST_NET] = NEEDS_TAPS | NEEDS(VHOST_NET),
	[TAPCOMPAT_MACVTAP] = NEEDS_TAPS | NEEDS(MACVTAP),
	[TAPCOMPAT_VHOST_VDPA] = NEEDS(VDPA),
};

static void probe_permit(struct probe *p, bool load)
{
	unsigned int needed = 0;
	int i;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		if (probe_wants(p, (enum tapcompat_backend_type)i))
			needed |= modules_needed[i];
	modules_permit(&p->permits, needed, load);
}

static void probe_stages(struct probe *p)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(stages); i++) {
		const struct stage *s = &stages[i];

		if (!(p->wanted & s->for_wanted))
			continue;
		probe_progress(p, s->type, NULL);
		s->run(p);
	}
	/* Clear what ran only because another backend depends on it. */
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++)
		if (!probe_wants(p, (enum tapcompat_backend_type)i))
			memset(&p->backend[i], 0, sizeof(p->backend[i]));
}

/* Without a namespace, backends that need one are undecided. */
static void probe_no_netns(struct probe *p, const char *why)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(stages); i++)
		if (probe_wants(p, stages[i].type))
			caps_available(&p->backend[stages[i].type], TAPCOMPAT_UNDECIDED, "%s", why);
}

void probe_inside(struct probe_shared *shared, unsigned int flags, unsigned int backends)
{
	struct probe p;
	char why[CAPS_DETAIL];

	probe_start(&p, shared, backends, !(flags & TAPCOMPAT_PROBE_NO_VERIFY));
	caps_host(&shared->caps);
	shared->caps.frames_wanted = p.verify;
	probe_permit(&p, flags & TAPCOMPAT_PROBE_LOAD_MODULES);
	if (probe_wants(&p, TAPCOMPAT_VHOST_VDPA))
		backend_vdpa(&p);
	if (netns_enter(why, sizeof(why)))
		probe_no_netns(&p, why);
	else
		probe_stages(&p);
	caps_emulate(&shared->caps);
	__atomic_store_n(&shared->done, true, __ATOMIC_RELEASE);
}
