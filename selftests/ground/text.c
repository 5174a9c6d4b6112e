// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text.c - text of bounded length
 */
#include "kselftest_harness.h"

#include <tapcompat.h>

#include "ground/text.h"

TEST(cut_is_shown)
{
	char buf[8];

	text_set(buf, sizeof(buf), "%s", "1234567");
	EXPECT_STREQ("1234567", buf);
	text_set(buf, sizeof(buf), "%s", "12345678");
	EXPECT_STREQ("1234...", buf);
}

TEST(added_behind)
{
	char buf[12] = "";

	text_add(buf, sizeof(buf), "%d", 12);
	text_add(buf, sizeof(buf), "|%s", "ab");
	EXPECT_STREQ("12|ab", buf);
	text_add(buf, sizeof(buf), "%s", "0123456789");
	EXPECT_STREQ("12|ab012...", buf);
	text_add(buf, sizeof(buf), "%s", "more");
	EXPECT_STREQ("12|ab012...", buf);
}

/* Strings from outside cannot contain control sequences. */
TEST(foreign_strings_are_escaped)
{
	char buf[64];

	EXPECT_STREQ("node1", text_escape(buf, sizeof(buf), "node1"));
	EXPECT_STREQ("a\\x1b[31mb", text_escape(buf, sizeof(buf), "a\033[31mb"));
	EXPECT_STREQ("\\xe2\\x80\\xae", text_escape(buf, sizeof(buf), "\xe2\x80\xae"));
	EXPECT_STREQ("\\x7f\\x01\\x0a", text_escape(buf, sizeof(buf), "\x7f\x01\n"));
	EXPECT_STREQ("ab", text_escape(buf, 5, "ab\033cd"));
	EXPECT_STREQ("", text_escape(buf, 1, "x"));
}

TEST(options)
{
	EXPECT_TRUE(text_option("a=on,b=off", "a"));
	EXPECT_TRUE(text_option("a=on,b=off", "b"));
	EXPECT_TRUE(text_option("a=on,,b=", "b"));
	EXPECT_FALSE(text_option("a=on,bc=off,xb=on,b", "b"));
	EXPECT_FALSE(text_option("a=b=on", "b"));
	EXPECT_FALSE(text_option("", "a"));
	EXPECT_FALSE(text_option(NULL, "a"));
}

TEST_HARNESS_MAIN
