// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain_nic.c - the network card of a libvirt interface, beside its features
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tapcompat_nic.h>

#include "domain_xml.h"
#include "feature/nic_choose.h"
#include "ground/text.h"

/* "mtu/size" is attribute size of <mtu>. */
void domain_nic(struct walk *w, struct nic *nic, const xmlNode *interface)
{
	char element[16], value[32];
	unsigned int i;

	for (i = 0; i < NIC_PROPERTIES; i++) {
		const char *where = nic_table[i].libvirt, *slash = strchr(where, '/');

		if (!slash)
			continue;
		text_set(element, sizeof(element), "%.*s", (int)(slash - where), where);
		attribute_of(w, element_child(interface, element), slash + 1, value, sizeof(value));
		if (value[0])
			nic_read(nic, i, value);
	}
}

void domain_nic_complete(struct domain_interface *i, const struct nic *globals,
			 const char *machine)
{
	/* A netdev that was not found may have any number of queues. */
	bool pairs = !i->argument || i->link != DOMAIN_EITHER, vectors;
	struct nic *nic = &i->nic;
	unsigned int p;

	for (p = 0; p < NIC_PROPERTIES; p++)
		if (!nic_knows(nic, p) && nic_knows(globals, p))
			nic_set(nic, p, globals->value[p]);
	vectors = nic_knows(nic, NIC_VECTORS);
	/* libvirt sets the vectors itself if there are several queues. */
	if (!i->argument && !vectors && nic_knows(nic, NIC_QUEUE_PAIRS) &&
	    nic->value[NIC_QUEUE_PAIRS] > 1)
		nic_set(nic, NIC_VECTORS, nic_vectors(nic->value[NIC_QUEUE_PAIRS]));
	nic_complete(nic, machine);
	if (!pairs)
		nic->known &= ~(1u << NIC_QUEUE_PAIRS);
	if (!pairs && !vectors)
		nic->known &= ~(1u << NIC_VECTORS);
}

/* Its virtio interfaces. */
static struct nic_card *cards_of(const struct domain *d, unsigned int *n)
{
	struct nic_card *cards = calloc(d->interfaces + 1, sizeof(*cards));
	unsigned int i;

	*n = 0;
	for (i = 0; cards && i < d->interfaces; i++) {
		if (d->interface[i].link == DOMAIN_NOT_VIRTIO)
			continue;
		text_set(cards[*n].id, sizeof(cards[*n].id), "%s", d->interface[i].alias);
		cards[(*n)++].nic = d->interface[i].nic;
	}
	return cards;
}

int tapcompat_nic_of_domain(const char *xml, size_t len, const char *which, char *text,
			    size_t size, struct tapcompat_error *error)
{
	const struct nic_card *card = NULL;
	struct nic_card *cards = NULL;
	struct domain d;
	unsigned int n;
	int ret = domain_parse_all(&d, xml, len, error);

	if (!ret) {
		cards = cards_of(&d, &n);
		ret = cards ? -ENODEV : -ENOMEM;
	}
	if (cards)
		card = nic_choose(cards, n, which, error);
	if (card) {
		nic_list(&card->nic, text, size);
		ret = 0;
	}
	free(cards);
	domain_free(&d);
	return ret;
}
