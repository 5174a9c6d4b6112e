// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp_server.c - the QMP server with valid and hostile input
 */
#include "kselftest_harness.h"

#include <fcntl.h>
#include <stdlib.h>

#include "qmp_fixture.h"
#include "service/qmp.h"

#define MESSAGE 0x1000000ul	/* bytes: the longest that is taken */

#define VERSION "{\"execute\":\"query-version\"}"
#define QUIT "{\"execute\":\"quit\"}"
#define EMPTY "{\"return\":{}}"
#define GREETING "{\"QMP\":{\"version\":{\"qemu\":{\"micro\":"
#define A_VERSION "{\"return\":{\"qemu\":{\"micro\":*"
#define ERROR(class, desc) "{\"error\":{\"class\":\"" class "\",\"desc\":\"" desc "\"}"
#define GENERIC(desc) ERROR("GenericError", desc) "}"
#define BAD(why) GENERIC("JSON parse error, " why "; the rest of the line is ignored")
#define PARSE "{\"error\":{\"class\":\"GenericError\",\"desc\":\"JSON parse error, line *"
#define NEGOTIATE ERROR("CommandNotFound", \
			"Expecting capabilities negotiation with 'qmp_capabilities'") "}"
#define ALREADY ERROR("CommandNotFound", \
		      "Capabilities negotiation is already complete, command ignored") "}"
#define NO_OBJECT BAD("a message must begin with '{'")
#define NO_STRING BAD("a string has a control character or is not terminated")
#define NO_BYTE BAD("invalid byte outside of a string")
#define NO_PAIR BAD("brackets do not match")
#define COMPARE(a, b) \
	"{\"execute\":\"query-tap-comparison\",\"arguments\":{\"a\":" a ",\"b\":" b "}}"
#define COMPARED(a, b, result, names) \
	"{\"return\":{\"schema\":\"tapcompat-comparison\",\"version\":1,\"first\":\"" a "\"," \
	"\"second\":\"" b "\",\"result\":\"" result "\",\"responsible-properties\":[" names "],*"
#define NO_SET(side, what) \
	GENERIC("Parameter '" side "' is '" what "': it must be the name of a model, a mask such " \
		"as \\\"0x1f\\\", or a capability document")
#define BASELINE(arguments) \
	"{\"execute\":\"query-tap-baseline\",\"arguments\":{" arguments "}}"
#define NOT_CSUM "\"guest_csum\",\"guest_tso4\",\"guest_tso6\",\"guest_ecn\",\"guest_ufo\"," \
	"\"host_tso4\",\"host_tso6\",\"host_ecn\",\"host_ufo\",\"guest_uso4\",\"guest_uso6\"," \
	"\"host_uso\",\"guest_tunnel\",\"guest_tunnel_csum\",\"host_tunnel\"," \
	"\"host_tunnel_csum\""
#define TEXT(s) (s), sizeof(s) - 1

/*
 * Input, and the lines of output after the greeting; a line ending in '*' is a prefix.
 * @ret: return value of the server.
 */
static const struct {
	const char *send;
	size_t len;
	const char *answer[8];
	int ret;
} talks[] = {
	{ TEXT(""), { NULL }, 0 },
	{ TEXT(CAPS), { EMPTY }, 0 },
	{ TEXT(CAPS QUIT), { EMPTY, EMPTY }, 1 },
	{ TEXT(CAPS QUIT VERSION), { EMPTY, EMPTY }, 1 },

	/* before and after negotiation */
	{ TEXT(VERSION CAPS VERSION), { NEGOTIATE, EMPTY, A_VERSION }, 0 },
	{ TEXT(QUIT "{\"execute\":\"nonsense\"}"), { NEGOTIATE, NEGOTIATE }, 0 },
	{ TEXT(CAPS CAPS VERSION), { EMPTY, ALREADY, A_VERSION }, 0 },
	{ TEXT("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[]}}"), { EMPTY }, 0 },
	{ TEXT("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}" VERSION),
	  { GENERIC("Parameter 'enable[0]' does not accept value 'oob': no value is accepted"),
	    NEGOTIATE }, 0 },
	{ TEXT("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[1]}}"),
	  { GENERIC("Invalid parameter type for 'enable[0]', expected: string") }, 0 },
	{ TEXT("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":{}}}"),
	  { GENERIC("Invalid parameter type for 'enable', expected: array") }, 0 },

	/* framing */
	{ TEXT(CAPS VERSION VERSION "\n" VERSION), { EMPTY, A_VERSION, A_VERSION, A_VERSION }, 0 },
	{ TEXT(" \t\r\n\n" CAPS "\n\n  {\n\t\"execute\"\r\n:\n\n\"query-version\"\n}\n"),
	  { EMPTY, A_VERSION }, 0 },
	{ TEXT(CAPS "{\"execute\":\"quer"), { EMPTY }, 0 },
	{ TEXT(CAPS "{\"execute\":\"}{][\\\"\\\\\"}" VERSION),
	  { EMPTY, ERROR("CommandNotFound",
			 "The command }{][\\\"\\\\ has not been found") "}", A_VERSION }, 0 },

	/* "id" of all types, in returns and in errors */
	{ TEXT(CAPS "{\"execute\":\"quit\",\"id\":1}"), { EMPTY, "{\"return\":{},\"id\":1}" }, 1 },
	{ TEXT("{\"id\":\"\\u00e9\",\"execute\":\"qmp_capabilities\"}"),
	  { "{\"return\":{},\"id\":\"\\u00E9\"}" }, 0 },
	{ TEXT("{\"id\":null,\"execute\":\"qmp_capabilities\"}"), { "{\"return\":{},\"id\":null}" },
	  0 },
	{ TEXT("{\"id\":-1.5,\"execute\":\"qmp_capabilities\"}"), { "{\"return\":{},\"id\":-1.5}" },
	  0 },
	{ TEXT("{\"id\":[true,{\"a\":[]}],\"execute\":\"qmp_capabilities\"}"),
	  { "{\"return\":{},\"id\":[true,{\"a\":[]}]}" }, 0 },
	{ TEXT("{\"id\":{\"b\":1,\"a\":2},\"execute\":5}"),
	  { ERROR("GenericError", "QMP input member 'execute' must be a string")
	    ",\"id\":{\"b\":1,\"a\":2}}" }, 0 },
	{ TEXT("{\"id\":false,\"execute\":\"quit\"}"),
	  { ERROR("CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'")
	    ",\"id\":false}" }, 0 },

	/* invalid messages */
	{ TEXT("{}"), { GENERIC("QMP input lacks member 'execute'") }, 0 },
	{ TEXT("[]" CAPS), { GENERIC("QMP input must be a JSON object"), EMPTY }, 0 },
	{ TEXT("{\"execute\":\"quit\",\"arguments\":[]}"),
	  { GENERIC("QMP input member 'arguments' must be an object") }, 0 },
	{ TEXT("{\"execute\":\"quit\",\"arguments\":null}"),
	  { GENERIC("QMP input member 'arguments' must be an object") }, 0 },
	{ TEXT("{\"execute\":null}"),
	  { GENERIC("QMP input member 'execute' must be a string") }, 0 },
	{ TEXT("{\"execute\":\"quit\",\"extra\":1}"),
	  { GENERIC("QMP input member 'extra' is unexpected") }, 0 },
	{ TEXT("{\"exec-oob\":\"qmp_capabilities\"}"),
	  { GENERIC("QMP input member 'exec-oob' is unexpected") }, 0 },

	/* commands and arguments */
	{ TEXT(CAPS "{\"execute\":\"nonsense\"}" VERSION),
	  { EMPTY, ERROR("CommandNotFound", "The command nonsense has not been found") "}",
	    A_VERSION }, 0 },
	{ TEXT(CAPS "{\"execute\":\"\\u001b[31mred\\u009b\\u202e\\\"\"}"),
	  { EMPTY, ERROR("CommandNotFound", "The command \\\\x1b[31mred\\\\xc2\\\\x9b\\\\xe2\\\\x80"
			 "\\\\xae\\\" has not been found") "}" }, 0 },
	{ TEXT(CAPS "{\"execute\":\"\"}"),
	  { EMPTY, ERROR("CommandNotFound", "The command  has not been found") "}" }, 0 },
	{ TEXT(CAPS "{\"execute\":\"quit\",\"arguments\":{\"a\\u001b\":1}}" QUIT),
	  { EMPTY, GENERIC("Parameter 'a\\\\x1b' is unexpected"), EMPTY }, 1 },
	{ TEXT(CAPS "{\"execute\":\"query-tap\",\"arguments\":{\"verify\":1}}"),
	  { EMPTY, GENERIC("Invalid parameter type for 'verify', expected: boolean") }, 0 },
	{ TEXT(CAPS "{\"execute\":\"query-tap\",\"arguments\":{\"verify\":null}}"),
	  { EMPTY, GENERIC("Invalid parameter type for 'verify', expected: boolean") }, 0 },
	{ TEXT(CAPS "{\"execute\":\"query-tap\",\"arguments\":{\"backend\":[\"tap\"]}}"),
	  { EMPTY, GENERIC("Invalid parameter type for 'backend', expected: string") }, 0 },
	{ TEXT(CAPS "{\"execute\":\"query-tap\",\"arguments\":{\"backend\":\"\\u001b\"}}"),
	  { EMPTY, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"Parameter 'backend' does not "
		   "accept value '\\\\x1b': expected one of tap, *" }, 0 },
	{ TEXT(CAPS "{\"execute\":\"query-tap\",\"arguments\":{\"verify\":false,"
	       "\"ifname\":\"x\"}}"),
	  { EMPTY, GENERIC("Parameter 'ifname' is unexpected") }, 0 },

	{ TEXT(CAPS "{\"execute\":\"query-tap-models\",\"arguments\":{\"name\":\"/etc/passwd\"}}"),
	  { EMPTY, GENERIC("Parameter 'name': unknown model '/etc/passwd': omit it to list all "
			   "models") }, 0 },

	{ TEXT(CAPS COMPARE("\"tapnet-v1\"", "\"TAPNET-V1\"")),
	  { EMPTY, COMPARED("tapnet-v1", "tapnet-v1", "identical", "") }, 0 },
	{ TEXT(CAPS COMPARE("\"0x1\"", DOCUMENT("b", "0x1", "native"))),
	  { EMPTY, COMPARED("0x1", "b", "identical", "") }, 0 },
	{ TEXT(CAPS COMPARE(DOCUMENT("a", "0x1", "native"), DOCUMENT("b", "0x0", "absent"))),
	  { EMPTY, COMPARED("a", "b", "superset", "\"csum\"") }, 0 },
	{ TEXT(CAPS COMPARE("\"/etc/passwd\"", "\"0x1\"")),
	  { EMPTY, NO_SET("a", "/etc/passwd") }, 0 },
	{ TEXT(CAPS COMPARE("\"-\"", "\"0x1\"")), { EMPTY, NO_SET("a", "-") }, 0 },
	{ TEXT(CAPS COMPARE("\"0x1\"", "\"0xg\"")), { EMPTY, NO_SET("b", "0xg") }, 0 },
	{ TEXT(CAPS COMPARE("\"\"", "\"0x1\"")), { EMPTY, NO_SET("a", "") }, 0 },
	{ TEXT(CAPS COMPARE("1", "2")),
	  { EMPTY, GENERIC("Invalid parameter type for 'a', expected: TapSet") }, 0 },
	{ TEXT(CAPS COMPARE("\"0x1\"", "null")),
	  { EMPTY, GENERIC("Invalid parameter type for 'b', expected: TapSet") }, 0 },
	{ TEXT(CAPS COMPARE("\"0x1\"", DOCUMENT("b", "0x1", "absent"))),
	  { EMPTY, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"b: backends[0]: native *" },
	  0 },
	{ TEXT(CAPS "{\"execute\":\"query-tap-comparison\"}"),
	  { EMPTY, GENERIC("Parameter 'a' is missing") }, 0 },

	{ TEXT(CAPS BASELINE("\"documents\":[]")),
	  { EMPTY, GENERIC("Parameter 'documents' is empty: give a document of each host") }, 0 },
	{ TEXT(CAPS BASELINE("\"documents\":\"/etc/passwd\"")),
	  { EMPTY, GENERIC("Invalid parameter type for 'documents', expected: array") }, 0 },
	{ TEXT(CAPS BASELINE("\"documents\":[" DOCUMENT("a", "0x1", "native") ",\"/etc/passwd\"]")),
	  { EMPTY, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"documents[1]: *" }, 0 },
	{ TEXT(CAPS BASELINE("\"documents\":[],\"qemu-version\":\"new\"")),
	  { EMPTY, GENERIC("the QEMU version must be a release such as 8.2") },
	  0 },
	{ TEXT(CAPS BASELINE("\"documents\":[],\"holds\":\"7\"")),
	  { EMPTY, GENERIC("Parameter 'holds' must be \\\"0x\\\" and up to 32 hexadecimal "
			   "digits") },
	  0 },
	{ TEXT(CAPS BASELINE("\"documents\":[],\"format\":\"x\"")),
	  { EMPTY, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"Parameter 'format' does *" },
	  0 },
	{ TEXT(CAPS BASELINE("\"documents\":[],\"backends\":[\"tap\",\"y\"]")),
	  { EMPTY, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"Parameter 'backends[1]' *" },
	  0 },

	/* a list that is completed, and vhost-net that no document has */
	{ TEXT(CAPS BASELINE("\"documents\":[" DOCUMENT("a", "0x1", "native") "],"
			     "\"holds\":\"0x100000000000000\",\"format\":\"qemu\"")),
	  { EMPTY, "{\"return\":{\"hosts\":1,\"mask\":\"0x10030008005\",\"features\":[\"csum\","
	    "\"ctrl_guest_offloads\",\"mrg_rxbuf\",\"indirect_desc\",\"event_idx\","
	    "\"queue_reset\"],\"off\":[" NOT_CSUM "],"
	    "\"added\":[{\"name\":\"csum\",\"for\":\"host_uso\"}],"
	    "\"warnings\":[\"no document mentions vhost-net: *" },
	  0 },

	/* invalid JSON, and the message after it */
	{ TEXT("{\"execute\":}" CAPS), { PARSE, EMPTY }, 0 },
	{ TEXT("{execute}" CAPS), { PARSE, EMPTY }, 0 },
	{ TEXT("{'execute':'qmp_capabilities'}" CAPS), { PARSE, EMPTY }, 0 },
	{ TEXT("{\"execute\":\"quit\",\"execute\":\"quit\"}" CAPS),
	  { PARSE, EMPTY }, 0 },
	{ TEXT("{\"a\":{\"b\":1,\"b\":1}}" CAPS), { PARSE, EMPTY }, 0 },
	{ TEXT("{\"id\":1e999}" CAPS), { PARSE, EMPTY }, 0 },
	{ TEXT("{\"id\":\"\\u0000\"}" CAPS), { PARSE, EMPTY }, 0 },
	{ TEXT("{\"id\":\"\\ud800\"}" CAPS), { PARSE, EMPTY }, 0 },
	{ TEXT("{\"execute\":\"\xc3\x28\"}" CAPS), { PARSE, EMPTY }, 0 },
	{ TEXT("{\"execute\":\"\xed\xa0\x80\"}" CAPS), { PARSE, EMPTY }, 0 },
	{ TEXT("{\"\xf8\x88\x80\x80\x80\":1}" CAPS), { PARSE, EMPTY }, 0 },
	{ TEXT("hello " CAPS "\n" CAPS), { NO_OBJECT, EMPTY }, 0 },
	{ TEXT("1\n\"" CAPS "\n}}}\n,\n" CAPS),
	  { NO_OBJECT, NO_OBJECT, NO_OBJECT, NO_OBJECT, EMPTY }, 0 },
	{ TEXT("{\"execute\":\"quer\n" CAPS), { NO_STRING, EMPTY }, 0 },
	{ TEXT("{\"execute\":\"quer\\\n" CAPS), { NO_STRING, EMPTY }, 0 },
	{ TEXT("{\"a\":[}\n" CAPS), { NO_PAIR, EMPTY }, 0 },
	{ TEXT("{\"a\":1]" CAPS "\n" CAPS), { NO_PAIR, EMPTY }, 0 },
	{ TEXT("{\0}\n" CAPS), { NO_BYTE, EMPTY }, 0 },
	{ TEXT("{\"\0\":1}\n" CAPS), { NO_STRING, EMPTY }, 0 },
	{ TEXT("\0\0\0\n" CAPS), { NO_OBJECT, EMPTY }, 0 },
	{ TEXT("\xef\xbb\xbf" CAPS "\n" CAPS), { NO_OBJECT, EMPTY }, 0 },
	{ TEXT("\x7f" "ELF\x02\x01\x01\0\0\n" CAPS), { NO_OBJECT, EMPTY }, 0 },

	/* the byte with which clients reset the parser */
	{ TEXT("{\"a\":[\xff" CAPS), { NO_BYTE, EMPTY }, 0 },
	{ TEXT("\xff" CAPS), { NO_OBJECT, EMPTY }, 0 },
	{ TEXT("{\"a\xff" CAPS), { NO_STRING, EMPTY }, 0 },
	{ TEXT("junk\xff" CAPS), { NO_OBJECT, EMPTY }, 0 },
};

#define TALKS (sizeof(talks) / sizeof(talks[0]))

static char answers[ANSWERS];

static bool agrees(const char *want, const char *got)
{
	size_t len = strlen(want);

	if (!got)
		return false;
	if (len && want[len - 1] == '*')
		return !strncmp(want, got, len - 1);
	return !strcmp(want, got);
}

/* Return: NULL, or the first line that is wrong */
static const char *talk_differs(size_t talk, size_t piece)
{
	char *text = answers, *line;
	size_t i;

	if (converse(talks[talk].send, talks[talk].len, piece, answers) != talks[talk].ret)
		return "what it ended with";
	line = line_next(&text);
	if (!line || strncmp(line, GREETING, strlen(GREETING)))
		return "the greeting";
	for (i = 0; i < 8 && talks[talk].answer[i]; i++) {
		line = line_next(&text);
		if (!agrees(talks[talk].answer[i], line))
			return line ? line : "an answer is missing";
	}
	return text[0] ? text : NULL;
}

static void talk_all(struct __test_metadata *_metadata, size_t piece)
{
	const char *differs;
	size_t i;

	for (i = 0; i < TALKS; i++) {
		differs = talk_differs(i, piece);
		EXPECT_EQ(NULL, differs) {
			TH_LOG("%s: %s", talks[i].send, differs);
		}
	}
}

TEST(conversations)
{
	talk_all(_metadata, ANSWERS);
}

TEST(conversations_byte_by_byte)
{
	talk_all(_metadata, 1);
}

TEST(conversations_in_pieces)
{
	talk_all(_metadata, 7);
}

/* ---- Limits ------------------------------------------------------------- */

/* @head, @n times @each, @tail, a newline; then a valid message. */
static char *long_text(const char *head, const char *each, size_t n, const char *tail, size_t *len)
{
	size_t step = strlen(each), i;
	char *text = malloc(strlen(head) + n * step + strlen(tail) + 256), *at;

	if (!text)
		return NULL;
	at = stpcpy(text, head);
	for (i = 0; i < n; i++, at += step)
		memcpy(at, each, step);
	at = stpcpy(at, tail);
	at = stpcpy(at, "\n" CAPS);
	*len = (size_t)(at - text);
	return text;
}

static const struct {
	const char *head, *each;
	size_t n;
	const char *tail, *answer;
} floods[] = {
	{ "", "[", 1000000, "", BAD("it is nested deeper than 24") },
	{ "", "{\"a\":", 1000000, "", BAD("it is nested deeper than 24") },
	{ "{\"id\":", "[", 24, "]]]]]]]]]]]]]]]]]]]]]]]]}", BAD("it is nested deeper than 24") },
	{ "{\"id\":", "[", 23, "]]]]]]]]]]]]]]]]]]]]]]]}",
	  ERROR("GenericError", "QMP input lacks member 'execute'") ",\"id\":[[*" },
	{ "{\"id\":\"", "x", 17 << 20, "\"}", BAD("it is longer than 16 MiB") },
	{ "{\"id\":\"", "x", 17 << 20, "", BAD("it is longer than 16 MiB") },
	{ "{", " ", 17 << 20, "}", BAD("it is longer than 16 MiB") },
	{ "{\"id\":[", "0,", 1 << 21, "0]}", BAD("it has more than 1048576 values") },
	{ "{\"id\":[", "[],", 1 << 21, "0]}", BAD("it has more than 1048576 values") },
	{ "", "x", 17 << 20, "", NO_OBJECT },
	{ "{\"execute\":\"", "\\u001b", 100000, "\"}", NEGOTIATE },
	{ "{\"", "\\u001b", 100000, "\":1}",
	  "{\"error\":{\"class\":\"GenericError\",\"desc\":\"QMP input member '\\\\x1b*" },
};

TEST(too_much)
{
	char *text, *rest, *line;
	size_t i, len = 0;

	for (i = 0; i < sizeof(floods) / sizeof(floods[0]); i++) {
		text = long_text(floods[i].head, floods[i].each, floods[i].n, floods[i].tail,
				 &len);
		ASSERT_NE(NULL, text);
		ASSERT_EQ(0, converse(text, len, len, answers));
		free(text);
		rest = answers;
		ASSERT_NE(NULL, line_next(&rest));
		line = line_next(&rest);
		EXPECT_TRUE(agrees(floods[i].answer, line)) {
			TH_LOG("flood %zu: %.300s", i, line);
		}
		EXPECT_TRUE(agrees(EMPTY, line_next(&rest))) {
			TH_LOG("flood %zu: it has not come to itself", i);
		}
		EXPECT_EQ('\0', rest[0]);
	}
}

/* A message of exactly 16 MiB is accepted. */
TEST(the_longest)
{
	static const char head[] = "{\"execute\":\"qmp_capabilities\",\"id\":\"", tail[] = "\"}";
	size_t len = 0, n = MESSAGE - strlen(head) - strlen(tail);
	char *text = long_text(head, "x", n, tail, &len);
	struct served s;
	char end[8] = "";

	ASSERT_NE(NULL, text);
	ASSERT_TRUE(serve_start(&s));
	say(&s, text, MESSAGE, MESSAGE);
	free(text);
	shutdown(s.fd, SHUT_WR);
	for (n = 0; (len = (size_t)read(s.fd, answers, ANSWERS)) - 1 < ANSWERS; n += len)
		memcpy(end, answers + (len > 4 ? len - 4 : 0), len > 4 ? 4 : len);
	EXPECT_EQ(0, serve_end(&s));
	EXPECT_GT(n, MESSAGE - 64);
	EXPECT_STREQ("\"}\r\n", end);
}

#define SEED "{\"execute\":\"query-version\",\"id\":[1,{\"a\":\"\\u00e9\"}]}\n"
#define LAST "\xff\n" CAPS "{\"execute\":\"quit\",\"id\":\"last\"}"

/* Random input: the server neither ends nor stops answering. */
TEST(garbage)
{
	static char text[10 * sizeof(SEED) + sizeof(LAST)];
	unsigned int i, k;

	srand(1);
	for (i = 0; i < 500; i++) {
		text[0] = '\0';
		for (k = 0; k < 10; k++)
			strcat(text, SEED);
		for (k = 0; k < 1 + i % 50; k++)
			text[(unsigned int)rand() % (10 * (sizeof(SEED) - 1))] = (char)rand();
		memcpy(text + 10 * (sizeof(SEED) - 1), LAST, sizeof(LAST));
		k = 10 * (sizeof(SEED) - 1) + sizeof(LAST) - 1;
		EXPECT_EQ(1, converse(text, k, k, answers));
		EXPECT_NE(NULL, strstr(answers, "{\"return\":{},\"id\":\"last\"}\r\n"));
	}
}

/* A client that hangs up without reading. */
TEST(client_gone)
{
	struct served s;

	ASSERT_TRUE(serve_start(&s));
	say(&s, TEXT(CAPS "{\"execute\":\"query-qmp-schema\"}"), ANSWERS);
	close(s.fd);
	s.fd = -1;
	EXPECT_EQ(0, serve_end(&s));
}

TEST(no_descriptor)
{
	EXPECT_EQ(-EBADF, qmp_serve(-1, -1, -1));
}

/* A non-blocking descriptor. */
TEST(does_not_wait)
{
	struct served s;

	ASSERT_TRUE(serve_start(&s));
	ASSERT_EQ(0, fcntl(s.server, F_SETFL, O_NONBLOCK));
	say(&s, TEXT(CAPS), 5);
	usleep(100000);
	say(&s, TEXT(QUIT), 5);
	hear(&s, answers);
	EXPECT_EQ(1, serve_end(&s));
	EXPECT_NE(NULL, strstr(answers, EMPTY "\r\n" EMPTY "\r\n"));
}

TEST_HARNESS_MAIN
