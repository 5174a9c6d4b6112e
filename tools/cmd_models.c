// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_models.c - tapcompat models
 */
#include "cmd.h"

#include <tapcompat_fleet.h>

#include "report/report.h"

static const char help[] =
	"Usage: tapcompat models [NAME] [OPTION...]\n\n"
	"The models: named sets of features that never change.  With a NAME, such as tapnet-v1\n"
	"or tapnet, the features of that model and the releases that they need.\n\n";

static const char status[] = "Exit status: 0; 2 usage.\n";

struct request {
	struct output out;
	unsigned int flags;
};

static const struct command_option options[] = {
	{ "disable-deprecated-features", NULL, "leave out features that are deprecated",
	  OPTION_BIT(struct request, flags, TAPCOMPAT_NO_DEPRECATED) },
	{ 0 },
};

static int run(void *request, int operands, char **operand)
{
	const struct tapcompat_model *model = NULL;
	struct request *r = request;

	if (operands && model_find(&r->out, "models", operand[0], &model))
		return EXIT_USAGE;
	if (r->out.json)
		return output_json(&r->out, tapcompat_models_json(model, r->flags |
								  json_flags(&r->out)));
	models_print(model, stdout, r->flags | table_flags(&r->out));
	return EXIT_YES;
}

const struct command cmd_models = {
	.name = "models",
	.about = "named sets of features that never change",
	.help = help, .status = status,
	.groups = { { options, 0 } },
	.request = sizeof(struct request),
	.most = 1,
	.run = run,
};
