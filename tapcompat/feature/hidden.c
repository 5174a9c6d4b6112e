// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hidden.c - what can be kept from QEMU
 *
 * QEMU asks a tap for some offloads by TUNSETOFFLOAD, several at once, and a vhost-net for
 * its features.  What taps have had for as long as a vnet header it takes for granted
 * (QEMU hw/net/virtio-net.c, virtio_net_get_features()): that can be emulated as if the
 * kernel lacked it, but not be hidden.
 */
#include "hidden.h"

#include <linux/if_tun.h>
#include <tapcompat_linux.h>

#include "ground/mask.h"
#include "table/feature.h"

#define GRANTED (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)

static uint32_t asked_flags(const struct tapcompat_feature *f)
{
	return f->tun_flags & ~(uint32_t)GRANTED;
}

int shim_answers(const struct tapcompat_feature *f)
{
	return f->tun_flags || f->layers & TAPCOMPAT_LAYER_VHOST;
}

int shim_hides(const struct tapcompat_feature *f)
{
	return shim_answers(f) && (!f->tun_flags || asked_flags(f));
}

struct tapcompat_mask shim_hidden(struct tapcompat_mask mask)
{
	const struct tapcompat_feature *f;
	uint32_t flags = 0;

	for_each_feature(f)
		if (tapcompat_mask_test(&mask, f->bit))
			flags |= asked_flags(f);
	for_each_feature(f)
		if (asked_flags(f) & flags)
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}
