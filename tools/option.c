// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * option.c - options of commands: getopt_long(3)'s table and the help, from their rows
 */
#include "cmd.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "ground/guess.h"

#define OPTIONS_MAX 32		/* of one command */
#define LONG_ONLY 256		/* above all letters: values of options that have none */

/* The rows of all groups, in the order of the help. */
struct table {
	struct {
		const struct command_option *row;
		size_t base;	/* of its group in the request */
	} entry[OPTIONS_MAX];
	struct option longs[OPTIONS_MAX + 1];
	char letters[OPTIONS_MAX + 3];
	size_t n;
};

const struct command_option output_options[] = {
	{ "json", NULL, "write JSON, errors included", OPTION_FLAG(struct output, json),
	  .letter = 'j' },
	{ "pretty", NULL, "indented JSON", OPTION_FLAG(struct output, pretty), .letter = 'p' },
	{ "quiet", NULL, "print only what needs attention", OPTION_FLAG(struct output, quiet),
	  .letter = 'q' },
	{ "help", NULL, "this text", OPTION_FLAG(struct output, help), .letter = 'h' },
	{ 0 },
};

/* ---- The table ---------------------------------------------------------- */

static int option_value(const struct command_option *row, size_t index)
{
	return row->letter ? row->letter : LONG_ONLY + (int)index;
}

static void table_add(struct table *t, const struct command_option *row, size_t base)
{
	size_t letters = strlen(t->letters);

	assert(t->n < OPTIONS_MAX);
	t->entry[t->n].row = row;
	t->entry[t->n].base = base;
	t->longs[t->n] = (struct option){
		row->name, row->argument ? required_argument : no_argument, NULL,
		option_value(row, t->n),
	};
	t->n++;
	t->letters[letters] = row->letter;
}

static void table_make(struct table *t, const struct option_group *group, bool program)
{
	const struct command_option *row;

	memset(t, 0, sizeof(*t));
	snprintf(t->letters, sizeof(t->letters), "%s", program ? "+:" : ":");
	for (; group->rows; group++)
		for (row = group->rows; row->name; row++)
			table_add(t, row, group->offset);
}

/* Where the option with a value of getopt_long(3)'s is in the table; t->n: nowhere. */
static size_t table_find(const struct table *t, int value)
{
	size_t i = 0;

	while (i < t->n && t->longs[i].val != value)
		i++;
	return i;
}

/* ---- Reading ------------------------------------------------------------ */

#define OPTION_HINT 96

/* "did you mean '--model'? Or ", or nothing. */
static const char *option_hint(const struct table *t, const char *word, char hint[OPTION_HINT])
{
	size_t length = strcspn(word, "=");
	char name[48];
	struct guess guess = GUESS(name);
	size_t i;

	hint[0] = name[0] = '\0';
	if (!strncmp(word, "--", 2) && length < sizeof(name))
		snprintf(name, sizeof(name), "%.*s", (int)length - 2, word + 2);
	for (i = 0; i < t->n; i++)
		guess_consider(&guess, t->longs[i].name);
	if (guess.best && guess.distance)
		snprintf(hint, OPTION_HINT, "did you mean '--%s'? Or ", guess.best);
	return hint;
}

/* getopt_long(3) returned ':' or '?'. */
static int option_error(const struct options *o, const struct table *t, int c, char **argv)
{
	const char *word = argv[optind - 1];
	char letter[] = { '-', (char)optopt, '\0' }, hint[OPTION_HINT];

	/* Of several letters in one word, getopt_long(3) is still in that word. */
	if (optopt && optopt < LONG_ONLY && strncmp(word, "--", 2))
		word = letter;
	return fail(o->out, EXIT_USAGE, "%s%soption '%s' %s: %stry tapcompat %s%s--help",
		    o->command ? o->command : "", o->command ? ": " : "", word,
		    c == ':' ? "needs a value" :
		    table_find(t, optopt) < t->n ? "takes no value" : "is not known",
		    option_hint(t, word, hint), o->command ? o->command : "",
		    o->command ? " " : "");
}

static int option_apply(const struct options *o, const struct table *t, size_t index)
{
	const struct command_option *row = t->entry[index].row;
	char *group = (char *)o->request + t->entry[index].base;
	const struct option_use use = {
		.out = o->out, .command = o->command, .option = row, .text = optarg,
		.member = group + row->offset,
	};
	struct output *out = o->request;
	int ret = row->set(&use);

	if (row->given)
		*(bool *)(group + row->given) = true;
	out->json |= out->pretty;
	return ret;
}

int options_parse(const struct options *o, int argc, char **argv)
{
	struct table t;
	int c, ret = EXIT_YES;

	table_make(&t, o->groups, o->program);
	opterr = 0;
	optind = 0;
	while (!ret && (c = getopt_long(argc, argv, t.letters, t.longs, NULL)) != -1)
		ret = c == ':' || c == '?' ? option_error(o, &t, c, argv) :
		      option_apply(o, &t, table_find(&t, c));
	return ret;
}

/* ---- Help --------------------------------------------------------------- */

#define HELP_COLUMN 24u
#define HELP_WIDTH 88u

/* Text in the right column, broken at blanks. */
static void help_text(const char *text)
{
	size_t column = HELP_COLUMN;

	while (*text) {
		size_t blanks = strspn(text, " "), word = strcspn(text + blanks, " ");

		if (column > HELP_COLUMN && column + blanks + word > HELP_WIDTH) {
			printf("\n%*s", (int)HELP_COLUMN, "");
			text += blanks;
			blanks = 0;
			column = HELP_COLUMN;
		}
		printf("%.*s", (int)(blanks + word), text);
		text += blanks + word;
		column += blanks + word;
	}
	putchar('\n');
}

static void help_row(const struct command_option *row)
{
	char name[96];

	snprintf(name, sizeof(name), "%s--%s%s%s", row->letter ? "-?, " : "", row->name,
		 row->argument ? "=" : "", row->argument ? row->argument : "");
	if (row->letter)
		name[1] = row->letter;
	if (strlen(name) + 4 > HELP_COLUMN)
		printf("  %s\n%*s", name, (int)HELP_COLUMN, "");
	else
		printf("  %-*s", (int)HELP_COLUMN - 2, name);
	help_text(row->help);
}

void options_help(const struct option_group *group)
{
	const struct command_option *row;

	for (; group->rows; group++)
		for (row = group->rows; row->name; row++)
			if (row->help)
				help_row(row);
}
