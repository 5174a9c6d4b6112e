// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * offer.c - what a QEMU would offer its guest on a host
 */
#include "offer.h"

#include <stdarg.h>
#include <stdio.h>

#include "ground/text.h"
#include "provided.h"

__attribute__((format(printf, 7, 8)))
static void offer_row(struct tapcompat_offer *o, const struct tapcompat_feature *f,
		      enum tapcompat_verdict verdict, int code, const char *layer,
		      const char *since, const char *detail, ...)
{
	unsigned int i = feature_index(f);
	va_list args;

	va_start(args, detail);
	vsnprintf(o->detail[i], sizeof(o->detail[i]), detail, args);
	va_end(args);
	o->row[i] = (struct tapcompat_finding){ f, verdict, code, layer, since, o->detail[i],
					       "" };
}

/* What the host's layers make of an enabled property. */
static void offer_below(struct tapcompat_offer *o, const struct tapcompat_caps *caps,
			const struct tapcompat_feature *f)
{
	struct provided provided = provided_of(caps, o->backend);
	struct tapcompat_check c;

	/* QEMU offers what the kernel accepts, even if it corrupts frames. */
	if (tapcompat_mask_test(&provided.accepted, f->bit)) {
		offer_row(o, f, TAPCOMPAT_PASS, 0, "", "", "%s", "");
		return;
	}
	check_start(&c, "", o->backend, (struct tapcompat_mask){ { 0, 0 } });
	check_feature(&c, caps, f, 0);
	offer_row(o, f, TAPCOMPAT_FAIL, c.finding[0].exit, c.finding[0].layer, c.finding[0].since,
		  "%s", c.finding[0].detail);
}

void offer_conclude(struct tapcompat_offer *o, const struct tapcompat_caps *caps)
{
	const struct tapcompat_feature *f;

	for_each_feature(f) {
		const struct offer_property *p = &o->property[feature_index(f)];

		if (!p->exists)
			offer_row(o, f, TAPCOMPAT_FAIL, TAPCOMPAT_EXIT_LACKS, CHECK_QEMU, f->qemu,
				  "QEMU %s has no such property", o->qemu);
		else if (p->on)
			offer_below(o, caps, f);
		else if (p->named)
			offer_row(o, f, TAPCOMPAT_FAIL, TAPCOMPAT_EXIT_LACKS, CHECK_DEFAULT, "",
				  "disabled by the device's options");
		else if (p->by_default)
			offer_row(o, f, TAPCOMPAT_FAIL, TAPCOMPAT_EXIT_LACKS, CHECK_MACHINE, "",
				  "disabled by machine type %s", o->machine);
		else
			offer_row(o, f, TAPCOMPAT_FAIL, TAPCOMPAT_EXIT_LACKS, CHECK_DEFAULT, "",
				  "off by default, enabled by -device virtio-net-pci,...,%s=on",
				  f->name);
	}
}

void offer_judge(const struct tapcompat_offer *o, struct tapcompat_check *c,
		 const struct tapcompat_caps *caps, const struct tapcompat_feature *f,
		 unsigned int flags)
{
	const struct tapcompat_finding *row = &o->row[feature_index(f)];

	/* An enabled property depends on the host, or the shim. */
	if (o->property[feature_index(f)].on)
		check_feature(c, caps, f, flags);
	else
		check_add(c, f, row->verdict, row->exit, row->layer, row->since, "%s",
			  row->detail);
}

struct tapcompat_mask offer_properties(const struct tapcompat_offer *o)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (o->property[feature_index(f)].exists)
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

const struct tapcompat_finding *tapcompat_offer_at(const struct tapcompat_offer *offer,
						   unsigned int index)
{
	return index < FEATURE_COUNT ? &offer->row[index] : NULL;
}

struct tapcompat_mask tapcompat_offer_mask(const struct tapcompat_offer *offer)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	unsigned int i;

	for (i = 0; i < FEATURE_COUNT; i++)
		if (offer->row[i].verdict == TAPCOMPAT_PASS)
			tapcompat_mask_set(&mask, offer->row[i].feature->bit);
	return mask;
}
