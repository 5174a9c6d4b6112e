// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * card.c - a machine's network card, and where it is described
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CARD_MAX 0x800000u	/* bytes of a domain or a command line */

const struct command_option card_options[] = {
	{ "nic", "LIST", "properties of its network card that must match in a migration, such as "
	  "host-mtu=1450,queue-pairs=4: see tapcompat-vm(5)", OPTION_TEXT(struct card, list) },
	{ "qemu-args", "ARGS", "the same, from QEMU's command line, or from one -device option; "
	  "@FILE reads it from a file, such as /proc/PID/cmdline",
	  OPTION_TEXT_FILLED(struct card, arguments) },
	{ "domain", "FILE", "the same, from the XML of a libvirt domain; - is standard input",
	  OPTION_TEXT_FILLED(struct card, domain) },
	{ "qmp", "SOCKET", "the same, from a running QEMU, by its QMP socket",
	  OPTION_TEXT_FILLED(struct card, qmp) },
	{ "interface", "NAME", "of several cards, the one with this alias or id, MAC address or "
	  "number", OPTION_TEXT_FILLED(struct card, which) },
	{ 0 },
};

bool card_given(const struct card *card)
{
	return card->list || card->arguments || card->domain || card->qmp;
}

/* NULL: errno says why. */
static char *read_all(FILE *in, size_t *len)
{
	char *text = malloc(CARD_MAX + 1);

	if (!text)
		return NULL;
	*len = fread(text, 1, CARD_MAX, in);
	text[*len] = '\0';
	if (!ferror(in))
		return text;
	free(text);
	return NULL;
}

/* A file as text. */
static char *card_file(const struct output *out, const char *path, size_t *len, int *code)
{
	bool standard = !strcmp(path, "-");
	FILE *in = standard ? stdin : fopen(path, "re");
	char *text;

	if (!in) {
		*code = fail(out, EXIT_USAGE, "%s: %s", path, strerror(errno));
		return NULL;
	}
	text = read_all(in, len);
	if (!text)
		*code = fail(out, EXIT_UNDECIDED, "%s: %s", path, strerror(errno));
	if (!standard)
		fclose(in);
	return text;
}

/* Words that end with NUL, as /proc/PID/cmdline has them, in quotes. */
static char *quote_words(const char *text, size_t len)
{
	char *quoted = malloc(4 * len + 3), *to = quoted;
	size_t i;

	if (!quoted)
		return NULL;
	*to++ = '\'';
	for (i = 0; i < len; i++) {
		if (!text[i])
			to = stpcpy(to, i + 1 < len ? "' '" : "");
		else if (text[i] == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = text[i];
	}
	*to++ = '\'';
	*to = '\0';
	return quoted;
}

/* A command line from a file. */
static char *arguments_file(const struct output *out, const char *path, int *code)
{
	size_t len;
	char *text = card_file(out, path, &len, code), *quoted;

	if (!text || strlen(text) == len)
		return text;
	quoted = quote_words(text, len);
	free(text);
	if (!quoted)
		*code = fail(out, EXIT_UNDECIDED, "out of memory");
	return quoted;
}

static int from_arguments(const struct output *out, struct card *card,
			  struct tapcompat_error *error, int *code)
{
	const char *given = card->arguments;
	char *text = NULL;
	int ret;

	if (given[0] == '@') {
		text = arguments_file(out, given + 1, code);
		if (!text)
			return 0;
		given = text;
	}
	ret = tapcompat_nic_of_arguments(given, card->which, card->text, sizeof(card->text),
					 error);
	free(text);
	return ret;
}

static int from_domain(const struct output *out, struct card *card,
		       struct tapcompat_error *error, int *code)
{
	size_t len;
	char *text = card_file(out, card->domain, &len, code);
	int ret = 0;

	if (text)
		ret = tapcompat_nic_of_domain(text, len, card->which, card->text,
					      sizeof(card->text), error);
	free(text);
	return ret;
}

static int read_card(const struct output *out, struct card *card, struct tapcompat_error *error,
		     int *code)
{
	if (card->arguments)
		return from_arguments(out, card, error, code);
	if (card->domain)
		return from_domain(out, card, error, code);
	if (card->qmp)
		return tapcompat_nic_of_qmp(card->qmp, card->which, card->text,
					    sizeof(card->text), error);
	return 0;
}

unsigned int card_queues(const char *list)
{
	unsigned int queues = 1;

	/* The last one counts. */
	while ((list = strstr(list, "queue-pairs="))) {
		list += strlen("queue-pairs=");
		queues = (unsigned int)strtoul(list, NULL, 10);
	}
	return queues;
}

int card_load(const struct output *out, const char *command, struct card *card,
	      const char *other)
{
	struct tapcompat_error error = { "" };
	int ret, code = EXIT_YES;
	size_t used;

	if (!!card->arguments + !!card->domain + !!card->qmp > 1)
		return fail(out, EXIT_USAGE, "%s: --qemu-args, --domain and --qmp exclude each "
			    "other", command);
	if (card->which && !card->arguments && !card->domain && !card->qmp)
		return fail(out, EXIT_USAGE, "%s: --interface chooses a card of --qemu-args, "
			    "--domain or --qmp", command);
	if (card->domain && other && !strcmp(card->domain, "-") && !strcmp(other, "-"))
		return fail(out, EXIT_USAGE, "%s: --domain=-: another file is read from standard "
			    "input already", command);
	ret = read_card(out, card, &error, &code);
	if (ret)
		return fail(out, ret == -EINVAL || ret == -ENODEV ? EXIT_USAGE : EXIT_UNDECIDED,
			    "%s: %s%s", command, error.text, ret == -ENODEV ?
			    ": give --interface=NAME" : "");
	/* What is listed wins over what was read. */
	used = strlen(card->text);
	if (card->list && used + strlen(card->list) + 2 > sizeof(card->text))
		return fail(out, EXIT_USAGE, "%s: --nic: the list is too long", command);
	if (!code && card->list)
		snprintf(card->text + used, sizeof(card->text) - used, "%s%s", used ? "," : "",
			 card->list);
	return code;
}
