// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * look.c - what the tests' shell scripts see of a state
 *
 *	look FILE		a line for each card of a file
 *	look --ask SOCKET	of a QEMU that runs; it may be stopped
 *	look --query SOCKET	of a QEMU that runs; it may not be stopped
 *
 * A card's line: MAC, driver, 128 features as the guest's sysfs has them, and NAME=VALUE.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ground/mask.h"
#include "state/state.h"

static void print_bits(const struct tapcompat_mask *m)
{
	unsigned int bit;

	for (bit = 0; bit < 128; bit++)
		putchar(tapcompat_mask_test(m, bit) ? '1' : '0');
}

static void print_card(const struct state_card *c)
{
	unsigned int i;

	for (i = 0; i < sizeof(c->mac); i++)
		printf("%s%02x", i ? ":" : "", c->mac[i]);
	printf(" %s ", !c->known ? "unknown" : c->driver ? "driver" : "none");
	print_bits(&c->acked);
	printf(" path=%s instance=%" PRIu32 " offset=%" PRIu64 " status=%#x pairs=%u/%u "
	       "rings=%" PRIu32 "/%" PRIu32 " defaults=%" PRIu32 "/%" PRIu32 " vnet_hdr=%d ufo=%d",
	       c->path, c->instance, c->offset, c->status, c->queue_pairs, c->queue_pairs_max,
	       c->rx_ring, c->tx_ring, c->rx_ring_default, c->tx_ring_default, c->vnet_hdr, c->ufo);
	if (c->offloads_known)
		printf(" offloads=%#" PRIx64, c->offloads.word[0]);
	if (!c->known)
		printf(" why=\"%s\"", c->why);
	putchar('\n');
}

static int print_state(struct state *s)
{
	unsigned int i;

	for (i = 0; i < s->cards; i++)
		print_card(&s->card[i]);
	printf("%u cards, machine \"%s\", format %d, compression \"%s\", %" PRIu64 " bytes, "
	       "xml %zu, %s\n", s->cards, s->machine, s->format, s->compression, s->bytes,
	       s->xml ? strlen(s->xml) : 0, s->running ? "running" : "paused");
	state_free(s);
	return 0;
}

static int ask(const char *path, bool stop)
{
	const struct state_asking asking = { .path = path, .fd = -1, .stop = stop };
	struct tapcompat_error error = { "" };
	struct state_answer answer;
	struct state *s;
	int ret = state_ask(&asking, &answer, &s, &error);

	printf("QEMU %s, stopped %d, for %ld us\n", answer.version, answer.stopped,
	       answer.stopped_us);
	if (!ret)
		return print_state(s);
	printf("%d %s\n", ret, error.text);
	return 1;
}

int main(int argc, char **argv)
{
	struct tapcompat_error error = { "" };
	struct state *s;
	int ret;

	if (argc == 3)
		return ask(argv[2], !strcmp(argv[1], "--ask"));
	if (argc == 2) {
		ret = state_load(argv[1], NULL, &s, &error);
		if (!ret)
			return print_state(s);
		printf("%d %s\n", ret, error.text);
	}
	return 1;
}
