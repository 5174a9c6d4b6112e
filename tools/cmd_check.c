// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_check.c - tapcompat check
 */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"Usage: tapcompat check --require=LIST | --model=NAME [OPTION...]\n\n"
	"Are the features there that a guest must have?  Each one that is missing is\n"
	"named, with what lacks it and every way out.\n\n"
	"  --require=LIST        features, separated by commas; may be given again\n"
	"  --model=NAME          those of a model, such as tapnet-v1\n"
	"  --backend=NAME        that is to give them: tap (the default), macvtap, vhost-net\n"
	"                        (a tap with vhost=on), vhost-vdpa, ebpf-rss\n"
	"  --allow-emulated      count what tapcompat's shim can carry\n"
	"  --caps=FILE           judge a document of tapcompat probe -j instead of this host\n"
	"  --no-verify           believe this host's kernel, send no frames\n"
	"  --load-modules        load the kernel modules that are missing\n"
	OUTPUT_HELP
	"\nExit status: 0 all there; 1 missing; 2 usage, or a bad document; 3 could not find\n"
	"out; 4 there by the kernel's word, and its frames come out wrong.\n";

struct request {
	struct output out;
	struct tapcompat_probe_options probe;
	struct tapcompat_mask require;
	const char *model, *caps;
	bool required;
	int backend;
	unsigned int flags;
};

enum { REQUIRE = 256, MODEL, BACKEND, ALLOW_EMULATED, CAPS, NO_VERIFY, LOAD_MODULES };

static const struct option longs[] = {
	{ "require", required_argument, NULL, REQUIRE },
	{ "model", required_argument, NULL, MODEL },
	{ "backend", required_argument, NULL, BACKEND },
	{ "allow-emulated", no_argument, NULL, ALLOW_EMULATED },
	{ "caps", required_argument, NULL, CAPS },
	{ "no-verify", no_argument, NULL, NO_VERIFY },
	{ "load-modules", no_argument, NULL, LOAD_MODULES },
	OUTPUT_LONG,
	{ NULL, 0, NULL, 0 },
};

static int option_require(struct request *r, const char *list)
{
	struct tapcompat_error error;
	struct tapcompat_mask more;

	if (tapcompat_require_parse(list, &more, &error))
		return fail(&r->out, EXIT_USAGE, "check: --require: %s", error.text);
	r->require.word[0] |= more.word[0];
	r->require.word[1] |= more.word[1];
	r->required = true;
	return EXIT_YES;
}

static int option_model(struct request *r, const char *name)
{
	const struct tapcompat_model *m = tapcompat_model_find(name);
	char known[128] = "";
	unsigned int i;

	if (m) {
		r->model = m->name;
		r->require = tapcompat_model_features(m);
		return EXIT_YES;
	}
	for (i = 0; (m = tapcompat_model_at(i)); i++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 i ? ", " : "", m->name);
	return fail(&r->out, EXIT_USAGE, "check: there is no model '%s': it is one of %s", name,
		    known);
}

static int option(struct request *r, int c, char **argv)
{
	switch (c) {
	case REQUIRE:
		return option_require(r, optarg);
	case MODEL:
		return option_model(r, optarg);
	case BACKEND:
		r->backend = backend_option(&r->out, "check", optarg);
		return r->backend < 0 ? EXIT_USAGE : EXIT_YES;
	case ALLOW_EMULATED:
		r->flags |= TAPCOMPAT_CHECK_ALLOW_EMULATED;
		return EXIT_YES;
	case CAPS:
		r->caps = optarg;
		return EXIT_YES;
	case NO_VERIFY:
		r->probe.flags |= TAPCOMPAT_PROBE_NO_VERIFY;
		return EXIT_YES;
	case LOAD_MODULES:
		r->probe.flags |= TAPCOMPAT_PROBE_LOAD_MODULES;
		return EXIT_YES;
	default:
		return option_error(&r->out, "check", c, argv, longs);
	}
}

/* What the options say together. */
static int options_agree(const struct request *r)
{
	struct tapcompat_error error;

	if (!r->required && !r->model)
		return fail(&r->out, EXIT_USAGE,
			    "check: nothing is required: give --require=LIST or --model=NAME");
	if (r->required && r->model)
		return fail(&r->out, EXIT_USAGE, "check: --require and --model exclude each other");
	if (r->caps && r->probe.flags)
		return fail(&r->out, EXIT_USAGE,
			    "check: --no-verify and --load-modules are about this host, and "
			    "--caps is about another");
	if (tapcompat_require_check(&r->require, &error))
		return fail(&r->out, EXIT_USAGE, "check: %s", error.text);
	return EXIT_YES;
}

static int options(struct request *r, int argc, char **argv)
{
	int c, ret;

	optind = 0;
	while ((c = getopt_long(argc, argv, OUTPUT_SHORT, longs, NULL)) != -1) {
		if (output_option(&r->out, c))
			continue;
		ret = option(r, c, argv);
		if (ret)
			return ret;
	}
	if (optind < argc)
		return fail(&r->out, EXIT_USAGE,
			    "check takes no argument '%s': try tapcompat check --help",
			    argv[optind]);
	return r->out.help ? EXIT_YES : options_agree(r);
}

/* On failure, @code is what to end with; it has been said why. */
static struct tapcompat_caps *caps_of(const struct request *r, int *code)
{
	struct tapcompat_probe_options o = r->probe;
	struct tapcompat_caps *caps;
	struct tapcompat_error error;
	int ret;

	*code = EXIT_UNDECIDED;
	o.backends = 1u << TAPCOMPAT_TAP | 1u << r->backend;
	if (!r->caps)
		return host_probe(&r->out, o);
	ret = tapcompat_caps_load(r->caps, &caps, &error);
	if (!ret)
		return caps;
	*code = ret == -ENOMEM ? EXIT_UNDECIDED : EXIT_USAGE;
	fail(&r->out, *code, "%s", error.text);
	return NULL;
}

/* For stderr: all that is missing, in one line. */
static void complain_missing(const struct request *r, const struct tapcompat_check *check)
{
	const struct tapcompat_finding *f;
	char names[512] = "";
	unsigned int i;

	for (i = 0; (f = tapcompat_check_at(check, i)); i++)
		if (f->verdict == TAPCOMPAT_FAIL)
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
				 *names ? ", " : "", f->feature->name);
	if (*names)
		complain("%s: not to be had: %s",
			 tapcompat_backend_name((enum tapcompat_backend_type)r->backend), names);
}

static int answer(const struct request *r, const struct tapcompat_caps *caps)
{
	struct tapcompat_check *check =
		tapcompat_check(caps, (enum tapcompat_backend_type)r->backend, r->require,
				r->flags);
	int ret;

	if (!check)
		return fail(&r->out, EXIT_UNDECIDED, "out of memory");
	ret = tapcompat_check_exit(check);
	if (!r->out.json)
		tapcompat_check_print(check, stdout, table_flags(&r->out));
	else if (output_json(&r->out, tapcompat_check_json(check, json_flags(&r->out))))
		ret = EXIT_UNDECIDED;
	complain_missing(r, check);
	tapcompat_check_free(check);
	return ret;
}

int cmd_check(struct output out, int argc, char **argv)
{
	struct request r = { .out = out, .backend = TAPCOMPAT_TAP };
	int ret = options(&r, argc, argv);
	struct tapcompat_caps *caps;

	if (ret)
		return ret;
	if (r.out.help) {
		fputs(help, stdout);
		return EXIT_YES;
	}
	caps = caps_of(&r, &ret);
	if (!caps)
		return ret;
	ret = answer(&r, caps);
	tapcompat_caps_free(caps);
	return ret;
}
