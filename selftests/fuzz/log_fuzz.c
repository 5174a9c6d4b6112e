// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_fuzz.c - whatever a log has in it: no byte out of range, no control character in an
 * answer, no mask of another device that is taken for a network card's
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tapcompat_fleet.h>

#include "explain/explain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void broken(const char *what)
{
	fprintf(stderr, "log: %s\n", what);
	abort();
}

static void printable(const char *text, const char *what)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f)
			broken(what);
}

/* All that an answer has from the log. */
static void check_answer(const struct tapcompat_explanation *e)
{
	const struct finding *f = &e->finding;
	const struct origin *o = &f->origin;
	unsigned int i;

	printable(f->quote, "quote");
	printable(f->property, "property");
	printable(o->time, "time");
	printable(o->host, "host");
	printable(o->machine, "machine");
	printable(o->pid, "pid");
	printable(o->program, "program");
	printable(o->card, "card");
	printable(o->qemu, "qemu");
	printable(o->type, "machine type");
	printable(f->last, "last time");
	printable(e->says, "says");
	for (i = 0; i < e->cures; i++)
		printable(e->cure[i], "cure");
	for (i = 0; i < e->rows; i++)
		printable(e->row[i].layer, "layer");
	if (!f->count || e->rows > 128)
		broken("count");
	if (f->kind == EXPLAIN_REFUSED && !(f->allowed.word[0] & 1u << 5))
		broken("a mask without MAC taken for a network card's");
}

static void take_all(struct tapcompat_explain_log *log)
{
	struct tapcompat_explanation *e;

	while (tapcompat_explain_log_take(log, 1, &e) > 0) {
		check_answer(e);
		tapcompat_explanation_free(e);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tapcompat_explain_log *log = tapcompat_explain_log_new(NULL, 0);
	/* From memory that ends where the text does. */
	char *text = malloc(size ? size : 1);

	if (!log || !text)
		abort();
	memcpy(text, data, size);
	if (tapcompat_explain_log_text(log, text, size))
		broken("a text that is not taken");
	take_all(log);
	tapcompat_explain_log_free(log);
	free(text);
	return 0;
}
