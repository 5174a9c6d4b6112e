// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * verify.c - verify offloads with frames
 *
 * For each offload a set of trials: every kind of traffic that uses it, both IP versions,
 * equal segments and a short odd tail, delivered to the host's stack (or sent by it) and
 * forwarded to (or from) another device.  The first wrong frame fails the feature; correct
 * data in a form other than the feature promises makes a receive offload ineffective.
 */
#include "verify.h"

#include <netinet/in.h>
#include <string.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "trial.h"

#define GSO(type) VIRTIO_NET_HDR_GSO_##type

static const struct trial_kind trial_kinds[] = {
	{ .name = "UDP", .proves = GSO(NONE), .proto = IPPROTO_UDP },
	{ .name = "TCP", .proves = GSO(NONE), .proto = IPPROTO_TCP, .tcp_flags = TCP_ACK },
	{ .name = "TCP", .proves = GSO(TCPV4), .proto = IPPROTO_TCP,
	  .gso = { GSO(TCPV4), 0 }, .tcp_flags = TCP_ACK },
	{ .name = "TCP", .proves = GSO(TCPV6), .proto = IPPROTO_TCP,
	  .gso = { 0, GSO(TCPV6) }, .tcp_flags = TCP_ACK },
	{ .name = "TCP with CWR", .proves = GSO(ECN), .proto = IPPROTO_TCP,
	  .gso = { GSO(TCPV4) | GSO(ECN), GSO(TCPV6) | GSO(ECN) },
	  .tcp_flags = TCP_ACK | TCP_CWR, .tos = 2 },
	{ .name = "large UDP", .proves = GSO(UDP), .proto = IPPROTO_UDP,
	  .gso = { GSO(UDP), GSO(UDP) } },
	{ .name = "UDP", .proves = GSO(UDP_L4), .proto = IPPROTO_UDP,
	  .gso = { GSO(UDP_L4), GSO(UDP_L4) } },
	{ .name = "TCP", .proves = GSO_TUNNEL, .proto = IPPROTO_TCP,
	  .gso = { GSO(TCPV4), GSO(TCPV6) }, .tcp_flags = TCP_ACK },
	{ .name = "UDP", .proves = GSO_TUNNEL, .proto = IPPROTO_UDP,
	  .gso = { GSO(UDP_L4), GSO(UDP_L4) } },
};

/* What is known about a feature so far. */
struct proof {
	struct testbed *t;
	const struct tapcompat_feature *f;
	const struct caps_backend *b;
	const struct caps_backend *taps;
	enum tapcompat_verified verified;
	char detail[CAPS_DETAIL];
	bool forwarded;		/* that path was tested */
	char not_local[160];	/* why a path was not, or not completely */
	char not_forwarded[160];
};

static const char *path_name(const struct trial *tr)
{
	if (tr->path == NETWORK_FORWARDED)
		return tr->guest_sends ? "forwarded to another device" :
					 "forwarded from another device";
	return tr->guest_sends ? "sent to the host" : "sent by the host";
}

static void trial_describe(const struct trial *tr, char *text, size_t size)
{
	text_set(text, size, "%s over IPv%d", tr->kind->name, tr->family);
	if (tr->outer)
		text_add(text, size, " in VXLAN over IPv%d", tr->outer);
	text_add(text, size, " %s", path_name(tr));
	if (tr->flow.gso_type)
		text_add(text, size, ", %s",
			 tr->shape == SHAPE_EQUAL ? "equal segments" : "short tail");
	text_add(text, size, ": %s", tr->judge.why);
}

static void proof_skip(struct proof *p, const struct trial *tr, const char *why)
{
	bool local = tr->path == NETWORK_LOCAL;
	char *text = local ? p->not_local : p->not_forwarded;

	if (!text[0])
		text_set(text, sizeof(p->not_local), "not tested %s: %s",
			 local ? "with the host's stack" : "with another device", why);
}

/*
 * Is the form as promised?  A super-packet must arrive whole, and a plain frame with a
 * partial checksum: completing it saves no work.
 */
static bool form_kept(struct trial *tr, enum verdict verdict)
{
	if (tr->guest_sends || !tr->may_partial)
		return true;
	if (tr->flow.gso_type)
		return !tr->may_whole || verdict == VERDICT_WHOLE;
	if (!tr->judge.partial)
		judge_fail(&tr->judge, "the checksum is already complete");
	return tr->judge.partial;
}

/*
 * A wire that refuses to send, or that gets super-packets it has not enabled, does not
 * mean a fault of the device at the other end.
 */
static bool wire_at_fault(const struct trial *tr)
{
	if (tr->path != NETWORK_FORWARDED)
		return false;
	return tr->guest_sends ? tr->judge.unrequested : tr->refused;
}

static void proof_run(struct proof *p, struct trial *tr)
{
	enum tapcompat_verified seen = TAPCOMPAT_PASSED;
	enum verdict verdict;

	if (p->verified == TAPCOMPAT_FAILED)
		return;
	verdict = trial_run(tr);
	if (verdict == VERDICT_UNTESTED || wire_at_fault(tr)) {
		proof_skip(p, tr, tr->judge.why);
		return;
	}
	p->forwarded |= tr->path == NETWORK_FORWARDED;
	if (verdict == VERDICT_WRONG)
		seen = TAPCOMPAT_FAILED;
	else if (!form_kept(tr, verdict))
		seen = TAPCOMPAT_INEFFECTIVE;
	if (seen <= p->verified)
		return;
	p->verified = seen;
	if (seen != TAPCOMPAT_PASSED)
		trial_describe(tr, p->detail, sizeof(p->detail));
}

static unsigned int family_bit(uint8_t family)
{
	return family == 4 ? TAPCOMPAT_V4 : TAPCOMPAT_V6;
}

/* The row for sending or receiving this gso type. */
static const struct tapcompat_feature *offload_row(enum tapcompat_direction direction,
						   unsigned int gso_type, uint8_t family)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->direction == direction && f->gso_type == gso_type && f->tun_flags &&
		    f->families & family_bit(family))
			return f;
	return NULL;
}

/* The row of the traffic: inside a tunnel, and regardless of CWR. */
static const struct tapcompat_feature *trial_row(const struct trial *tr,
						 enum tapcompat_direction direction)
{
	return offload_row(direction, tr->kind->gso[tr->family == 6] & ~GSO(ECN), tr->family);
}

static bool row_native(const struct caps_backend *b, const struct tapcompat_feature *f)
{
	return f && caps_state(b, f) == TAPCOMPAT_NATIVE;
}

/* The offloads that a reader must enable to get the trial's super-packets whole. */
static unsigned int offloads_whole(const struct proof *p, const struct trial *tr)
{
	const struct tapcompat_feature *base = trial_row(tr, TAPCOMPAT_RECEIVES);

	return p->f->tun_flags | (base ? base->tun_flags : 0);
}

/*
 * Can the tap that acts as the other device send the trial's super-packets, or receive
 * them whole?  This must be native there, or its faults would count against the feature.
 */
static bool wire_has(const struct proof *p, const struct trial *tr,
		     enum tapcompat_direction direction)
{
	const struct tapcompat_feature *f;

	if (!row_native(p->taps, trial_row(tr, direction)))
		return false;
	/* The row of this feature, as seen from the wire. */
	for_each_feature(f)
		if (f->direction == direction && f->gso_type == p->f->gso_type &&
		    f->tun_flags == p->f->tun_flags && !row_native(p->taps, f))
			return false;
	return true;
}

static void proof_local(struct proof *p, struct trial *tr, bool vxlan)
{
	tr->path = NETWORK_LOCAL;
	if ((tr->family == 6 || tr->outer == 6) && p->t->no_v6[0])
		proof_skip(p, tr, p->t->no_v6);
	else if (tr->outer && !vxlan)
		proof_skip(p, tr, p->t->no_vxlan);
	else
		proof_run(p, tr);
}

/*
 * To another device: one that accepts only complete frames, one that completes checksums,
 * one that accepts super-packets.
 */
static void proof_forward_on(struct proof *p, struct trial *tr)
{
	const struct {
		unsigned int offloads;
		bool may_partial, may_whole;
	} reader[] = {
		{ 0, false, false },
		{ TUN_F_CSUM, true, false },
		{ offloads_whole(p, tr), true, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(reader); i++) {
		if (reader[i].may_whole && !wire_has(p, tr, TAPCOMPAT_RECEIVES))
			continue;
		tr->offloads = reader[i].offloads;
		tr->may_partial = reader[i].may_partial;
		tr->may_whole = reader[i].may_whole;
		proof_run(p, tr);
	}
}

static void proof_forward(struct proof *p, struct trial *tr)
{
	tr->path = NETWORK_FORWARDED;
	if (p->t->no_forward[0]) {
		proof_skip(p, tr, p->t->no_forward);
		return;
	}
	if (!tr->guest_sends && !wire_has(p, tr, TAPCOMPAT_SENDS)) {
		proof_skip(p, tr, "the tap at the other end cannot send this");
		return;
	}
	if (tr->guest_sends)
		proof_forward_on(p, tr);
	else
		proof_run(p, tr);
}

/*
 * A reader that has not enabled the offload must not get super-packets.  Whether the
 * segments are correct is tested with the feature that sends them.
 */
static void proof_unrequested(struct proof *p, struct trial *tr)
{
	struct trial off = *tr;

	if (tr->guest_sends || !p->f->gso_type || tr->outer || p->t->no_forward[0] ||
	    p->verified == TAPCOMPAT_FAILED || !wire_has(p, tr, TAPCOMPAT_SENDS))
		return;
	off.path = NETWORK_FORWARDED;
	off.offloads = TUN_F_CSUM;
	off.may_whole = false;
	trial_run(&off);
	if (!off.judge.unrequested)
		return;
	p->verified = TAPCOMPAT_FAILED;
	trial_describe(&off, p->detail, sizeof(p->detail));
}

static void proof_kind(struct proof *p, const struct trial_kind *kind, uint8_t family,
		       uint8_t outer, bool vxlan)
{
	struct trial tr = {
		.t = p->t, .kind = kind, .family = family, .outer = outer,
		.guest_sends = p->f->direction == TAPCOMPAT_SENDS,
		.header = outer ? VNET_TUNNEL : VNET_MERGEABLE,
		.may_partial = true, .may_whole = p->f->gso_type != GSO(NONE),
	};

	tr.outer_csum = outer && p->f->tun_flags & TUN_F_UDP_TUNNEL_GSO_CSUM;
	for (tr.shape = 0; tr.shape < SHAPES; tr.shape++) {
		tr.offloads = p->f->gso_type ? offloads_whole(p, &tr) : p->f->tun_flags;
		proof_local(p, &tr, vxlan);
		proof_forward(p, &tr);
		proof_unrequested(p, &tr);
	}
}

/* All kinds of traffic that verify the feature, with all its families. */
static void proof_kinds(struct proof *p, uint8_t outer, bool vxlan)
{
	static const uint8_t families[] = { 4, 6 };
	size_t i, n;

	for (i = 0; i < ARRAY_LENGTH(trial_kinds); i++) {
		const struct trial_kind *kind = &trial_kinds[i];

		if (kind->proves != p->f->gso_type)
			continue;
		for (n = 0; n < ARRAY_LENGTH(families); n++)
			if (outer ? row_native(p->b, offload_row(p->f->direction, kind->gso[n],
								 families[n]))
				  : p->f->families & family_bit(families[n]))
				proof_kind(p, kind, families[n], outer, vxlan);
	}
}

static void proof_tunnel(struct proof *p, uint8_t outer)
{
	struct tunnel tunnel = {
		.ip.family = outer, .vni = TESTBED_VNI,
		.csum = p->f->tun_flags & TUN_F_UDP_TUNNEL_GSO_CSUM,
	};
	bool vxlan = !p->t->no_vxlan[0] && (outer == 4 || !p->t->no_v6[0]);

	if (vxlan && testbed_make_vxlan(p->t, &tunnel)) {
		text_set(p->t->no_vxlan, sizeof(p->t->no_vxlan), "cannot create a vxlan device");
		vxlan = false;
	}
	proof_kinds(p, outer, vxlan);
	if (vxlan)
		testbed_drop_vxlan(p->t);
}

static void proof_conclude(struct proof *p, struct caps_backend *b)
{
	if (p->verified == TAPCOMPAT_FAILED)
		caps_verdict(b, p->f, p->verified, "accepted, but %s", p->detail);
	else if (p->verified == TAPCOMPAT_INEFFECTIVE)
		caps_verdict(b, p->f, p->verified, "%s", p->detail);
	else if (p->forwarded)
		caps_verdict(b, p->f, p->verified, "%s%s%s", p->not_local,
			     p->not_local[0] && p->not_forwarded[0] ? "; " : "",
			     p->not_forwarded);
	else
		caps_verdict(b, p->f, TAPCOMPAT_UNTESTED, "%s",
			     p->not_forwarded[0] ? p->not_forwarded :
			     "no test traffic matches the host's other features");
}

void verify_offload(struct testbed *t, struct caps_backend *b,
		    const struct tapcompat_feature *f, const struct caps_backend *taps)
{
	struct proof p = { .t = t, .f = f, .b = b, .taps = taps };

	if (f->gso_type == GSO_TUNNEL) {
		proof_tunnel(&p, 4);
		proof_tunnel(&p, 6);
	} else {
		proof_kinds(&p, 0, false);
	}
	proof_conclude(&p, b);
}

enum verdict verify_plain(struct testbed *t, unsigned int header, char *why, size_t size)
{
	unsigned int i;

	/* Both paths, both directions, both families. */
	for (i = 0; i < 8; i++) {
		enum verdict verdict;
		struct trial tr = {
			.t = t, .kind = &trial_kinds[0], .header = header, .complete_csum = true,
			.path = i & 1 ? NETWORK_FORWARDED : NETWORK_LOCAL,
			.guest_sends = i & 2, .family = i & 4 ? 6 : 4,
		};

		if ((tr.path == NETWORK_FORWARDED && t->no_forward[0]) ||
		    (tr.family == 6 && t->no_v6[0]))
			continue;
		verdict = trial_run(&tr);
		if (verdict == VERDICT_WHOLE)
			continue;
		trial_describe(&tr, why, size);
		/* Forbidden IPv6 sockets count as no IPv6. */
		if (verdict != VERDICT_UNTESTED || tr.family == 4 || tr.path != NETWORK_LOCAL)
			return verdict;
		text_set(t->no_v6, sizeof(t->no_v6), "%s", tr.judge.why);
	}
	return VERDICT_WHOLE;
}
