// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream.c - text is split into documents, whatever its lines
 */
#include "kselftest_harness.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "document/reader.h"
#include "document/stream.h"

static struct stream s;

static int text_open(const char *text, size_t length)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);

	if (fd < 0 || write(fd, text, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET))
		return -1;
	return stream_open(&s, fd, READER_MAX) ? -1 : fd;
}

/* Documents as "line:text", separated by '|'. */
static const char *split(const char *text)
{
	static char all[4096];
	int fd = text_open(text, strlen(text));
	size_t used = 0;

	all[0] = '\0';
	while (fd >= 0 && stream_next(&s) > 0)
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%lu:%.*s",
					 used ? "|" : "", s.number, (int)s.length, s.text);
	stream_close(&s);
	close(fd);
	return all;
}

TEST(documents)
{
	static const struct {
		const char *text, *documents;
	} cases[] = {
		{ "", "" },
		{ "\n \t\r\n\n", "" },
		{ "{}", "1:{}" },
		{ "{\"a\":1}\n\n{\"a\":2}\n", "1:{\"a\":1}|3:{\"a\":2}" },
		{ " {\"a\":1} \r\n", "1:{\"a\":1} \r" },
		/* Several on a line, as cat(1) joins files without a last newline. */
		{ "{\"a\":1}{\"b\":2}\n{\"c\":3}", "1:{\"a\":1}|1:{\"b\":2}|2:{\"c\":3}" },
		{ "{\"a\":1} {\"b\":2}", "1:{\"a\":1}|1:{\"b\":2}" },
		{ "{\"a\":\"}{\"}{\"b\":2}", "1:{\"a\":\"}{\"}|1:{\"b\":2}" },
		/* Many lines. */
		{ "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\n  \"c\": 2\n}\n",
		  "1:{\n  \"a\": {\n    \"b\": 1\n  }\n}|6:{\n  \"c\": 2\n}" },
		{ "{\n\"a\": [\n{\n\"b\": 1\n}\n]\n}{\"c\":2}\n",
		  "1:{\n\"a\": [\n{\n\"b\": 1\n}\n]\n}|7:{\"c\":2}" },
		{ "{\"a\":{\"b\":1}\n,\"c\":2}\n", "1:{\"a\":{\"b\":1}\n,\"c\":2}" },
		{ "{\"a\":\"\\\\\\\"{\",\n\"b\":1}", "1:{\"a\":\"\\\\\\\"{\",\n\"b\":1}" },
		/* What is no object. */
		{ "warning: x\n{\"a\":1}", "1:warning: x|2:{\"a\":1}" },
		{ "\033[0m{\"a\":1}\n", "1:\033[0m{\"a\":1}" },
		{ "[1,\n2]\n", "1:[1,|2:2]" },
		{ "{\"a\":1}]x\n{}", "1:{\"a\":1}]x|2:{}" },
		/* Cut short: in a string, and between. */
		{ "{\"a\":\"b\n{\"c\":1}", "1:{\"a\":\"b\n|2:{\"c\":1}" },
		{ "{\"a\":\n{\"c\":1}", "1:{\"a\":\n|2:{\"c\":1}" },
		{ "{\n  \"a\": 1,\n{\n  \"c\": 1\n}", "1:{\n  \"a\": 1,\n|3:{\n  \"c\": 1\n}" },
		{ "{\"a\":\"b\n  rest\n}\n{\"c\":1}", "1:{\"a\":\"b\n|4:{\"c\":1}" },
		{ "{\"a\":", "1:{\"a\":\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		EXPECT_STREQ(cases[i].documents, split(cases[i].text)) TH_LOG("case %zu", i);
}

/* Memory is bounded, and what comes behind a document that is too long is found. */
TEST(too_long)
{
	size_t length = 8 * READER_MAX, i;
	char *text = malloc(length);
	int fd;

	ASSERT_NE(NULL, text);
	memcpy(text, "{\n", 2);
	for (i = 2; i < length - 8; i++)
		text[i] = i % 64 ? ' ' : '\n';
	memcpy(text + length - 8, "\n{\"a\":1}", 8);
	fd = text_open(text, length);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, stream_next(&s));
	EXPECT_EQ(READER_MAX + 1, s.length);
	EXPECT_GE(4 * READER_MAX, s.room);
	EXPECT_EQ(1, stream_next(&s));
	EXPECT_EQ(7, s.length);
	EXPECT_EQ(0, stream_next(&s));
	stream_close(&s);
	close(fd);
	free(text);
}

TEST_HARNESS_MAIN
