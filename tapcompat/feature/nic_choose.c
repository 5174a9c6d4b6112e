// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nic_choose.c - one of the network cards of a machine
 */
#include "nic_choose.h"

#include <stdlib.h>
#include <string.h>

#include "ground/text.h"

static bool is_chosen(const struct nic_card *card, unsigned int number, const char *which)
{
	struct nic address = { .known = 0 };
	char *end;
	unsigned long n = strtoul(which, &end, 10);

	if (card->id[0] && !strcmp(card->id, which))
		return true;
	if (which[0] && !*end)
		return n == number;
	return nic_read(&address, NIC_MAC, which) && nic_knows(&card->nic, NIC_MAC) &&
	       card->nic.value[NIC_MAC] == address.value[NIC_MAC];
}

/* "net0 (52:54:00:00:00:01), 2 (52:54:00:00:00:02)" */
static void list_cards(const struct nic_card *cards, unsigned int n, char *text, size_t size)
{
	char mac[NIC_VALUE];
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < n; i++) {
		text_add(text, size, "%s", i ? ", " : "");
		if (cards[i].id[0])
			text_add(text, size, "%s", cards[i].id);
		else
			text_add(text, size, "%u", i + 1);
		if (nic_knows(&cards[i].nic, NIC_MAC))
			text_add(text, size, " (%s)",
				 nic_value_text(NIC_MAC, cards[i].nic.value[NIC_MAC], mac,
						sizeof(mac)));
	}
}

const struct nic_card *nic_choose(const struct nic_card *cards, unsigned int n,
				  const char *which, struct tapcompat_error *error)
{
	char list[256], safe[64];
	unsigned int i;

	for (i = 0; which && i < n; i++)
		if (is_chosen(&cards[i], i + 1, which))
			return &cards[i];
	if (!which && n == 1)
		return cards;
	if (!error)
		return NULL;
	list_cards(cards, n, list, sizeof(list));
	if (!n)
		text_set(error->text, sizeof(error->text), "it has no virtio network card");
	else if (which)
		text_set(error->text, sizeof(error->text), "it has no virtio network card '%s', "
			 "but %s", text_escape(safe, sizeof(safe), which), list);
	else
		text_set(error->text, sizeof(error->text), "it has several virtio network cards: "
			 "choose one of %s", list);
	return NULL;
}
