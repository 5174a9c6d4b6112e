// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * document_read.c - reading capability documents: hostile inputs J1 to J11
 */
#include "kselftest_harness.h"

#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "feature/caps.h"

static const char good[] =
	"{\"schema\":\"tapcompat-capabilities\",\"version\":1,"
	"\"host\":{\"name\":\"node1\",\"kernel\":\"6.1.0\",\"machine\":\"x86_64\"},"
	"\"probed-at\":\"2026-11-21T08:00:00Z\",\"backends\":["
	"{\"type\":\"tap\",\"available\":true,\"multi-queue\":true,"
	"\"native\":\"0x1\",\"emulated\":\"0x0\",\"features\":["
	"{\"name\":\"csum\",\"bit\":0,\"state\":\"native\",\"verified\":\"passed\"},"
	"{\"name\":\"host_uso\",\"bit\":56,\"state\":\"absent\",\"verified\":\"untested\","
	"\"detail\":\"EINVAL\"}]},"
	"{\"type\":\"vhost-net\",\"available\":false,\"state\":\"unknown\",\"detail\":\"why\"}]}";

static struct tapcompat_error error;

/* The document with one part of it replaced by another. */
static int with(const char *part, const char *other, struct tapcompat_caps **caps)
{
	const char *at = strstr(good, part);
	char text[4096];
	size_t n = (size_t)(at - good);

	memcpy(text, good, n);
	strcpy(text + n, other);
	strcat(text, at + strlen(part));
	error.text[0] = '\0';
	return tapcompat_caps_parse(text, strlen(text), "node1.json", caps, &error);
}

TEST(good_document)
{
	const struct tapcompat_feature *csum = tapcompat_feature_find("csum");
	const struct tapcompat_feature *uso = tapcompat_feature_find("host_uso");
	struct tapcompat_report r;
	struct tapcompat_caps *caps;

	ASSERT_EQ(0, tapcompat_caps_parse(good, strlen(good), "x", &caps, &error)) {
		TH_LOG("%s", error.text);
	}
	EXPECT_STREQ("node1", tapcompat_caps_host(caps).name);
	EXPECT_EQ(1795248000, tapcompat_caps_host(caps).probed_at);
	r = tapcompat_caps_report(caps, TAPCOMPAT_TAP, csum);
	EXPECT_EQ(TAPCOMPAT_NATIVE, r.state);
	EXPECT_EQ(TAPCOMPAT_PASSED, r.verified);
	r = tapcompat_caps_report(caps, TAPCOMPAT_TAP, uso);
	EXPECT_EQ(TAPCOMPAT_ABSENT, r.state);
	EXPECT_STREQ("EINVAL", r.detail);
	EXPECT_EQ(TAPCOMPAT_UNDECIDED, tapcompat_caps_availability(caps, TAPCOMPAT_VHOST_NET));
	EXPECT_EQ(TAPCOMPAT_NOT_ASKED, tapcompat_caps_availability(caps, TAPCOMPAT_MACVTAP));
	tapcompat_caps_free(caps);
}

/* Each error names its place. */
TEST(bad_documents)
{
	static const struct {
		const char *part, *other, *says;
	} cases[] = {
		/* J2 */
		{ "\"version\":1", "\"version\":1,\"version\":1", "line 1, column" },
		{ "\"version\":1", "\"version\":1,\"versio\\u006e\":1", "line 1, column" },
		/* J3 */
		{ "\"bit\":0", "\"bit\":9223372036854775808", "line 1, column" },
		{ "\"bit\":0", "\"bit\":-1", "backends[0].features[0]: bit is -1" },
		{ "\"bit\":0", "\"bit\":0.0", "backends[0].features[0]: bit is a real number" },
		{ "\"bit\":0", "\"bit\":1e400", "line 1, column" },
		{ "\"bit\":0", "\"bit\":1", "backends[0].features[0]: bit is 1, but csum is" },
		{ "\"0x1\"", "1", "backends[0]: native is an integer" },
		{ "\"0x1\"", "\"1\"", "backends[0]: native is \"1\"" },
		{ "\"0x1\"", "\"\"", "backends[0]: native is \"\"" },
		{ "\"0x0\"", "\"\"", "backends[0]: emulated is \"\"" },
		{ "\"0x1\"", "\"0x100000000000000000000000000000000\"", "backends[0]: native is" },
		/* J4 */
		{ "\"version\":1,", "\"version\":2,", "version is 2" },
		{ "\"version\":1,", "", "version is missing" },
		{ "\"version\":1,", "\"version\":\"1\",", "version is a string" },
		{ "tapcompat-cap", "tapcompat-vm", "schema is" },
		/* J5 */
		{ "node1", "node\\u0000", "line 1, column" },
		/* J6 */
		{ "node1", "\xff", "line 1, column" },
		{ "node1", "\xc0\xaf", "line 1, column" },
		{ "node1", "\\ud800", "line 1, column" },
		{ "{\"schema", "\xef\xbb\xbf{\"schema", "line 1, column" },
		/* J11 */
		{ "\"0x1\"", "\"0x100000000000001\"", "contradict each other: host_uso" },
		{ "\"native\",\"verified\":\"passed\"", "\"native\",\"verified\":\"failed\"",
		  "state is native, but verified is failed" },
		/* Types and shapes. */
		{ "2026-11-21T", "2026-11-21 ", "probed-at is" },
		{ "{\"name\":\"csum\"", "[1],{\"name\":\"csum\"", "features[0]: it is an array" },
		{ "\"available\":true", "\"available\":1", "available is an integer" },
		{ "\"type\":\"vhost-net\"", "\"type\":\"tap\"",
		  "backends[1]: tap is listed twice" },
		{ "{\"name\":\"host_uso\",\"bit\":56", "{\"name\":\"csum\",\"bit\":0",
		  "csum is listed twice" },
		{ "\"host\":{", "\"guest\":{", "host is missing" },
		{ "\"kernel\":", "\"colonel\":", "host: kernel is missing" },
		{ "]}", "]", "line 1, column" },
	};
	struct tapcompat_caps *caps;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(-EINVAL, with(cases[i].part, cases[i].other, &caps)) {
			TH_LOG("case %zu: %s", i, cases[i].other);
		}
		EXPECT_EQ(NULL, caps);
		EXPECT_TRUE(!strncmp(error.text, "node1.json: ", 12) &&
			    strstr(error.text, cases[i].says)) {
			TH_LOG("case %zu: %s", i, error.text);
		}
	}
}

/* J9: features, backends and words of later versions do not count as present. */
TEST(unknown_is_not_present)
{
	static const struct {
		const char *part, *other;
	} cases[] = {
		{ "{\"name\":\"csum\"", "{\"name\":\"later\",\"bit\":90,\"state\":\"native\","
		  "\"verified\":\"passed\"},{\"name\":\"csum\"" },
		{ "\"0x1\"", "\"0x400000000000000000000001\"" },
		{ "\"type\":\"vhost-net\"", "\"type\":\"later\"" },
		{ "\"version\":1,", "\"version\":1,\"more\":{\"a\":[]}," },
	};
	struct tapcompat_caps *caps;
	struct tapcompat_mask m;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ASSERT_EQ(0, with(cases[i].part, cases[i].other, &caps)) {
			TH_LOG("case %zu: %s", i, error.text);
		}
		m = tapcompat_caps_mask(caps, TAPCOMPAT_TAP, TAPCOMPAT_NATIVE);
		EXPECT_EQ(1, m.word[0]);
		EXPECT_EQ(0, m.word[1]);
		tapcompat_caps_free(caps);
	}
	/* A state of a later version. */
	ASSERT_EQ(0, with("\"absent\"", "\"borrowed\"", &caps));
	EXPECT_EQ(TAPCOMPAT_UNKNOWN,
		  tapcompat_caps_report(caps, TAPCOMPAT_TAP,
					tapcompat_feature_find("host_uso")).state);
	tapcompat_caps_free(caps);
}

/* J1, J5, J8 */
TEST(sizes_and_depths)
{
	static char text[2 * 1024 * 1024];
	struct tapcompat_caps *caps;
	size_t n;

	memset(text, '[', sizeof(text));
	for (n = 9; n < 1000000; n *= 3) {
		EXPECT_EQ(-EINVAL, tapcompat_caps_parse(text, n, "x", &caps, &error));
		EXPECT_NE(NULL, strstr(error.text, "nested deeper than 8"));
	}
	/* Brackets inside strings do not count. */
	ASSERT_EQ(0, with("node1", "[[[[[[[[[[[{{{{{{{{\\\"[[[[[[[[[[", &caps));
	tapcompat_caps_free(caps);
	memset(text, ' ', sizeof(text));
	EXPECT_EQ(-EINVAL, tapcompat_caps_parse(text, sizeof(text), "x", &caps, &error));
	EXPECT_NE(NULL, strstr(error.text, "larger than"));
	EXPECT_EQ(-EINVAL, tapcompat_caps_parse(text, 100, "x", &caps, &error));
	EXPECT_EQ(-EINVAL, tapcompat_caps_parse("", 0, "x", &caps, &error));
	EXPECT_EQ(-EINVAL, tapcompat_caps_parse("{}\0{}", 5, "x", &caps, &error));
}

/*
 * J1, J10: memory is bounded by the number of values, counted as commas and opening
 * brackets outside of strings.  The document has 31 without the ones added here.
 */
TEST(number_of_values)
{
	static const struct {
		const char *open, *each, *close;
		size_t n;
		int ret;
	} cases[] = {
		{ "[0", ",0", "]", 65536 - 31 - 2, 0 },
		{ "[0", ",0", "]", 65536 - 31 - 1, -EINVAL },
		{ "[0", ",{}", "]", (65536 - 31 - 2) / 2, 0 },
		{ "[0", ",{}", "]", (65536 - 31) / 2, -EINVAL },
		{ "[0", ",[]", "]", 300000, -EINVAL },
		/* Inside strings they do not count. */
		{ "\"", ",[{", "\"", 300000, 0 },
		{ "\"\\\"", ",\\\"[", "\\\\\"", 200000, 0 },
		{ "\"\\\\\",\"y\":[0", ",0", "]", 65536, -EINVAL },
		/* Invalid JSON with many of them. */
		{ "", ",", "", 1000000, -EINVAL },
		{ "\"", ",", "", 1000000, -EINVAL },
	};
	static char text[0x100000];
	struct tapcompat_caps *caps;
	size_t i, n, used;

	for (n = i = 0; i < strlen(good); i++)
		n += good[i] == ',' || good[i] == '{' || good[i] == '[';
	ASSERT_EQ(31, n);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		used = (size_t)sprintf(text, "{\"x\":%s", cases[i].open);
		for (n = 0; n < cases[i].n; n++) {
			strcpy(text + used, cases[i].each);
			used += strlen(cases[i].each);
		}
		used += (size_t)sprintf(text + used, "%s,%s", cases[i].close, good + 1);
		ASSERT_GT(sizeof(text), used);
		error.text[0] = '\0';
		EXPECT_EQ(cases[i].ret, tapcompat_caps_parse(text, used, "x", &caps, &error)) {
			TH_LOG("case %zu: %s", i, error.text);
		}
		if (cases[i].ret && strcmp(cases[i].close, ""))
			EXPECT_STREQ("x: it has more than 65536 values", error.text);
		if (cases[i].ret)
			EXPECT_EQ(NULL, caps);
		tapcompat_caps_free(caps);
	}
}

TEST(files)
{
	struct tapcompat_caps *caps;

	EXPECT_EQ(-ENOENT, tapcompat_caps_load("/nonexistent", &caps, &error));
	EXPECT_STREQ("/nonexistent: No such file or directory", error.text);
	EXPECT_EQ(-EISDIR, tapcompat_caps_load("/", &caps, &error));
	EXPECT_EQ(-EINVAL, tapcompat_caps_load("/dev/zero", &caps, &error));
	EXPECT_NE(NULL, strstr(error.text, "larger than"));
	EXPECT_EQ(-EINVAL, tapcompat_caps_load("/dev/null", &caps, NULL));
}

/* J8: a pipe without a writer, and one with a slow writer. */
TEST(pipes)
{
	char directory[] = "/tmp/document.read.xxxxxx", path[64];
	struct tapcompat_caps *caps;
	int fd;

	memset(strrchr(directory, '.') + 1, 'X', 6);
	ASSERT_NE(NULL, mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/fifo", directory);
	ASSERT_EQ(0, mkfifo(path, 0600));
	EXPECT_EQ(-ETIMEDOUT, tapcompat_caps_load(path, &caps, &error));
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fork() == 0) {
		usleep(100000);
		_exit(write(fd, good, sizeof(good) - 1) < 0);
	}
	close(fd);
	EXPECT_EQ(0, tapcompat_caps_load(path, &caps, &error)) {
		TH_LOG("%s", error.text);
	}
	tapcompat_caps_free(caps);
	unlink(path);
	rmdir(directory);
}

/* J7: control sequences in names do not reach the terminal. */
TEST(names_are_escaped)
{
	struct tapcompat_caps *caps;

	ASSERT_EQ(0, with("node1", "\\u001b[31m\\u202e", &caps));
	EXPECT_STREQ("\\x1b[31m\\xe2\\x80\\xae", tapcompat_caps_host(caps).name);
	tapcompat_caps_free(caps);
	EXPECT_EQ(-EINVAL, tapcompat_caps_parse("[", 1, "\033[31m", &caps, &error));
	EXPECT_EQ(NULL, strchr(error.text, '\033'));
}

/* The library can read the documents it writes. */
TEST(round_trip)
{
	struct tapcompat_caps *caps, *again;
	char *text, *same;

	ASSERT_EQ(0, tapcompat_caps_parse(good, strlen(good), "x", &caps, &error));
	text = tapcompat_caps_json(caps, TAPCOMPAT_PRETTY);
	ASSERT_NE(NULL, text);
	ASSERT_EQ(0, tapcompat_caps_parse(text, strlen(text), "x", &again, &error)) {
		TH_LOG("%s", error.text);
	}
	same = tapcompat_caps_json(again, TAPCOMPAT_PRETTY);
	EXPECT_STREQ(text, same);
	free(text);
	free(same);
	tapcompat_caps_free(caps);
	tapcompat_caps_free(again);
}

TEST_HARNESS_MAIN
