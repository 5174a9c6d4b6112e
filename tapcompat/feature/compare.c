// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * compare.c - compare two sets of features
 */
#include "compare.h"

#include <string.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "provided.h"
#include "table/bit.h"

static const char *const relation_names[] = {
	[TAPCOMPAT_INCOMPATIBLE] = "incompatible",
	[TAPCOMPAT_IDENTICAL] = "identical",
	[TAPCOMPAT_SUPERSET] = "superset",
	[TAPCOMPAT_SUBSET] = "subset",
};

const char *tapcompat_relation_name(enum tapcompat_relation relation)
{
	return (unsigned int)relation < ARRAY_LENGTH(relation_names) ? relation_names[relation] :
									"?";
}

void set_caps(struct tapcompat_set *set, const struct tapcompat_caps *caps, const char *name,
	      bool emulated)
{
	unsigned int i;

	memset(set, 0, sizeof(*set));
	text_escape(set->name, sizeof(set->name), name);
	set->scope = MASK_ALL;
	set->usual = BACKENDS_USUAL;
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		enum tapcompat_backend_type type = (enum tapcompat_backend_type)i;
		struct set_backend *b = &set->backend[i];
		struct provided g = provided_of(caps, type);

		if (emulated)
			provided_add_emulated(&g, MASK_ALL);
		b->availability = caps->backend[i].availability;
		b->given = mask_and(g.counted, features_decided_by(type));
		b->unknown = provided_unknown(&g);
	}
}

static struct tapcompat_mask features_of_models(void)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->model)
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

void set_bare(struct tapcompat_set *set, struct tapcompat_mask mask, const char *name,
	      bool chosen)
{
	memset(set, 0, sizeof(*set));
	text_escape(set->name, sizeof(set->name), name);
	set->bare = true;
	set->mask = mask;
	set->usual = BACKENDS_USUAL;
	set->scope = chosen ? mask_or(features_of_models(), mask) : MASK_ALL;
}

static enum tapcompat_relation relation_of(bool more, bool less)
{
	return more && less ? TAPCOMPAT_INCOMPATIBLE : more ? TAPCOMPAT_SUPERSET :
	       less ? TAPCOMPAT_SUBSET : TAPCOMPAT_IDENTICAL;
}

static void compare_masks(struct tapcompat_difference *d, struct tapcompat_mask a,
			  struct tapcompat_mask b, struct tapcompat_mask scope)
{
	d->more = mask_and(mask_minus(a, b), scope);
	d->less = mask_and(mask_minus(b, a), scope);
	d->relation = relation_of(!mask_empty(&d->more), !mask_empty(&d->less));
}

static struct tapcompat_mask set_mask(const struct tapcompat_set *s,
				      enum tapcompat_backend_type type)
{
	struct tapcompat_mask own = mask_minus(bits_named(), features_decided_by(type));

	/* Features of QEMU itself are the same on all hosts; unnamed bits may not be. */
	return s->bare ? mask_minus(s->mask, own) : s->backend[type].given;
}

static void compare_backend(struct tapcompat_difference *d, const struct tapcompat_set *a,
			    const struct tapcompat_set *b, enum tapcompat_backend_type type)
{
	d->backend = tapcompat_backend_name(type);
	d->unknown = mask_and(mask_or(a->backend[type].unknown, b->backend[type].unknown),
			      mask_and(a->scope, b->scope));
	compare_masks(d, set_mask(a, type), set_mask(b, type), mask_and(a->scope, b->scope));
}

static bool set_knows(const struct tapcompat_set *s, unsigned int type)
{
	enum tapcompat_availability there = s->backend[type].availability;

	return s->bare || there == TAPCOMPAT_AVAILABLE || there == TAPCOMPAT_UNAVAILABLE;
}

/* A model is compared with available backends only, unless the backend was named. */
static bool set_comparable(const struct tapcompat_set *s, const struct tapcompat_set *other,
			unsigned int type, bool named)
{
	return named || !other->bare || s->backend[type].availability != TAPCOMPAT_UNAVAILABLE;
}

static void compare_backends(struct tapcompat_comparison *c, const struct tapcompat_set *a,
			     const struct tapcompat_set *b, unsigned int backends)
{
	unsigned int wanted = backends ? backends : a->usual & b->usual, i;

	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		if (!(wanted >> i & 1) || !set_comparable(a, b, i, backends) ||
		    !set_comparable(b, a, i, backends))
			continue;
		if (set_knows(a, i) && set_knows(b, i))
			compare_backend(&c->difference[c->differences++], a, b,
					(enum tapcompat_backend_type)i);
		else
			c->left_out |= 1u << i;
	}
}

/*
 * A card has more than another if a machine cannot move from it to the other.  A value with
 * which a machine moves in both directions, but finds another card, is one that each lacks.
 */
static void compare_cards(struct tapcompat_comparison *c, const struct tapcompat_set *a,
			  const struct tapcompat_set *b, bool *more, bool *less)
{
	struct nic_difference back[NIC_PROPERTIES];
	unsigned int i;

	c->nics = nic_compare(&a->nic, &b->nic, c->nic);
	nic_compare(&b->nic, &a->nic, back);
	for (i = 0; i < c->nics; i++) {
		bool there = c->nic[i].verdict == TAPCOMPAT_FAIL;
		bool here = back[i].verdict == TAPCOMPAT_FAIL;

		*more |= there || !here;
		*less |= here || !there;
	}
}

bool compare_sets(struct tapcompat_comparison *c, const struct tapcompat_set *a,
		  const struct tapcompat_set *b, unsigned int backends)
{
	bool more = false, less = false;
	unsigned int i;

	memset(c, 0, sizeof(*c));
	text_set(c->a, sizeof(c->a), "%s", a->name);
	text_set(c->b, sizeof(c->b), "%s", b->name);
	if (a->bare && b->bare) {
		c->difference[0].backend = "";
		compare_masks(&c->difference[c->differences++], a->mask, b->mask, MASK_ALL);
	} else {
		compare_backends(c, a, b, backends);
	}
	for (i = 0; i < c->differences; i++) {
		more |= !mask_empty(&c->difference[i].more);
		less |= !mask_empty(&c->difference[i].less);
	}
	compare_cards(c, a, b, &more, &less);
	c->relation = relation_of(more, less);
	return c->differences && !(backends && c->left_out);
}
