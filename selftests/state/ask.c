// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ask.c - asking a QEMU that runs, against one that is played: what it may be told, and
 * what it may answer
 */
#include "kselftest_harness.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "state_fixture.h"

#define GREETING \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 3, \"minor\": 1, \"major\": 11}, " \
	"\"package\": \"\"}, \"capabilities\": []}}\r\n"
#define OLD_GREETING \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 0, \"major\": 10}, " \
	"\"package\": \"\"}, \"capabilities\": []}}\r\n"

/* How QEMU is played; @seen: all commands that came. */
struct played {
	const char *greeting, *status, *migration;
	const char *save;	/* what comes instead of an answer to the save */
	const char *sample;	/* what is written */
	const char *query;	/* the answer to x-query-virtio-status */
	char *seen;		/* shared, 64 KiB */
	pid_t pid;
	int fd;
};

static void reply(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		_exit(0);
}

/* A line, and the descriptor that came with it, or the one from before. */
static bool hear(int fd, char *line, size_t size, int *passed)
{
	size_t len = 0;

	while (len < size - 1) {
		char control[CMSG_SPACE(sizeof(int))];
		struct iovec iov = { line + len, 1 };
		struct msghdr m = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control, .msg_controllen = sizeof(control),
		};
		struct cmsghdr *c;

		if (recvmsg(fd, &m, 0) <= 0)
			return false;
		c = CMSG_FIRSTHDR(&m);
		if (c && c->cmsg_type == SCM_RIGHTS)
			memcpy(passed, CMSG_DATA(c), sizeof(*passed));
		if (line[len++] == '\n')
			break;
	}
	line[len] = '\0';
	return true;
}

static void play_save(const struct played *p, int fd, int passed)
{
	static struct bytes state;
	char byte;

	/* QEMU takes only one that it can write and not read. */
	if (read(passed, &byte, 1) >= 0 || errno != EBADF)
		_exit(1);
	if (p->sample) {
		load(&state, p->sample);
		if (write(passed, state.data, state.len) < 0)
			_exit(1);
	}
	if (p->save)
		return reply(fd, p->save);
	reply(fd, "{\"event\": \"STOP\", "
		  "\"timestamp\": {\"seconds\": 7, \"microseconds\": 999000}}\r\n"
		  "{\"event\": \"RESUME\", "
		  "\"timestamp\": {\"seconds\": 8, \"microseconds\": 1500}}\r\n"
		  "{\"return\": {}}\r\n");
}

static void play_command(const struct played *p, int fd, const char *line, int passed)
{
	char text[512];

	if (strstr(line, "\"query-status\"") || strstr(line, "\"query-migrate\"")) {
		const char *status = strstr(line, "-status") ? p->status : p->migration;

		snprintf(text, sizeof(text), "{\"return\": {\"status\": \"%s\"}}\r\n", status);
		if (!status[0])
			strcpy(text, "{\"return\": {}}\r\n");
		reply(fd, text);
	} else if (strstr(line, "\"add-fd\"")) {
		reply(fd, "{\"return\": {\"fd\": 9, \"fdset-id\": 4}}\r\n");
	} else if (strstr(line, "xen-save-devices-state")) {
		play_save(p, fd, passed);
	} else if (strstr(line, "\"x-query-virtio\"")) {
		reply(fd, "{\"return\": [{\"name\": \"virtio-blk\", \"path\": \"/b\"}, "
			  "{\"name\": \"virtio-net\", "
			  "\"path\": \"/machine/peripheral/n0/virtio-backend\"}]}\r\n");
	} else if (strstr(line, "x-query-virtio-status")) {
		reply(fd, p->query);
	} else if (strstr(line, "qom-get")) {
		reply(fd, "{\"return\": \"52:54:00:0a:0B:0c\"}\r\n");
	} else {
		reply(fd, "{\"return\": {}}\r\n");
	}
}

static void play(struct played *p)
{
	int both[2], passed = -1;
	char line[4096];

	p->seen = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->seen == MAP_FAILED || socketpair(AF_UNIX, SOCK_STREAM, 0, both))
		abort();
	p->fd = both[0];
	p->pid = fork();
	if (p->pid)
		return (void)close(both[1]);
	close(both[0]);
	if (p->greeting)
		reply(both[1], p->greeting);
	while (hear(both[1], line, sizeof(line), &passed)) {
		strcat(p->seen, line);
		play_command(p, both[1], line, passed);
	}
	_exit(0);
}

static int ask(struct played *p, bool stop, struct state_answer *answer, struct state **s,
	       struct tapcompat_error *error)
{
	struct state_asking asking = { .stop = stop, .connect_ms = 300, .total_ms = 700 };
	int ret, status;

	play(p);
	asking.fd = p->fd;
	error->text[0] = '\0';
	ret = state_ask(&asking, answer, s, error);
	/* The caller's own descriptor is still open. */
	if (fcntl(p->fd, F_GETFD) < 0)
		abort();
	close(p->fd);
	kill(p->pid, ret == -ETIMEDOUT ? SIGKILL : 0);
	waitpid(p->pid, &status, 0);
	if (ret != -ETIMEDOUT && status)
		abort();
	return ret;
}

TEST(device_state)
{
	struct played p = {
		.greeting = GREETING, .status = "running", .migration = "", .sample = "11.1",
	};
	struct tapcompat_error error;
	struct state_answer answer;
	struct state *s;

	ASSERT_EQ(0, ask(&p, true, &answer, &s, &error)) TH_LOG("%s", error.text);
	EXPECT_TRUE(as_guest(s, "11.1"));
	EXPECT_EQ(STATE_QMP, s->format);
	EXPECT_STREQ("11.1.3", answer.version);
	EXPECT_TRUE(answer.stopped);
	EXPECT_EQ(2500, answer.stopped_us);
	/* "live": true would take the disks from a guest that does not run. */
	EXPECT_NE(NULL, strstr(p.seen, "\"live\":false"));
	EXPECT_NE(NULL, strstr(p.seen, "\"filename\":\"/dev/fdset/4\""));
	EXPECT_NE(NULL, strstr(p.seen, "\"remove-fd\",\"arguments\":{\"fdset-id\":4}"));
	EXPECT_EQ(NULL, strstr(p.seen, "x-query-virtio"));
	state_free(s);
}

/* A guest that others have plans for is left alone. */
TEST(left_alone)
{
	static const struct {
		const char *status, *migration;
	} rows[] = {
		{ "inmigrate", "" }, { "running", "active" }, { "running", "setup" },
		{ "postmigrate", "completed" }, { "save-vm", "none" }, { "prelaunch", "" },
		{ "paused", "postcopy-active" }, { "\\u001b[31m", "" },
	};
	struct tapcompat_error error;
	struct state_answer answer;
	struct state *s;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct played p = {
			.greeting = GREETING, .status = rows[i].status,
			.migration = rows[i].migration,
		};

		EXPECT_EQ(-EBUSY, ask(&p, true, &answer, &s, &error));
		EXPECT_EQ(NULL, strstr(p.seen, "xen-save"));
		EXPECT_EQ(NULL, strchr(error.text, '\033'));
		EXPECT_FALSE(answer.stopped);
		EXPECT_EQ(NULL, s);
	}
}

TEST(refused)
{
	struct played p = {
		.greeting = GREETING, .status = "paused", .migration = "",
		.save = "{\"error\": {\"class\": \"GenericError\", "
			"\"desc\": \"no \\u001b way\"}}\r\n",
	};
	struct tapcompat_error error;
	struct state_answer answer;
	struct state *s;

	EXPECT_EQ(-EPROTO, ask(&p, true, &answer, &s, &error));
	EXPECT_NE(NULL, strstr(error.text, "no \\x1b way")) TH_LOG("%s", error.text);
	EXPECT_NE(NULL, strstr(p.seen, "remove-fd"));
	EXPECT_EQ(-1, answer.stopped_us);
}

/* Silence ends in time: before the greeting, which means that another one is connected. */
TEST(silent)
{
	struct played never = { .greeting = NULL }, later = {
		.greeting = GREETING, .status = "running", .migration = "", .save = "",
	};
	struct tapcompat_error error;
	struct state_answer answer;
	struct state *s;

	EXPECT_EQ(-ETIMEDOUT, ask(&never, true, &answer, &s, &error));
	EXPECT_NE(NULL, strstr(error.text, "libvirt"));
	EXPECT_EQ(-ETIMEDOUT, ask(&later, true, &answer, &s, &error));
	EXPECT_TRUE(answer.stopped);
	EXPECT_EQ(-1, answer.stopped_us);
}

/* A socket whose owner takes nobody. */
TEST(nobody_takes)
{
	struct state_asking asking = { .fd = -1, .connect_ms = 200 };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct tapcompat_error error;
	struct state_answer answer;
	struct state *s;
	int fds[3], i;

	snprintf(to.sun_path, sizeof(to.sun_path), "/tmp/tapcompat-ask-%d", getpid());
	for (i = 0; i < 3; i++)
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ASSERT_EQ(0, bind(fds[0], (struct sockaddr *)&to, sizeof(to)));
	ASSERT_EQ(0, listen(fds[0], 0));
	asking.path = to.sun_path;
	for (i = 1; i < 3; i++)
		connect(fds[i], (struct sockaddr *)&to, sizeof(to));
	EXPECT_EQ(-ETIMEDOUT, state_ask(&asking, &answer, &s, &error));
	unlink(to.sun_path);
	EXPECT_EQ(-ENOENT, state_ask(&asking, &answer, &s, &error));
	for (i = 0; i < 3; i++)
		close(fds[i]);
}

TEST(no_qemu)
{
	static const char *const greetings[] = {
		"HTTP/1.0 400 Bad Request\r\n", "{}\r\n", "{\"QMP\": {\"version\": 1}}\r\n",
		"[[[[[[[[\r\n",
	};
	struct tapcompat_error error;
	struct state_answer answer;
	struct state *s;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(greetings); i++) {
		struct played p = { .greeting = greetings[i] };

		EXPECT_EQ(-EPROTO, ask(&p, true, &answer, &s, &error));
	}
}

#define STATUS "\"status\": {\"statuses\": [\"VIRTIO_CONFIG_S_DRIVER: x\", " \
	       "\"VIRTIO_CONFIG_S_DRIVER_OK: x\"]}"

TEST(queried)
{
	struct played p = {
		.greeting = OLD_GREETING,
		.query = "{\"return\": {\"guest-features\": {\"dev-features\": ["
			 "\"VIRTIO_NET_F_HOST_USO: Device can receive USO\", "
			 "\"VIRTIO_NET_F_GUEST_USO4: Driver can receive USOv6\", "
			 "\"VIRTIO_NET_F_CSUM: x\"], \"transports\": [\"VIRTIO_F_VERSION_1: x\", "
			 "\"VIRTIO_F_IOMMU_PLATFORM: x\"], "
			 "\"unknown-dev-features\": 1099511627776}, "
			 STATUS "}}\r\n",
	};
	struct tapcompat_error error;
	struct state_answer answer;
	struct state *s;

	ASSERT_EQ(0, ask(&p, false, &answer, &s, &error)) TH_LOG("%s", error.text);
	ASSERT_EQ(1, s->cards);
	EXPECT_TRUE(s->card[0].known);
	EXPECT_TRUE(s->card[0].partial);
	EXPECT_TRUE(s->card[0].driver);
	EXPECT_EQ(1ull << 56 | 1ull << 55 | 1ull << 40 | 3ull << 32 | 1,
		  s->card[0].acked.word[0]);
	EXPECT_STREQ("/machine/peripheral/n0", s->card[0].path);
	EXPECT_EQ(0x0b, s->card[0].mac[4]);
	EXPECT_FALSE(answer.stopped);
	EXPECT_EQ(NULL, strstr(p.seen, "xen-save"));
	state_free(s);
}

/* A name that is not known could be any bit: then nothing is known of the card. */
TEST(queried_unknown)
{
	static const char *const answers[] = {
		"{\"return\": {\"guest-features\": {\"dev-features\": [\"VIRTIO_NET_F_CSUM: x\", "
		"\"VIRTIO_\\u001b: x\"]}, " STATUS "}}\r\n",
		"{\"return\": {\"guest-features\": {\"dev-features\": [7]}, " STATUS "}}\r\n",
		"{\"return\": {\"guest-features\": []}}\r\n",
	};
	struct tapcompat_error error;
	struct state_answer answer;
	struct state *s;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(answers); i++) {
		struct played p = { .greeting = OLD_GREETING, .query = answers[i] };

		ASSERT_EQ(0, ask(&p, false, &answer, &s, &error)) TH_LOG("%s", error.text);
		EXPECT_FALSE(s->card[0].known);
		EXPECT_TRUE(mask_empty(&s->card[0].acked));
		EXPECT_EQ(NULL, strchr(s->card[0].why, '\033'));
		EXPECT_NE('\0', s->card[0].why[0]);
		state_free(s);
	}
}

/* 11.1.3 would abort. */
TEST(not_queried)
{
	struct played p = { .greeting = GREETING };
	struct tapcompat_error error;
	struct state_answer answer;
	struct state *s;

	EXPECT_EQ(-EOPNOTSUPP, ask(&p, false, &answer, &s, &error));
	EXPECT_EQ(NULL, strstr(p.seen, "x-query-virtio"));
	EXPECT_NE(NULL, strstr(error.text, "--ask-qemu"));
}

TEST_HARNESS_MAIN
