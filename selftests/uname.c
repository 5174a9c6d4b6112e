// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uname.c - preloaded: uname(2) reports the release UNAME_RELEASE
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

int uname(struct utsname *u)
{
	const char *release = getenv("UNAME_RELEASE");
	long ret = syscall(SYS_uname, u);

	if (!ret && release && *release)
		snprintf(u->release, sizeof(u->release), "%s", release);
	return (int)ret;
}
