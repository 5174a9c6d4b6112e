// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_stat.c - tapcompat stat
 */
#include "cmd.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <tapcompat_shim.h>

#include "report/report.h"

static const char help[] =
	"Usage: tapcompat stat PID [OPTION...]\n\n"
	"Counters of tapcompat's shim in a QEMU started with 'tapcompat run': packets,\n"
	"segments, batches and drops, for each queue.  PID is QEMU's, the same as tapcompat\n"
	"run's.  Reading them does not slow QEMU down.\n\n";

static const char status[] =
	"With -q, only drops, and queues that are broken.\n\n"
	"Exit status: 0 done; 2 usage; 3 no such process, it has no shim, or it belongs to\n"
	"another user.\n";

struct request {
	struct output out;
};

static int pid_operand(const struct output *out, const char *text, pid_t *pid)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || n <= 0 || n > INT_MAX)
		return fail(out, EXIT_USAGE, "stat: '%s' is not a process ID", text);
	*pid = (pid_t)n;
	return EXIT_YES;
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	struct tapcompat_error error;
	struct tapcompat_stat *stat;
	pid_t pid = 0;
	int ret = pid_operand(&r->out, operand[0], &pid);

	(void)operands;
	if (ret)
		return ret;
	if (tapcompat_stat_read(pid, &stat, &error))
		return fail(&r->out, EXIT_UNDECIDED, "stat: %s", error.text);
	if (r->out.json)
		ret = output_json(&r->out, tapcompat_stat_json(stat, json_flags(&r->out)));
	else
		stat_print(stat, stdout, table_flags(&r->out));
	tapcompat_stat_free(stat);
	return ret;
}

const struct command cmd_stat = {
	.name = "stat",
	.about = "counters of the shim in a QEMU",
	.help = help, .status = status,
	.request = sizeof(struct request),
	.least = 1, .most = 1, .lacks = "no process: give the PID of a QEMU",
	.run = run,
};
