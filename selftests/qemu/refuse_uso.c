// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * refuse_uso.c - run a program on a kernel that refuses UDP segmentation
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include <tapcompat_linux.h>

int main(int argc, char **argv)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (argc < 2 ||
	    seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(ioctl), 2,
			     SCMP_A1(SCMP_CMP_EQ, TUNSETOFFLOAD),
			     SCMP_A2(SCMP_CMP_MASKED_EQ, TUN_F_USO4, TUN_F_USO4)) ||
	    seccomp_load(ctx))
		return 99;
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
