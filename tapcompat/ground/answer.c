// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * answer.c - what the result of a system call means for a feature
 */
#include "answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"

/*
 * The errors that mean "not supported".  Any other error leaves the feature unknown.
 * ENOBUFS of vhost: an ioctl that it does not know falls through to its ring handler,
 * which takes the first word for a ring's index.
 */
static const struct {
	enum asked asked;
	int error;
} answer_no[] = {
	{ ASKED_TUN, EINVAL },
	{ ASKED_TUN, ENOTTY },
	{ ASKED_TUN, EOPNOTSUPP },
	{ ASKED_VHOST, ENOTTY },
	{ ASKED_VHOST, ENOBUFS },
	{ ASKED_VHOST, EINVAL },
	{ ASKED_VHOST, EOPNOTSUPP },
	{ ASKED_NODE, ENOENT },
	{ ASKED_NODE, ENODEV },
	{ ASKED_NODE, ENXIO },
	{ ASKED_LINK, EOPNOTSUPP },
	{ ASKED_BPF, EINVAL },
	{ ASKED_BPF, ENOSYS },
	{ ASKED_BPF, E2BIG },
	{ ASKED_FRAME, EINVAL },
	{ ASKED_FRAME, EIO },
	{ ASKED_FRAME, EMSGSIZE },
	{ ASKED_FRAME, EOPNOTSUPP },
};

enum answer answer_of(enum asked asked, int result)
{
	size_t i;

	if (result >= 0)
		return ANSWER_YES;
	for (i = 0; i < ARRAY_LENGTH(answer_no); i++)
		if (answer_no[i].asked == asked && answer_no[i].error == -result)
			return ANSWER_NO;
	return ANSWER_UNKNOWN;
}

const char *answer_errno(int result)
{
	static __thread char number[24];
	const char *name = strerrorname_np(-result);

	if (name)
		return name;
	snprintf(number, sizeof(number), "error %d", -result);
	return number;
}
