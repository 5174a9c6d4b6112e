// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * explain.c - what masks and messages mean
 *
 * A migration is refused where the guest holds what the destination's device does not
 * have.  Either the destination's kernel has it and QEMU has it off, and then flags
 * help; or the kernel lacks it, and then nothing does while the guest runs.  Without a
 * document of the destination both are said.
 */
#include "explain.h"

#include <stdlib.h>
#include <string.h>

#include "feature/provided.h"
#include "ground/bytes.h"
#include "ground/extensible.h"
#include "ground/text.h"
#include "table/bit.h"

static const char *const kind_names[] = {
	[EXPLAIN_DECODED] = "decoded",
	[EXPLAIN_REFUSED] = "refused",
	[EXPLAIN_CUT_DOWN] = "cut-down",
	[EXPLAIN_BACKEND] = "backend",
	[EXPLAIN_WORDS] = "message",
	[EXPLAIN_PROPERTY] = "property",
	[EXPLAIN_OTHER] = "other-device",
	[EXPLAIN_UNREADABLE] = "unreadable",
};

const char *explain_kind_name(enum explain_kind kind)
{
	return kind_names[kind];
}

const char *explain_spec(const struct tapcompat_explanation *e, unsigned int bit)
{
	if (e->finding.kind == EXPLAIN_OTHER)
		return device_bit(e->finding.device, bit);
	return bit_spec_in(bit, e->finding.kind == EXPLAIN_BACKEND ? BIT_OF_BACKEND :
								    BIT_OF_DEVICE);
}

const char *explain_option(const struct tapcompat_explanation *e, unsigned int bit)
{
	const struct bit *other = bit_other(bit);

	/* What means another thing there has another option, if any. */
	if (!other || e->finding.kind == EXPLAIN_OTHER || explain_spec(e, bit) != other->spec)
		return "";
	return other->has;
}

#define MAC 5
#define NET_FIRST 15	/* mrg_rxbuf to ctrl_mac_addr: no other device has bits there */
#define NET_LAST 23

/* Of which device may a mask be that nothing is said of? */
static bool net_plausible(struct tapcompat_mask mask)
{
	unsigned int bit;

	for (bit = NET_FIRST; bit <= NET_LAST; bit++)
		if (tapcompat_mask_test(&mask, bit))
			return tapcompat_mask_test(&mask, MAC);
	return false;
}

static const char no_mac[] =
	"the allowed features do not include the MAC address (bit 5), which QEMU's virtio-net "
	"always offers: the mask belongs to another device, such as a disk, or it is truncated";
static const char no_net[] =
	"of a network card's features only the MAC address is allowed, and other devices use that "
	"bit too: it is unknown which device the mask belongs to";
static const char cut_net[] =
	"the allowed features do not include the MAC address (bit 5), which QEMU's virtio-net "
	"always offers: the mask is truncated";

void finding_refused(struct finding *f, struct tapcompat_mask acked,
		     struct tapcompat_mask allowed)
{
	f->acked = acked;
	f->allowed = allowed;
	f->missing = mask_minus(acked, allowed);
	f->has_acked = f->has_allowed = true;
	f->kind = mask_empty(&f->missing) ? EXPLAIN_CUT_DOWN : EXPLAIN_REFUSED;
	if (f->device && !device_is_net(f->device)) {
		f->kind = EXPLAIN_OTHER;
	} else if (!tapcompat_mask_test(&allowed, MAC)) {
		f->kind = EXPLAIN_UNREADABLE;
		f->why = f->device ? cut_net : no_mac;
		f->cut = f->device != NULL;
	} else if (!f->device && !net_plausible(allowed)) {
		f->kind = EXPLAIN_UNREADABLE;
		f->why = no_net;
	}
}

/* ---- In words ---- */

/* Who is behind a feature, by what is known of the destination. */
static void who(const struct tapcompat_feature *f, const struct situation *s, char *text,
		size_t size)
{
	const struct offer_property *p = s->offer ? &s->offer->property[feature_index(f)] : NULL;

	if (p && !p->exists)
		text_set(text, size, "QEMU %s, which lacks the property (before %s)",
			 s->offer->qemu, f->qemu);
	else if (p && !p->on)
		text_set(text, size, "%s of QEMU %s, which disables it", s->offer->machine,
			 s->offer->qemu);
	else if (s->host)
		who_there(f, s->host, text, size);
	else
		who_offline(f, text, size);
}

static void explain_rows(struct tapcompat_explanation *e, struct tapcompat_mask mask,
			 const struct situation *s)
{
	unsigned int bit;

	e->row = calloc(128, sizeof(*e->row));
	if (!e->row) {
		e->failed = true;
		return;
	}
	for (bit = 0; bit < 128; bit++) {
		const struct tapcompat_feature *f = feature_of_bit(bit);
		struct explain_row *row = &e->row[e->rows];

		if (!tapcompat_mask_test(&mask, bit))
			continue;
		row->bit = bit;
		e->rows++;
		if (f && e->finding.kind != EXPLAIN_OTHER)
			who(f, s, row->layer, sizeof(row->layer));
	}
}

/* Many may be kept: none takes more than it needs. */
static void trim_rows(struct tapcompat_explanation *e)
{
	struct explain_row *row = realloc(e->row, (e->rows ? e->rows : 1) * sizeof(*row));

	if (row)
		e->row = row;
}

static void says(struct tapcompat_explanation *e, const char *text)
{
	text_set(e->says, sizeof(e->says), "%s", text);
}

static void of_decoded(struct tapcompat_explanation *e, const struct situation *s)
{
	e->sure = true;
	explain_rows(e, e->finding.acked, s);
}

static void of_refused(struct tapcompat_explanation *e, const struct situation *s)
{
	says(e, "the guest has acked features that the destination's device does not offer");
	e->sure = true;
	explain_rows(e, e->finding.missing, s);
	cure_missing(e, s, e->finding.missing);
}

/* Why the candidates are not allowed, most likely first. */
enum suspicion { BY_DEFAULT, OFF_THERE, ASKED_FOR };

static const char by_default[] = "at least one of the following, which QEMU enables by default";
static const char off_there[] =
	"at least one of the following, which QEMU enables by default and the destination's kernel "
	"supports, so the destination's QEMU, its machine type or its options disable it";
static const char asked_for[] =
	"none that QEMU enables by default, so one that was enabled by an option of the source's "
	"card";

static const char *const suspicions[] = {
	[BY_DEFAULT] = by_default,
	[OFF_THERE] = off_there,
	[ASKED_FOR] = asked_for,
};

/* What the guest may hold of what is not allowed. */
static struct tapcompat_mask candidates(const struct finding *f, const struct situation *s,
					enum suspicion *why)
{
	struct tapcompat_mask here = mask_minus(who_has_on(s), f->allowed), lacks = here;

	if (s->host)
		lacks = mask_minus(here, mask_and(who_provides(s->host).accepted,
						  features_all()));
	*why = !mask_empty(&lacks) ? BY_DEFAULT : !mask_empty(&here) ? OFF_THERE : ASKED_FOR;
	if (*why == ASKED_FOR)
		return mask_minus(bits_by_option(), f->allowed);
	return *why == BY_DEFAULT ? lacks : here;
}

static void of_cut_down(struct tapcompat_explanation *e, const struct situation *s)
{
	enum suspicion why;
	struct tapcompat_mask here = candidates(&e->finding, s, &why);

	text_set(e->says, sizeof(e->says),
		 "QEMU 10.2 and later omit the missing features from the first mask, so they are "
		 "not in the message; what is missing is %s", suspicions[why]);
	explain_rows(e, here, s);
	e->sure = e->rows == 1;
	if (s->host && why == BY_DEFAULT && !e->sure)
		explain_cure(e, "%s lacks these: the guest has acked at least one of them, or the "
			     "machine type or options differ", s->host->host);
	if (why == ASKED_FOR && !e->sure)
		cure_options(e, here);
	else
		cure_candidates(e, s, here);
}

static void of_backend(struct tapcompat_explanation *e, const struct situation *s)
{
	struct tapcompat_mask guests = e->finding.missing;
	unsigned int bit;

	says(e, "the backend lacks features that the guest has acked: a vhost-user backend was "
		"restarted with fewer features, or vhost-net supports fewer here");
	e->sure = true;
	explain_rows(e, e->finding.missing, s);
	explain_cure(e, "restart the backend with all features that it offered before: they must "
		     "not be reduced while a machine is running");
	for (bit = 0; bit < 128; bit++)
		if (bit_spec_in(bit, BIT_OF_BACKEND) != bit_spec(bit))
			mask_clear(&guests, bit);
	cure_missing(e, s, guests);
}

static void of_words(struct tapcompat_explanation *e, const struct situation *s)
{
	const struct message *m = e->finding.message;
	const struct message_error *error = e->finding.error;
	bool libvirt = s->manager == MANAGER_LIBVIRT || s->manager == MANAGER_NOVA ||
		       s->manager == MANAGER_KUBEVIRT;

	says(e, m->says);
	e->sure = true;
	if (error)
		text_add(e->says, sizeof(e->says), "; %s: %s", error->name, error->says);
	if (m->shape == SHAPE_DEVICE && !e->finding.device)
		text_add(e->says, sizeof(e->says), "; the log does not name the card: if it is not "
			 "virtio-net, this does not apply");
	if (error && error->cure[0])
		explain_cure(e, "%s", error->cure);
	if (m->cure[0] && !(error && error->cure[0]))
		explain_cure(e, "%s", libvirt && m->libvirt[0] ? m->libvirt : m->cure);
	if (m->more[0])
		explain_cure(e, "%s", m->more);
	if (!e->cures && m->shape != SHAPE_UFO)
		explain_cure(e, "see what the host provides, as root: tapcompat probe");
	if (m->shape != SHAPE_UFO)
		return;
	explain_rows(e, e->finding.missing, s);
	explain_cure(e, "a destination whose tap has it takes the machine: any kernel but "
		     "Linux 3.18 and Linux 4.14, without a filter; tapcompat run emulates it for "
		     "QEMU's tap");
	explain_cure(e, "otherwise cold restart needed, on a host whose tap refuses large UDP, "
		     "whatever the options of the card: hosts without it accept the machine then");
}

static void of_property(struct tapcompat_explanation *e, const struct situation *s)
{
	const struct tapcompat_feature *f = tapcompat_feature_find(e->finding.property);

	e->sure = f && !strcmp(f->name, e->finding.property);
	if (!e->sure) {
		says(e, "this QEMU's virtio-net device has no such property");
		explain_cure(e, "see what it has: -device virtio-net-pci,help");
		return;
	}
	explain_rows(e, e->finding.missing, s);
	text_set(e->says, sizeof(e->says), "this QEMU has no such property: %s came with QEMU %s",
		 f->name, f->qemu);
	explain_cure(e, "start it without %s=: this QEMU never has the feature", f->name);
	explain_cure(e, "a machine that has acked it needs QEMU %s or later", f->qemu);
	explain_cure(e, "for options that all QEMUs of a set of hosts accept: tapcompat baseline "
		     "--qemu-version=X.Y");
}

static void of_other(struct tapcompat_explanation *e, const struct situation *s)
{
	const struct device *d = e->finding.device;

	text_set(e->says, sizeof(e->says), "this is about %s (%s), not about a network card: no "
		 "network feature is the cause", d->about, d->name);
	explain_rows(e, e->finding.missing, s);
	explain_cure(e, "compare the options of this device, its backend and the machine type on "
		     "both sides");
}

static void of_unreadable(struct tapcompat_explanation *e, const struct situation *s)
{
	(void)s;
	says(e, e->finding.why);
	if (e->finding.cut)
		explain_cure(e, "give the whole line: from journalctl --no-pager -l, not from "
			     "systemctl status; or from QEMU's own log, of which libvirt quotes "
			     "at most 1024 bytes");
	else
		explain_cure(e, "give the lines around it from QEMU's own log, too: the next one "
			     "names the device, as in \"Failed to load virtio-net:virtio\" or "
			     "\"of device '.../virtio-net'\"");
}

static void (*const builders[])(struct tapcompat_explanation *e, const struct situation *s) = {
	[EXPLAIN_DECODED] = of_decoded,
	[EXPLAIN_REFUSED] = of_refused,
	[EXPLAIN_CUT_DOWN] = of_cut_down,
	[EXPLAIN_BACKEND] = of_backend,
	[EXPLAIN_WORDS] = of_words,
	[EXPLAIN_PROPERTY] = of_property,
	[EXPLAIN_OTHER] = of_other,
	[EXPLAIN_UNREADABLE] = of_unreadable,
};

int explain_options_take(struct tapcompat_explain_options *to,
			 const struct tapcompat_explain_options *from)
{
	memset(to, 0, sizeof(*to));
	return from ? struct_copy(to, sizeof(*to),
				  STRUCT_END(struct tapcompat_explain_options, arg), from,
				  from->size) : 0;
}

/* What the caller knows counts, and else what the log said. */
static struct situation situation_of(const struct finding *f,
				     const struct tapcompat_explain_options *o)
{
	struct situation s = { .qemu = f->origin.qemu, .machine = f->origin.type,
			       .name = f->origin.machine };

	s.manager = f->origin.manager;
	if (o->qemu)
		s.qemu = o->qemu;
	if (o->machine)
		s.machine = o->machine;
	s.host = o->host;
	s.offer = o->offer;
	if (s.offer) {
		s.qemu = s.offer->qemu;
		s.machine = s.offer->machine;
	}
	return s;
}

struct tapcompat_explanation *explanation_of(const struct finding *f,
					     const struct tapcompat_explain_options *options)
{
	struct tapcompat_explanation *e = calloc(1, sizeof(*e));
	struct situation s = situation_of(f, options);

	if (!e)
		return NULL;
	e->finding = *f;
	builders[f->kind](e, &s);
	trim_rows(e);
	if (!e->failed)
		return e;
	tapcompat_explanation_free(e);
	return NULL;
}

struct tapcompat_explanation *
tapcompat_explain_masks(const struct tapcompat_mask *acked, const struct tapcompat_mask *allowed,
			const struct tapcompat_explain_options *options)
{
	struct finding f = { .kind = EXPLAIN_DECODED, .count = 1 };
	struct tapcompat_explain_options o;

	if (explain_options_take(&o, options))
		return NULL;
	if (allowed) {
		finding_refused(&f, *acked, *allowed);
	} else {
		f.acked = *acked;
		f.has_acked = true;
	}
	return explanation_of(&f, &o);
}

int tapcompat_explanation_informs(const struct tapcompat_explanation *explanation)
{
	return finding_informs(&explanation->finding);
}

void tapcompat_explanation_free(struct tapcompat_explanation *explanation)
{
	unsigned int i;

	for (i = 0; explanation && i < explanation->cures; i++)
		free(explanation->cure[i]);
	if (explanation)
		free(explanation->row);
	free(explanation);
}
