// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_run.c - tapcompat run
 *
 * Checks the program, says what the machine will have, and becomes QEMU: the process, its
 * descriptors and signals, and the exit status are QEMU's own.
 */
#include "cmd.h"

#include <errno.h>
#include <stdlib.h>

#include "qemu/launch.h"
#include "qemu/program.h"

static const char help[] =
	"Usage: tapcompat run [OPTION...] [--] QEMU [ARGUMENT...]\n\n"
	"Start QEMU with tapcompat's shim loaded into it, which emulates the features that this\n"
	"kernel lacks: it segments in software, and runs the rings in place of vhost-net where\n"
	"that is needed.  QEMU's command line stays as it is.  QEMU is a path, or a name that is\n"
	"searched in PATH.\n\n";

static const char status[] =
	"Options end at QEMU.  With -q, what is native and what is emulated is not printed.\n\n"
	"Exit status: QEMU's own; before it has started: 2 wrong usage, or a program that the\n"
	"shim cannot be loaded into; 3 no shim was found, or the program could not be started.\n";

struct request {
	struct output out;
	struct source source;
	struct launch launch;
};

/* Where @ret is an error, say it, and end with @code. */
static int fail_if(const struct request *r, int ret, int code, const struct tapcompat_error *error)
{
	return ret ? fail(&r->out, code, "run: %s", error->text) : EXIT_YES;
}

static int option_emulate(const struct option_use *use)
{
	struct tapcompat_error error;

	return launch_emulate(use->member, use->text, &error) ?
		fail(use->out, EXIT_USAGE, "run: %s", error.text) : EXIT_YES;
}

static int option_masked(const struct option_use *use)
{
	struct tapcompat_error error;

	return launch_mask(use->member, use->text, &error) ?
		fail(use->out, EXIT_USAGE, "run: %s", error.text) : EXIT_YES;
}

static const struct command_option run_options[] = {
	{ "emulate", "auto|all|none|LIST", "auto: what QEMU asks for and the kernel lacks or "
	  "corrupts (the default); all: also what the kernel has, for tests; none; or only these "
	  "features", .set = option_emulate, .offset = offsetof(struct request, launch) },
	{ "mask", "LIST", "treat these features as if the kernel did not have them",
	  .set = option_masked, .offset = offsetof(struct request, launch) },
	{ "no-verify", NULL, "rely on this host's kernel, send no frames",
	  OPTION_BIT(struct request, source.probe.flags, TAPCOMPAT_PROBE_NO_VERIFY) },
	{ "load-modules", NULL, "load the kernel modules that are missing, for the frames",
	  OPTION_BIT(struct request, source.probe.flags, TAPCOMPAT_PROBE_LOAD_MODULES) },
	{ "caps", "FILE", "instead of a probe, a document of tapcompat probe -j, made on this host "
	  "under this kernel", OPTION_TEXT(struct request, source.caps) },
	{ 0 },
};

static void say(const char *line)
{
	complain("%s", line);
}

/* A host that cannot be probed is no reason to stop: the shim asks the kernel itself, too. */
static struct tapcompat_caps *probe(const struct request *r)
{
	struct tapcompat_probe_options options = r->source.probe;
	const struct output plain = { .quiet = true };

	return launch_probe_options(&r->launch, !r->out.quiet, &options) ?
		host_probe(&plain, options) : NULL;
}

static int read_kernel(const struct request *r, struct tapcompat_caps **caps)
{
	struct tapcompat_error error;
	int code = EXIT_YES;

	if (!r->source.caps) {
		*caps = probe(r);
		return EXIT_YES;
	}
	*caps = caps_from(&r->out, r->source.caps, r->source.probe, &code);
	if (!*caps)
		return code;
	return fail_if(r, launch_check_document(*caps, r->source.caps, &error), EXIT_USAGE, &error);
}

/* What this kernel does decides what is masked and said; then the environment is final. */
static int prepare(struct request *r, const char *path, char **argv)
{
	struct launch *l = &r->launch;
	struct tapcompat_caps *caps = NULL;
	struct tapcompat_error error;
	int code = fail_if(r, launch_find_shim(l, &error), EXIT_UNDECIDED, &error);

	if (!code)
		code = fail_if(r, program_check(path, argv, l->shim, &error), EXIT_USAGE, &error);
	if (!code)
		code = read_kernel(r, &caps);
	if (!code && caps)
		launch_mask_corrupted(l, caps);
	if (!code && !r->out.quiet)
		launch_announce(l, caps);
	tapcompat_caps_free(caps);
	return code ? code : fail_if(r, launch_set_environment(l, &error), EXIT_UNDECIDED, &error);
}

static int start(const struct request *r, const char *path, char **argv)
{
	struct tapcompat_error error;
	int ret;

	signals_restore();
	ret = program_start(path, argv, &error);
	return fail_if(r, ret, ret == -ENOENT || ret == -EACCES || ret == -ENOEXEC ? EXIT_USAGE :
		     EXIT_UNDECIDED, &error);
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	struct tapcompat_error error;
	char path[PATH_MAX];
	int code;

	(void)operands;
	if (r->source.caps && r->source.probe.flags)
		return fail(&r->out, EXIT_USAGE, "run: --no-verify and --load-modules are options "
			    "of a probe, which --caps replaces: give one or the other");
	r->launch.say = say;
	code = fail_if(r, launch_environment(&r->launch, &error), EXIT_USAGE, &error);
	if (!code)
		code = fail_if(r, program_find(operand[0], path, &error), EXIT_USAGE, &error);
	/* With nothing to emulate and nothing to hide there is no need for the shim. */
	if (!code && launch_active(&r->launch))
		code = prepare(r, path, operand);
	/* But the shim may be loaded already, by another 'tapcompat run'. */
	else if (!code && getenv("TAPCOMPAT_EMULATE"))
		code = fail_if(r, launch_set_environment(&r->launch, &error), EXIT_UNDECIDED,
			       &error);
	return code ? code : start(r, path, operand);
}

const struct command cmd_run = {
	.name = "run",
	.about = "start QEMU with what this kernel lacks",
	.help = help, .status = status,
	.groups = { { run_options, 0 } },
	.request = sizeof(struct request),
	.least = 1, .most = INT_MAX, .lacks = "which QEMU?", .program = true,
	.run = run,
};
