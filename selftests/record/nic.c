// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nic.c - network cards: how they are read, and what of them must match
 */
#include "kselftest_harness.h"

#include <string.h>

#include <tapcompat_nic.h>

#include "feature/nic.h"
#include "host_fixture.h"
#include "record/vm.h"

#define ALL "rx-queue-size=256,tx-queue-size=256,failover=off,speed=0,duplex=unknown," \
	"page-per-vq=off"
#define PLAIN "host-mtu=0,queue-pairs=1,vectors=4," ALL

static const char *arguments(const char *text, const char *which)
{
	static char list[sizeof(struct tapcompat_error)];
	struct tapcompat_error error = { "" };

	if (tapcompat_nic_of_arguments(text, which, list, sizeof(list), &error))
		snprintf(list, sizeof(list), "%s", error.text);
	return list;
}

TEST(command_lines)
{
	static const struct {
		const char *text, *which, *list;
	} cases[] = {
		{ "virtio-net-pci,netdev=n", NULL, PLAIN },
		{ "virtio-net-pci,mq=on,vectors=10,host_mtu=1450", NULL,
		  "host-mtu=1450,queue-pairs=4,vectors=10," ALL },
		{ "qemu -netdev tap,id=n,queues=2 -device virtio-net-pci,netdev=n,id=c", NULL,
		  "host-mtu=0,queue-pairs=2,vectors=6," ALL },
		{ "-device virtio-net-pci,netdev=n -netdev tap,fds=3:4:5,id=n", NULL,
		  "host-mtu=0,queue-pairs=3,vectors=8," ALL },
		/* As libvirt has it in its log. */
		{ "-machine pc-q35-5.2,usb=off \\\n-netdev "
		  "'{\"type\":\"tap\",\"fds\":\"29:31\",\"id\":\"hostnet0\"}' \\\n-device "
		  "'{\"driver\":\"virtio-net-pci\",\"mq\":true,\"vectors\":6,"
		  "\"netdev\":\"hostnet0\",\"id\":\"net0\"}'", "net0",
		  "host-mtu=0,queue-pairs=2,vectors=6," ALL },
		{ "-S -S -S -S -S -S -S -device virtio-net-pci,netdev=n -netdev tap,fds=3:4,id=n",
		  NULL, "host-mtu=0,queue-pairs=2,vectors=6," ALL },
		{ "-M pc-q35-5.2 -netdev tap,id=n -device virtio-net-pci,netdev=n", NULL,
		  "host-mtu=0,queue-pairs=1,vectors=3," ALL },
		{ "-global virtio-net-pci.host_mtu=9000 -device "
		  "virtio-net-pci-non-transitional,mac=52:54:00:00:00:0a", NULL,
		  "host-mtu=9000,queue-pairs=1,vectors=4," ALL
		  ",disable-legacy=on,mac=52:54:00:00:00:0a" },
		{ "-device virtio-net-pci,id=a -device e1000 -device virtio-net-pci,speed=1000",
		  "2", "host-mtu=0,queue-pairs=1,vectors=4,rx-queue-size=256,tx-queue-size=256,"
		  "failover=off,speed=1000,duplex=unknown,page-per-vq=off" },
		{ "-device virtio-net-pci,id=a -device virtio-net-pci", NULL,
		  "it has several virtio network cards: choose one of a, 2" },
		{ "-device virtio-net-pci,id=a", "b", "it has no virtio network card 'b', but a" },
		{ "-device e1000", NULL, "it has no virtio network card" },
		{ "-device 'virtio-net-pci", NULL, "the arguments of QEMU: a quote has no end, or "
		  "they are too long" },
		{ "virtio-net-pci,rx_queue_size=7", NULL,
		  "the arguments of QEMU: rx_queue_size=7 is not a valid value" },
		{ "virtio-net-pci,mq=on", NULL, "the arguments of QEMU: mq=on without vectors or a "
		  "-netdev is not a valid value" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		EXPECT_STREQ(cases[i].list, arguments(cases[i].text, cases[i].which));
}

#define INTERFACE(inner) "<interface type='bridge'><model type='virtio'/>" inner "</interface>"
#define DOMAIN(interfaces, rest) "<domain type='kvm' " \
	"xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><devices>" interfaces \
	"</devices>" rest "</domain>"

TEST(domains)
{
	static const struct {
		const char *xml, *which, *list;
	} cases[] = {
		{ DOMAIN(INTERFACE(""), ""), NULL, PLAIN },
		{ DOMAIN(INTERFACE("<mtu size='1450'/><driver queues='4' rx_queue_size='1024'/>"),
			 ""), NULL,
		  "host-mtu=1450,queue-pairs=4,vectors=10,rx-queue-size=1024,tx-queue-size=256,"
		  "failover=off,speed=0,duplex=unknown,page-per-vq=off" },
		{ DOMAIN(INTERFACE("<alias name='ua-a'/><teaming type='persistent'/>")
			 INTERFACE("<mac address='52:54:00:00:00:01'/>"), ""), "ua-a",
		  "host-mtu=0,queue-pairs=1,vectors=4,rx-queue-size=256,tx-queue-size=256,"
		  "failover=on,speed=0,duplex=unknown,page-per-vq=off" },
		{ DOMAIN(INTERFACE("<alias name='ua-a'/>"),
			 "<qemu:override><qemu:device alias='ua-a'><qemu:frontend><qemu:property "
			 "name='host_mtu' type='unsigned' value='1400'/></qemu:frontend>"
			 "</qemu:device></qemu:override>"), NULL,
		  "host-mtu=1400,queue-pairs=1,vectors=4," ALL },
		{ DOMAIN(INTERFACE("<alias name='ua-a'/>"),
			 "<qemu:commandline><qemu:arg value='-set'/>"
			 "<qemu:arg value='device.ua-a.vectors=8'/></qemu:commandline>"), NULL,
		  "host-mtu=0,queue-pairs=1,vectors=8," ALL },
	};
	char list[TAPCOMPAT_NIC_TEXT];
	struct tapcompat_error error;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXPECT_EQ(0, tapcompat_nic_of_domain(cases[i].xml, strlen(cases[i].xml),
						     cases[i].which, list, sizeof(list), &error));
		EXPECT_STREQ(cases[i].list, list);
	}
	EXPECT_EQ(-ENODEV, tapcompat_nic_of_domain(DOMAIN("", ""), strlen(DOMAIN("", "")), NULL,
						   list, sizeof(list), &error));
}

static const char *differences(const char *from, const char *to)
{
	static const char *const verdict[] = { "pass", "warn", "fail" };
	struct nic_difference list[NIC_PROPERTIES];
	struct nic a = { .known = 0 }, b = { .known = 0 };
	struct tapcompat_error error = { "" };
	static char text[512];
	unsigned int i, n;

	if (nic_parse(&a, from, &error) || nic_parse(&b, to, &error))
		return strcpy(text, error.text);
	n = nic_compare(&a, &b, list);
	text[0] = '\0';
	for (i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %s", i ? ", " : "",
			 list[i].row->name, verdict[list[i].verdict]);
	return text;
}

TEST(matches)
{
	static const struct {
		const char *from, *to, *differ;
	} cases[] = {
		{ PLAIN, PLAIN, "" },
		{ "", PLAIN, "" },
		{ "host-mtu=1450", "queue-pairs=2", "" },
		{ "host-mtu=1450", "host-mtu=9000", "host-mtu warn" },
		{ "host-mtu=1450", "host-mtu=0", "host-mtu fail" },
		{ "host-mtu=0", "host-mtu=1450", "host-mtu fail" },
		{ "host-mtu=0,disable-legacy=on", "host-mtu=1450", "host-mtu warn" },
		{ "host-mtu=0,queue-pairs=2", "host-mtu=1450,queue-pairs=2", "host-mtu warn" },
		{ "queue-pairs=4,vectors=10", "queue-pairs=2,vectors=6",
		  "queue-pairs fail, vectors fail" },
		{ "rx-queue-size=1024,tx-queue-size=256", "rx-queue-size=256,tx-queue-size=512",
		  "rx-queue-size warn, tx-queue-size warn" },
		{ "failover=on", "failover=off", "failover fail" },
		{ "failover=off", "failover=on", "failover warn" },
		{ "speed=1000", "speed=0,duplex=full", "speed warn" },
		{ "speed=1000,duplex=unknown", "speed=0,duplex=unknown", "speed fail" },
		{ "page-per-vq=on", "page-per-vq=off", "page-per-vq fail" },
		{ "disable-legacy=on", "disable-legacy=off", "disable-legacy fail" },
		{ "mac=52:54:00:00:00:01", "mac=52:54:00:00:00:02", "mac warn" },
		{ "mac=52:54:00:00:00:AB", "mac=52:54:00:00:00:ab", "" },
		{ "mtu=5", "", "'mtu=5' is no property of a network card that must match: see "
		  "tapcompat-vm(5)" },
		{ "host-mtu", "", "'host-mtu' has no value: give NAME=VALUE, such as "
		  "host-mtu=1450" },
		{ "host-mtu=65536", "", "'host-mtu=65536' is not a valid value" },
		{ "host-mtu=-1", "", "'host-mtu=-1' is not a valid value" },
		{ "speed=-1", "speed=0", "" },
		{ "queue-pairs=0", "", "'queue-pairs=0' is not a valid value" },
		{ "duplex=quarter", "", "'duplex=quarter' is not a valid value" },
		{ "mac=52:54:00:00:00", "", "'mac=52:54:00:00:00' is not a valid value" },
		{ "speed=+5", "", "'speed=+5' is not a valid value" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		EXPECT_STREQ(cases[i].differ, differences(cases[i].from, cases[i].to));
}

TEST(options)
{
	static const struct {
		const char *list, *flags;
	} cases[] = {
		{ PLAIN, "" },
		{ "queue-pairs=4", "vectors=10" },
		{ "queue-pairs=4,vectors=3", "vectors=3" },
		{ "vectors=3", "vectors=3" },
		{ "host-mtu=1450,rx-queue-size=1024,failover=on,speed=10000,duplex=full,"
		  "page-per-vq=on,disable-legacy=on,mac=52:54:00:00:00:01",
		  "host_mtu=1450,rx_queue_size=1024,failover=on,speed=10000,duplex=full,"
		  "page-per-vq=on,disable-legacy=on" },
		/* Newer QEMUs do not start a tap with it, and older ones do not use it. */
		{ "tx-queue-size=1024", "" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nic nic = { .known = 0 };
		char text[NIC_TEXT] = "";

		EXPECT_EQ(0, nic_parse(&nic, cases[i].list, NULL));
		nic_flags(&nic, NIC_TX_TAP, text, sizeof(text));
		EXPECT_STREQ(cases[i].flags, text);
	}
}

FIXTURE(record) {
	struct tapcompat_caps caps;
	struct tapcompat_vm_options options;
	struct tapcompat_vm *vm;
	struct tapcompat_error error;
};

FIXTURE_SETUP(record)
{
	host_full(&self->caps, "node1");
	self->options.size = sizeof(self->options);
	self->options.strict = 1;
	self->options.caps = &self->caps;
	self->options.requested[TAPCOMPAT_POLICY_REQUIRE] = host_mask("csum");
}

FIXTURE_TEARDOWN(record)
{
	tapcompat_vm_free(self->vm);
}

static int parse(struct _test_data_record *self, const char *nic)
{
	char text[512];

	tapcompat_vm_free(self->vm);
	snprintf(text, sizeof(text), "{\"schema\": \"tapcompat-vm\", \"version\": 1, "
		 "\"strict\": true, \"requested\": {}, \"effective\": {\"mask\": \"0x0\", "
		 "\"features\": []}, \"emulated\": []%s%s}", nic[0] ? ", \"nic\": " : "", nic);
	return tapcompat_vm_parse(text, strlen(text), "vm.json", &self->vm, &self->error);
}

TEST_F(record, documents)
{
	char list[TAPCOMPAT_NIC_TEXT];

	EXPECT_EQ(0, parse(self, ""));
	tapcompat_vm_nic(self->vm, list, sizeof(list));
	EXPECT_STREQ("", list);
	EXPECT_EQ(0, parse(self, "{\"host-mtu\": 1450, \"failover\": false, "
			   "\"duplex\": \"full\"}"));
	tapcompat_vm_nic(self->vm, list, sizeof(list));
	EXPECT_STREQ("host-mtu=1450,failover=off,duplex=full", list);
	EXPECT_EQ(-EINVAL, parse(self, "{\"host-mtu\": \"1450\"}"));
	EXPECT_EQ(-EINVAL, parse(self, "{\"host-mtu\": 70000}"));
	EXPECT_EQ(-EINVAL, parse(self, "{\"failover\": 1}"));
	EXPECT_EQ(-EINVAL, parse(self, "[]"));
	EXPECT_STREQ("vm.json: nic is an array, expected an object", self->error.text)
		TH_LOG("%s", self->error.text);
	EXPECT_EQ(0, parse(self, "{\"colour\": 7}"));
	EXPECT_STREQ("the property of its card 'colour'", tapcompat_vm_unknown(self->vm));
}

TEST_F(record, kept)
{
	char *text;

	/* A property and a member of a newer version survive, where they may. */
	self->options.nic = "host-mtu=1450,queue-pairs=4";
	ASSERT_EQ(0, tapcompat_vm_new(&self->options, &self->vm, NULL, &self->error))
		TH_LOG("%s", self->error.text);
	text = tapcompat_vm_json(self->vm, 0);
	EXPECT_NE(NULL, strstr(text, "\"nic\":{\"host-mtu\":1450,\"queue-pairs\":4}"));
	EXPECT_NE(NULL, strstr(text, "mq=on"));
	EXPECT_NE(NULL, strstr(text, "host_mtu=1450,vectors=10\""));
	free(text);
	self->options.nic = NULL;
	EXPECT_EQ(0, tapcompat_vm_update(self->vm, &self->options, NULL, &self->error));
	text = tapcompat_vm_json(self->vm, 0);
	EXPECT_NE(NULL, strstr(text, "\"nic\":{\"host-mtu\":1450,\"queue-pairs\":4}"));
	free(text);
	self->options.nic = "host-mtu=9000";
	EXPECT_EQ(0, tapcompat_vm_update(self->vm, &self->options, NULL, &self->error));
	text = tapcompat_vm_json(self->vm, 0);
	EXPECT_NE(NULL, strstr(text, "\"nic\":{\"host-mtu\":9000,\"queue-pairs\":4}"));
	free(text);
	self->options.nic = "host-mtu=x";
	EXPECT_EQ(-EINVAL, tapcompat_vm_update(self->vm, &self->options, NULL, &self->error));
}

TEST_F(record, checked)
{
	struct tapcompat_check *c;

	self->options.nic = "host-mtu=1450,rx-queue-size=1024";
	ASSERT_EQ(0, tapcompat_vm_new(&self->options, &self->vm, NULL, &self->error));
	c = tapcompat_vm_check(self->vm, &self->caps, TAPCOMPAT_TAP, 0);
	EXPECT_EQ(0, tapcompat_vm_check_nic(c, self->vm, "rx-queue-size=256", &self->error));
	EXPECT_EQ(0, tapcompat_check_exit(c));
	EXPECT_EQ(0, tapcompat_vm_check_nic(c, self->vm, "host-mtu=0", &self->error));
	EXPECT_EQ(1, tapcompat_check_exit(c));
	EXPECT_EQ(-EINVAL, tapcompat_vm_check_nic(c, self->vm, "colour=7", &self->error));
	tapcompat_check_free(c);
}

/* A caller that was built before the member existed. */
TEST_F(record, older_caller)
{
	self->options.size = offsetof(struct tapcompat_vm_options, nic);
	self->options.nic = "not looked at";
	EXPECT_EQ(0, tapcompat_vm_new(&self->options, &self->vm, NULL, &self->error));
}

TEST_HARNESS_MAIN
