// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * policy.c - what the shim emulates and what it hides from QEMU
 */
#include "policy.h"

#include <errno.h>
#include <string.h>

#include <linux/if_tun.h>
#include <tapcompat_linux.h>

#include "flags.h"
#include "ground/bytes.h"
#include "ground/mask.h"
#include "ground/text.h"
#include "require.h"
#include "table/feature.h"

/*
 * QEMU does not ask a tap that has a vnet header for these
 * (QEMU hw/net/virtio-net.c, virtio_net_get_features()).
 */
#define ASSUMED_FLAGS (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)

#define NAMES 448

static const char *const mode_words[] = {
	[POLICY_AUTO] = "auto", [POLICY_ALL] = "all", [POLICY_NONE] = "none",
};

static const char *const level_words[] = {
	[TAPCOMPAT_SHIM_ERROR] = "error", [TAPCOMPAT_SHIM_WARNING] = "warning",
	[TAPCOMPAT_SHIM_INFO] = "info", [TAPCOMPAT_SHIM_DEBUG] = "debug",
};

static const char *const engine_words[] = {
	[TAPCOMPAT_SHIM_AUTO] = "auto", [TAPCOMPAT_SHIM_VHOST] = "vhost",
	[TAPCOMPAT_SHIM_URING] = "uring", [TAPCOMPAT_SHIM_PLAIN] = "plain",
};

/* ---- What a feature allows ------------------------------------------------- */

static bool can_emulate(const struct tapcompat_feature *f)
{
	return f->emulation != TAPCOMPAT_BY_NOTHING;
}

/* The TUN_F_* by which QEMU asks a tap for it. */
static uint32_t asked_flags(const struct tapcompat_feature *f)
{
	return f->tun_flags & ~(uint32_t)ASSUMED_FLAGS;
}

/* Does QEMU learn of it by a system call that the shim answers? */
static bool can_mask(const struct tapcompat_feature *f)
{
	return f->tun_flags || f->layers & TAPCOMPAT_LAYER_VHOST;
}

static bool can_hide(const struct tapcompat_feature *f)
{
	return can_mask(f) && (!f->tun_flags || asked_flags(f));
}

static bool is_tap_offload(const struct tapcompat_feature *f)
{
	return f->layers & TAPCOMPAT_LAYER_TAP && f->tun_flags;
}

static bool is_device_feature(const struct tapcompat_feature *f)
{
	return f->emulation == TAPCOMPAT_BY_DEVICE;
}

static struct tapcompat_mask features_with(bool (*has)(const struct tapcompat_feature *f))
{
	struct tapcompat_mask mask = MASK_NONE;
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (has(f))
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

/* ---- Words ----------------------------------------------------------------- */

static int add_list(struct tapcompat_mask *mask, const char *list, struct tapcompat_mask allowed,
		    const char *refusal, struct tapcompat_error *error)
{
	struct tapcompat_mask more, refused;
	char names[NAMES], options[NAMES];
	int ret = tapcompat_require_parse(list, &more, error);

	if (ret)
		return ret;
	refused = mask_minus(more, allowed);
	if (!mask_empty(&refused)) {
		mask_names(&refused, names, sizeof(names));
		flags_text((struct flags){ .off = refused }, options, sizeof(options));
		text_set(error->text, sizeof(error->text), refusal, names, options);
		return -EINVAL;
	}
	*mask = mask_or(*mask, more);
	return 0;
}

int policy_parse_emulate(struct policy *p, const char *words, struct tapcompat_error *error)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(mode_words); i++)
		if (!strcmp(words, mode_words[i])) {
			p->mode = (enum policy_mode)i;
			return 0;
		}
	p->mode = POLICY_LIST;
	return add_list(&p->listed, words, features_with(can_emulate),
			"tapcompat cannot emulate %s: tapcompat-features(7) lists what it can",
			error);
}

int policy_parse_mask(struct policy *p, const char *words, struct tapcompat_error *error)
{
	return add_list(&p->masked, words, features_with(can_mask),
			"cannot mask %s: the shim does not control it; start QEMU with -device "
			"virtio-net-pci,...,%s instead", error);
}

int policy_check(const struct policy *p, struct tapcompat_error *error)
{
	struct tapcompat_mask wrong = mask_minus(mask_minus(p->masked, policy_emulated(p)),
						 features_with(can_hide));
	char names[NAMES], options[NAMES];

	if (mask_empty(&wrong))
		return 0;
	mask_names(&wrong, names, sizeof(names));
	flags_text((struct flags){ .off = wrong }, options, sizeof(options));
	text_set(error->text, sizeof(error->text), "cannot hide %s: QEMU assumes %s with a vnet "
		 "header; emulate %s too, or start QEMU with -device virtio-net-pci,...,%s",
		 names, strchr(names, ',') ? "them" : "it", strchr(names, ',') ? "them" : "it",
		 options);
	return -EINVAL;
}

/* The index of a word, or -1 and @error says which there are. */
static int parse_word(const char *const words[], size_t count, const char *word,
		      struct tapcompat_error *error)
{
	char safe[64], all[96] = "";
	size_t i;

	for (i = 0; i < count; i++) {
		if (!strcmp(word, words[i]))
			return (int)i;
		if (i)
			strncat(all, ", ", sizeof(all) - strlen(all) - 1);
		strncat(all, words[i], sizeof(all) - strlen(all) - 1);
	}
	text_set(error->text, sizeof(error->text), "'%s' is not one of %s",
		 text_escape(safe, sizeof(safe), word), all);
	return -1;
}

int policy_parse_level(const char *word, enum tapcompat_shim_level *level,
		       struct tapcompat_error *error)
{
	int i = TAPCOMPAT_SHIM_WARNING;

	if (word && *word)
		i = parse_word(level_words, ARRAY_LENGTH(level_words), word, error);
	*level = i < 0 ? TAPCOMPAT_SHIM_WARNING : (enum tapcompat_shim_level)i;
	return i < 0 ? -EINVAL : 0;
}

int policy_parse_engine(const char *word, enum tapcompat_shim_engine *engine,
			struct tapcompat_error *error)
{
	int i = TAPCOMPAT_SHIM_AUTO;

	if (word && *word)
		i = parse_word(engine_words, ARRAY_LENGTH(engine_words), word, error);
	*engine = i < 0 ? TAPCOMPAT_SHIM_AUTO : (enum tapcompat_shim_engine)i;
	return i < 0 ? -EINVAL : 0;
}

void policy_format_emulate(const struct policy *p, char *text, size_t size)
{
	if (p->mode == POLICY_LIST)
		mask_names(&p->listed, text, size);
	else
		text_set(text, size, "%s", mode_words[p->mode]);
}

void policy_format_mask(const struct policy *p, char *text, size_t size)
{
	mask_names(&p->masked, text, size);
}

/* ---- What follows ---------------------------------------------------------- */

struct tapcompat_mask policy_emulated(const struct policy *p)
{
	if (p->mode == POLICY_NONE)
		return MASK_NONE;
	return p->mode == POLICY_LIST ? p->listed : features_with(can_emulate);
}

struct tapcompat_mask policy_unused(const struct policy *p)
{
	return p->mode == POLICY_ALL ? mask_or(p->masked, features_with(can_emulate)) : p->masked;
}

struct tapcompat_mask policy_hidden(const struct policy *p)
{
	struct tapcompat_mask hidden = mask_minus(p->masked, policy_emulated(p));
	const struct tapcompat_feature *f;
	uint32_t flags = 0;

	for_each_feature(f)
		if (tapcompat_mask_test(&hidden, f->bit))
			flags |= asked_flags(f);
	for_each_feature(f)
		if (asked_flags(f) & flags)
			tapcompat_mask_set(&hidden, f->bit);
	return hidden;
}

/* @emulatable: on this kind of backend */
static struct policy_result result_of(const struct policy *p, struct tapcompat_mask kernel,
				      struct tapcompat_mask emulatable)
{
	struct policy_result r = { .hidden = policy_hidden(p) };

	r.native = mask_minus(mask_minus(kernel, policy_unused(p)), r.hidden);
	r.emulated = mask_and(policy_emulated(p), emulatable);
	r.emulated = mask_minus(mask_minus(r.emulated, r.native), r.hidden);
	return r;
}

struct policy_result policy_tap(const struct policy *p, struct tapcompat_mask kernel)
{
	return result_of(p, kernel, features_with(is_tap_offload));
}

struct policy_result policy_vhost(const struct policy *p, struct tapcompat_mask kernel)
{
	struct tapcompat_mask emulatable = features_with(is_device_feature);

	if (p->mode != POLICY_LIST)
		emulatable = mask_and(emulatable, features_by_default());
	return result_of(p, kernel, emulatable);
}

struct tapcompat_mask policy_mask_corrupted(struct policy *p, struct tapcompat_mask corrupted)
{
	struct tapcompat_mask left = mask_minus(corrupted, p->masked);
	struct tapcompat_mask emulated = mask_and(left, policy_emulated(p));

	p->masked = mask_or(p->masked, emulated);
	return mask_minus(left, emulated);
}
