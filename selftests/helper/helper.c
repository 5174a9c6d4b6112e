// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper.c - what QEMU gets from the helper, and what it does not get
 */
#include "kselftest_harness.h"

#include <seccomp.h>

#include "helper_fixture.h"
#include "netns_fixture.h"

FIXTURE(helper) {
	struct helper h;
	FIXTURE_SKIP;
};

FIXTURE_SETUP(helper)
{
	self->skip = helper_world(&self->h);
}

FIXTURE_TEARDOWN(helper)
{
	helper_forget(&self->h);
	links_close(self->h.nl);
}

TEST_F(helper, hands_over_a_tap_on_the_bridge)
{
	NEEDS(self);
	struct link_info bridge, port;
	struct ifreq ifr = { 0 };

	ASSERT_EQ(0, link_info(self->h.nl, 0, "br0", &bridge));
	HELPER(&self->h, "--br=br0", FEATURES);
	EXPECT_SERVED(&self->h);
	EXPECT_STREQ("", self->h.run.err);
	ASSERT_EQ(0, ioctl(self->h.received, TUNGETIFF, &ifr));
	EXPECT_EQ(IFF_TAP | IFF_VNET_HDR | IFF_NO_PI,
		  ifr.ifr_flags & (IFF_TAP | IFF_VNET_HDR | IFF_NO_PI | IFF_PERSIST));
	ASSERT_EQ(0, link_info(self->h.nl, 0, ifr.ifr_name, &port));
	EXPECT_EQ(bridge.index, port.master);
	EXPECT_EQ(bridge.mtu, port.mtu);
	/* It is gone with its descriptor. */
	helper_forget(&self->h);
	EXPECT_EQ(2, links_count());
}

TEST_F(helper, mtu_of_the_bridge)
{
	NEEDS(self);
	struct link_info port;
	struct ifreq ifr = { 0 };

	ASSERT_EQ(0, system("ip link set br0 mtu 1404"));
	HELPER(&self->h, "--br=br0");
	EXPECT_SERVED(&self->h);
	ASSERT_EQ(0, ioctl(self->h.received, TUNGETIFF, &ifr));
	ASSERT_EQ(0, link_info(self->h.nl, 0, ifr.ifr_name, &port));
	EXPECT_EQ(1404, port.mtu);
}

/* As QEMU's -netdev bridge on a machine without vnet headers, and libvirt. */
TEST_F(helper, without_a_vnet_header)
{
	NEEDS(self);
	struct ifreq ifr = { 0 };
	int sv[2];
	char fd[16];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	snprintf(fd, sizeof(fd), "--fd=%d", sv[1]);
	HELPER_ALONE(&self->h, fd, "--br", "br0");
	EXPECT_EQ(0, self->h.run.status);
	helper_receive(&self->h, sv[0]);
	ASSERT_GE(self->h.received, 0);
	ASSERT_EQ(0, ioctl(self->h.received, TUNGETIFF, &ifr));
	EXPECT_EQ(0, ifr.ifr_flags & IFF_VNET_HDR);
	HELPER_ALONE(&self->h, fd, FEATURES);
	EXPECT_EQ(2, self->h.run.status);
	EXPECT_NE(NULL, strstr(self->h.run.err, "--use-vnet"));
	close(sv[0]);
	close(sv[1]);
}

/* A kernel that refuses USO: the whole message, and no tap. */
static void without_uso(void *arg)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	/* Or a set-user-ID bit would not count. */
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0);
	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(ioctl), 2,
			     SCMP_A1(SCMP_CMP_EQ, TUNSETOFFLOAD),
			     SCMP_A2(SCMP_CMP_MASKED_EQ, 0x20, 0x20)) || seccomp_load(ctx))
		_exit(99);
	if (arg)
		as_nobody(NULL);
}

TEST_F(helper, refuses_what_is_not_there)
{
	NEEDS(self);
	self->h.run.prepare = without_uso;
	HELPER(&self->h, "--br=br0", "--require=host_uso,guest_uso4,guest_uso6");
	EXPECT_REFUSED(&self->h, 1, "no tap is created");
	EXPECT_NE(NULL, strstr(self->h.run.err, "guest_uso4 "));
	EXPECT_NE(NULL, strstr(self->h.run.err, "guest_uso6 "));
	EXPECT_NE(NULL, strstr(self->h.run.err, "host_uso "));
	EXPECT_NE(NULL, strstr(self->h.run.err, "kernel tap"));
	EXPECT_NE(NULL, strstr(self->h.run.err, "Linux 6.2"));
	EXPECT_NE(NULL, strstr(self->h.run.err, "host_uso=off,guest_uso4=off,guest_uso6=off"));
	EXPECT_NE(NULL, strstr(self->h.run.err, "--model=tapnet-v1"));
	HELPER(&self->h, "--br=br0", "--model=tapnet-v2");
	EXPECT_REFUSED(&self->h, 1, "host_uso ");
	HELPER(&self->h, "--br=br0", "--model=tapnet-v1");
	EXPECT_SERVED(&self->h);
}

/* Nor TUN_F_CSUM, which all else needs. */
static void without_csum(void *arg)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(ioctl), 2,
			     SCMP_A1(SCMP_CMP_EQ, TUNSETOFFLOAD),
			     SCMP_A2(SCMP_CMP_MASKED_EQ, 0x1, 0x1)) || seccomp_load(ctx))
		_exit(99);
}

/* What was not asked for is named with what needs it. */
TEST_F(helper, completes_the_list)
{
	NEEDS(self);
	self->h.run.prepare = without_csum;
	HELPER(&self->h, "--br=br0", "--require=guest_tso4");
	EXPECT_REFUSED(&self->h, 1, "guest_tso4 needs it)");
	EXPECT_NE(NULL, strstr(self->h.run.err, "Checking for guest_csum "));
}

/* A user's helper by setuid, and by a capability of the file. */
TEST_F(helper, serves_users)
{
	NEEDS(self);
	char command[PATH_MAX + 64];

	self->h.run.prepare = as_nobody;
	helper_install(&self->h, 0755);
	HELPER(&self->h, "--br=br0", FEATURES);
	EXPECT_REFUSED(&self->h, 3, "CAP_NET_ADMIN is missing");
	chmod(self->h.path, 04755);
	HELPER(&self->h, "--br=br0", FEATURES);
	EXPECT_SERVED(&self->h);
	helper_forget(&self->h);
	chmod(self->h.path, 0755);
	snprintf(command, sizeof(command), "setcap cap_net_admin+ep %s", self->h.path);
	ASSERT_EQ(0, system(command));
	HELPER(&self->h, "--br=br0", FEATURES);
	EXPECT_SERVED(&self->h);
}

/* Also if the verification gets no namespace: then the kernel's answer counts. */
TEST_F(helper, refuses_users_as_well)
{
	NEEDS(self);
	self->h.run.prepare = without_uso;
	self->h.run.arg = self;
	helper_install(&self->h, 04755);
	HELPER(&self->h, "--br=br0", "--require=host_uso");
	EXPECT_REFUSED(&self->h, 1, "host_uso ");
	HELPER(&self->h, "--br=br0", FEATURES);
	EXPECT_SERVED(&self->h);
}

TEST_F(helper, usage)
{
	NEEDS(self);
	static const struct {
		const char *args[3], *says;
	} cases[] = {
		{ { NULL }, "--fd=N is missing" },
		{ { "--nonsense" }, "'--nonsense' is not known" },
		{ { "--use-vnet", "extra" }, "unexpected argument 'extra'" },
		{ { "--require=nonsense" }, "unknown feature 'nonsense'" },
		{ { "--model=tapnet-v0" }, "unknown model 'tapnet-v0': did you mean 'tapnet" },
		{ { "--require" }, "'--require' needs a value" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		HELPER_ALONE(&self->h, cases[i].args[0], cases[i].args[1]);
		EXPECT_REFUSED(&self->h, 2, cases[i].says);
	}
	HELPER_ALONE(&self->h, "--help");
	EXPECT_EQ(0, self->h.run.status);
	EXPECT_EQ(0, strncmp(self->h.run.out, "Usage: tapcompat-helper", 23));
	/* If a tap is expected, no exit with 0 without one. */
	HELPER(&self->h, "--help");
	EXPECT_REFUSED(&self->h, 2, "");
}

/* ---- The list of who may use which bridge ---- */

TEST_F(helper, acl)
{
	NEEDS(self);
	static const struct {
		const char *text;
		bool allowed;
	} cases[] = {
		{ "allow br0\n", true },
		{ "allow all\n", true },
		{ "\tallow\t br0 \t\n", true },
		{ "# a comment\n\n  # another\nallow br0\n", true },
		{ "allow br1\nallow br0\n", true },
		{ "", false },
		{ "# allow br0\n", false },
		{ "allow br1\n", false },
		{ "allow br\n", false },
		{ "allow br00\n", false },
		{ "deny br0\nallow br0\n", false },
		{ "allow br0\ndeny br0\n", false },
		{ "allow all\ndeny br0\n", false },
		{ "allow br0\ndeny all\n", false },
		{ "allow br0\ndeny br1\n", true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		helper_allow(cases[i].text);
		HELPER(&self->h, "--br=br0");
		EXPECT_EQ(cases[i].allowed ? 0 : 3, self->h.run.status) {
			TH_LOG("case %zu: %s", i, self->h.run.err);
		}
		EXPECT_EQ(cases[i].allowed, self->h.received >= 0);
	}
	unlink(ACL);
	helper_forget(&self->h);
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 3, "create it, as root, with the line: allow br0");
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

/* Rights for some users: by who may read what is included. */
TEST_F(helper, acl_of_some_users)
{
	NEEDS(self);
	helper_install(&self->h, 04755);
	helper_allow("include /etc/qemu/some.conf\n");
	write_file("/etc/qemu/some.conf", "allow br0\n", 0640);
	HELPER(&self->h, "--br=br0");
	EXPECT_SERVED(&self->h);
	helper_forget(&self->h);
	self->h.run.prepare = as_nobody;
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 3, "does not allow");
	ASSERT_EQ(0, chown("/etc/qemu/some.conf", 0, NOBODY));
	HELPER(&self->h, "--br=br0");
	EXPECT_SERVED(&self->h);
	/* The main list is not passed over. */
	chmod(ACL, 0600);
	helper_forget(&self->h);
	HELPER(&self->h, "--br=br0");
	EXPECT_REFUSED(&self->h, 3, ACL " cannot be read by this user");
}

TEST_HARNESS_MAIN
