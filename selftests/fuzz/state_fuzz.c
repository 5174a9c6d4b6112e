// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state_fuzz.c - whatever a state has in it: no byte out of range, no control character in
 * an answer; and whatever a guest has in its RAM and in a device's buffer: its card is
 * read as it is, or not at all
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "state/card.h"
#include "state/state.h"
#include "state_input.h"

#define IMAGE_MAGIC "LibvirtQemud"
#define IMAGE_FORMAT 28		/* offset in libvirt's header */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void broken(const char *what)
{
	fprintf(stderr, "state: %s\n", what);
	abort();
}

static void printable(const char *text, const char *what)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f)
			broken(what);
}

static void check_card(const struct state_card *c)
{
	printable(c->path, "path");
	printable(c->why, "why");
	if (c->known == (c->why[0] != '\0'))
		broken("a card that is neither known nor explained");
	if (!c->known && (c->driver || c->acked.word[0] || c->acked.word[1]))
		broken("features of a card that is not known");
}

static void check_state(const struct state *s)
{
	unsigned int i;

	printable(s->machine, "machine");
	if (s->cards > STATE_CARDS)
		broken("cards");
	for (i = 0; i < s->cards; i++)
		check_card(&s->card[i]);
}

static int read_all(const uint8_t *data, size_t size, struct state **s)
{
	struct tapcompat_error error = { "" };
	static int fd = -1;
	int ret;

	if (fd < 0)
		fd = memfd_create("state", MFD_CLOEXEC);
	if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) ||
	    write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET))
		abort();
	ret = state_read(fd, "f", NULL, s, &error);
	if (!ret == !*s || (ret && !error.text[0]))
		broken("neither a state nor an error");
	printable(error.text, "error");
	return ret;
}

static void try_state(const uint8_t *data, size_t size)
{
	uint8_t *own = malloc(size + 1);
	struct state *s;

	memcpy(own, data, size);
	/* No decompressors: they are fuzzed by others. */
	if (size > IMAGE_FORMAT + 4 && !memcmp(own, IMAGE_MAGIC, strlen(IMAGE_MAGIC)))
		memset(own + IMAGE_FORMAT, 0, 4);
	if (!read_all(own, size, &s))
		check_state(s);
	state_free(s);
	free(own);
}

static void try_card(const uint8_t *data, size_t size)
{
	struct state_card c = { .instance = 1 };
	/* From memory that ends where the section does. */
	uint8_t *own = malloc(size ? size : 1);

	memcpy(own, data, size);
	card_read(&c, own, size);
	check_card(&c);
	free(own);
}

static void try_guest(const uint8_t *data, size_t size)
{
	struct state_input in;
	struct state *s;

	input_state(&in, data, size);
	if (read_all(in.data, in.len, &s))
		return;
	if (s->cards != 1 || !s->card[0].known || s->card[0].acked.word[0] != STATE_ACKED ||
	    s->card[0].acked.word[1])
		broken("a guest has lied");
	check_state(s);
	state_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] == STATE_CARD)
		try_card(data + 1, size - 1);
	else if (size && data[0] == STATE_GUEST)
		try_guest(data + 1, size - 1);
	else
		try_state(data, size);
	return 0;
}
