// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cure.c - what helps where a destination does not allow what a guest holds
 *
 * Best first: what lets the machine land as it is, by an option, without vhost-net, by
 * emulation, with another QEMU or kernel; and at last a cold restart.
 */
#include "explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "feature/flags.h"
#include "feature/provided.h"
#include "feature/require.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "table/bit.h"

void explain_cure(struct tapcompat_explanation *e, const char *format, ...)
{
	va_list args;

	if (e->cures == EXPLAIN_CURES)
		return;
	va_start(args, format);
	if (vasprintf(&e->cure[e->cures], format, args) < 0)
		e->failed = true;
	else
		e->cures++;
	va_end(args);
}

/* ---- Options, in the words of who runs the machine ---- */

/* How a card's options are given, one by one and around them. */
static const struct dialect {
	const char *before, *on, *off, *between, *after;
	const char *vhost_off;
} dialects[] = {
#define OVERRIDE "<qemu:override><qemu:device alias='net0'><qemu:frontend>"
#define OVERRIDDEN "</qemu:frontend></qemu:device></qemu:override>"
#define PROPERTY_ON "<qemu:property name='%s' type='bool' value='true'/>"
#define PROPERTY_OFF "<qemu:property name='%s' type='bool' value='false'/>"
	[MANAGER_NONE] = {
		"-device virtio-net-pci,...,", "%s=on", "%s=off", ",", "",
		"-netdev tap,...,vhost=off",
	},
	[MANAGER_LIBVIRT] = {
		"this in its domain: " OVERRIDE, PROPERTY_ON, PROPERTY_OFF, "", OVERRIDDEN,
		"<driver name='qemu'/> in the <interface>",
	},
	[MANAGER_NOVA] = {
		"this in its domain (Nova has no setting for it; libvirt's hook qemu may add it): "
		OVERRIDE,
		PROPERTY_ON, PROPERTY_OFF, "", OVERRIDDEN,
		"<driver name='qemu'/> in the <interface>, by libvirt's hook qemu",
	},
	[MANAGER_KUBEVIRT] = {
		"this in its domain (by a sidecar with onDefineDomain): " OVERRIDE,
		PROPERTY_ON, PROPERTY_OFF, "", OVERRIDDEN,
		"<driver name='qemu'/> in the <interface>, by a sidecar with onDefineDomain",
	},
	[MANAGER_KATA] = {
		"-device virtio-net-pci,...,", "%s=on", "%s=off", ",", "",
		"disable_vhost_net = true in configuration.toml",
	},
	[MANAGER_PROXMOX] = {
		"qm set %1$s --args \"$(qm config %1$s | sed -n 's/^args: //p') ",
		"-global virtio-net-pci.%s=on", "-global virtio-net-pci.%s=off", " ", "\"",
		"a tap of --args' own: -netdev tap,...,vhost=off",
	},
};

/* The name goes into a command, and the log that it is from is not trusted. */
static const char *command_name(const char *name)
{
	return name[0] && !name[strspn(name, "0123456789")] ? name : "VMID";
}

static void options_text(struct flags flags, const struct situation *s, char *text, size_t size)
{
	const struct dialect *d = &dialects[s->manager];
	struct flag list[FEATURE_COUNT];
	unsigned int i, n = flags_list(flags, list);

	text_set(text, size, d->before, command_name(s->name));
	for (i = 0; i < n; i++) {
		const char *one = list[i].on ? d->on : d->off, *name = strstr(one, "%s");

		text_add(text, size, "%s%.*s%s%s", i ? d->between : "", (int)(name - one), one,
			 list[i].feature->name, name + 2);
	}
	text_add(text, size, "%s", d->after);
}

/* ---- Ways ---- */

/* The first release of Linux that has all of them, or "". */
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

static const char *qemu_release(struct tapcompat_mask mask)
{
	const struct tapcompat_feature *f;
	const char *release = "";

	for_each_feature(f)
		if (tapcompat_mask_test(&mask, f->bit) && release_above(f->qemu, release))
			release = f->qemu;
	return release;
}

/* What vhost-net decides and nobody else: without it, it is QEMU's own. */
static struct tapcompat_mask of_vhost_alone(struct tapcompat_mask mask)
{
	const struct tapcompat_feature *f;
	struct tapcompat_mask some = MASK_NONE;

	for_each_feature(f)
		if (tapcompat_mask_test(&mask, f->bit) && f->layers == TAPCOMPAT_LAYER_VHOST)
			tapcompat_mask_set(&some, f->bit);
	return some;
}

static bool all_emulated(struct tapcompat_mask mask)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (tapcompat_mask_test(&mask, f->bit) && f->emulation == TAPCOMPAT_BY_NOTHING)
			return false;
	return true;
}

static void cure_land(struct tapcompat_explanation *e, const struct situation *s,
		      struct tapcompat_mask features, bool sure)
{
	const char *release = linux_release(features);
	char options[EXPLAIN_CURE - 256];

	options_text((struct flags){ .on = features }, s, options, sizeof(options));
	flags_text((struct flags){ .on = features }, e->device, sizeof(e->device));
	if (s->host && sure)
		explain_cure(e, "land it: %s has them, so start its QEMU with %s", s->host->host,
			     options);
	else
		explain_cure(e,
			     "land it, where the destination's kernel has them%s%s: start its QEMU "
			     "with %s", release[0] ? ", Linux " : "", release, options);
}

/* A distribution's machine types switch off what its kernels lack, whatever their number. */
static void cure_machine(struct tapcompat_explanation *e, const struct situation *s)
{
	const char *whose = who_made(s->machine);

	if (whose)
		explain_cure(e, "%s is a machine type of %s: which features it enables does not "
			     "follow from QEMU's release or from its number; options override "
			     "it; use the same one on the source", s->machine, whose);
}

/* Rings are vhost-net's: without it QEMU has them itself. */
static void cure_vhost(struct tapcompat_explanation *e, const struct situation *s,
		       struct tapcompat_mask features)
{
	struct tapcompat_mask rings = of_vhost_alone(features);
	struct tapcompat_mask others = mask_minus(features, rings);
	char names[CHECK_WAY];

	if (mask_empty(&rings))
		return;
	if (!mask_empty(&others)) {
		struct provided tap = { .accepted = MASK_NONE };

		if (s->host)
			tap = provided_of(s->host, TAPCOMPAT_TAP);
		if (!s->host || !mask_contains(&tap.accepted, &others))
			return;
	}
	mask_names(&rings, names, sizeof(names));
	explain_cure(e, "land it without vhost-net: QEMU implements %s itself with %s on the "
		     "destination, and the guest keeps running", names,
		     dialects[s->manager].vhost_off);
}

/* What the destination's kernel lacks, its tapcompat may have. */
static void cure_emulate(struct tapcompat_explanation *e, const struct situation *s,
			 struct tapcompat_mask features)
{
	struct provided provided;
	char options[EXPLAIN_CURE - 256];

	options_text((struct flags){ .on = features }, s, options, sizeof(options));
	if (!s->host) {
		if (all_emulated(features))
			explain_cure(e, "land it by emulation, if its kernel lacks them: start its "
				     "QEMU with 'tapcompat run' and %s", options);
		return;
	}
	provided = who_provides(s->host);
	provided_add_emulated(&provided, MASK_ALL);
	if (mask_contains(&provided.accepted, &features))
		explain_cure(e, "land it by emulation: start its QEMU on %s with 'tapcompat run' "
				"and %s",
			     s->host->host, options);
}

static void cure_restart(struct tapcompat_explanation *e, const struct situation *s,
			 struct tapcompat_mask features, bool sure)
{
	char options[EXPLAIN_CURE - 256];

	options_text((struct flags){ .off = features }, s, options, sizeof(options));
	explain_cure(e, "%scold restart needed: with %s it can migrate afterwards; a running guest "
		     "keeps its features", sure ? "" : "if the kernel lacks them: ", options);
}

/* The destination's QEMU has no such property, and so no option and no emulation helps. */
static void cure_newer(struct tapcompat_explanation *e, const struct situation *s,
		       struct tapcompat_mask features, struct tapcompat_mask unknown)
{
	char names[CHECK_WAY];

	mask_names(&unknown, names, sizeof(names));
	explain_cure(e, "land it with a newer QEMU: %s on the destination has no %s, QEMU %s and "
		     "later do", s->qemu, names, qemu_release(unknown));
	cure_restart(e, s, features, true);
}

static void cure_features(struct tapcompat_explanation *e, const struct situation *s,
			  struct tapcompat_mask features)
{
	struct tapcompat_mask unknown = mask_minus(features, who_knows(s)), lacks, doubtful;
	struct provided provided = { .possible = MASK_ALL };

	if (!mask_empty(&unknown)) {
		cure_newer(e, s, features, unknown);
		return;
	}
	if (s->host)
		provided = who_provides(s->host);
	lacks = mask_minus(features, provided.possible);
	doubtful = mask_minus(mask_minus(features, lacks), provided.accepted);
	/* Where one is lacking, options for the others do not matter any more. */
	if (mask_empty(&lacks))
		cure_land(e, s, features, mask_empty(&doubtful));
	if (mask_empty(&lacks))
		cure_machine(e, s);
	if (!s->host || !mask_empty(&lacks))
		cure_vhost(e, s, features);
	if (!s->host || !mask_empty(&lacks))
		cure_emulate(e, s, features);
	if (!mask_empty(&lacks) && linux_release(features)[0])
		explain_cure(e, "land it with a newer kernel on %s: Linux %s", s->host->host,
			     linux_release(features));
	if (!mask_empty(&lacks) || !mask_empty(&doubtful))
		cure_restart(e, s, features, !mask_empty(&lacks));
	if (s->host && mask_empty(&lacks) && !mask_empty(&doubtful))
		explain_cure(e, "to see which: run tapcompat probe on %s, as root", s->host->host);
}

/* The options that set bits, or unset them, and whether that is all of them. */
static bool options_of(struct tapcompat_mask mask, bool has, char *text, size_t size)
{
	bool all = true;
	unsigned int bit;

	text[0] = '\0';
	for (bit = 0; bit < 128; bit++) {
		const struct tapcompat_feature *f = feature_of_bit(bit);
		const struct bit *other = bit_other(bit);
		const char *between = *text ? "," : "";

		if (!tapcompat_mask_test(&mask, bit))
			continue;
		if (f)
			text_add(text, size, "%s%s=%s", between, f->name, has ? "on" : "off");
		else if (other && other->has[0])
			text_add(text, size, "%s%s", between, has ? other->has : other->lacks);
		else
			all = false;
	}
	return all;
}

static bool any_value(struct tapcompat_mask mask)
{
	char text[CHECK_WAY];

	options_of(mask, true, text, sizeof(text));
	return strstr(text, "=N");
}

/* What the device's own configuration decides. */
static void cure_configuration(struct tapcompat_explanation *e, struct tapcompat_mask others)
{
	char has[CHECK_WAY], lacks[CHECK_WAY];
	bool all = options_of(others, true, has, sizeof(has));

	options_of(others, false, lacks, sizeof(lacks));
	if (*has)
		explain_cure(e, "land it: no kernel decides this, so start the destination's QEMU "
			     "with -device virtio-net-pci,...,%s, as on the source%s", has,
			     any_value(others) ? "; any N lands" : "");
	if (*has)
		explain_cure(e, "or cold restart with -device virtio-net-pci,...,%s: it can "
				"migrate afterwards",
			     lacks);
	if (!all)
		explain_cure(e,
			     "the bits without an option follow from the configuration of the "
			     "device: use the same one on both sides, with the same machine type");
}

void cure_missing(struct tapcompat_explanation *e, const struct situation *s,
		  struct tapcompat_mask missing)
{
	struct tapcompat_mask features = mask_and(missing, features_all());
	struct tapcompat_mask others = mask_minus(missing, features);

	if (!mask_empty(&features))
		cure_features(e, s, features);
	if (!mask_empty(&others))
		cure_configuration(e, others);
}

void cure_options(struct tapcompat_explanation *e, struct tapcompat_mask candidates)
{
	char has[CHECK_WAY];

	options_of(candidates, true, has, sizeof(has));
	explain_cure(e, "land it: compare the options of the card on both sides, and start the "
		     "destination's QEMU with those of the following that the source has%s: %s",
		     any_value(candidates) ? " (any N lands)" : "", has);
	explain_cure(e, "or cold restart without them");
	explain_cure(e, "to see which: in the guest, cat /sys/bus/virtio/devices/*/features, and "
		     "pass the output to tapcompat explain");
}

void cure_candidates(struct tapcompat_explanation *e, const struct situation *s,
		     struct tapcompat_mask candidates)
{
	struct tapcompat_mask features = mask_and(candidates, features_all());
	struct tapcompat_mask others = mask_minus(candidates, features);

	if (e->sure) {
		cure_missing(e, s, candidates);
		return;
	}
	if (!mask_empty(&features))
		cure_features(e, s, features);
	if (!mask_empty(&others))
		cure_configuration(e, others);
	explain_cure(e, "to see which: in the guest, cat /sys/bus/virtio/devices/*/features, and "
		     "pass the output to tapcompat explain%s", s->host ? "" :
		     "; or give --caps=FILE, a document of the destination, and --qemu= or "
		     "--qemu-version=, --machine=");
}
