// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proof.c - are the required features there?
 *
 * Tried on throw-away taps, by frames, in a process and a network namespace of
 * their own.  A user's helper has no capability for that, and tries a user namespace
 * without any.  Where the host allows none, the kernel's word is all there is:
 * one throw-away tap is asked in the namespace of the tap to come.
 */
#include "helper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edge/netns.h"
#include "ground/answer.h"
#include "probe/backend.h"
#include "pure/check.h"

/* What the proof's process shares with the helper. */
struct proof {
	struct probe_shared shared;
	bool inside;		/* it was in a namespace of its own */
	char why[CAPS_DETAIL];	/* if not */
};

static void proof_tap(struct probe_shared *shared, const struct request *r, bool verify)
{
	struct probe p = {
		.shared = shared, .backend = shared->caps.backend, .verify = verify,
		.wanted = 1u << TAPCOMPAT_TAP, .only = r->require,
	};
	size_t i;

	for (i = 0; i < QUEUES; i++)
		p.queues.port[i].fd = -1;
	backend_tap(&p);
	__atomic_store_n(&shared->done, true, __ATOMIC_RELEASE);
}

/* Never returns.  QEMU's socket is none of its business. */
static void proof_child(struct proof *proof, const struct request *r)
{
	close(r->fd);
	if (getuid() != 0)
		privilege_drop_all();
	/* Behind the change of privileges, which would take it back. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	proof->inside = !netns_enter(proof->why, sizeof(proof->why));
	if (proof->inside)
		proof_tap(&proof->shared, r, true);
	_exit(0);
}

static bool proof_inside(struct proof *proof, const struct request *r)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		proof_child(proof, r);
	if (pid < 0) {
		snprintf(proof->why, sizeof(proof->why), "fork: %s", answer_errno(-errno));
		return false;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (proof->inside && !__atomic_load_n(&proof->shared.done, __ATOMIC_ACQUIRE))
		snprintf(proof->why, sizeof(proof->why), "the process that tried it ended");
	return __atomic_load_n(&proof->shared.done, __ATOMIC_ACQUIRE);
}

/* All that is missing, and every way out. */
static int proof_judge(const struct request *r, const struct tapcompat_caps *caps)
{
	static struct tapcompat_check check;
	int ret;

	check_start(&check, tapcompat_backend_name(TAPCOMPAT_TAP), TAPCOMPAT_TAP, r->require);
	check_caps(&check, caps, r->flags);
	ret = tapcompat_check_exit(&check);
	if (!ret)
		return 0;
	helper_say("this host does not give the guest what is required, so there is no tap:");
	tapcompat_check_print(&check, stderr, TAPCOMPAT_QUIET);
	return ret;
}

int proof_run(const struct request *r)
{
	struct proof *proof = mmap(NULL, sizeof(*proof), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (proof == MAP_FAILED) {
		helper_say("no memory for the proof: %s", strerror(errno));
		return TAPCOMPAT_EXIT_UNDECIDED;
	}
	if (!proof_inside(proof, r)) {
		helper_say("no frames tried, the kernel's word counts: %s", proof->why);
		memset(&proof->shared, 0, sizeof(proof->shared));
		proof_tap(&proof->shared, r, false);
	}
	return proof_judge(r, &proof->shared.caps);
}
