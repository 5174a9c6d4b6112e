// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * baseline.c - the baseline of many hosts and its output formats
 */
#include "kselftest_harness.h"

#include <jansson.h>
#include <malloc.h>
#include <string.h>

#include "fleet/fleet.h"
#include "host_fixture.h"

FIXTURE(baseline) {
	struct tapcompat_caps caps;
	struct tapcompat_fleet_options options;
	struct tapcompat_fleet *fleet;
	struct baseline b;
};

FIXTURE_SETUP(baseline)
{
	self->options.size = sizeof(self->options);
	self->options.qemu = "11.1";
}

FIXTURE_TEARDOWN(baseline)
{
	tapcompat_fleet_free(self->fleet);
}

/* Add a host that lacks the features of a list. */
static void add(struct _test_data_baseline *self, const char *name, const char *lacks)
{
	if (!self->fleet)
		tapcompat_fleet_new(&self->options, &self->fleet, NULL);
	host_full(&self->caps, name);
	if (*lacks)
		host_set_all(&self->caps, lacks, TAPCOMPAT_ABSENT);
	if (tapcompat_fleet_add(self->fleet, &self->caps))
		abort();
}

static const struct baseline *of(struct _test_data_baseline *self)
{
	baseline_of(self->fleet, &self->b);
	return &self->b;
}

static const char *flags(struct _test_data_baseline *self)
{
	static char text[512];

	flags_text(of(self)->flags, text, sizeof(text));
	return text;
}

static const struct baseline_cost *cost(const struct baseline *b, const char *name)
{
	unsigned int i;

	for (i = 0; i < b->costs; i++)
		if (!strcmp(b->cost[i].feature->name, name))
			return &b->cost[i];
	return NULL;
}

TEST_F(baseline, options)
{
	/* The first version ended with @arg. */
	self->options.size = offsetof(struct tapcompat_fleet_options, nic) - 1;
	EXPECT_EQ(-EINVAL, tapcompat_fleet_new(&self->options, &self->fleet, NULL));
	self->options.size++;
	self->options.nic = "not looked at";
	EXPECT_EQ(0, tapcompat_fleet_new(&self->options, &self->fleet, NULL));
	tapcompat_fleet_free(self->fleet);
	self->fleet = NULL;
	self->options.size = sizeof(self->options);
	EXPECT_EQ(-EINVAL, tapcompat_fleet_new(&self->options, &self->fleet, NULL));
	tapcompat_fleet_free(NULL);
}

TEST_F(baseline, intersections)
{
	static const struct {
		const char *first, *second, *flags, *model;
	} cases[] = {
		{ "", "", "", "tapnet-v3" },
		/* A2, and the other way round. */
		{ USO "," TUNNEL ",queue_reset", TUNNEL,
		  "host_uso=off,guest_uso4=off,guest_uso6=off,queue_reset=off", "tapnet-v1" },
		{ TUNNEL, USO "," TUNNEL ",queue_reset",
		  "host_uso=off,guest_uso4=off,guest_uso6=off,queue_reset=off", "tapnet-v1" },
		/* A feature that no host has needs no flag, unless QEMU provides it with a tap. */
		{ USO "," TUNNEL, USO "," TUNNEL, "", "tapnet-v1" },
		{ USO "," TUNNEL ",queue_reset", USO "," TUNNEL ",queue_reset", "queue_reset=off",
		  "tapnet-v1" },
		/* A feature that is off by default needs no flag. */
		{ "mq,packed,rss", "", "", "tapnet-v3" },
		/* Dependencies: host_ecn needs host_tso4 or host_tso6. */
		{ "host_tso6," TUNNEL, "host_tso4," TUNNEL,
		  "host_tso4=off,host_tso6=off,host_ecn=off",
		  NULL },
		{ "host_tso6," TUNNEL, TUNNEL, "host_tso6=off", NULL },
		{ "csum," TUNNEL, TUNNEL, "csum=off,host_tso4=off,host_tso6=off,host_ecn=off,"
		  "host_ufo=off,host_uso=off", NULL },
		/* A tunnel needs any of several; its checksums need the tunnel. */
		{ "guest_tso4,guest_tso6,guest_ecn,guest_uso4", "guest_uso6,host_tunnel",
		  "host_tunnel=off,host_tunnel_csum=off,guest_tso4=off,guest_tso6=off,"
		  "guest_ecn=off,guest_uso4=off,guest_uso6=off,guest_tunnel=off,"
		  "guest_tunnel_csum=off", NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		add(self, "a", cases[i].first);
		add(self, "b", cases[i].second);
		EXPECT_STREQ(cases[i].flags, flags(self)) {
			TH_LOG("case %zu", i);
		}
		EXPECT_EQ(!!cases[i].model, !!self->b.model) {
			TH_LOG("case %zu", i);
		}
		if (cases[i].model && self->b.model)
			EXPECT_STREQ(cases[i].model, self->b.model->name);
		EXPECT_TRUE(mask_empty(&self->b.flags.on));
		EXPECT_FALSE(mask_intersects(&self->b.mask, &self->b.flags.off));
		tapcompat_fleet_free(self->fleet);
		self->fleet = NULL;
	}
}

TEST_F(baseline, costs)
{
	add(self, "a", "");
	add(self, "b", USO);
	add(self, "c", "queue_reset," USO);
	add(self, "d", "");
	of(self);
	ASSERT_NE(NULL, cost(&self->b, "queue_reset"));
	EXPECT_EQ(1, cost(&self->b, "queue_reset")->hosts);
	EXPECT_STREQ("c", cost(&self->b, "queue_reset")->lacks);
	EXPECT_STREQ("a", cost(&self->b, "queue_reset")->has);
	ASSERT_NE(NULL, cost(&self->b, "host_uso"));
	EXPECT_EQ(2, cost(&self->b, "host_uso")->hosts);
	EXPECT_STREQ("b", cost(&self->b, "host_uso")->lacks);
	EXPECT_EQ(NULL, cost(&self->b, "csum"));
	EXPECT_EQ(4, self->b.costs);
}

TEST_F(baseline, costs_of_none)
{
	add(self, "a", USO);
	add(self, "b", USO);
	EXPECT_EQ(0, of(self)->costs);
	add(self, "c", "");
	EXPECT_EQ(3, of(self)->costs);
	EXPECT_EQ(2, self->b.cost[0].hosts);
}

/* Equal hosts form one group, whatever their names and times of probing. */
TEST_F(baseline, groups)
{
	char name[32];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "node%d", i);
		add(self, name, i % 3 ? "" : USO);
	}
	EXPECT_EQ(2, self->fleet->groups);
	EXPECT_EQ(1000, tapcompat_fleet_hosts(self->fleet));
	EXPECT_EQ(334, self->fleet->group[0].hosts);
	EXPECT_EQ(666, self->fleet->group[1].hosts);
	EXPECT_STREQ("node1", group_name(self->fleet, &self->fleet->group[1]));
	EXPECT_EQ(334, of(self)->cost[0].hosts);
	/* A state, an availability and a detail differ; only the detail does not matter. */
	host_full(&self->caps, "x");
	host_set(&self->caps, TAPCOMPAT_TAP, "csum", TAPCOMPAT_NATIVE);
	strcpy(self->caps.backend[0].feature[0].detail, "other");
	tapcompat_fleet_add(self->fleet, &self->caps);
	EXPECT_EQ(2, self->fleet->groups);
	host_set(&self->caps, TAPCOMPAT_TAP, "csum", TAPCOMPAT_UNKNOWN);
	tapcompat_fleet_add(self->fleet, &self->caps);
	host_set(&self->caps, TAPCOMPAT_TAP, "csum", TAPCOMPAT_ABSENT);
	tapcompat_fleet_add(self->fleet, &self->caps);
	EXPECT_EQ(4, self->fleet->groups);
	self->caps.backend[TAPCOMPAT_VHOST_VDPA].availability = TAPCOMPAT_NOT_ASKED;
	tapcompat_fleet_add(self->fleet, &self->caps);
	EXPECT_EQ(5, self->fleet->groups);
}

/* A hundred thousand hosts: memory grows with the groups and the names only. */
TEST_F(baseline, many_hosts)
{
	const struct tapcompat_feature *f;
	struct mallinfo2 before = mallinfo2(), after;
	unsigned int i, bit;
	char name[32];

	tapcompat_fleet_new(&self->options, &self->fleet, NULL);
	host_full(&self->caps, "a");
	for (i = 0; i < 100000; i++) {
		snprintf(self->caps.host, sizeof(name), "node%u", i);
		bit = 0;
		for_each_feature(f)
			if (f->layers & TAPCOMPAT_LAYER_TAP && bit < 9)
				self->caps.backend[TAPCOMPAT_TAP].feature[feature_index(f)].state =
					i >> bit++ & 1 ? TAPCOMPAT_NATIVE : TAPCOMPAT_ABSENT;
		ASSERT_EQ(0, tapcompat_fleet_add(self->fleet, &self->caps));
	}
	after = mallinfo2();
	EXPECT_EQ(512, self->fleet->groups);
	EXPECT_EQ(100000, tapcompat_fleet_hosts(self->fleet));
	EXPECT_GT(8ul << 20, after.uordblks + after.hblkhd - before.uordblks - before.hblkhd);
	EXPECT_EQ(0, of(self)->mask.word[0] & 1);
	EXPECT_EQ(50000, cost(&self->b, "csum")->hosts);
	EXPECT_EQ(100000, self->fleet->named);
}

TEST_F(baseline, drifts)
{
	char text[512];

	add(self, "old", USO ",queue_reset," TUNNEL);
	add(self, "mid", "queue_reset," TUNNEL);
	add(self, "new", TUNNEL);
	of(self);
	ASSERT_TRUE(baseline_drift(&self->b, 0, text, sizeof(text)));
	EXPECT_STREQ("a machine started on old without these flags gains queue_reset when its "
		     "guest restarts on new, and then cannot migrate back", text);
	ASSERT_TRUE(baseline_drift(&self->b, 1, text, sizeof(text)));
	EXPECT_NE(NULL, strstr(text, "gains guest_uso4,guest_uso6,host_uso when its guest restarts "
			       "on mid"));
	EXPECT_FALSE(baseline_drift(&self->b, 2, text, sizeof(text)));
}

TEST_F(baseline, no_drift)
{
	char text[512];

	add(self, "a", "mq,packed");
	add(self, "b", "");
	EXPECT_FALSE(baseline_drift(of(self), 0, text, sizeof(text)));
	EXPECT_EQ(2, self->b.costs);
}

TEST_F(baseline, old_qemu)
{
	static const struct {
		const char *qemu, *flags;
	} cases[] = {
		{ NULL, "queue_reset=off" },
		{ "10.2", "host_uso=off,host_tunnel=off,host_tunnel_csum=off,guest_uso4=off,"
		  "guest_uso6=off,guest_tunnel=off,guest_tunnel_csum=off,queue_reset=off" },
		{ "10.1.9", "host_uso=off,guest_uso4=off,guest_uso6=off,queue_reset=off" },
		{ "8.2", "host_uso=off,guest_uso4=off,guest_uso6=off,queue_reset=off" },
		{ "8.2.10", "host_uso=off,guest_uso4=off,guest_uso6=off,queue_reset=off" },
		{ "8.1", "queue_reset=off" },
		{ "7.2.0", "queue_reset=off" },
		{ "7.1", "" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		self->options.qemu = cases[i].qemu;
		add(self, "a", USO "," TUNNEL ",queue_reset");
		add(self, "b", "");
		EXPECT_STREQ(cases[i].flags, flags(self)) {
			TH_LOG("QEMU %s", cases[i].qemu);
		}
		/* What newer QEMUs need is open only where the QEMU is unknown. */
		EXPECT_EQ(!cases[i].qemu, tapcompat_fleet_later(self->fleet) != NULL);
		tapcompat_fleet_free(self->fleet);
		self->fleet = NULL;
	}
	/* Features unknown to the oldest QEMU are not offered. */
	self->options.qemu = "8.1";
	add(self, "a", "");
	EXPECT_FALSE(tapcompat_mask_test(&of(self)->mask, 56));
	EXPECT_TRUE(tapcompat_mask_test(&self->b.mask, 40));
	EXPECT_STREQ("tapnet-v1", self->b.model->name);
}

TEST_F(baseline, ask_for)
{
	self->options.ask_for = host_mask("mq,packed");
	add(self, "a", "");
	add(self, "b", "packed");
	EXPECT_STREQ("mq=on", flags(self));
	EXPECT_TRUE(tapcompat_mask_test(&self->b.mask, 22));
	EXPECT_FALSE(tapcompat_mask_test(&self->b.mask, 34));
}

TEST_F(baseline, if_asked_for)
{
	struct tapcompat_mask extra;

	add(self, "a", "packed");
	extra = baseline_extra(of(self));
	EXPECT_TRUE(tapcompat_mask_test(&extra, 22));
	EXPECT_FALSE(tapcompat_mask_test(&extra, 34));
	EXPECT_FALSE(tapcompat_mask_test(&extra, 56));
}

TEST_F(baseline, no_deprecated)
{
	self->options.flags = TAPCOMPAT_FLEET_NO_DEPRECATED;
	add(self, "a", "");
	EXPECT_STREQ("host_ufo=off,guest_ufo=off", flags(self));
	ASSERT_NE(NULL, self->b.model);
	EXPECT_STREQ("tapnet-v3", self->b.model->name);
}

TEST_F(baseline, emulated)
{
	int i;

	for (i = 0; i < 2; i++) {
		self->options.flags = i ? TAPCOMPAT_FLEET_EMULATED : 0;
		add(self, "a", "");
		host_set_all(&self->caps, USO, TAPCOMPAT_EMULATED);
		ASSERT_EQ(0, tapcompat_fleet_add(self->fleet, &self->caps));
		EXPECT_STREQ(i ? "" : "host_uso=off,guest_uso4=off,guest_uso6=off", flags(self));
		tapcompat_fleet_free(self->fleet);
		self->fleet = NULL;
	}
}

/* ebpf-rss is not a backend of a machine. */
TEST_F(baseline, steering)
{
	self->options.backends = 1u << TAPCOMPAT_TAP | 1u << TAPCOMPAT_EBPF_RSS;
	EXPECT_EQ(-EINVAL, tapcompat_fleet_new(&self->options, &self->fleet, NULL));
}

static void add_vhost(struct _test_data_baseline *self, const char *name,
		      enum tapcompat_availability vhost)
{
	if (!self->fleet)
		tapcompat_fleet_new(&self->options, &self->fleet, NULL);
	host_full(&self->caps, name);
	self->caps.backend[TAPCOMPAT_VHOST_NET].availability = vhost;
	if (tapcompat_fleet_add(self->fleet, &self->caps))
		abort();
}

/* vhost-net counts if every host has it or if it was named. */
TEST_F(baseline, backends)
{
	static const struct {
		unsigned int backends;
		enum tapcompat_availability vhost;
		unsigned int over;
		const char *undecided, *lacks;
	} cases[] = {
		{ 0, TAPCOMPAT_AVAILABLE, BACKENDS_USUAL, NULL, NULL },
		{ 0, TAPCOMPAT_UNAVAILABLE, 1u << TAPCOMPAT_TAP, NULL, NULL },
		{ 0, TAPCOMPAT_UNDECIDED, BACKENDS_USUAL,
		  "b vhost-net: could not be probed", NULL },
		{ 0, TAPCOMPAT_NOT_ASKED, BACKENDS_USUAL,
		  "b vhost-net: not in the document", NULL },
		{ 1u << TAPCOMPAT_TAP, TAPCOMPAT_UNDECIDED, 1u << TAPCOMPAT_TAP, NULL, NULL },
		{ BACKENDS_USUAL, TAPCOMPAT_UNAVAILABLE, BACKENDS_USUAL, NULL, "b vhost-net: " },
		{ BACKENDS_USUAL, TAPCOMPAT_UNDECIDED, BACKENDS_USUAL,
		  "b vhost-net: could not be probed", NULL },
		{ BACKENDS_USUAL, TAPCOMPAT_NOT_ASKED, BACKENDS_USUAL,
		  "b vhost-net: not in the document", NULL },
		{ 1u << TAPCOMPAT_VHOST_VDPA, TAPCOMPAT_AVAILABLE, 1u << TAPCOMPAT_VHOST_VDPA,
		  NULL, "a vhost-vdpa: " },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text;

		self->options.backends = cases[i].backends;
		add_vhost(self, "a", TAPCOMPAT_AVAILABLE);
		add_vhost(self, "b", cases[i].vhost);
		EXPECT_EQ(cases[i].over, of(self)->backends);
		text = tapcompat_fleet_undecided(self->fleet);
		EXPECT_EQ(!!cases[i].undecided, !!text) {
			TH_LOG("case %zu: %s", i, text ? text : "");
		}
		if (text && cases[i].undecided)
			EXPECT_EQ(0, strncmp(cases[i].undecided, text, strlen(cases[i].undecided)));
		text = tapcompat_fleet_lacks(self->fleet);
		EXPECT_EQ(!!cases[i].lacks, !!text) {
			TH_LOG("case %zu: %s", i, text ? text : "");
		}
		if (text && cases[i].lacks)
			EXPECT_EQ(0, strncmp(cases[i].lacks, text, strlen(cases[i].lacks)));
		tapcompat_fleet_free(self->fleet);
		self->fleet = NULL;
	}
	tapcompat_fleet_new(&self->options, &self->fleet, NULL);
	EXPECT_STREQ("there are no documents", tapcompat_fleet_undecided(self->fleet));
	EXPECT_EQ(0, tapcompat_fleet_mask(self->fleet).word[0]);
}

TEST_F(baseline, landings)
{
	json_t *o, *list;
	char *text;

	self->options.acked = mask_or(host_mask("csum," USO), host_bit(5));
	add(self, "a", "");
	add(self, "b", USO);
	text = tapcompat_fleet_format(self->fleet, TAPCOMPAT_FORMAT_JSON, NULL, 0);
	o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	list = json_object_get(o, "landing");
	ASSERT_EQ(2, json_array_size(list));
	EXPECT_TRUE(json_is_true(json_object_get(json_array_get(list, 0), "lands")));
	EXPECT_NE(NULL, strstr(json_string_value(json_object_get(json_array_get(list, 0),
								 "device")), "host_uso=on,"));
	EXPECT_TRUE(json_is_false(json_object_get(json_array_get(list, 1), "lands")));
	EXPECT_EQ(NULL, json_object_get(json_array_get(list, 1), "device"));
	EXPECT_EQ(3, json_array_size(json_object_get(json_array_get(list, 1), "lacks")));
	json_decref(o);
}

/* J9: a machine with unknown bits does not land. */
TEST_F(baseline, landing_of_unknown_bits)
{
	char *text;

	self->options.acked = mask_or(host_mask("csum"), host_bit(71));
	add(self, "a", "");
	text = tapcompat_fleet_format(self->fleet, TAPCOMPAT_FORMAT_JSON, NULL, 0);
	EXPECT_NE(NULL, strstr(text, "\"lands\":false,\"lacks\":[\"bit 71\"]")) {
		TH_LOG("%s", text);
	}
	free(text);
}

/* ---- Formats ---- */

#define GUEST "a'b\"c<d>&$(x)\n`y`"
#define GLOBALS \
	"-global virtio-net-device.csum=off -global virtio-net-device.host_tso4=off " \
	"-global virtio-net-device.host_tso6=off -global virtio-net-device.host_ecn=off " \
	"-global virtio-net-device.host_ufo=off -global virtio-net-device.host_uso=off " \
	"-global virtio-net-device.mq=on"
#define QM(id) \
	"qm set " id " --args \"$(qm config " id " | sed -nE 's/-global virtio-net-device\\." \
	"(csum|host_tso4|host_tso6|host_ecn|host_ufo|host_uso|mq)=(on|off)( |$)//g; " \
	"s/^args: *(.*[^ ]) *$/\\1 /p')" GLOBALS "\"\n"

TEST_F(baseline, formats)
{
	static const struct {
		enum tapcompat_format format;
		const char *name, *guest, *empty, *some;
	} cases[] = {
		{ TAPCOMPAT_FORMAT_QEMU, "qemu", NULL,
		  "-device virtio-net-pci,netdev=net0\n",
		  "-device virtio-net-pci,netdev=net0,csum=off,host_tso4=off,host_tso6=off,"
		  "host_ecn=off,host_ufo=off,host_uso=off,mq=on\n" },
		{ TAPCOMPAT_FORMAT_QEMU_GLOBAL, "qemu-global", NULL, "\n", GLOBALS "\n" },
		{ TAPCOMPAT_FORMAT_VIRT_XML, "virt-xml", NULL, "# no flags are needed\n",
		  "virt-xml 'DOMAIN' --edit --qemu-commandline='" GLOBALS "'\n" },
		{ TAPCOMPAT_FORMAT_VIRT_XML, "virt-xml", GUEST, "# no flags are needed\n",
		  "virt-xml 'a'\\''b\"c<d>&$(x)\n`y`' --edit --qemu-commandline='" GLOBALS "'\n" },
		{ TAPCOMPAT_FORMAT_PROXMOX, "proxmox", "100", "# no flags are needed\n",
		  QM("'100'") },
		{ TAPCOMPAT_FORMAT_PROXMOX, "proxmox", NULL, "# no flags are needed\n",
		  QM("'VMID'") },
	};
	char *text;
	size_t i;
	int n;

	self->options.ask_for = host_mask("mq");
	for (n = 0; n < 2; n++) {
		add(self, "a", n ? TUNNEL : "mq");
		if (n)
			add(self, "b", "csum," TUNNEL);
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			EXPECT_STREQ(cases[i].name, tapcompat_format_name(cases[i].format));
			text = tapcompat_fleet_format(self->fleet, cases[i].format, cases[i].guest,
						      0);
			EXPECT_STREQ(n ? cases[i].some : cases[i].empty, text);
			free(text);
		}
		tapcompat_fleet_free(self->fleet);
		self->fleet = NULL;
	}
	add(self, "a", "");
	EXPECT_EQ(NULL, tapcompat_fleet_format(self->fleet, TAPCOMPAT_FORMATS, NULL, 0));
	EXPECT_STREQ("?", tapcompat_format_name(TAPCOMPAT_FORMATS));
}

#define XML_HEAD \
	"<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n" \
	"  <name>%s</name>\n  <memory unit='MiB'>1024</memory>\n" \
	"  <os>\n    <type arch='x86_64'>hvm</type>\n  </os>\n  <devices>\n" \
	"    <!-- for virsh edit: this interface%s -->\n" \
	"    <interface type='bridge'>\n      <source bridge='br0'/>\n" \
	"      <model type='virtio'/>\n"
#define XML_MIDDLE "      <alias name='ua-net0'/>\n    </interface>\n  </devices>\n"

TEST_F(baseline, libvirt)
{
	char *text, expect[2048];

	add_vhost(self, "a", TAPCOMPAT_UNAVAILABLE);
	text = tapcompat_fleet_format(self->fleet, TAPCOMPAT_FORMAT_LIBVIRT, NULL, 0);
	snprintf(expect, sizeof(expect), XML_HEAD "      <driver name='qemu'/>\n" XML_MIDDLE
		 "</domain>\n", "guest", "");
	EXPECT_STREQ(expect, text);
	free(text);
	tapcompat_fleet_free(self->fleet);
	self->fleet = NULL;
	/* libvirt sets mq as a number of queues. */
	self->options.ask_for = host_mask("mq,packed");
	add(self, "a", TUNNEL);
	add(self, "b", "csum,guest_tso4,queue_reset," TUNNEL);
	text = tapcompat_fleet_format(self->fleet, TAPCOMPAT_FORMAT_LIBVIRT, GUEST, 0);
	snprintf(expect, sizeof(expect), XML_HEAD
		 "      <driver name='vhost' queues='2' packed='on'>\n"
		 "        <host csum='off' tso4='off' tso6='off' ecn='off' ufo='off'/>\n"
		 "        <guest tso4='off'/>\n      </driver>\n" XML_MIDDLE
		 "  <qemu:override>\n    <qemu:device alias='ua-net0'>\n      <qemu:frontend>\n"
		 "        <qemu:property name='host_uso' type='bool' value='false'/>\n"
		 "        <qemu:property name='queue_reset' type='bool' value='false'/>\n"
		 "      </qemu:frontend>\n    </qemu:device>\n  </qemu:override>\n</domain>\n",
		 "a'b\"c&lt;d&gt;&amp;$(x)`y`", ", the qemu:override below, and xmlns:qemu above");
	EXPECT_STREQ(expect, text);
	free(text);
}

/* The same result in JSON. */
TEST_F(baseline, document)
{
	char *text;
	json_t *o;

	add(self, "a", TUNNEL);
	add(self, "b", USO "," TUNNEL);
	text = tapcompat_fleet_format(self->fleet, TAPCOMPAT_FORMAT_JSON, NULL, TAPCOMPAT_PRETTY);
	o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ASSERT_NE(NULL, o);
	EXPECT_STREQ("tapcompat-baseline", json_string_value(json_object_get(o, "schema")));
	EXPECT_STREQ("host_uso=off,guest_uso4=off,guest_uso6=off",
		     json_string_value(json_object_get(o, "device")));
	EXPECT_EQ(2, json_integer_value(json_object_get(o, "hosts")));
	EXPECT_EQ(3, json_array_size(json_object_get(o, "costs")));
	EXPECT_EQ(2, json_array_size(json_object_get(o, "groups")));
	EXPECT_EQ(1, json_array_size(json_object_get(o, "warnings")));
	EXPECT_EQ(NULL, json_object_get(o, "landing"));
	json_decref(o);
	free(text);
}

TEST_HARNESS_MAIN
