// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * answer.c - "not supported" and "unknown" are distinguished
 */
#include "kselftest_harness.h"

#include <errno.h>

#include "ground/answer.h"

static const struct {
	enum asked asked;
	int result;
	enum answer answer;
} cases[] = {
	{ ASKED_TUN, 0, ANSWER_YES },
	{ ASKED_TUN, -EINVAL, ANSWER_NO },
	{ ASKED_TUN, -ENOTTY, ANSWER_NO },
	{ ASKED_TUN, -EPERM, ANSWER_UNKNOWN },
	{ ASKED_TUN, -ENOMEM, ANSWER_UNKNOWN },
	{ ASKED_TUN, -ENOBUFS, ANSWER_UNKNOWN },
	{ ASKED_TUN, -EBADFD, ANSWER_UNKNOWN },
	{ ASKED_VHOST, 0, ANSWER_YES },
	{ ASKED_VHOST, -ENOTTY, ANSWER_NO },
	{ ASKED_VHOST, -ENOBUFS, ANSWER_NO },
	{ ASKED_VHOST, -EOPNOTSUPP, ANSWER_NO },
	{ ASKED_VHOST, -EPERM, ANSWER_UNKNOWN },
	{ ASKED_VHOST, -EFAULT, ANSWER_UNKNOWN },
	{ ASKED_NODE, -ENOENT, ANSWER_NO },
	{ ASKED_NODE, -ENXIO, ANSWER_NO },
	{ ASKED_NODE, -EACCES, ANSWER_UNKNOWN },
	{ ASKED_NODE, -EMFILE, ANSWER_UNKNOWN },
	{ ASKED_LINK, -EOPNOTSUPP, ANSWER_NO },
	{ ASKED_LINK, -EPERM, ANSWER_UNKNOWN },
	{ ASKED_LINK, -EBUSY, ANSWER_UNKNOWN },
	{ ASKED_BPF, -ENOSYS, ANSWER_NO },
	{ ASKED_BPF, -EPERM, ANSWER_UNKNOWN },
	{ ASKED_BPF, -ENOMEM, ANSWER_UNKNOWN },
};

/* Row F14: absent, forbidden and unknown are told apart. */
TEST(by_whom_one_asks)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].answer, answer_of(cases[i].asked, cases[i].result)) {
			TH_LOG("asked %d, result %d", cases[i].asked, cases[i].result);
		}
	}
}

TEST(names)
{
	EXPECT_STREQ("EINVAL", answer_errno(-EINVAL));
	EXPECT_STREQ("ENOBUFS", answer_errno(-ENOBUFS));
	EXPECT_STREQ("error 4242", answer_errno(-4242));
}

TEST_HARNESS_MAIN
