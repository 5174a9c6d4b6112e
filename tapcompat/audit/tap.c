// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tap.c - what the state of a tap means for a QEMU that opens it, and for what leaves it
 */
#include <stdio.h>

#include "audit.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "kernel/iface.h"
#include "table/feature.h"

#define ON(feature) (1u << (feature))

/* ---- Receive offloads ---- */

/* The feature of a tap that shows a flag of TUNSETOFFLOAD; none shows TUN_F_UFO. */
static const struct {
	unsigned int flag;
	enum iface_feature feature;
} shown[] = {
	{ TUN_F_CSUM, IFACE_CSUM }, { TUN_F_TSO4, IFACE_TSO4 }, { TUN_F_TSO6, IFACE_TSO6 },
	{ TUN_F_TSO_ECN, IFACE_ECN }, { TUN_F_USO4, IFACE_USO }, { TUN_F_USO6, IFACE_USO },
	{ TUN_F_UDP_TUNNEL_GSO, IFACE_TUNNEL },
	{ TUN_F_UDP_TUNNEL_GSO_CSUM, IFACE_TUNNEL_CSUM },
};

static unsigned int flags_shown(uint32_t features)
{
	unsigned int flags = 0;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(shown); i++)
		if (features & ON(shown[i].feature))
			flags |= shown[i].flag;
	return flags;
}

struct tapcompat_mask audit_tap_offloads(const struct audit_tap *tap)
{
	unsigned int flags = tap->has_features ? flags_shown(tap->features) : 0;
	struct tapcompat_mask mask = MASK_NONE;
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->direction == TAPCOMPAT_RECEIVES && f->tun_flags &&
		    !(f->tun_flags & ~flags))
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

/* ---- QEMU ---- */

/* Each: whether it applies, and what is said. */
static bool meets_tun(const struct audit_tap *t, char *text, size_t size)
{
	text_set(text, size, "ifname=%s will fail: this is a tun, without Ethernet headers: create "
		 "it with 'ip tuntap add mode tap'", t->name);
	return !t->tap;
}

static bool meets_single(const struct audit_tap *t, char *text, size_t size)
{
	text_set(text, size, "queues=2 and more will fail: this tap is single-queue: create it "
		 "with 'ip tuntap add mode tap multi_queue'");
	return t->tap && !t->multi_queue;
}

static bool meets_multi(const struct audit_tap *t, char *text, size_t size)
{
	text_set(text, size, "queues=1 will fail: this tap is multi-queue, which QEMU only opens "
		 "with queues=2 and more: create it without multi_queue, or give queues=");
	return t->tap && t->multi_queue;
}

static bool meets_busy(const struct audit_tap *t, char *text, size_t size)
{
	text_set(text, size, "ifname=%s will fail with EBUSY: this single-queue tap is attached",
		 t->name);
	return t->tap && !t->multi_queue && t->counted && t->queues;
}

static bool meets_shared(const struct audit_tap *t, char *text, size_t size)
{
	text_set(text, size, "it is attached: a second QEMU would attach further queues and take "
		 "a part of the frames");
	return t->tap && t->multi_queue && t->counted && t->queues;
}

static bool meets_header(const struct audit_tap *t, char *text, size_t size)
{
	text_set(text, size, "with fd= it has no offloads: there is no vnet header; with ifname= "
		 "QEMU switches it on");
	return t->tap && !t->vnet_hdr;
}

static bool meets_owner(const struct audit_tap *t, char *text, size_t size)
{
	if (t->has_owner && t->has_group)
		text_set(text, size, "without CAP_NET_ADMIN only UID %u or GID %u can open it",
			 t->owner, t->group);
	else
		text_set(text, size, "without CAP_NET_ADMIN only %cID %u can open it",
			 t->has_owner ? 'U' : 'G', t->has_owner ? t->owner : t->group);
	return t->has_owner || t->has_group;
}

static bool meets_left(const struct audit_tap *t, char *text, size_t size)
{
	text_set(text, size, "receive offloads are on and nobody is attached: its last owner left "
		 "them; QEMU switches them off when it opens the tap, other programs may not");
	return t->counted && !t->queues && t->has_features && t->features;
}

static bool meets_gone(const struct audit_tap *t, char *text, size_t size)
{
	text_set(text, size, "it is not persistent: it vanishes when its last user closes it");
	return !t->persist && t->counted && t->queues;
}

static bool (*const meetings[])(const struct audit_tap *t, char *text, size_t size) = {
	meets_tun, meets_single, meets_multi, meets_busy, meets_shared, meets_header, meets_owner,
	meets_left, meets_gone,
};

const char *audit_tap_meets(const struct audit_tap *tap, unsigned int index, char *text,
			    size_t size)
{
	size_t i;

	if (!tap->seen || tap->macvtap)
		return NULL;
	for (i = 0; i < ARRAY_LENGTH(meetings); i++)
		if (meetings[i](tap, text, size) && !index--)
			return text;
	return NULL;
}

/* ---- The way out ---- */

bool audit_tap_ends(const struct audit_tap *tap, unsigned int step)
{
	unsigned int i;

	for (i = step + 1; i < tap->steps; i++)
		if (tap->step[i].from == (int)step)
			return false;
	return true;
}

/* What a device must have to send such a super-packet on as it is. */
static const uint32_t wanted[AUDIT_PACKETS] = {
	[AUDIT_TCP4] = ON(IFACE_TSO4),
	[AUDIT_TCP6] = ON(IFACE_TSO6),
	[AUDIT_UDP] = ON(IFACE_USO),
	[AUDIT_TUNNEL] = ON(IFACE_TUNNEL),
};

unsigned int audit_tap_way(const struct audit_tap *tap, unsigned int to, unsigned int *way)
{
	unsigned int n = 0, i;
	int at;

	for (at = (int)to; at >= 0 && n < AUDIT_STEPS; at = tap->step[at].from)
		n++;
	for (at = (int)to, i = n; i > 0; at = tap->step[at].from)
		way[--i] = (unsigned int)at;
	return n;
}

int audit_tap_cut(const struct audit_tap *tap, unsigned int to, enum audit_packet packet)
{
	unsigned int way[AUDIT_STEPS] = { 0 }, n = audit_tap_way(tap, to, way), i;

	for (i = 0; i < n; i++) {
		const struct audit_step *s = &tap->step[way[i]];

		if (!s->crossed)
			continue;
		if (!s->has_features)
			return -2;
		if ((s->features & wanted[packet]) != wanted[packet])
			return (int)way[i];
	}
	return -1;
}
