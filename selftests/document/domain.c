// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * domain.c - parsing libvirt domains
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/parser.h>

#include <tapcompat_fleet.h>

#include "document/domain.h"
#include "document/domain_scan.h"

#define DOMAIN_QEMU "http://libvirt.org/schemas/domain/qemu/1.0"
#define OURS "xmlns:t='" DOMAIN_NAMESPACE "'"

static struct tapcompat_error error;
static struct domain d;

static int parse(const char *text)
{
	error.text[0] = '\0';
	return domain_parse(&d, text, strlen(text), &error);
}

/* Parse a domain that has @metadata in line 2. */
static int with_metadata(const char *metadata)
{
	char text[4096];

	snprintf(text, sizeof(text), "<domain><metadata>\n%s</metadata></domain>", metadata);
	return parse(text);
}

TEST(whole_domain)
{
	ASSERT_EQ(0, parse("<?xml version='1.0'?>\n<domain type='kvm'><name>g</name><metadata>"
			   "<o:other xmlns:o='urn:o'><t:net " OURS " model='no'/></o:other>"
			   "<t:net " OURS " model='tapnet-v1' require='csum,mq' "
			   "allow-emulated='yes' allow-non-strict='no' later='1'>\n"
			   " {\"a\":<!-- between -->\"&lt;\"}<![CDATA[<]]> </t:net></metadata>"
			   "<devices><interface type='bridge'><model type='virtio'/>"
			   "<driver name='vhost'/></interface></devices></domain>")) {
		TH_LOG("%s", error.text);
	}
	EXPECT_TRUE(d.marked);
	EXPECT_STREQ("tapnet-v1", d.model);
	EXPECT_STREQ("csum,mq", d.require);
	EXPECT_STREQ("\n {\"a\":\"<\"}< ", d.record);
	EXPECT_TRUE(d.allow_emulated);
	EXPECT_FALSE(d.allow_non_strict);
	EXPECT_STREQ("later", d.unknown);
	EXPECT_EQ(1u << DOMAIN_VHOST, d.links);
	domain_free(&d);
	EXPECT_EQ(NULL, d.model);
}

/* The namespace decides, not the prefix. */
TEST(namespaces)
{
	static const char *const others[] = {
		"", "<net model='x'/>", "<tapcompat:net xmlns:tapcompat='urn:other'/>",
		"<net xmlns='http://tapcompat.io/xmlns/libvirt/domain/2.0'/>",
		"<a><t:net " OURS "/></a>", "<t:net/>",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		ASSERT_EQ(0, with_metadata(others[i])) {
			TH_LOG("%s: %s", others[i], error.text);
		}
		EXPECT_FALSE(d.marked) {
			TH_LOG("%s", others[i]);
		}
		domain_free(&d);
	}
	ASSERT_EQ(0, with_metadata("<net xmlns='" DOMAIN_NAMESPACE "'/>"));
	EXPECT_TRUE(d.marked);
	EXPECT_EQ(NULL, d.record);
	ASSERT_EQ(0, parse("<domain><devices><metadata><t:net " OURS "/></metadata></devices>"
			   "</domain>"));
	EXPECT_FALSE(d.marked);
}

TEST(bad_metadata)
{
	static const struct {
		const char *metadata, *says;
	} cases[] = {
		{ "<t:nets " OURS "/>", "line 2: unknown element <nets> in tapcompat's namespace" },
		{ "<t:net " OURS "/>\n<t:net " OURS "/>", "line 3: second <net> element" },
		{ "<t:net " OURS "><t:more/></t:net>", "line 2: unknown element <more>" },
		{ "<t:net " OURS "><more/></t:net>", "line 2: unknown element <more>" },
		{ "<t:net " OURS " allow-emulated='1'/>", "line 2: allow-emulated is '1'" },
		{ "<t:net " OURS " allow-non-strict=''/>", "line 2: allow-non-strict is ''" },
		{ "<t:net " OURS " model='a' model='b'/>", "line 2: Attribute model redefined" },
		{ "<t:net " OURS " model='&other;'/>", "line 2: Entity 'other' not defined" },
		{ "<t:net " OURS ">&other;</t:net>", "line 2: Entity 'other' not defined" },
		{ "<t:\033[31m " OURS "/>", "line 2: " },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(-EINVAL, with_metadata(cases[i].metadata)) {
			TH_LOG("%s", cases[i].metadata);
		}
		EXPECT_NE(NULL, strstr(error.text, cases[i].says)) {
			TH_LOG("%s: %s", cases[i].metadata, error.text);
		}
		EXPECT_EQ(NULL, strpbrk(error.text, "\n\033"));
		domain_free(&d);
	}
}

TEST(interfaces)
{
	static const struct {
		const char *interface;
		enum domain_link link;
	} cases[] = {
		{ "type='bridge'><model type='virtio'/><driver name='qemu'/>", DOMAIN_TAP },
		{ "type='network'><model type='virtio'/><driver name='vhost'/>", DOMAIN_VHOST },
		{ "type='ethernet'><model type='virtio-transitional'/>", DOMAIN_EITHER },
		{ "type='bridge'><model type='virtio'/><driver queues='4'/>", DOMAIN_EITHER },
		{ "type='direct'><model type='virtio'/><driver name='vhost'/>", DOMAIN_MACVTAP },
		{ "type='user'><model type='virtio'/>", DOMAIN_NOT_OURS },
		{ "type='vhostuser'><model type='virtio'/><driver name='vhost'/>",
		  DOMAIN_NOT_OURS },
		{ "type='hostdev'><model type='virtio'/>", DOMAIN_NOT_OURS },
		{ "type='vdpa'><model type='virtio'/>", DOMAIN_NOT_OURS },
		{ "type='later'><model type='virtio'/>", DOMAIN_NOT_OURS },
		{ "><model type='virtio'/>", DOMAIN_NOT_OURS },
		{ "type='bridge'><model type='e1000'/>", DOMAIN_NOT_VIRTIO },
		{ "type='bridge'>", DOMAIN_NOT_VIRTIO },
		{ "type='bridge'><a:model xmlns:a='urn:a' type='virtio'/>", DOMAIN_NOT_VIRTIO },
	};
	char text[1024];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(text, sizeof(text), "<domain><metadata><t:net " OURS "/></metadata>"
			 "<devices><interface %s</interface></devices></domain>",
			 cases[i].interface);
		ASSERT_EQ(0, parse(text)) {
			TH_LOG("%s", error.text);
		}
		EXPECT_EQ(1, d.interfaces);
		EXPECT_EQ(cases[i].link, d.interface[0].link) {
			TH_LOG("%s", cases[i].interface);
		}
		EXPECT_EQ(1u << cases[i].link, d.links);
		domain_free(&d);
	}
}

/* Interfaces beyond the stored ones still count. */
TEST(many_interfaces)
{
	static const char one[] = "<interface type='user'><model type='virtio'/></interface>";
	static char text[1000 * sizeof(one)];
	int i, n;

	n = sprintf(text, "<domain><metadata><t:net " OURS "/></metadata><devices>");
	for (i = 0; i < 500; i++)
		n += sprintf(text + n, "%s", one);
	sprintf(text + n, "<interface type='direct'><model type='virtio'/></interface>"
		"</devices></domain>");
	ASSERT_EQ(0, parse(text));
	EXPECT_EQ(501, d.interfaces);
	EXPECT_EQ(1u << DOMAIN_NOT_OURS | 1u << DOMAIN_MACVTAP, d.links);
	domain_free(&d);
}

TEST(no_domain)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "it is empty" },
		{ " ", "does not begin" },
		{ "garbage", "does not begin" },
		{ "<garbage", "line 1: " },
		{ "\x4c\x6f\xa7\x94\x93", "does not begin" },	/* EBCDIC */
		{ "\xff\xfe<\xfe", "does not begin" },
		{ "<domains/>", "line 1: the root element is <domains>" },
		{ "<d:domain xmlns:d='urn:d'/>", "line 1: the root element is <domain>" },
		{ "<domain>\n<name>", "line 2: " },
		{ "<domain/><domain/>", "line 1: Extra content" },
		{ "<domain>\n\n\xff\xfe</domain>", "line 3: Input is not proper UTF-8" },
		{ "<domain>\xc0\xaf</domain>", "line 1: Input is not proper UTF-8" },
		{ "<domain>\x1b</domain>", "line 1: PCDATA invalid Char value 27" },
		{ "<?xml version='1.0' encoding='ISO-8859-1'?><domain>\xe4</domain>",
		  "line 1: Input is not proper UTF-8" },
		/* Not even an empty one. */
		{ "<!DOCTYPE domain><domain/>", "a document type declaration" },
		{ "<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>",
		  "a document type declaration" },
		{ "<!DOCTYPE domain [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
		  "<domain>&a;</domain>", "a document type declaration" },
		{ "<!DOCTYPE domain [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><domain>&b;</domain>",
		  "a document type declaration" },
		{ "<!DOCTYPE domain [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'> %p;]><domain/>",
		  "a document type declaration" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(-EINVAL, parse(cases[i].text)) {
			TH_LOG("%s", cases[i].text);
		}
		EXPECT_NE(NULL, strstr(error.text, cases[i].says)) {
			TH_LOG("%s: %s", cases[i].text, error.text);
		}
		domain_free(&d);
	}
	EXPECT_EQ(-EINVAL, domain_parse(&d, "<domain/>\0", 10, &error));
	EXPECT_NE(NULL, strstr(error.text, "NUL"));
	EXPECT_EQ(-EINVAL, domain_parse(&d, "<domain", 7, NULL));
}

/* libxml2's global state is restored: the caller may use libxml2, too. */
TEST(nothing_left_behind)
{
	EXPECT_EQ(-EINVAL, parse("<domain>"));
	EXPECT_EQ(NULL, xmlGetLastError());
	EXPECT_EQ(NULL, xmlStructuredError);
}

TEST(sizes_and_depths)
{
	static char text[DOMAIN_MAX + 2];
	const size_t max = DOMAIN_MAX;

	memset(text, ' ', max + 1);
	memcpy(text, "<domain/>", strlen("<domain/>"));
	EXPECT_EQ(0, domain_parse(&d, text, max, &error));
	EXPECT_EQ(-EINVAL, domain_parse(&d, text, max + 1, &error));
	EXPECT_NE(NULL, strstr(error.text, "larger than 8388608 bytes"));
	/* 10^5 nested elements. */
	memcpy(text, "<domain>", strlen("<domain>"));
	for (size_t i = 0; i < 100000; i++)
		memcpy(text + 8 + 3 * i, "<a>", 3);
	EXPECT_EQ(-EINVAL, domain_parse(&d, text, 300008, &error));
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Each would take the parser a minute. */
TEST(costs)
{
	static char text[DOMAIN_MAX];
	double start = seconds();
	size_t n, i;

	n = (size_t)sprintf(text, "<domain ");
	for (i = 0; n < sizeof(text) - 32; i++)
		n += (size_t)sprintf(text + n, "a%zx='' ", i);
	n += (size_t)sprintf(text + n, "/>");
	EXPECT_EQ(-EINVAL, domain_parse(&d, text, n, &error));
	EXPECT_NE(NULL, strstr(error.text, "too many attributes"));
	n = (size_t)sprintf(text, "<domain>");
	for (i = 0; n < sizeof(text) / 2; i++)
		n += (size_t)sprintf(text + n, "<a xmlns:a%zx='u'/>", i);
	n += (size_t)sprintf(text + n, "</domain>");
	EXPECT_EQ(-EINVAL, domain_parse(&d, text, n, &error));
	EXPECT_NE(NULL, strstr(error.text, "too many namespaces"));
	EXPECT_LT(seconds() - start, 5.0);
}

/* Apostrophes in comments and in text are not counted as attributes. */
TEST(scan)
{
	static char text[DOMAIN_ATTRIBUTES * 64];
	size_t n = 0, i;

	n += (size_t)sprintf(text + n, "<?what isn't?><!-- a < b isn't --><domain>");
	for (i = 0; i < DOMAIN_ATTRIBUTES; i++)
		n += (size_t)sprintf(text + n, "isn't <a b='>' c=\"it's\"/><![CDATA[<isn't]]>");
	EXPECT_EQ(NULL, domain_scan(text, n));
	EXPECT_EQ(NULL, domain_scan("<", 1));
	EXPECT_EQ(NULL, domain_scan("<!--", 4));
	EXPECT_EQ(NULL, domain_scan("<a b='", 6));
	n = (size_t)sprintf(text, "<a ");
	for (i = 0; i < DOMAIN_ATTRIBUTES; i++)
		n += (size_t)sprintf(text + n, "a%zu='' ", i);
	EXPECT_EQ(NULL, domain_scan(text, n));
	n += (size_t)sprintf(text + n, "b=''");
	EXPECT_NE(NULL, domain_scan(text, n));
}

/* What switches an interface's features on and off. */
TEST(switches)
{
	static const struct {
		const char *interface, *more;
		const char *on, *off;
	} cases[] = {
		{ "<driver queues='2' packed='on'><host csum='off'/><guest csum='on'/></driver>",
		  "", "mq,packed,guest_csum", "csum" },
		{ "<driver queues='1' rss='off'/>", "", "", "mq,rss" },
		{ "", "<q:override><q:device alias='ua-a'><q:frontend>"
		  "<q:property name='host_uso' type='bool' value='false'/>"
		  "<q:property name='mrg_rxbuf' type='string' value='on'/></q:frontend></q:device>"
		  "</q:override>", "mrg_rxbuf", "host_uso" },
		{ "<driver packed='on'/>", "<q:override><q:device alias='ua-a'><q:frontend>"
		  "<q:property name='packed' type='remove'/></q:frontend></q:device></q:override>",
		  "", "" },
		{ "", "<q:override><q:device alias='ua-b'><q:frontend>"
		  "<q:property name='host_uso' type='bool' value='false'/></q:frontend></q:device>"
		  "</q:override>", "", "" },
		{ "", "<q:commandline><q:arg value='-global'/>"
		  "<q:arg value='virtio-net-device.host_uso=off'/><q:arg value='-global'/>"
		  "<q:arg value='virtio-net-pci.host_uso=on'/><q:arg value='-set'/>"
		  "<q:arg value='device.ua-a.csum=off'/></q:commandline>", "host_uso", "csum" },
		{ "", "<q:commandline><q:arg value='virtio-net-pci.host_uso=off'/>"
		  "<q:arg value='-global'/><q:arg value='virtio-net-pci.later=off'/>"
		  "<q:arg value='-global'/><q:arg value='='/><q:arg value='-set'/>"
		  "<q:arg value='device.=off'/><q:arg value='-set'/></q:commandline>", "", "" },
	};
	char text[2048];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tapcompat_mask on, off;
		struct tapcompat_error why;

		snprintf(text, sizeof(text), "<domain type='qemu' xmlns:q='" DOMAIN_QEMU "'>"
			 "<metadata><t:net " OURS "/></metadata><os><type machine='q35'>hvm</type>"
			 "</os><devices><emulator>/usr/bin/qemu</emulator><interface type='bridge'>"
			 "<model type='virtio'/><alias name='ua-a'/>%s</interface></devices>%s"
			 "</domain>", cases[i].interface, cases[i].more);
		ASSERT_EQ(0, parse(text)) {
			TH_LOG("%s", error.text);
		}
		on = off = (struct tapcompat_mask){ { 0, 0 } };
		if (cases[i].on[0])
			ASSERT_EQ(0, tapcompat_require_parse(cases[i].on, &on, &why));
		if (cases[i].off[0])
			ASSERT_EQ(0, tapcompat_require_parse(cases[i].off, &off, &why));
		EXPECT_TRUE(mask_equal(&on, &d.interface[0].set.on)) {
			TH_LOG("case %zu", i);
		}
		EXPECT_TRUE(mask_equal(&off, &d.interface[0].set.off)) {
			TH_LOG("case %zu", i);
		}
		EXPECT_STREQ("q35", d.machine);
		EXPECT_STREQ("/usr/bin/qemu", d.emulator);
		EXPECT_EQ(DOMAIN_TAP, d.interface[0].link);
		domain_free(&d);
	}
}

TEST_HARNESS_MAIN
