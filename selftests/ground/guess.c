// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guess.c - which known word an unknown one was meant to be
 */
#include "kselftest_harness.h"

#include "ground/guess.h"

static const char *const known[] = { "probe", "check", "host_uso", "host_ufo", "mq", "baseline" };

static const char *nearest(const char *unknown)
{
	struct guess g = GUESS(unknown);
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		guess_consider(&g, known[i]);
	return g.best ? g.best : "-";
}

TEST(near_words)
{
	EXPECT_STREQ("probe", nearest("prob"));		/* left out */
	EXPECT_STREQ("probe", nearest("probes"));	/* added */
	EXPECT_STREQ("probe", nearest("prone"));	/* replaced */
	EXPECT_STREQ("probe", nearest("porbe"));	/* swapped */
	EXPECT_STREQ("host_uso", nearest("HOST-USO"));
	EXPECT_STREQ("host_uso", nearest("ohst_usp"));
	EXPECT_STREQ("host_uso", nearest("host_uo"));	/* the first of two that are as near */
}

TEST(far_words)
{
	static const char *const far[] = { "", "m", "xq", "pr", "tapcompat", "csum", "cehkc" };
	char lengthy[4096];
	size_t i;

	for (i = 0; i < sizeof(far) / sizeof(far[0]); i++)
		EXPECT_STREQ("-", nearest(far[i])) TH_LOG("%s", far[i]);
	memset(lengthy, 'p', sizeof(lengthy) - 1);
	lengthy[sizeof(lengthy) - 1] = '\0';
	EXPECT_STREQ("-", nearest(lengthy));
}

TEST(hint)
{
	struct guess g = GUESS("chekc");
	char buf[GUESS_HINT];

	EXPECT_STREQ("", guess_hint(&g, buf));
	guess_consider(&g, "check");
	EXPECT_STREQ("did you mean 'check'? It ", guess_hint(&g, buf));
}

TEST_HARNESS_MAIN
