// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * explain.c - explaining masks and log messages
 */
#include "kselftest_harness.h"

#include <string.h>

#include "explain/explain.h"
#include "explain/number.h"
#include "explain/scan.h"
#include "host_fixture.h"
#include "report/report.h"

#define A1_HELD "0x1c0010130afffaf"
#define A1_ALLOWED "0x10179bfffef"
#define A2_HELD "0x1c0010130afffa7"
#define A2_ALLOWED "0x179bfffe7"
#define REFUSED(acked, allowed) \
	"Features " acked " unsupported. Allowed features: " allowed

static struct tapcompat_caps host;

static bool same(struct tapcompat_mask a, struct tapcompat_mask b)
{
	return mask_equal(&a, &b);
}

static bool cure(const struct tapcompat_explanation *e, const char *text)
{
	unsigned int i;

	for (i = 0; i < e->cures; i++)
		if (strstr(e->cure[i], text))
			return true;
	return false;
}

static struct tapcompat_explanation *masks(const char *acked, const char *allowed,
					   const struct tapcompat_caps *caps)
{
	struct tapcompat_explain_options options = { .size = sizeof(options), .host = caps };
	struct tapcompat_mask a, b;

	if (tapcompat_mask_parse(acked, &a) || (allowed && tapcompat_mask_parse(allowed, &b)))
		abort();
	return tapcompat_explain_masks(&a, allowed ? &b : NULL, &options);
}

/* The first answer to a text. */
static struct tapcompat_explanation *line(const char *text)
{
	struct tapcompat_explain_log *log = tapcompat_explain_log_new(NULL, 0);
	struct tapcompat_explanation *e;

	if (!log || tapcompat_explain_log_text(log, text, strlen(text)) ||
	    tapcompat_explain_log_take(log, 1, &e) < 0)
		abort();
	tapcompat_explain_log_free(log);
	return e;
}

static char *printed(const struct tapcompat_explanation *e, unsigned int flags)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	explanation_print(e, out, flags);
	fclose(out);
	return text;
}

/* Without a document both remedies are given. */
TEST(incidents)
{
	static const struct {
		const char *acked, *allowed, *missing, *on, *off;
	} cases[] = {
		{ A1_HELD, A1_ALLOWED, USO, "host_uso=on,guest_uso4=on,guest_uso6=on",
		  "host_uso=off,guest_uso4=off,guest_uso6=off it can" },
		{ A2_HELD, A2_ALLOWED, USO ",queue_reset",
		  "Linux 6.3: start its QEMU with -device virtio-net-pci,...,"
		  "host_uso=on,guest_uso4=on,guest_uso6=on,queue_reset=on",
		  "host_uso=off,guest_uso4=off,guest_uso6=off,queue_reset=off it can" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tapcompat_explanation *e = masks(cases[i].acked, cases[i].allowed, NULL);
		char *text = printed(e, 0);

		EXPECT_EQ(EXPLAIN_REFUSED, e->finding.kind);
		EXPECT_TRUE(same(host_mask(cases[i].missing), e->finding.missing));
		EXPECT_TRUE(cure(e, cases[i].on));
		EXPECT_TRUE(cure(e, cases[i].off));
		EXPECT_TRUE(cure(e, "cold restart needed"));
		EXPECT_NE(NULL, strstr(text, "host_uso"));
		EXPECT_NE(NULL, strstr(text, "kernel tap (before Linux 6.2), or QEMU or its machine"
				       " type (before 8.2)")) {
			TH_LOG("%s", text);
		}
		free(text);
		text = printed(e, REPORT_QUIET);
		EXPECT_EQ(0, strncmp(text, i ? "queue_reset\nguest_uso4\n" :
				     "guest_uso4\nguest_uso6\nhost_uso\n", 22)) {
			TH_LOG("%s", text);
		}
		free(text);
		tapcompat_explanation_free(e);
	}
}

/* With a document only the one that applies is given. */
TEST(incidents_with_document)
{
	struct tapcompat_explanation *e;

	host_full(&host, "node2");
	e = masks(A1_HELD, A1_ALLOWED, &host);
	EXPECT_TRUE(cure(e, "land it: node2 has them"));
	EXPECT_FALSE(cure(e, "cold restart"));
	EXPECT_STREQ("host_uso=on,guest_uso4=on,guest_uso6=on", e->device);
	EXPECT_NE(NULL, strstr(e->row[0].layer, "or an option: node2 provides it"));
	tapcompat_explanation_free(e);
	host_set_all(&host, USO, TAPCOMPAT_ABSENT);
	strcpy(host.kernel, "6.1.0-50-amd64");
	e = masks(A2_HELD, A2_ALLOWED, &host);
	EXPECT_EQ(4, e->rows);
	EXPECT_FALSE(cure(e, "land it: "));
	EXPECT_TRUE(cure(e, "land it with a newer kernel on node2: Linux 6.3"));
	EXPECT_TRUE(cure(e, "cold restart needed"));
	EXPECT_STREQ("", e->device);
	EXPECT_NE(NULL, strstr(e->row[0].layer, "node2 provides it")); /* queue_reset */
	EXPECT_NE(NULL, strstr(e->row[1].layer, "kernel tap of node2, before Linux 6.2")) {
		TH_LOG("%s", e->row[1].layer);
	}
	tapcompat_explanation_free(e);
	/* If the kernel is new enough, the reason is another one. */
	strcpy(host.kernel, "6.12.0");
	e = masks(A2_HELD, A2_ALLOWED, &host);
	EXPECT_EQ(NULL, strstr(e->row[1].layer, "before Linux"));
	tapcompat_explanation_free(e);
	/* An unknown feature is not reported as lacking. */
	host_set_all(&host, USO, TAPCOMPAT_UNKNOWN);
	e = masks(A2_HELD, A2_ALLOWED, &host);
	EXPECT_TRUE(cure(e, "land it, where"));
	EXPECT_TRUE(cure(e, "if the kernel lacks them: cold restart needed"));
	EXPECT_NE(NULL, strstr(e->row[1].layer, "not in the document of node2"));
	tapcompat_explanation_free(e);
	/* The kernel accepts features that it corrupts, so QEMU offers them. */
	host_set_all(&host, USO, TAPCOMPAT_NATIVE);
	caps_verdict(&host.backend[TAPCOMPAT_VHOST_NET], tapcompat_feature_find("host_uso"),
		     TAPCOMPAT_FAILED, "%s", "lost");
	e = masks(A2_HELD, A2_ALLOWED, &host);
	EXPECT_TRUE(cure(e, "land it: node2 has them"));
	tapcompat_explanation_free(e);
}

/* The destination can emulate all missing features. */
TEST(lands_by_emulation)
{
	struct tapcompat_explanation *e;

	host_full(&host, "node2");
	strcpy(host.kernel, "6.1.0-50-amd64");
	host_set_all(&host, USO, TAPCOMPAT_EMULATED);
	e = masks(A1_HELD, A1_ALLOWED, &host);
	EXPECT_TRUE(cure(e, "start its QEMU on node2 with 'tapcompat run' and -device "
			    "virtio-net-pci,...,host_uso=on,guest_uso4=on,guest_uso6=on"));
	EXPECT_TRUE(cure(e, "cold restart needed"));
	EXPECT_STREQ("", e->device);
	EXPECT_NE(NULL, strstr(e->row[0].layer, "before Linux 6.2"));
	tapcompat_explanation_free(e);
	host_set_all(&host, "guest_uso4", TAPCOMPAT_ABSENT);
	e = masks(A1_HELD, A1_ALLOWED, &host);
	EXPECT_FALSE(cure(e, "tapcompat run"));
	tapcompat_explanation_free(e);
}

/* QEMU 10.2 and later print the first mask already reduced. */
TEST(cut_down)
{
	static const char acked[] = "0x10130bfffa7", allowed[] = "0x10179bfffe7";
	struct tapcompat_explanation *e = masks(acked, allowed, NULL);

	EXPECT_EQ(EXPLAIN_CUT_DOWN, e->finding.kind);
	EXPECT_EQ(7, e->rows);
	EXPECT_FALSE(e->sure);
	EXPECT_TRUE(cure(e, "a document of the destination"));
	EXPECT_TRUE(cure(e, "cold restart"));
	tapcompat_explanation_free(e);
	/* The same holds if both masks are equal. */
	e = masks(acked, acked, NULL);
	EXPECT_EQ(EXPLAIN_CUT_DOWN, e->finding.kind);
	tapcompat_explanation_free(e);
	host_full(&host, "node2");
	e = masks(acked, allowed, &host);
	EXPECT_EQ(7, e->rows);
	EXPECT_NE(NULL, strstr(e->says, "disable it"));
	EXPECT_TRUE(cure(e, "land it: node2 has them"));
	EXPECT_FALSE(e->sure);
	tapcompat_explanation_free(e);
	host_set_all(&host, USO, TAPCOMPAT_ABSENT);
	e = masks(acked, allowed, &host);
	EXPECT_EQ(3, e->rows);
	EXPECT_TRUE(cure(e, "node2 lacks these"));
	tapcompat_explanation_free(e);
}

TEST(one_mask)
{
	struct tapcompat_explanation *e = masks("0x400000000000000100000000000021", NULL, NULL);
	char *text = printed(e, 0);

	EXPECT_EQ(EXPLAIN_DECODED, e->finding.kind);
	EXPECT_EQ(4, e->rows);
	EXPECT_NE(NULL, strstr(text, "csum "));
	EXPECT_NE(NULL, strstr(text, "VIRTIO_NET_F_MAC"));
	EXPECT_NE(NULL, strstr(text, "host_uso"));
	EXPECT_NE(NULL, strstr(text, "118  ?"));
	EXPECT_EQ(NULL, strstr(text, "removed by"));
	EXPECT_EQ(NULL, strstr(text, "remedies"));
	free(text);
	tapcompat_explanation_free(e);
	e = masks("0x0", NULL, NULL);
	EXPECT_EQ(0, e->rows);
	tapcompat_explanation_free(e);
}

/* For bits that no kernel decides no flags are suggested. */
TEST(bits_without_a_row)
{
	struct tapcompat_explanation *e = masks("0x800000000000010020", "0x10020", NULL);

	EXPECT_EQ(EXPLAIN_REFUSED, e->finding.kind);
	EXPECT_EQ(1, e->rows);
	EXPECT_EQ(1, e->cures);
	EXPECT_TRUE(cure(e, "configuration"));
	EXPECT_STREQ("", e->device);
	tapcompat_explanation_free(e);
}

/* With all features, no flag is truncated. */
TEST(everything_fits)
{
	static char name[sizeof(host.host)];
	struct tapcompat_explanation *e;
	char *text;
	int i;

	memset(name, 'n', sizeof(name) - 1);
	host_full(&host, name);
	for (i = 0; i < 3; i++) {
		const struct tapcompat_caps *caps = i ? &host : NULL;

		if (i == 2)
			caps_available(&host.backend[TAPCOMPAT_VHOST_NET], TAPCOMPAT_UNAVAILABLE,
				       "gone");
		if (i == 2)
			host_set_all(&host, USO "," TUNNEL ",csum", TAPCOMPAT_ABSENT);
		e = masks("0xffffffffffffffffffffffffffffffff", "0x20020", caps);
		EXPECT_EQ(126, e->rows);
		if (i < 2)
			EXPECT_TRUE(cure(e, "ctrl_guest_offloads=on"));
		if (i != 1)
			EXPECT_TRUE(cure(e, "ctrl_guest_offloads=off it can migrate afterwards; "
					 "a running guest keeps its features"));
		text = tapcompat_explanations_json(&e, 1, 0);
		EXPECT_NE(NULL, text);
		free(text);
		tapcompat_explanation_free(e);
	}
}

static const struct {
	const char *line;
	enum explain_kind kind;
	const char *missing, *quote, *cure;
} messages[] = {
	{ "qemu-kvm: " REFUSED(A1_HELD, A1_ALLOWED), EXPLAIN_REFUSED, USO,
	  REFUSED(A1_HELD, A1_ALLOWED), "cold restart needed" },
	/* Quoted by libvirt, with a time and a closing quote. */
	{ "2026-11-21 08:00:00.123+0000: 4711: error : internal error: QEMU unexpectedly "
	  "closed the monitor (vm='x'): 2026-11-21T08:00:00.1Z qemu-kvm: "
	  REFUSED(A1_HELD, A1_ALLOWED) "'", EXPLAIN_REFUSED, USO,
	  REFUSED(A1_HELD, A1_ALLOWED) "'", "land it" },
	{ "Nov 21 node2 journal: " REFUSED(A2_HELD, A2_ALLOWED) "\r", EXPLAIN_REFUSED,
	  USO ",queue_reset", REFUSED(A2_HELD, A2_ALLOWED), "queue_reset=off" },
	/* In upper case; 128 bits, with all 32 digits. */
	{ REFUSED("0X1C0010130AFFFAF", "0x10179BFFFEF"), EXPLAIN_REFUSED, USO, NULL,
	  NULL },
	{ REFUSED("0x1C0010130AFFFAF", "0x10179BFFFEF"), EXPLAIN_REFUSED, USO, NULL,
	  NULL },
	{ REFUSED("0x000000000000000a01c0010130afffaf", "0x000000000000000001c0010130afffaf"),
	  EXPLAIN_REFUSED, "guest_tunnel,host_tunnel", NULL, "host_tunnel=on" },
	{ REFUSED("0x10130bfffa7", "0x10179bfffe7"), EXPLAIN_CUT_DOWN, "", NULL,
	  "a document" },
	{ "qemu-system-x86_64: vhost lacks feature mask 0x10000000000 for backend",
	  EXPLAIN_BACKEND, "queue_reset", NULL, "must not be reduced" },
	{ "virtio-net: saved image requires TUN_F_UFO support", EXPLAIN_WORDS,
	  "guest_ufo,host_ufo", NULL, "Linux 4.14" },
	{ "virtio-net: saved image requires vnet_hdr=on", EXPLAIN_WORDS, "", NULL,
	  "--use-vnet" },
	{ "TUNSETOFFLOAD ioctl() failed: Invalid argument", EXPLAIN_WORDS, "", NULL,
	  "tapcompat probe" },
	{ "error: bridge helper failed", EXPLAIN_WORDS, "", NULL, "tapcompat-helper(8)" },
	/* Several messages, one of them garbage: the readable one is explained. */
	{ "Features 0xzz unsupported. " REFUSED(A1_HELD, A1_ALLOWED), EXPLAIN_REFUSED, USO,
	  REFUSED(A1_HELD, A1_ALLOWED), NULL },
	{ "Features 0x1 and vhost lacks feature mask 0x100000000000000", EXPLAIN_BACKEND,
	  "host_uso", NULL, NULL },
	/* Garbage around it; J7. */
	{ "\xff\xfe\033[31m" REFUSED(A1_HELD, A1_ALLOWED) "\033[0m", EXPLAIN_REFUSED, USO,
	  REFUSED(A1_HELD, A1_ALLOWED), NULL },
	/* What only looks like one. */
	{ "", EXPLAIN_WORDS, NULL, NULL, NULL },
	{ "Features 0x", EXPLAIN_WORDS, NULL, NULL, NULL },
	{ "Features 0x unsupported. Allowed features: 0x", EXPLAIN_WORDS, NULL, NULL, NULL },
	{ "Features 0x1 unsupported. Allowed features: ", EXPLAIN_UNREADABLE, "", NULL,
	  "whole line" },
	{ "Features 0x1 unsupported. Allowed features: 1", EXPLAIN_UNREADABLE, "", NULL,
	  "lines around" },
	{ "Features 0x1 supported. Allowed features: 0x1", EXPLAIN_WORDS, NULL, NULL, NULL },
	{ "vhost lacks feature mask 0x", EXPLAIN_WORDS, NULL, NULL, NULL },
	{ "vhost lacks feature mask 0xx", EXPLAIN_WORDS, NULL, NULL, NULL },
	/* J3: no mask has more than 32 digits. */
	{ REFUSED("0x1000000000000000000000000000000001", "0x0"), EXPLAIN_WORDS, NULL, NULL,
	  NULL },
	{ REFUSED("0x1", "0x1000000000000000000000000000000000"), EXPLAIN_WORDS, NULL, NULL,
	  NULL },
	{ REFUSED("0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		  "0x0"), EXPLAIN_WORDS, NULL, NULL, NULL },
};

TEST(lines)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		struct tapcompat_explanation *e = line(messages[i].line);
		char *text;

		EXPECT_EQ(!!messages[i].missing, !!e) {
			TH_LOG("%s", messages[i].line);
		}
		if (!e)
			continue;
		EXPECT_EQ(messages[i].kind, e->finding.kind) {
			TH_LOG("%s", messages[i].line);
		}
		EXPECT_TRUE(same(host_mask(messages[i].missing), e->finding.missing)) {
			TH_LOG("%s", messages[i].line);
		}
		if (messages[i].quote)
			EXPECT_STREQ(messages[i].quote, e->finding.quote);
		if (messages[i].cure)
			EXPECT_TRUE(cure(e, messages[i].cure)) {
				TH_LOG("%s: %s", messages[i].line, e->cure[0]);
			}
		EXPECT_NE('\0', e->says[0]);
		text = tapcompat_explanations_json(&e, 1, TAPCOMPAT_PRETTY);
		EXPECT_NE(NULL, text) {
			TH_LOG("%s", messages[i].line);
		}
		free(text);
		tapcompat_explanation_free(e);
	}
}

/* J8: a long line does not overflow, and a message at its end is found. */
TEST(long_line)
{
	static char text[200000];
	struct tapcompat_explanation *e;

	memset(text, 'F', sizeof(text) - 1);
	strcpy(text + 100000, REFUSED(A1_HELD, A1_ALLOWED));
	text[strlen(text)] = ' ';
	e = line(text);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(3, e->rows);
	EXPECT_EQ(sizeof(e->finding.quote) - 1, strlen(e->finding.quote));
	tapcompat_explanation_free(e);
}

/* Long stretches are looked through by several windows at a time: no place is left out. */
TEST(every_place)
{
	static const char *const wanted[] = {
		"Allowed features", "Features 0x", "bridge helper failed",
	};
	static struct scan scan;
	static char text[80000];
	unsigned int i, at, which;

	scan_init(&scan);
	for (i = 0; i < ARRAY_SIZE(wanted); i++)
		scan_add(&scan, wanted[i]);
	for (at = 0; at < sizeof(text) - 32; at += 7) {
		const char *word = wanted[at % ARRAY_SIZE(wanted)];
		const char *found;

		memset(text, "eF "[at % 3], sizeof(text));
		memcpy(text + at, word, strlen(word));
		found = scan_next(&scan, text, sizeof(text), &which);
		ASSERT_EQ(text + at, found);
		ASSERT_EQ(at % ARRAY_SIZE(wanted), which);
		/* One that does not end is none. */
		ASSERT_EQ(NULL, scan_next(&scan, text, at + strlen(word) - 1, &which));
	}
}

/* What QEMU prints, and what becomes of it on its way. */
TEST(numbers)
{
	static const struct {
		const char *text, *then;
		enum number_kind kind;
		enum number_fate fate;
		uint64_t low;
	} cases[] = {
		{ "0x10", NULL, NUMBER_HEX, NUMBER_WHOLE, 0x10 },
		{ "10,", NULL, NUMBER_HEX, NUMBER_WHOLE, 0x10 },
		{ "10 for", NULL, NUMBER_ANY, NUMBER_WHOLE, 10 },
		{ "0x10 for", NULL, NUMBER_ANY, NUMBER_WHOLE, 0x10 },
		{ "0x10\nff'", NULL, NUMBER_HEX, NUMBER_WHOLE, 0x10ff },
		{ "0x10\nffi", NULL, NUMBER_HEX, NUMBER_WHOLE, 0x10 },
		{ "0x10 ff", NULL, NUMBER_HEX, NUMBER_WHOLE, 0x10 },
		{ "0x10 ff un", "un", NUMBER_HEX, NUMBER_WHOLE, 0x10ff },
		{ "0x10...", NULL, NUMBER_HEX, NUMBER_CUT, 0x10 },
		{ "0x...", NULL, NUMBER_HEX, NUMBER_CUT, 0 },
		{ "0x0010", NULL, NUMBER_HEX, NUMBER_CUT, 0x10 },
		{ "0x10g", NULL, NUMBER_HEX, NUMBER_NONE, 0x10 },
		{ "x10", NULL, NUMBER_HEX, NUMBER_NONE, 0 },
		{ "", NULL, NUMBER_ANY, NUMBER_NONE, 0 },
		{ "123456789012345678901234567890123", NULL, NUMBER_HEX, NUMBER_LONG, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = cases[i].text;
		struct number n = number_read(text, text + strlen(text), cases[i].kind,
					      cases[i].then);

		EXPECT_EQ(cases[i].fate, n.fate) {
			TH_LOG("%s", text);
		}
		if (n.fate != NUMBER_LONG)
			EXPECT_EQ(cases[i].low, n.mask.word[0]) {
				TH_LOG("%s", text);
			}
	}
}

TEST(several)
{
	struct tapcompat_explanation *list[2];
	char *text;

	list[0] = line(REFUSED(A1_HELD, A1_ALLOWED));
	list[1] = line("bridge helper failed");
	text = tapcompat_explanations_json(list, 2, 0);
	EXPECT_NE(NULL, strstr(text, "\"kind\":\"refused\""));
	EXPECT_NE(NULL, strstr(text, "\"kind\":\"message\""));
	free(text);
	text = tapcompat_explanations_json(NULL, 0, 0);
	EXPECT_NE(NULL, strstr(text, "\"explanations\":[]"));
	free(text);
	tapcompat_explanation_free(list[0]);
	tapcompat_explanation_free(list[1]);
}

TEST_HARNESS_MAIN
