// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * flags.c - features as options of QEMU's device
 */
#include "flags.h"

#include <tapcompat_fleet.h>

#include "ground/text.h"
#include "table/bit.h"

unsigned int flags_list(struct flags flags, struct flag *list)
{
	const struct tapcompat_feature *f;
	unsigned int direction, n = 0;

	for (direction = TAPCOMPAT_SENDS; direction <= TAPCOMPAT_CONTROLS; direction++)
		for_each_feature(f) {
			bool on = tapcompat_mask_test(&flags.on, f->bit);

			if (f->direction == direction &&
			    (on || tapcompat_mask_test(&flags.off, f->bit)))
				list[n++] = (struct flag){ f, on };
		}
	return n;
}

void flags_text(struct flags flags, char *text, size_t size)
{
	struct flag list[FEATURE_COUNT];
	unsigned int i, n = flags_list(flags, list);

	text[0] = '\0';
	for (i = 0; i < n; i++)
		text_add(text, size, "%s%s=%s", i ? "," : "", list[i].feature->name,
			 list[i].on ? "on" : "off");
}

void tapcompat_device_options(struct tapcompat_mask on, struct tapcompat_mask off, char *text,
			      size_t size)
{
	flags_text((struct flags){ on, off }, text, size);
}

/*
 * Machine types disable features that are newer than themselves, so acked features are
 * enabled explicitly unless they are in the first model, which is on by default.
 */
struct landing landing_at(struct tapcompat_mask acked, const struct provided *provided,
			  struct tapcompat_mask too_new)
{
	struct tapcompat_mask on = mask_and(acked, provided->possible);
	struct tapcompat_mask off = mask_and(provided->offered, features_by_default());
	const struct tapcompat_feature *f;
	struct landing l = {
		.flags.off = mask_minus(mask_minus(off, acked), too_new),
		.lacks = mask_minus(acked, bits_named()),
		.unknown = mask_minus(on, provided->accepted),
	};

	for_each_feature(f) {
		if (!tapcompat_mask_test(&acked, f->bit))
			continue;
		if (!tapcompat_mask_test(&on, f->bit))
			tapcompat_mask_set(&l.lacks, f->bit);
		else if (f->model != 1)
			tapcompat_mask_set(&l.flags.on, f->bit);
	}
	return l;
}
