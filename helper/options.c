// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options.c - what the helper was asked for
 */
#include "helper.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ground/guess.h"
#include "ground/text.h"

enum { USE_VNET = 256, FD, BR, REQUIRE, MODEL, ALLOW_EMULATED, HELP, VERSION };

static const struct option longs[] = {
	{ "use-vnet", no_argument, NULL, USE_VNET },
	{ "fd", required_argument, NULL, FD },
	{ "br", required_argument, NULL, BR },
	{ "require", required_argument, NULL, REQUIRE },
	{ "model", required_argument, NULL, MODEL },
	{ "allow-emulated", no_argument, NULL, ALLOW_EMULATED },
	{ "help", no_argument, NULL, HELP },
	{ "version", no_argument, NULL, VERSION },
	{ NULL, 0, NULL, 0 },
};

static void mask_add(struct tapcompat_mask *mask, struct tapcompat_mask more)
{
	mask->word[0] |= more.word[0];
	mask->word[1] |= more.word[1];
}

static int option_fd(struct request *r, const char *text)
{
	char *end;
	unsigned long fd;

	errno = 0;
	fd = strtoul(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || fd > INT_MAX) {
		helper_say("--fd=%s is not the number of a descriptor", text);
		return TAPCOMPAT_EXIT_USAGE;
	}
	r->fd = (int)fd;
	r->fd_given = true;
	return 0;
}

static int option_bridge(struct request *r, const char *name)
{
	r->bridge = name;
	if (bridge_name_right(name))
		return 0;
	helper_say("--br=%s: the name of a bridge has 1 to %d characters, no blank, none of "
		   "/ : %%, and does not begin with '-'", name, IFNAMSIZ - 1);
	return TAPCOMPAT_EXIT_USAGE;
}

static int option_require(struct request *r, const char *list)
{
	struct tapcompat_error error;
	struct tapcompat_mask more;

	if (tapcompat_require_parse(list, &more, &error)) {
		helper_say("--require: %s%s", error.text, strstr(list, ",,") ?
			   " (doubled commas are for QEMU's options only; use colons)" : "");
		return TAPCOMPAT_EXIT_USAGE;
	}
	mask_add(&r->require, more);
	r->required = true;
	return 0;
}

static int option_model(struct request *r, const char *name)
{
	const struct tapcompat_model *m = tapcompat_model_find(name);
	struct guess guess = GUESS(name);
	char known[128] = "", hint[GUESS_HINT];
	unsigned int i;

	if (!m) {
		for (i = 0; (m = tapcompat_model_at(i)); i++) {
			text_add(known, sizeof(known), "%s%s", i ? ", " : "", m->name);
			guess_consider(&guess, m->name);
		}
		helper_say("--model: unknown model '%s': %smust be one of %s", name,
			   guess_hint(&guess, hint), known);
		return TAPCOMPAT_EXIT_USAGE;
	}
	mask_add(&r->require, tapcompat_model_features(m));
	r->required = true;
	return 0;
}

static int option(struct request *r, int c, char **argv)
{
	switch (c) {
	case USE_VNET:
		r->vnet = true;
		return 0;
	case FD:
		return option_fd(r, optarg);
	case BR:
		return option_bridge(r, optarg);
	case REQUIRE:
		return option_require(r, optarg);
	case MODEL:
		return option_model(r, optarg);
	case ALLOW_EMULATED:
		r->flags |= TAPCOMPAT_CHECK_ALLOW_EMULATED;
		return 0;
	case HELP:
		r->help = true;
		return 0;
	case VERSION:
		r->version = true;
		return 0;
	default:
		helper_say("option '%s' %s: try --help", argv[optind - 1],
			   c == ':' ? "needs a value" : "is not known, or takes no value");
		return TAPCOMPAT_EXIT_USAGE;
	}
}

/* Do the options agree? */
static int options_agree(const struct request *r)
{
	if (!r->fd_given) {
		helper_say("--fd=N is missing: QEMU starts this program, as in "
			   "-netdev tap,id=net0,helper=/usr/local/libexec/tapcompat-helper");
		return TAPCOMPAT_EXIT_USAGE;
	}
	if (r->required && !r->vnet) {
		helper_say("a tap without a vnet header has no features: give --use-vnet");
		return TAPCOMPAT_EXIT_USAGE;
	}
	return 0;
}

int options_read(struct request *r, int argc, char **argv)
{
	int c, ret;

	memset(r, 0, sizeof(*r));
	r->bridge = "br0";
	opterr = 0;
	while (argc && (c = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		ret = option(r, c, argv);
		if (ret)
			return ret;
	}
	if (argc && optind < argc) {
		helper_say("unexpected argument '%s': try --help", argv[optind]);
		return TAPCOMPAT_EXIT_USAGE;
	}
	return r->help || r->version ? 0 : options_agree(r);
}
