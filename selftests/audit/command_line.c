// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command_line.c - QEMU's command line, as QEMU's users and managers write it
 */
#include "kselftest_harness.h"

#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"

static const char *qemu = "";	/* its release */

/* Arguments that end with NULL, as /proc has them. */
static int parse(struct audit_machine *m, const char *const *arg, const struct audit_fd *fds,
		 size_t n)
{
	static char text[0x10000];
	size_t len = 0;

	memset(m, 0, sizeof(*m));
	snprintf(m->qemu, sizeof(m->qemu), "%s", qemu);
	for (; *arg; arg++) {
		memcpy(text + len, *arg, strlen(*arg) + 1);
		len += strlen(*arg) + 1;
	}
	return audit_command_line(m, text, len, fds, n);
}

static void release(struct audit_machine *m)
{
	unsigned int i;

	for (i = 0; i < m->cards; i++)
		free(m->card[i].tap);
	free(m->card);
}

#define ARGS(...) ((const char *const[]){ "qemu-system-x86_64", __VA_ARGS__, NULL })

static const struct audit_fd two_taps[] = {
	{ .fd = 33, .name = "vnet0" }, { .fd = 34, .vhost = true },
	{ .fd = 35, .name = "vnet1" }, { .fd = 36, .name = "vnet1" },
};

/* What a QEMU has no property for, it does not offer. */
TEST(old_qemu)
{
	static const struct audit_fd fds[] = { { .fd = 3, .name = "tap0" } };
	static const struct {
		const char *qemu;
		bool queue_reset, host_uso, host_tunnel;	/* not held */
	} cases[] = {
		{ "", false, false, false }, { "7.1.0", true, true, true },
		{ "7.2.22", false, true, true }, { "8.2.0", false, false, true },
		{ "11.1.3", false, false, false },
	};
	const struct tapcompat_mask *off;
	struct audit_machine m;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		qemu = cases[i].qemu;
		ASSERT_EQ(0, parse(&m, ARGS("-netdev", "tap,fd=3,id=n0", "-device",
					    "virtio-net-pci,netdev=n0"), fds, 1));
		qemu = "";
		off = &m.card[0].evidence[AUDIT_OPTIONS].not_held;
		EXPECT_EQ(cases[i].queue_reset, tapcompat_mask_test(off, 40));
		EXPECT_EQ(cases[i].host_uso, tapcompat_mask_test(off, 56));
		EXPECT_EQ(cases[i].host_tunnel, tapcompat_mask_test(off, 67));
		release(&m);
	}
}

TEST(libvirt)
{
	struct audit_machine m;

	ASSERT_EQ(0, parse(&m, ARGS("-name", "guest=web1,debug-threads=on", "-uuid",
		"c2d7bd5c-0bbf-44d2-8f3b-d6a4a6b3e7b1", "-machine",
		"pc-q35-7.2,usb=off,dump-guest-core=off,memory-backend=pc.ram", "-netdev",
		"tap,fd=33,vhost=on,vhostfd=34,id=hostnet0", "-device",
		"{\"driver\":\"virtio-net-pci\",\"netdev\":\"hostnet0\",\"id\":\"net0\","
		"\"mac\":\"52:54:00:aa:bb:cc\",\"host_mtu\":9000,\"host_tso4\":false}", "-netdev",
		"{\"type\":\"tap\",\"fds\":\"35:36\",\"id\":\"hostnet1\"}", "-device",
		"virtio-net-pci,mq=on,vectors=6,netdev=hostnet1,id=net1,mac=52:54:00:aa:bb:cd"),
		two_taps, 4));
	EXPECT_STREQ("web1", m.name);
	EXPECT_STREQ("c2d7bd5c-0bbf-44d2-8f3b-d6a4a6b3e7b1", m.uuid);
	EXPECT_STREQ("libvirt", m.manager);
	EXPECT_STREQ("pc-q35-7.2", m.type);
	ASSERT_EQ(2, m.cards);
	EXPECT_STREQ("net0", m.card[0].alias);
	EXPECT_STREQ("vnet0", m.card[0].tap->name);
	EXPECT_EQ(AUDIT_LINK_VHOST, m.card[0].link);
	EXPECT_EQ(9000, m.card[0].nic.host_mtu);
	EXPECT_STREQ("52:54:00:aa:bb:cc", m.card[0].mac);
	EXPECT_STREQ("vnet1", m.card[1].tap->name);
	EXPECT_EQ(AUDIT_LINK_TAP, m.card[1].link);
	EXPECT_EQ(2, m.card[1].nic.queue_pairs);
	/* By an option, by default, and by the machine type. */
	EXPECT_TRUE(tapcompat_mask_test(&m.card[0].evidence[AUDIT_OPTIONS].not_held, 11));
	EXPECT_TRUE(tapcompat_mask_test(&m.card[0].evidence[AUDIT_OPTIONS].not_held, 22));
	EXPECT_TRUE(tapcompat_mask_test(&m.card[0].evidence[AUDIT_OPTIONS].not_held, 56));
	EXPECT_FALSE(tapcompat_mask_test(&m.card[0].evidence[AUDIT_OPTIONS].not_held, 0));
	EXPECT_FALSE(tapcompat_mask_test(&m.card[1].evidence[AUDIT_OPTIONS].not_held, 22));
	release(&m);
}

/* A number of a VM, and a name with a comma in the option behind it. */
TEST(proxmox)
{
	static const struct audit_fd fd = { .fd = 12, .name = "tap100i0" };
	struct audit_machine m;

	ASSERT_EQ(0, parse(&m, ARGS("-id", "100", "-name", "db,debug-threads=on", "-machine",
		"type=pc+pve0", "-netdev", "type=tap,id=net0,ifname=tap100i0,script=/var/lib/qemu-"
		"server/pve-bridge,downscript=/var/lib/qemu-server/pve-bridgedown,vhost=on",
		"-device", "virtio-net-pci,mac=BC:24:11:00:00:01,netdev=net0,bus=pci.0,addr=0x12,"
		"id=net0,rx_queue_size=1024,tx_queue_size=256"), &fd, 1));
	EXPECT_STREQ("db", m.name);
	EXPECT_STREQ("proxmox", m.manager);
	ASSERT_EQ(1, m.cards);
	EXPECT_STREQ("tap100i0", m.card[0].tap->name);
	EXPECT_EQ(AUDIT_LINK_VHOST, m.card[0].link);
	EXPECT_EQ(1024, m.card[0].nic.rx_queue_size);
	release(&m);
}

TEST(kubevirt)
{
	struct audit_machine m;

	ASSERT_EQ(0, parse(&m, ARGS("-name", "guest=default_vm-a,debug-threads=on", "-smbios",
		"type=1,manufacturer=KubeVirt,product=None"), two_taps, 1));
	EXPECT_STREQ("kubevirt", m.manager);
	EXPECT_STREQ("default/vm-a", m.name);
	/* Its tap is not on the command line. */
	ASSERT_EQ(1, m.cards);
	EXPECT_STREQ("vnet0", m.card[0].tap->name);
	EXPECT_EQ(AUDIT_LINK_UNKNOWN, m.card[0].link);
	release(&m);
}

/* A helper's tap has no name on the command line: it is told by being the only one. */
TEST(helper)
{
	struct audit_machine m;

	ASSERT_EQ(0, parse(&m, ARGS("-netdev", "bridge,id=n,br=br0", "-device",
		"virtio-net-pci,netdev=n"), two_taps, 1));
	ASSERT_EQ(1, m.cards);
	EXPECT_STREQ("vnet0", m.card[0].tap->name);
	release(&m);
	/* Of two it cannot be told. */
	ASSERT_EQ(0, parse(&m, ARGS("-netdev", "tap,id=n,br=br0,helper=/x", "-device",
		"virtio-net-pci,netdev=n"), two_taps, 4));
	ASSERT_EQ(3, m.cards);
	EXPECT_EQ(NULL, m.card[0].tap);
	release(&m);
}

TEST(nic)
{
	struct audit_machine m;

	ASSERT_EQ(0, parse(&m, ARGS("-nic", "tap,model=virtio-net-pci,ifname=vnet0,mac=1:2",
		"-nic", "none", "-nic", "user,model=e1000"), two_taps, 1));
	ASSERT_EQ(2, m.cards);
	EXPECT_TRUE(m.card[0].virtio);
	EXPECT_STREQ("vnet0", m.card[0].tap->name);
	EXPECT_FALSE(m.card[1].virtio);
	EXPECT_EQ(AUDIT_LINK_OTHER, m.card[1].link);
	release(&m);
}

/* Where options may stand elsewhere, defaults say nothing. */
TEST(elsewhere)
{
	struct audit_machine m;

	ASSERT_EQ(0, parse(&m, ARGS("-readconfig", "x", "-device", "virtio-net-pci,csum=off"),
			   NULL, 0));
	ASSERT_EQ(1, m.cards);
	EXPECT_EQ(1, m.card[0].evidence[AUDIT_OPTIONS].not_held.word[0]);
	release(&m);
	ASSERT_EQ(0, parse(&m, ARGS("-global", "virtio-net-pci.packed=on", "-global",
		"driver=virtio-net-pci,property=host_uso,value=off", "-device",
		"virtio-net-pci"), NULL, 0));
	EXPECT_FALSE(tapcompat_mask_test(&m.card[0].evidence[AUDIT_OPTIONS].not_held, 34));
	EXPECT_TRUE(tapcompat_mask_test(&m.card[0].evidence[AUDIT_OPTIONS].not_held, 56));
	release(&m);
	/* QEMU switches it on by itself. */
	ASSERT_EQ(0, parse(&m, ARGS("-machine", "q35,confidential-guest-support=sev0", "-device",
		"virtio-net-pci"), NULL, 0));
	EXPECT_FALSE(tapcompat_mask_test(&m.card[0].evidence[AUDIT_OPTIONS].not_held, 33));
	release(&m);
}

TEST(hostile)
{
	static char deep[8192], wide[5000];
	struct audit_machine m;
	unsigned int i;

	memset(deep, '[', sizeof(deep) - 1);
	deep[0] = '{';
	memset(wide, 'x', sizeof(wide) - 1);
	ASSERT_EQ(0, parse(&m, ARGS("-name", "guest=a\033[31m\xe2\x80\xae,x=y", "-uuid", wide,
		"-device", deep, "-netdev", deep, "-device", wide, "-device", "{}", "-device", ",",
		"-device", "=", "-netdev", "tap,id=n,fd=99999999999999999999,queues=-1", "-device",
		"virtio-net-pci,netdev=n,host_mtu=1e9,id=\n\r", "-device"), two_taps, 1));
	EXPECT_STREQ("a\\x1b[31m\\xe2\\x80\\xae", m.name);
	ASSERT_EQ(1, m.cards);
	EXPECT_STREQ("\\x0a\\x0d", m.card[0].alias);
	EXPECT_EQ(-1, m.card[0].nic.host_mtu);
	for (i = 0; i < m.cards; i++)
		EXPECT_TRUE(m.card[i].virtio);
	release(&m);
}

/* Any part of a command line, the last argument cut. */
TEST(cut)
{
	static const char whole[] = "q\0-name\0guest=x\0-netdev\0tap,id=a,fd=33\0-device\0"
				    "virtio-net-pci,netdev=a,id=net0";
	struct audit_machine m;
	size_t len;
	char *copy;

	for (len = 0; len <= sizeof(whole); len++) {
		copy = malloc(len ? len : 1);
		memcpy(copy, whole, len);
		memset(&m, 0, sizeof(m));
		EXPECT_EQ(0, audit_command_line(&m, copy, len, two_taps, 1));
		EXPECT_EQ(1, m.cards);
		release(&m);
		free(copy);
	}
}

TEST(too_many_cards)
{
	static char text[300 * 40];
	struct audit_machine m = { .cards = 0 };
	size_t len = 0;
	int i;

	for (i = 0; i < 300; i++) {
		memcpy(text + len, "-device\0virtio-net-pci", 23);
		len += 23;
	}
	EXPECT_EQ(0, audit_command_line(&m, text, len, two_taps, 4));
	EXPECT_EQ(AUDIT_CARDS, m.cards);
	release(&m);
}

TEST_HARNESS_MAIN
