// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * evidence.c - evidence that comes as text: records, and bit strings of guests
 */
#include "evidence.h"

#include <errno.h>
#include <string.h>

#include "explain/number.h"
#include "ground/text.h"
#include "record/vm.h"
#include "table/feature.h"

#define BIT_MAC 5	/* QEMU's virtio-net always has it */
#define BIT_VERSION_1 32
#define BIT_STATUS 16

static void fault(struct tapcompat_error *error, const char *name, const char *what)
{
	char safe[160];

	if (error)
		text_set(error->text, sizeof(error->text), "%s: %s",
			 text_escape(safe, sizeof(safe), name), what);
}

/* ---- Records ---- */

static enum audit_link link_of(enum tapcompat_backend_type type)
{
	return type == TAPCOMPAT_TAP ? AUDIT_LINK_TAP :
	       type == TAPCOMPAT_VHOST_NET ? AUDIT_LINK_VHOST :
	       type == TAPCOMPAT_MACVTAP ? AUDIT_LINK_MACVTAP : AUDIT_LINK_OTHER;
}

/* What is beyond its features is not certain unless the record is strict. */
static int record_apply(struct audit_machine *m, const struct tapcompat_vm *vm, const char *name)
{
	struct tapcompat_mask not_held = mask_minus(features_all(), vm->effective);
	struct audit_card *card;
	unsigned int i;

	if (!m->cards) {
		card = audit_card(m);
		if (!card)
			return -ENOMEM;
		card->virtio = true;
		card->link = link_of(vm->backend);
	}
	for (i = 0; i < m->cards; i++)
		if (m->card[i].virtio)
			audit_evidence(&m->card[i], AUDIT_RECORD, vm->effective,
				       vm->strict ? not_held : MASK_NONE,
				       vm->strict ? name : "not strict");
	text_escape(m->record, sizeof(m->record), name);
	return 0;
}

int evidence_record(struct audit_machine *m, const char *text, size_t len, const char *name,
		    struct tapcompat_error *error)
{
	struct tapcompat_vm *vm;
	int ret = tapcompat_vm_parse(text, len, name, &vm, error);

	if (ret)
		return ret;
	if (vm->unknown[0]) {
		fault(error, name, "it has items that this tapcompat does not know: use a newer "
		      "one");
		ret = -EINVAL;
	} else {
		ret = record_apply(m, vm, name);
	}
	tapcompat_vm_free(vm);
	return ret;
}

/* ---- A guest's bit strings ---- */

/* The next word of 64 or 128 binary digits.  Return: its end, or NULL */
static const char *bits_next(const char *p, const char **begin, size_t *n)
{
	while (*p) {
		size_t run = strspn(p, "01");

		if (run == 64 || run == 128) {
			*begin = p;
			*n = run;
			return p + run;
		}
		p += run ? run : 1;
	}
	return NULL;
}

/* Other virtio devices have neither of the two together. */
static bool is_network(const struct tapcompat_mask *bits)
{
	return tapcompat_mask_test(bits, BIT_MAC) && tapcompat_mask_test(bits, BIT_STATUS);
}

/* Linux prints as many digits as it can negotiate bits: none above the last is held. */
static void guest_take(struct audit_card *card, struct tapcompat_mask bits, const char *name)
{
	audit_evidence(card, AUDIT_GUEST, bits, mask_minus(MASK_ALL, bits), name);
}

static struct audit_card *card_next(struct audit_machine *m, unsigned int *at, bool may_add)
{
	struct audit_card *card;

	while (*at < m->cards && !m->card[*at].virtio)
		++*at;
	if (*at < m->cards)
		return &m->card[(*at)++];
	card = may_add ? audit_card(m) : NULL;
	if (card)
		card->virtio = true;
	*at = m->cards;
	return card;
}

static int guest_fault(struct tapcompat_error *error, const char *name, unsigned int strings,
		       unsigned int networks)
{
	if (networks)
		return 0;
	fault(error, name, strings ?
	      "none of its bit strings is a network card's: cat the file features of the "
	      "card's own directory below /sys/bus/virtio/devices, with its driver loaded" :
	      "there is no bit string, 64 digits of 0 and 1 as in "
	      "/sys/bus/virtio/devices/*/features");
	return -EINVAL;
}

int audit_guest_text(struct audit_machine *m, const char *text, const char *name,
		     struct tapcompat_error *error)
{
	unsigned int at = 0, strings = 0, networks = 0;
	bool none = !m->cards;
	const char *begin;
	size_t n;

	while ((text = bits_next(text, &begin, &n))) {
		struct tapcompat_mask bits = number_bits(begin, n);
		struct audit_card *card;

		strings++;
		if (!is_network(&bits))
			continue;
		networks++;
		card = card_next(m, &at, none);
		if (!card) {
			fault(error, name, none ? "out of memory, or too many cards" :
			      "it has more network cards than the machine");
			return none && m->cards < AUDIT_CARDS ? -ENOMEM : -EINVAL;
		}
		guest_take(card, bits, name);
	}
	/* Which string is whose would be a guess. */
	if (networks && !none && networks != at)
		networks = 0;
	return guest_fault(error, name, strings, networks);
}
