// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proof.c - verify that this host provides the required features
 *
 * Theory of operation
 *
 * They are tested with frames, on temporary taps, in a process and a network namespace
 * of their own.  An unprivileged helper has no capability for that, and tries a user
 * namespace, which needs none.
 *
 * A process that creates a user namespace must be one that its user may trace, so the
 * user controls it from then on: it has no descriptor but one end of a pipe, shares no
 * memory, and what comes through the pipe is read once, into the helper's memory, and
 * sanitized before use.  A user who deceives the helper there gets a tap without the
 * features that they asked for, and nothing else.
 *
 * If the host allows no namespace, what the kernel reports counts: one temporary tap is
 * queried in the namespace of the tap to be created.  A test that does not finish is a
 * failure.
 */
#include "helper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feature/check.h"
#include "ground/answer.h"
#include "ground/text.h"
#include "kernel/netns.h"
#include "probe/backend.h"
#include "report/report.h"

/* What that process reports, in one piece. */
struct report {
	bool inside;			/* it got a namespace */
	char why[CAPS_DETAIL];		/* if not */
	struct caps_backend tap;
};

/* Query, and with @verify test, a temporary tap. */
static void proof_tap(struct caps_backend *tap, const struct request *r, bool verify)
{
	static struct probe_shared shared;
	struct probe p;

	probe_start(&p, &shared, 1u << TAPCOMPAT_TAP, verify);
	p.only = r->require;
	tapcompat_require_complete(&p.only);
	backend_tap(&p);
	*tap = shared.caps.backend[TAPCOMPAT_TAP];
}

static void report_write(int fd, const struct report *report)
{
	const char *p = (const char *)report;
	size_t left = sizeof(*report);

	while (left) {
		ssize_t n = write(fd, p, left);

		if (n <= 0)
			return;
		p += n;
		left -= (size_t)n;
	}
}

/* Never returns. */
static void proof_child(const struct request *r, int fd)
{
	static struct report report;
	unsigned int pipe_end = (unsigned int)fd;

	if ((pipe_end > 3 && close_range(3, pipe_end - 1, 0)) || close_range(pipe_end + 1, ~0u, 0))
		_exit(1);
	if (getuid() != 0)
		privilege_drop_all();
	/* After the change of privileges, which resets it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	report.inside = !netns_enter(report.why, sizeof(report.why));
	if (report.inside)
		proof_tap(&report.tap, r, true);
	report_write(fd, &report);
	_exit(0);
}

static void text_sanitize(char *text, size_t size)
{
	char raw[CAPS_DETAIL];

	text[size - 1] = '\0';
	text_set(raw, sizeof(raw), "%s", text);
	text_escape(text, size, raw);
}

/* Whatever was received: only valid values, and texts that are terminated. */
static void report_sanitize(struct report *report)
{
	struct caps_backend came = report->tap, *tap = &report->tap;
	size_t i;

	memset(tap, 0, sizeof(*tap));
	tap->availability = (unsigned int)came.availability <= TAPCOMPAT_UNDECIDED ?
				    came.availability : TAPCOMPAT_UNDECIDED;
	memcpy(tap->detail, came.detail, sizeof(tap->detail));
	text_sanitize(tap->detail, sizeof(tap->detail));
	text_sanitize(report->why, sizeof(report->why));
	for (i = 0; i < FEATURE_COUNT; i++) {
		struct caps_feature *c = &tap->feature[i];

		*c = came.feature[i];
		text_sanitize(c->detail, sizeof(c->detail));
		if ((unsigned int)c->state > TAPCOMPAT_UNKNOWN ||
		    (unsigned int)c->verified > TAPCOMPAT_FAILED)
			*c = (struct caps_feature){ .state = TAPCOMPAT_UNKNOWN };
	}
}

static bool report_read(int fd, struct report *report)
{
	size_t used = 0;

	while (used < sizeof(*report)) {
		ssize_t n = read(fd, (char *)report + used, sizeof(*report) - used);

		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		used += n < 0 ? 0 : (size_t)n;
	}
	report_sanitize(report);
	return true;
}

/* Was there a report?  If not, a message was written. */
static bool proof_try(const struct request *r, struct report *report)
{
	bool whole;
	int fd[2];
	pid_t pid;

	if (pipe(fd)) {
		helper_say("cannot test the features: pipe: %s", strerror(errno));
		return false;
	}
	pid = fork();
	if (pid == 0)
		proof_child(r, fd[1]);
	close(fd[1]);
	if (pid < 0) {
		helper_say("cannot test the features: fork: %s", strerror(errno));
		close(fd[0]);
		return false;
	}
	whole = report_read(fd[0], report);
	close(fd[0]);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (!whole)
		helper_say("cannot test the features: the process that tests them died");
	return whole;
}

/* Report all that is missing, and what to do. */
static int proof_judge(const struct request *r, const struct tapcompat_caps *caps)
{
	static struct tapcompat_check check;
	int ret;

	check_start(&check, tapcompat_backend_name(TAPCOMPAT_TAP), TAPCOMPAT_TAP, r->require);
	check_caps(&check, caps, r->flags);
	ret = tapcompat_check_exit(&check);
	if (!ret)
		return 0;
	helper_say("this host lacks required features, so no tap is created:");
	check_print(&check, stderr, REPORT_QUIET);
	return ret;
}

int proof_run(const struct request *r)
{
	static struct tapcompat_caps caps;
	static struct report report;

	if (!proof_try(r, &report))
		return TAPCOMPAT_EXIT_UNDECIDED;
	if (!report.inside) {
		helper_say("not tested with frames, relying on what the kernel reports: %s",
			   report.why);
		proof_tap(&report.tap, r, false);
	}
	caps.backend[TAPCOMPAT_TAP] = report.tap;
	caps_host(&caps);
	caps_emulate(&caps);
	return proof_judge(r, &caps);
}
