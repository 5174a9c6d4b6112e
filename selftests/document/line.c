// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * line.c - lines from pipes, in pieces of any size
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "document/line.h"

#define MOST 8

struct expected {
	const char *text;
	size_t length;
};

/* Bytes written, in pieces of various sizes, and the lines expected. */
static const struct {
	const char *what, *in;
	size_t length;
	struct expected line[6];
	unsigned int lines;
} cases[] = {
#define IN(text) text, sizeof(text) - 1
#define OUT(text) { text, sizeof(text) - 1 }
	{ "nothing", IN(""), { { NULL, 0 } }, 0 },
	{ "one newline", IN("\n"), { OUT("") }, 1 },
	{ "newlines", IN("\n\n\n"), { OUT(""), OUT(""), OUT("") }, 3 },
	{ "one line", IN("abc\n"), { OUT("abc") }, 1 },
	{ "no newline at the end", IN("abc\nde"), { OUT("abc"), OUT("de") }, 2 },
	{ "no newline at all", IN("x"), { OUT("x") }, 1 },
	{ "below the limit", IN("1234567\nx"), { OUT("1234567"), OUT("x") }, 2 },
	{ "at the limit", IN("12345678\nx"), { OUT("12345678"), OUT("x") }, 2 },
	{ "above the limit", IN("123456789\nx"), { OUT("12345678"), OUT("x") }, 2 },
	{ "at the limit, at the end", IN("12345678"), { OUT("12345678") }, 1 },
	{ "at the limit, twice", IN("12345678\n12345678\n"),
	  { OUT("12345678"), OUT("12345678") }, 2 },
	{ "far above", IN("1234567890abcdefghijklmnopqrstuvwxyz\ny\n"),
	  { OUT("12345678"), OUT("y") }, 2 },
	{ "far above, at the end", IN("a\n1234567890abcdefghijklmnopqrstuvwxyz"),
	  { OUT("a"), OUT("12345678") }, 2 },
	{ "twice above", IN("1234567890abc\n1234567890abc\n\nz"),
	  { OUT("12345678"), OUT("12345678"), OUT(""), OUT("z") }, 4 },
	{ "NULs", IN("a\0b\n\0\n\0"), { OUT("a\0b"), OUT("\0"), OUT("\0") }, 3 },
	{ "NULs above the limit", IN("\0\0\0\0\0\0\0\0\0\0\0\nx\n"),
	  { OUT("\0\0\0\0\0\0\0\0"), OUT("x") }, 2 },
	{ "carriage returns", IN("a\r\n\r\n"), { OUT("a\r"), OUT("\r") }, 2 },
};

static int feed(const char *text, size_t length, size_t piece, bool pause)
{
	int end[2];

	if (pipe2(end, O_CLOEXEC))
		return -1;
	if (fork() == 0) {
		while (length) {
			size_t n = length < piece ? length : piece;

			if (write(end[1], text, n) != (ssize_t)n)
				_exit(1);
			text += n;
			length -= n;
			if (pause)
				usleep(500);
		}
		_exit(0);
	}
	close(end[1]);
	return end[0];
}

static void one(struct __test_metadata *_metadata, size_t i, size_t piece)
{
	unsigned int n;
	struct line line;
	int fd = feed(cases[i].in, cases[i].length, piece, piece < 3);

	ASSERT_EQ(0, line_open(&line, fd, MOST));
	for (n = 0; n < cases[i].lines; n++) {
		const struct expected *e = &cases[i].line[n];

		ASSERT_EQ(1, line_next(&line)) {
			TH_LOG("%s, pieces of %zu", cases[i].what, piece);
		}
		EXPECT_EQ(e->length, line.length) {
			TH_LOG("%s, pieces of %zu", cases[i].what, piece);
		}
		EXPECT_EQ(0, memcmp(e->text, line.text, e->length + 1)) {
			TH_LOG("%s, pieces of %zu: %s", cases[i].what, piece, line.text);
		}
		EXPECT_EQ(n + 1, line.number);
	}
	EXPECT_EQ(0, line_next(&line)) {
		TH_LOG("%s, pieces of %zu: %s", cases[i].what, piece, line.text);
	}
	EXPECT_EQ(0, line_next(&line));
	line_close(&line);
	close(fd);
	wait(NULL);
}

TEST(whole)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		one(_metadata, i, 4096);
}

TEST(pieces)
{
	size_t i, piece;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		for (piece = 1; piece < 10; piece++)
			one(_metadata, i, piece);
}

/* J8: input without a newline is skipped within the memory of one line. */
TEST(endless)
{
	static char text[1 << 22];
	struct line line;
	int fd;

	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - 5, "\nend\n", 5);
	fd = feed(text, sizeof(text), 50000, false);
	ASSERT_EQ(0, line_open(&line, fd, 1000));
	ASSERT_EQ(1, line_next(&line));
	EXPECT_EQ(1000, line.length);
	EXPECT_EQ(1000, strspn(line.text, "x"));
	ASSERT_EQ(1, line_next(&line));
	EXPECT_STREQ("end", line.text);
	EXPECT_GT(200000, line.room);
	EXPECT_EQ(2, line.number);
	EXPECT_EQ(0, line_next(&line));
	line_close(&line);
	close(fd);
	wait(NULL);
}

/* Many lines, of lengths around the limit: none is lost or joined. */
TEST(many)
{
	static char text[600000];
	size_t used = 0, i, n = 0;
	struct line line;
	int fd;

	while (used < sizeof(text) - 64) {
		size_t length = n++ % 20;

		memset(text + used, 'a' + (int)length, length);
		text[used + length] = '\n';
		used += length + 1;
	}
	fd = feed(text, used, 7777, false);
	ASSERT_EQ(0, line_open(&line, fd, MOST));
	for (i = 0; i < n; i++) {
		size_t length = i % 20 < MOST ? i % 20 : MOST;
		char all[] = { (char)('a' + (int)(i % 20)), '\0' };

		ASSERT_EQ(1, line_next(&line));
		ASSERT_EQ(length, line.length) {
			TH_LOG("line %zu", i);
		}
		ASSERT_EQ(length, strspn(line.text, all));
	}
	EXPECT_EQ(0, line_next(&line));
	line_close(&line);
	close(fd);
	wait(NULL);
}

TEST(errors)
{
	struct line line;
	int fd = open("/", O_RDONLY | O_CLOEXEC);

	ASSERT_EQ(0, line_open(&line, fd, MOST));
	EXPECT_EQ(-EISDIR, line_next(&line));
	line_close(&line);
	close(fd);
	ASSERT_EQ(0, line_open(&line, -1, MOST));
	EXPECT_EQ(-EBADF, line_next(&line));
	line_close(&line);
}

/* The descriptor may be non-blocking: line_next() waits nevertheless. */
TEST(nonblocking)
{
	static const char text[] = "ab\ncd";
	struct line line;
	int fd = feed(text, sizeof(text) - 1, 1, true);

	ASSERT_EQ(0, fcntl(fd, F_SETFL, O_NONBLOCK));
	ASSERT_EQ(0, line_open(&line, fd, MOST));
	ASSERT_EQ(1, line_next(&line));
	EXPECT_STREQ("ab", line.text);
	ASSERT_EQ(1, line_next(&line));
	EXPECT_STREQ("cd", line.text);
	EXPECT_EQ(0, line_next(&line));
	line_close(&line);
	close(fd);
	wait(NULL);
}

TEST_HARNESS_MAIN
