// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * saved.c - libvirt's save images
 */
#include "kselftest_harness.h"

#include "state_fixture.h"

#define XML "<domain type='kvm'>\n<name>\033]0;x\a</name>\n</domain>"

static struct bytes real, b;

static void add_word(uint32_t v, bool swapped)
{
	if (swapped)
		v = __builtin_bswap32(v);
	add(&b, &v, sizeof(v));
}

/* @format: the header's number.  XML, a NUL, a cookie and padding, as libvirt has them. */
static void image(uint32_t format, bool swapped)
{
	unsigned int i;

	b.len = 0;
	add(&b, "LibvirtQemudSave", 16);
	add_word(2, swapped);
	add_word(sizeof(XML) + 100, swapped);
	add_word(1, swapped);
	add_word(format, swapped);
	add_word(sizeof(XML), swapped);
	for (i = 0; i < 14; i++)
		add_word(0, swapped);
	add(&b, XML, sizeof(XML));
	for (i = 0; i < 100; i++)
		add(&b, "", 1);
}

static void add_compressed(const char *program)
{
	char command[4096];
	FILE *f;

	snprintf(command, sizeof(command), "%s -c <%s/11.1.state", program, SAMPLES);
	f = popen(command, "re");
	if (!f)
		abort();
	b.len += fread(b.data + b.len, 1, sizeof(b.data) - b.len, f);
	pclose(f);
}

TEST(plain)
{
	struct tapcompat_error error;
	struct state *s;
	int swapped;

	load(&real, "11.1");
	for (swapped = 0; swapped < 2; swapped++) {
		image(0, swapped);
		add(&b, real.data, real.len);
		ASSERT_EQ(0, read_state(&b, &s, &error)) TH_LOG("%s", error.text);
		EXPECT_TRUE(as_guest(s, "11.1"));
		EXPECT_EQ(STATE_SAVE_IMAGE, s->format);
		EXPECT_STREQ(XML, s->xml);
		EXPECT_STREQ("", s->compression);
		EXPECT_TRUE(s->running);
		state_free(s);
	}
}

TEST(compressed)
{
	static const struct {
		uint32_t format;
		const char *program;
	} rows[] = { { 1, "gzip" }, { 2, "bzip2" }, { 3, "xz" }, { 4, "lzop" },
		    { 5, "zstd" } };
	struct tapcompat_error error;
	struct state *s;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(rows); i++) {
		image(rows[i].format, false);
		add_compressed(rows[i].program);
		ASSERT_EQ(0, read_state(&b, &s, &error)) TH_LOG("%s", error.text);
		EXPECT_TRUE(as_guest(s, "11.1"));
		EXPECT_STREQ(rows[i].program, s->compression);
		state_free(s);
		/* Cut: the decompressor's fault, or too short a state. */
		b.len -= 200;
		EXPECT_NE(0, read_state(&b, &s, &error));
		EXPECT_EQ(NULL, s);
	}
}

/* Its options are not those of whoever asks. */
TEST(environment)
{
	struct tapcompat_error error;
	struct state *s;

	image(3, false);
	add_compressed("xz");
	setenv("XZ_OPT", "-t", 1);
	EXPECT_EQ(0, read_state(&b, &s, &error)) TH_LOG("%s", error.text);
	state_free(s);
	setenv("PATH", "/nonexistent", 1);
	EXPECT_EQ(-ENOENT, read_state(&b, &s, &error));
	EXPECT_NE(NULL, strstr(error.text, "xz is not installed"));
}

static int verdict(struct tapcompat_error *error)
{
	struct state *s;
	int ret = read_state(&b, &s, error);

	state_free(s);
	return ret;
}

TEST(damaged)
{
	struct tapcompat_error error;

	image(1, false);
	add(&b, "this is not what gzip has written", 33);
	EXPECT_EQ(-EBADMSG, verdict(&error));
	EXPECT_NE(NULL, strstr(error.text, "gzip cannot decompress it"));
	image(0, false);
	memcpy(b.data, "LibvirtQemudPart", 16);
	EXPECT_EQ(-ENODATA, verdict(&error));
	EXPECT_NE(NULL, strstr(error.text, "not finished"));
	image(7, false);
	EXPECT_EQ(-EOPNOTSUPP, verdict(&error));
	image(0, false);
	b.data[16] = 9;
	EXPECT_EQ(-EOPNOTSUPP, verdict(&error));
	image(0, false);
	b.data[23] = 0x7f;
	EXPECT_EQ(-EBADMSG, verdict(&error));
	image(0, false);
	b.len = 120;
	EXPECT_EQ(-ENODATA, verdict(&error));
}

/* What is compressed goes to a child, which needs a file. */
TEST(compressed_pipe)
{
	struct tapcompat_error error;
	struct state *s;
	int both[2];

	image(1, false);
	ASSERT_EQ(0, pipe(both));
	ASSERT_EQ(b.len, write(both[1], b.data, b.len));
	close(both[1]);
	EXPECT_EQ(-ESPIPE, state_read(both[0], "pipe", NULL, &s, &error));
	close(both[0]);
}

/* A child that is not waited for would stay. */
TEST(no_child_left)
{
	struct state *s;

	image(1, false);
	add_compressed("gzip");
	ASSERT_EQ(0, read_state(&b, &s, NULL));
	state_free(s);
	EXPECT_EQ(-1, waitpid(-1, NULL, 0));
	EXPECT_EQ(ECHILD, errno);
}

TEST_HARNESS_MAIN
