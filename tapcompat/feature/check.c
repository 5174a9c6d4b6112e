// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * check.c - are the required features available?
 */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ground/bytes.h"
#include "ground/text.h"

static const char *const kernel_layer[] = {
	[TAPCOMPAT_TAP] = CHECK_TAP,
	[TAPCOMPAT_MACVTAP] = "kernel macvtap",
	[TAPCOMPAT_VHOST_NET] = CHECK_TAP,
	[TAPCOMPAT_VHOST_VDPA] = "vDPA device",
	[TAPCOMPAT_EBPF_RSS] = CHECK_STEERING,
};

void check_start(struct tapcompat_check *c, const char *subject,
		 enum tapcompat_backend_type backend, struct tapcompat_mask require)
{
	memset(c, 0, sizeof(*c));
	text_set(c->subject, sizeof(c->subject), "%s", subject);
	c->backend = backend;
	c->asked = c->require = require;
	tapcompat_require_complete(&c->require);
	c->offered = (struct tapcompat_mask){ { ~0ull, ~0ull } };
}

void check_add(struct tapcompat_check *c, const struct tapcompat_feature *f,
	       enum tapcompat_verdict verdict, int code, const char *layer, const char *since,
	       const char *detail, ...)
{
	const struct tapcompat_feature *reason = tapcompat_require_reason(&c->asked, f);
	char *text = c->detail[c->findings];
	va_list args;

	va_start(args, detail);
	vsnprintf(text, CAPS_DETAIL, detail, args);
	va_end(args);
	c->finding[c->findings++] = (struct tapcompat_finding){
		f, verdict, code, layer, since, text, reason ? reason->name : "",
	};
	if (verdict == TAPCOMPAT_FAIL)
		tapcompat_mask_set(&c->lacks, f->bit);
}

void check_refuse(struct tapcompat_check *c, int code, const char *format, ...)
{
	va_list args;

	if (c->refused)
		return;
	c->refused = code;
	va_start(args, format);
	vsnprintf(c->refusal, sizeof(c->refusal), format, args);
	va_end(args);
}

/* What the deciding layer reports. */
static const struct caps_feature *check_reported(const struct tapcompat_caps *caps,
					     enum tapcompat_backend_type type,
					     const struct tapcompat_feature *f)
{
	const struct caps_backend *tap = &caps->backend[TAPCOMPAT_TAP];
	unsigned int row = feature_index(f);

	if (type == TAPCOMPAT_VHOST_NET && tap->availability == TAPCOMPAT_AVAILABLE &&
	    f->layers & TAPCOMPAT_LAYER_TAP && tap->feature[row].state != TAPCOMPAT_NATIVE)
		return &tap->feature[row];
	return &caps->backend[type].feature[row];
}

/* With a tap and vhost-net together: which layer lacks it? */
static const char *check_layer(const struct tapcompat_caps *caps,
			       enum tapcompat_backend_type type, const struct tapcompat_feature *f)
{
	const struct caps_backend *b = &caps->backend[type];

	if (type != TAPCOMPAT_VHOST_NET || f->layers == TAPCOMPAT_LAYER_TAP)
		return kernel_layer[type];
	if (f->layers == TAPCOMPAT_LAYER_STEERING)
		return kernel_layer[TAPCOMPAT_EBPF_RSS];
	if (check_reported(caps, type, f) != &b->feature[feature_index(f)])
		return kernel_layer[type];
	return CHECK_VHOST;
}

/* A backend known to be unavailable lacks everything. */
static void check_backend_missing(struct tapcompat_check *c, const struct caps_backend *b,
				  const struct tapcompat_feature *f)
{
	bool known = b->availability == TAPCOMPAT_UNAVAILABLE;

	check_add(c, f, TAPCOMPAT_FAIL, known ? TAPCOMPAT_EXIT_LACKS : TAPCOMPAT_EXIT_UNDECIDED,
		  tapcompat_backend_name(c->backend), "", "%s", b->detail[0] ? b->detail :
		  known ? "not available" : "not probed");
}

static void check_native(struct tapcompat_check *c, const struct caps_feature *seen,
			 const struct tapcompat_feature *f)
{
	switch (seen->verified) {
	case TAPCOMPAT_PASSED:
		check_add(c, f, TAPCOMPAT_PASS, 0, "", "", "%s", seen->detail);
		break;
	case TAPCOMPAT_INEFFECTIVE:
		check_add(c, f, TAPCOMPAT_WARN, 0, "", "", "ineffective, but safe to offer: %s",
			  seen->detail);
		break;
	default:
		check_add(c, f, TAPCOMPAT_WARN, 0, "", "",
			  "accepted by the kernel, not verified%s%s",
			  seen->detail[0] ? ": " : " with frames", seen->detail);
		break;
	}
}

/* Passes because the caller allows it: --allow-emulated. */
static void check_emulated(struct tapcompat_check *c, const struct tapcompat_feature *f)
{
	tapcompat_mask_set(&c->emulated, f->bit);
	check_add(c, f, TAPCOMPAT_PASS, 0, "", "", "emulated: start QEMU with 'tapcompat run'");
}

/* Without vhost-net, tapcompat run uses its own device on a kernel tap. */
static bool device_without_vhost(const struct tapcompat_check *c, const struct tapcompat_caps *caps)
{
	return c->backend == TAPCOMPAT_VHOST_NET &&
	       caps->backend[c->backend].availability == TAPCOMPAT_UNAVAILABLE &&
	       caps->backend[TAPCOMPAT_TAP].availability == TAPCOMPAT_AVAILABLE;
}

bool check_emulable(const struct tapcompat_check *c, const struct tapcompat_caps *caps,
		    const struct tapcompat_feature *f)
{
	const struct caps_backend *tap = &caps->backend[TAPCOMPAT_TAP];

	if (!device_without_vhost(c, caps))
		return caps_state(&caps->backend[c->backend], f) == TAPCOMPAT_EMULATED;
	if (!(f->layers & TAPCOMPAT_LAYER_TAP))
		return f->emulation == TAPCOMPAT_BY_DEVICE;
	return caps_state(tap, f) == TAPCOMPAT_EMULATED ||
	       (caps_state(tap, f) == TAPCOMPAT_NATIVE &&
		tap->feature[feature_index(f)].verified != TAPCOMPAT_FAILED);
}

void check_feature(struct tapcompat_check *c, const struct tapcompat_caps *caps,
		   const struct tapcompat_feature *f, unsigned int flags)
{
	const struct caps_backend *b = &caps->backend[c->backend];
	const struct caps_feature *seen = check_reported(caps, c->backend, f);
	const char *layer = check_layer(caps, c->backend, f);
	const char *since = feature_since(f, c->backend);
	bool allowed = flags & TAPCOMPAT_CHECK_ALLOW_EMULATED;
	bool own = !feature_decided_by(f, c->backend);
	bool emulated = allowed && check_emulable(c, caps, f);

	if (b->availability != TAPCOMPAT_AVAILABLE &&
	    !(allowed && device_without_vhost(c, caps) && (own || emulated))) {
		check_backend_missing(c, b, f);
	} else if (own) {
		check_add(c, f, TAPCOMPAT_PASS, 0, "", "", "provided by QEMU itself on any host");
	} else if (emulated) {
		check_emulated(c, f);
	} else if (seen->verified == TAPCOMPAT_FAILED) {
		check_add(c, f, TAPCOMPAT_FAIL, TAPCOMPAT_EXIT_BROKEN, layer, since, "%s",
			  seen->detail);
	} else if (seen->state == TAPCOMPAT_NATIVE) {
		check_native(c, seen, f);
	} else if (seen->state == TAPCOMPAT_UNKNOWN || seen->state == TAPCOMPAT_UNLISTED) {
		check_add(c, f, TAPCOMPAT_FAIL, TAPCOMPAT_EXIT_UNDECIDED, layer, since, "%s",
			  seen->detail[0] ? seen->detail : "not listed in the host's capabilities");
	} else {
		check_add(c, f, TAPCOMPAT_FAIL, TAPCOMPAT_EXIT_LACKS, layer, since, "%s",
			  seen->detail);
	}
}

void check_conflicts(struct tapcompat_check *c)
{
	const struct tapcompat_feature *f;
	const char *emulated = NULL;
	unsigned int i;

	for_each_feature(f)
		if (!emulated && tapcompat_mask_test(&c->emulated, f->bit))
			emulated = f->name;
	for (i = 0; emulated && i < c->findings; i++) {
		struct tapcompat_finding *found = &c->finding[i];

		if (found->verdict == TAPCOMPAT_FAIL ||
		    !feature_kernel_only(found->feature, c->backend))
			continue;
		found->verdict = TAPCOMPAT_FAIL;
		found->exit = TAPCOMPAT_EXIT_LACKS;
		found->layer = CHECK_DEVICE;
		text_set(c->detail[i], CAPS_DETAIL,
			 "vhost-net has it, but tapcompat's device, which emulates %s, does not",
			 emulated);
		tapcompat_mask_set(&c->lacks, found->feature->bit);
	}
}

int tapcompat_check_exit(const struct tapcompat_check *check)
{
	static const int by_weight[] = {
		TAPCOMPAT_EXIT_LACKS, TAPCOMPAT_EXIT_BROKEN, TAPCOMPAT_EXIT_UNDECIDED,
	};
	size_t i;
	unsigned int n;

	for (i = 0; i < ARRAY_LENGTH(by_weight); i++) {
		if (check->refused == by_weight[i])
			return by_weight[i];
		for (n = 0; n < check->findings; n++)
			if (check->finding[n].exit == by_weight[i])
				return by_weight[i];
	}
	return TAPCOMPAT_EXIT_YES;
}

const struct tapcompat_finding *tapcompat_check_at(const struct tapcompat_check *check,
						   unsigned int index)
{
	return index < check->findings ? &check->finding[index] : NULL;
}

const char *tapcompat_check_way(const struct tapcompat_check *check, unsigned int index)
{
	return index < check->ways ? check->way[index] : NULL;
}
