// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_compare.c - tapcompat compare
 */
#include "cmd.h"

#include <errno.h>

#include <tapcompat_fleet.h>

#include "report/report.h"

static const char help[] =
	"Usage: tapcompat compare A B [OPTION...]\n\n"
	"Compares A with B: identical; superset: what runs on B runs on A; subset: what runs on\n"
	"A runs on B; incompatible: each has features that the other lacks.  A and B are each a\n"
	"document of tapcompat probe -j (- is standard input), a record of tapcompat record, a\n"
	"model such as tapnet-v1, or a mask such as 0x3000ff87.\n\n";

static const char status[] =
	"Exit status: 0 compared; 1 with --error; 2 usage, or a bad document; 3 a backend is\n"
	"not known on both sides, or with --error it is not certain.\n";

struct request {
	struct output out;
	unsigned int backends, flags;
	bool error;
};

static const struct command_option options[] = {
	{ "backend", "NAME", "only this one; may be given again.  Without it: tap, and vhost-net, "
	  "which is a tap with vhost=on",
	  OPTION_WORD_SET(struct request, backends, option_backend_word) },
	{ "allow-emulated", NULL, "count what can be emulated: start QEMU with 'tapcompat run'",
	  OPTION_BIT(struct request, flags, TAPCOMPAT_SET_EMULATED) },
	{ "error", NULL, "end with 1 unless A is identical or a superset",
	  OPTION_FLAG(struct request, error) },
	{ 0 },
};

static int load(const struct request *r, const char *what, struct tapcompat_set **set)
{
	struct tapcompat_error error = { "out of memory" };
	int ret = tapcompat_set_load(what, r->flags, set, &error);

	if (!ret)
		return EXIT_YES;
	return fail(&r->out, ret == -ENOMEM || ret == -EOPNOTSUPP ? EXIT_UNDECIDED : EXIT_USAGE,
		    "%s", error.text);
}

/* For --error: success only if it is certain. */
static int judge(enum tapcompat_relation relation, int doubtful)
{
	if (relation != TAPCOMPAT_IDENTICAL && relation != TAPCOMPAT_SUPERSET)
		return TAPCOMPAT_EXIT_LACKS;
	if (!doubtful)
		return EXIT_YES;
	complain("not certain: a feature is unknown on one side: probe that host again as root, "
		 "or give --backend");
	return EXIT_UNDECIDED;
}

static int answer(const struct request *r, const struct tapcompat_set *a,
		  const struct tapcompat_set *b)
{
	struct tapcompat_comparison *c;
	enum tapcompat_relation relation;
	struct tapcompat_error error;
	int ret = EXIT_YES;

	if (tapcompat_compare(a, b, r->backends, &c, &error))
		return fail(&r->out, EXIT_UNDECIDED, "%s", error.text);
	relation = tapcompat_comparison_relation(c);
	if (r->out.json)
		ret = output_json(&r->out, tapcompat_comparison_json(c, json_flags(&r->out)));
	else
		comparison_print(c, stdout, table_flags(&r->out));
	if (!ret && r->error)
		ret = judge(relation, tapcompat_comparison_doubtful(c));
	tapcompat_comparison_free(c);
	return ret;
}

static int run(void *request, int operands, char **operand)
{
	struct tapcompat_set *a = NULL, *b = NULL;
	struct request *r = request;
	int ret = load(r, operand[0], &a);

	(void)operands;
	if (!ret)
		ret = load(r, operand[1], &b);
	if (!ret)
		ret = answer(r, a, b);
	tapcompat_set_free(a);
	tapcompat_set_free(b);
	return ret;
}

const struct command cmd_compare = {
	.name = "compare",
	.about = "compare the features of two hosts, models or machines",
	.help = help, .status = status,
	.groups = { { options, 0 } },
	.request = sizeof(struct request),
	.least = 2, .most = 2, .lacks = "two operands are needed, A and B",
	.run = run,
};
