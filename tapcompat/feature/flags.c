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

struct flags_qemu flags_qemu(const char *release)
{
	return (struct flags_qemu){ .known = release[0], .too_new = features_after(release) };
}

/* The newest release that brought one of these features, and not before FLAGS_OLDEST. */
static const char *release_of(struct tapcompat_mask features)
{
	const char *release = FLAGS_OLDEST;
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (tapcompat_mask_test(&features, f->bit) && release_above(f->qemu, release))
			release = f->qemu;
	return release;
}

struct flags flags_known(struct flags flags, const struct flags_qemu *qemu,
			 struct tapcompat_mask acked, struct flags *later)
{
	struct tapcompat_mask too_new = qemu->too_new;

	if (!qemu->known)
		too_new = features_after(release_of(mask_or(acked, flags.on)));
	*later = (struct flags){ MASK_NONE, MASK_NONE };
	if (!qemu->known)
		later->off = mask_and(flags.off, too_new);
	flags.on = mask_minus(flags.on, too_new);
	flags.off = mask_minus(flags.off, too_new);
	return flags;
}

const char *flags_next(struct flags *later, struct flags *next)
{
	const char *release = NULL;
	struct flag list[FEATURE_COUNT];
	unsigned int i, n = flags_list(*later, list);

	for (i = 0; i < n; i++)
		if (!release || release_above(release, list[i].feature->qemu))
			release = list[i].feature->qemu;
	*next = *later;
	if (!release)
		return NULL;
	later->on = mask_and(later->on, features_after(release));
	later->off = mask_and(later->off, features_after(release));
	next->on = mask_minus(next->on, later->on);
	next->off = mask_minus(next->off, later->off);
	return release;
}

void flags_later_text(struct flags later, char *text, size_t size)
{
	const char *release;
	struct flags next;
	char list[FLAGS_TEXT];

	text[0] = '\0';
	while ((release = flags_next(&later, &next))) {
		flags_text(next, list, sizeof(list));
		text_add(text, size, "%sQEMU %s and later also need %s", text[0] ? "; " : "",
			 release, list);
	}
}

/*
 * Machine types disable features that are newer than themselves, so acked features are
 * enabled explicitly unless they are in the first model, which is on by default.
 */
struct landing landing_at(struct tapcompat_mask acked, const struct provided *provided,
			  const struct flags_qemu *qemu)
{
	struct tapcompat_mask on = mask_and(acked, provided->possible);
	struct tapcompat_mask off = mask_and(provided->offered, features_by_default());
	const struct tapcompat_feature *f;
	struct landing l = {
		.flags.off = mask_minus(off, acked),
		.lacks = mask_or(mask_minus(acked, bits_named()), mask_and(acked, qemu->too_new)),
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
	l.flags = flags_known(l.flags, qemu, acked, &l.later);
	return l;
}
