// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * offload.c - a tap's offloads: what the kernel provides, what QEMU may set, what is emulated
 *
 * All of it follows from the columns of the feature table: which TUN_F_* flags a feature has,
 * which direction it is for, and which features it needs.
 */
#include "shim.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

#include <linux/if_tun.h>

#include "ground/answer.h"
#include "ground/mask.h"
#include "table/feature.h"

/* Linux Documentation/admin-guide/devices.txt: /dev/net/tun; other taps are macvtaps. */
#define TUN_NODE makedev(10, 200)

enum tap_driver { DRIVER_TUN, DRIVER_MACVTAP, DRIVERS };

/* What each driver of this kernel provides: tested once, with the first tap of that driver. */
static struct {
	bool known;
	struct tapcompat_mask native;
} drivers[DRIVERS];

static bool is_tap_row(const struct tapcompat_feature *f)
{
	return f->layers & TAPCOMPAT_LAYER_TAP && f->tun_flags;
}

/* ---- Sets of flags, by the table ------------------------------------------- */

static uint32_t flags_of(const struct tapcompat_mask *mask)
{
	const struct tapcompat_feature *f;
	uint32_t flags = 0;

	for_each_feature(f)
		if (is_tap_row(f) && tapcompat_mask_test(mask, f->bit))
			flags |= f->tun_flags;
	return flags;
}

/* The flags of the feature itself, without those of the features that it needs. */
static uint32_t own_flags(const struct tapcompat_feature *f)
{
	return f->tun_flags & ~flags_of(&f->needs) & ~flags_of(&f->needs_any);
}

/* Is everything that a feature needs among @flags? */
static bool flags_satisfied(const struct tapcompat_feature *f, uint32_t flags)
{
	const struct tapcompat_feature *other;
	bool any = mask_empty(&f->needs_any);

	for_each_feature(other) {
		uint32_t own = is_tap_row(other) ? own_flags(other) : 0;

		if (tapcompat_mask_test(&f->needs, other->bit) && (own & ~flags))
			return false;
		if (tapcompat_mask_test(&f->needs_any, other->bit) && own && !(own & ~flags))
			any = true;
	}
	return any;
}

/*
 * Would a kernel that has all of the tap's features, native and emulated, accept these flags?
 * Where one flag stands for both directions, one of the two features is enough, unless the
 * other one is to be hidden: refusing the flag is the only way to hide it.
 */
static bool flags_valid(const struct tap *tap, uint32_t flags)
{
	struct tapcompat_mask have = mask_or(tap->native, tap->emulated);
	const struct tapcompat_feature *f;
	uint32_t left = flags;

	for_each_feature(f) {
		uint32_t own = is_tap_row(f) ? own_flags(f) : 0;

		if (!(own & flags))
			continue;
		if ((own & ~flags) || !flags_satisfied(f, flags) ||
		    tapcompat_mask_test(&tap->hidden, f->bit))
			return false;
		if (tapcompat_mask_test(&have, f->bit))
			left &= ~own;
	}
	return !left;
}

/* What the kernel is asked for: it must not deliver frames in a form that it does not have. */
static uint32_t kernel_flags(const struct tapcompat_mask *native, uint32_t flags)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (is_tap_row(f) && f->direction == TAPCOMPAT_RECEIVES &&
		    (!tapcompat_mask_test(native, f->bit) || !flags_satisfied(f, flags)))
			flags &= ~own_flags(f);
	return flags;
}

/* ---- What a tap has ----------------------------------------------------------- */

/* Under the lock of tap_meet().  QEMU sets the tap's offloads after this, so none are left. */
static int learn_driver(int fd, enum tap_driver driver)
{
	const struct tapcompat_feature *f;

	if (drivers[driver].known)
		return 0;
	for_each_feature(f) {
		int ret = is_tap_row(f) ? tap_ioctl(fd, TUNSETOFFLOAD, f->tun_flags) : -EINVAL;

		if (!ret)
			tapcompat_mask_set(&drivers[driver].native, f->bit);
		else if (answer_of(ASKED_TUN, ret) == ANSWER_UNKNOWN)
			return ret;
	}
	drivers[driver].known = true;
	return tap_ioctl(fd, TUNSETOFFLOAD, 0);
}

static void set_features(struct tap *tap, enum tap_driver driver)
{
	struct policy_result r = policy_tap(&shim_config()->policy, drivers[driver].native);

	tap->native = r.native;
	tap->emulated = r.emulated;
	tap->hidden = r.hidden;
}

int tap_learn(struct tap *tap, int fd, const struct interface_id *id)
{
	enum tap_driver driver = id->node == TUN_NODE ? DRIVER_TUN : DRIVER_MACVTAP;
	int ret = tap->vnet ? learn_driver(fd, driver) : 0;

	if (!ret)
		set_features(tap, driver);
	return ret;
}

/* ---- What QEMU sets ------------------------------------------------------------- */

/*
 * Was it requested?  Not every feature for what a guest sends is; if such a feature is masked,
 * frames that use it must not reach the kernel, requested or not.
 */
static bool is_asked(const struct tap *tap, const struct tapcompat_feature *f)
{
	return !(f->tun_flags & ~tap->interface->asked) ||
	       (f->direction == TAPCOMPAT_SENDS &&
		tapcompat_mask_test(&shim_config()->masked, f->bit));
}

/* Everything that was requested and the kernel lacks. */
static struct tapcompat_mask needed(const struct tap *tap)
{
	struct tapcompat_mask mask = MASK_NONE;
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (tapcompat_mask_test(&tap->emulated, f->bit) && is_asked(tap, f))
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

bool tap_is_emulated(const struct tap *tap)
{
	return !mask_empty(&tap->interface->needed);
}

/* Frames that use a new offload may arrive before the ioctl has returned. */
int tap_set_offload(struct tap *tap, int fd, unsigned long flags)
{
	struct interface *i = tap->interface;
	uint32_t wanted = (uint32_t)flags, before = i->offload;
	int ret;

	i->asked |= wanted;
	tap->stat->emulated = i->needed = needed(tap);
	if (flags > UINT32_MAX || !flags_valid(tap, wanted))
		return -EINVAL;
	__atomic_store_n(&i->offload, before | wanted, __ATOMIC_RELAXED);
	ret = tap_ioctl(fd, TUNSETOFFLOAD, kernel_flags(&tap->native, wanted));
	__atomic_store_n(&i->offload, ret ? before : wanted, __ATOMIC_RELAXED);
	return ret;
}
