// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reader_extent.c - finding an array in JSON text without parsing it
 */
#include "kselftest_harness.h"

#include <stdlib.h>
#include <string.h>

#include "document/reader.h"

static const struct {
	const char *text, *list;	/* NULL: not found */
} cases[] = {
	{ "{\"b\":[]}", "[]" },
	{ "{\"b\":[1,{\"b\":[2]}]}", "[1,{\"b\":[2]}]" },
	{ "{\"a\":1,\"b\":[1],\"c\":{\"b\":[3]}}", "[1]" },
	{ " {\t\"a\" : \"[b\\\"]\" ,\n\"b\" : [ \"]\" ] , \"c\":[2]} \n", "[ \"]\" ]" },
	{ "{\"b\":[1],\"b\":[1]}", NULL },		/* J2 */
	{ "{\"b\":[1],\"\\u0062\":[1]}", NULL },	/* J2, escaped */
	{ "{\"\\u0062\":[1]}", NULL },
	{ "{\"b\":{}}", NULL }, { "{\"b\":1}", NULL }, { "{\"b\":\"[]\"}", NULL },
	{ "{\"a\":[1]}", NULL }, { "{\"bb\":[1]}", NULL }, { "{\"\":[1]}", NULL },
	{ "", NULL }, { "{", NULL }, { "{}", NULL }, { "[\"b\",[]]", NULL },
	{ "{\"b\"", NULL }, { "{\"b\":", NULL }, { "{\"b\":[", NULL }, { "{\"b\":[]", NULL },
	{ "{\"b\":[\"]}", NULL }, { "{\"b\":[],", NULL }, { "{\"b\":[],}", NULL },
	{ "{\"b\\", NULL }, { "{b:[]}", NULL }, { "{\"b\":]}", NULL }, { "{\"b\":[}]}", NULL },
};

/* In a copy of exact size, so that a read beyond the end is detected. */
static bool extent(const char *text, size_t len, size_t *from, size_t *to)
{
	char *copy = malloc(len ? len : 1);
	bool found;

	memcpy(copy, text, len);
	found = reader_extent(copy, len, "b", from, to);
	free(copy);
	return found;
}

TEST(extents)
{
	size_t i, from, to;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = cases[i].text;
		bool found = extent(text, strlen(text), &from, &to);

		EXPECT_EQ(!!cases[i].list, found) {
			TH_LOG("%s", text);
		}
		if (!found || !cases[i].list)
			continue;
		EXPECT_EQ(strlen(cases[i].list), to - from);
		EXPECT_EQ(0, strncmp(text + from, cases[i].list, to - from)) {
			TH_LOG("%s", text);
		}
	}
}

/* Truncated anywhere, nothing beyond the end is read. */
TEST(cut_off)
{
	size_t i, n, from, to;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		for (n = 0; n < strlen(cases[i].text); n++)
			if (extent(cases[i].text, n, &from, &to))
				EXPECT_TRUE(from < to && to < n);
}

TEST_HARNESS_MAIN
