// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * explain.c - explain feature masks: the layer behind each bit, and the remedies
 *
 * A migration is refused if the guest has acked features that the destination's device
 * does not offer.  If the destination's kernel has them and QEMU has them off, flags help.
 * If the kernel lacks them, nothing helps while the guest runs.  Without the destination's
 * capability document both cases are explained.
 */
#include "explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "feature/flags.h"
#include "feature/require.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "table/bit.h"

static const char *const kind_names[] = {
	[EXPLAIN_DECODED] = "decoded",
	[EXPLAIN_REFUSED] = "refused",
	[EXPLAIN_CUT_DOWN] = "cut-down",
	[EXPLAIN_BACKEND] = "backend",
	[EXPLAIN_MESSAGE] = "message",
};

const char *explain_kind_name(enum explain_kind kind)
{
	return kind_names[kind];
}

void explain_cure(struct tapcompat_explanation *e, const char *format, ...)
{
	va_list args;

	if (e->cures == EXPLAIN_CURES)
		return;
	va_start(args, format);
	vsnprintf(e->cure[e->cures++], EXPLAIN_CURE, format, args);
	va_end(args);
}

/* ---- Layers ---- */

/* Without a document: the layers that may lack it, and the release in which each has it. */
static void layer_offline(const struct tapcompat_feature *f, char *text, size_t size)
{
	const struct {
		unsigned int layer;
		const char *name, *since;
	} layers[] = {
		{ TAPCOMPAT_LAYER_TAP, CHECK_TAP, f->linux_tap },
		{ TAPCOMPAT_LAYER_VHOST, CHECK_VHOST, f->linux_vhost },
		{ TAPCOMPAT_LAYER_STEERING, CHECK_STEERING, f->linux_tap },
	};
	size_t i;

	text[0] = '\0';
	for (i = 0; i < ARRAY_LENGTH(layers); i++) {
		if (!(f->layers & layers[i].layer))
			continue;
		text_add(text, size, "%s%s", *text ? " or " : "", layers[i].name);
		if (layers[i].since[0] != '-')
			text_add(text, size, " (before Linux %s)", layers[i].since);
	}
	text_add(text, size, "%sQEMU or its machine type (before %s)", *text ? ", or " : "",
		 f->qemu);
}

/* The backend that a machine would use there: vhost-net if available. */
static enum tapcompat_backend_type host_backend(const struct tapcompat_caps *host)
{
	return host->backend[TAPCOMPAT_VHOST_NET].availability == TAPCOMPAT_AVAILABLE ?
	       TAPCOMPAT_VHOST_NET : TAPCOMPAT_TAP;
}

static bool is_unknown(const struct tapcompat_caps *host, enum tapcompat_backend_type type)
{
	enum tapcompat_availability a = host->backend[type].availability;

	return a == TAPCOMPAT_NOT_ASKED || a == TAPCOMPAT_UNDECIDED;
}

/* An unknown tap makes all features possible, an unknown vhost-net those it decides unsure. */
static struct provided host_provided(const struct tapcompat_caps *host)
{
	enum tapcompat_backend_type type = host_backend(host);
	struct provided g = provided_of(host, type);
	const struct tapcompat_feature *f;

	if (is_unknown(host, TAPCOMPAT_TAP))
		g.possible = MASK_ALL;
	for_each_feature(f)
		if (type == TAPCOMPAT_TAP && is_unknown(host, TAPCOMPAT_VHOST_NET) &&
		    f->layers & TAPCOMPAT_LAYER_VHOST)
			mask_clear(&g.accepted, f->bit);
	return g;
}

/* The layer that lacks it, and whether a newer kernel would help. */
static void layer_lacking(const struct tapcompat_feature *f, const struct tapcompat_caps *host,
			  char *text, size_t size)
{
	struct tapcompat_check *c = malloc(sizeof(*c));
	const struct tapcompat_finding *found;
	bool newer;

	if (!c)
		return;
	check_start(c, "", host_backend(host), MASK_NONE);
	check_feature(c, host, f, 0);
	found = &c->finding[0];
	newer = found->since[0] && release_above(found->since, host->kernel);
	text_set(text, size, "%s of %s%s%s", found->layer, host->host,
		 newer ? ", before Linux " : found->detail[0] ? ": " : "",
		 newer ? found->since : found->detail);
	free(c);
}

/* With the destination's document: the layer that lacks it. */
static void layer_on_host(const struct tapcompat_feature *f, const struct tapcompat_caps *host,
			char *text, size_t size)
{
	struct provided provided = host_provided(host);

	text[0] = '\0';
	if (tapcompat_mask_test(&provided.accepted, f->bit)) {
		text_set(text, size, "QEMU or its machine type (before %s), or a flag: %s has it",
			 f->qemu, host->host);
	} else if (tapcompat_mask_test(&provided.possible, f->bit)) {
		layer_offline(f, text, size);
		text_add(text, size, ": not in the document of %s", host->host);
	} else {
		layer_lacking(f, host, text, size);
	}
}

static void explain_rows(struct tapcompat_explanation *e, struct tapcompat_mask mask,
			 const struct tapcompat_caps *host)
{
	unsigned int bit;

	for (bit = 0; bit < 128; bit++) {
		const struct tapcompat_feature *f = feature_of_bit(bit);
		struct explain_row *row = &e->row[e->rows];

		if (!tapcompat_mask_test(&mask, bit))
			continue;
		row->bit = bit;
		if (f && host)
			layer_on_host(f, host, row->layer, sizeof(row->layer));
		else if (f)
			layer_offline(f, row->layer, sizeof(row->layer));
		e->rows++;
	}
}

/* ---- Remedies ---- */

/* Those bits that are features of the table. */
static struct tapcompat_mask known(struct tapcompat_mask mask)
{
	return mask_and(mask, features_all());
}

/* The first Linux release that has all of them, or "". */
static const char *linux_release(struct tapcompat_mask mask)
{
	const struct tapcompat_feature *f;
	const char *release = "";

	for_each_feature(f) {
		const char *since = feature_since(f, TAPCOMPAT_VHOST_NET);

		if (tapcompat_mask_test(&mask, f->bit) && release_above(since, release))
			release = since;
	}
	return release;
}

static void cure_land(struct tapcompat_explanation *e, struct tapcompat_mask features,
		      const struct tapcompat_caps *host)
{
	const char *release = linux_release(features);

	flags_text((struct flags){ .on = features }, e->device, sizeof(e->device));
	if (host)
		explain_cure(e, "land it: %s has them, so start its QEMU with -device "
			     "virtio-net-pci,...,%s", host->host, e->device);
	else
		explain_cure(e,
			     "land it, where the destination's kernel has them%s%s: start its QEMU "
			     "with -device virtio-net-pci,...,%s",
			     release[0] ? ", Linux " : "", release, e->device);
}

/* The destination's kernel lacks some: tapcompat run may emulate them there. */
static void cure_emulate(struct tapcompat_explanation *e, struct tapcompat_mask features,
		       const struct tapcompat_caps *host)
{
	struct provided provided = host_provided(host);
	char on[CHECK_WAY];

	provided_add_emulated(&provided, MASK_ALL);
	if (!mask_contains(&provided.accepted, &features))
		return;
	flags_text((struct flags){ .on = features }, on, sizeof(on));
	explain_cure(e,
		     "land it by emulation: start its QEMU on %s with 'tapcompat run' and -device "
		     "virtio-net-pci,...,%s", host->host, on);
}

static void cure_restart(struct tapcompat_explanation *e, struct tapcompat_mask features,
			 const struct tapcompat_caps *host)
{
	char off[CHECK_WAY];

	flags_text((struct flags){ .off = features }, off, sizeof(off));
	explain_cure(e,
		     "%scold restart needed: with -device virtio-net-pci,...,%s it can migrate "
		     "afterwards; a running guest keeps its features",
		     host ? "" : "if the kernel lacks them: ", off);
}

/* Remedies for the missing features, by whether the destination provides them. */
static void cures(struct tapcompat_explanation *e, const struct tapcompat_caps *host)
{
	struct tapcompat_mask features = known(e->missing);
	struct tapcompat_mask others = mask_minus(e->missing, features);
	struct provided provided = { .possible = MASK_ALL };
	struct tapcompat_mask lacks, doubtful;

	if (host)
		provided = host_provided(host);
	lacks = mask_minus(features, provided.possible);
	doubtful = mask_minus(mask_minus(features, lacks), provided.accepted);
	/* Flags help only if the kernel lacks none of them. */
	if (!mask_empty(&features) && mask_empty(&lacks))
		cure_land(e, features, mask_empty(&doubtful) ? host : NULL);
	if (host && !mask_empty(&lacks))
		cure_emulate(e, features, host);
	if (!mask_empty(&lacks) || !mask_empty(&doubtful))
		cure_restart(e, features, mask_empty(&lacks) ? NULL : host);
	if (host && mask_empty(&lacks) && !mask_empty(&doubtful))
		explain_cure(e, "to find out which, run tapcompat probe on %s as root", host->host);
	if (!mask_empty(&others))
		explain_cure(e,
			     "the other bits are set by the device's configuration, not by a "
			     "kernel: use the same options and machine type on both sides");
}

static void explain_decoded(struct tapcompat_explanation *e, struct tapcompat_mask mask,
			    const struct tapcompat_caps *host)
{
	e->kind = EXPLAIN_DECODED;
	e->has_acked = true;
	e->acked = mask;
	explain_rows(e, mask, host);
}

/* The missing bits are not in the message: list what the destination may lack. */
static void explain_cut_down(struct tapcompat_explanation *e, const struct tapcompat_caps *host)
{
	struct tapcompat_mask candidates;

	e->kind = EXPLAIN_CUT_DOWN;
	text_set(e->says, sizeof(e->says),
		 "the second mask has all bits of the first; QEMU 10.2 and later print the first "
		 "mask already reduced when they refuse a migration, so the missing bits are not "
		 "shown");
	if (!host) {
		explain_cure(e, "give the destination's document with --caps=FILE, made there with "
			     "tapcompat probe -j, to see what it lacks");
		return;
	}
	candidates = mask_minus(features_by_default(), host_provided(host).accepted);
	candidates = mask_minus(candidates, mask_or(e->acked, e->allowed));
	explain_rows(e, candidates, host);
	if (mask_empty(&candidates)) {
		explain_cure(e,
			     "%s lacks nothing that QEMU offers: compare the machine types and "
			     "flags of both sides",
			     host->host);
		return;
	}
	explain_cure(e,
		     "these are what %s lacks: the guest has acked at least one of them (cold "
		     "restart needed), or the machine types or flags differ",
		     host->host);
}

void explain_refused(struct tapcompat_explanation *e, struct tapcompat_mask acked,
		     struct tapcompat_mask allowed, const struct tapcompat_caps *host)
{
	e->acked = acked;
	e->allowed = allowed;
	e->missing = mask_minus(acked, allowed);
	e->has_acked = e->has_allowed = true;
	if (mask_empty(&e->missing)) {
		explain_cut_down(e, host);
		return;
	}
	e->kind = EXPLAIN_REFUSED;
	text_set(e->says, sizeof(e->says), "the guest has acked features that the destination's "
		 "device does not offer");
	explain_rows(e, e->missing, host);
	cures(e, host);
}

void explain_backend(struct tapcompat_explanation *e, struct tapcompat_mask missing,
		     const struct tapcompat_caps *host)
{
	e->kind = EXPLAIN_BACKEND;
	e->missing = missing;
	text_set(e->says, sizeof(e->says), "the backend lacks features that the guest has acked: a "
		 "vhost-user backend restarted with fewer features, or this host's vhost-net has "
		 "fewer");
	explain_rows(e, missing, host);
	explain_cure(e, "restart the backend with the features it offered before: they must not "
		     "shrink while a machine runs");
	cures(e, host);
}

void explain_features(struct tapcompat_explanation *e, struct tapcompat_mask mask,
		      const struct tapcompat_caps *host)
{
	e->missing = mask;
	explain_rows(e, mask, host);
}

struct tapcompat_explanation *
tapcompat_explain_masks(const struct tapcompat_mask *acked, const struct tapcompat_mask *allowed,
			const struct tapcompat_caps *host)
{
	struct tapcompat_explanation *e = calloc(1, sizeof(*e));

	if (e && allowed)
		explain_refused(e, *acked, *allowed, host);
	else if (e)
		explain_decoded(e, *acked, host);
	return e;
}

void tapcompat_explanation_free(struct tapcompat_explanation *explanation)
{
	free(explanation);
}
