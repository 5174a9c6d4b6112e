// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stat.c - the page of counters: writing, reading, and forged ones
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/report.h"
#include "stat/stat.h"

#include <tapcompat_shim.h>

#define SIZE sizeof(struct stat_page)
#define NAME "memfd:tapcompat-stat (deleted)"

static struct stat_page copy;

TEST(names)
{
	unsigned int i, n;

	for (i = 0; i < STAT_DROPS; i++)
		for (n = 0; n < i; n++)
			EXPECT_STRNE(stat_drop_name(i), stat_drop_name(n));
	EXPECT_STREQ("feature", stat_drop_name(SEGMENT_DROP_FEATURE));
	EXPECT_STREQ("chain", stat_drop_name(STAT_DROP_CHAIN));
	EXPECT_STREQ("offer", stat_drop_name(STAT_DROP_OFFER));
	EXPECT_STREQ("?", stat_drop_name(STAT_DROPS));
	EXPECT_STREQ("?", stat_drop_name(~0u));
}

FIXTURE(stat) {
	struct stat_page *page;
	int fd;
};

FIXTURE_SETUP(stat)
{
	self->page = stat_create(&self->fd);
	ASSERT_NE(NULL, self->page);
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(stat)
{
	munmap(self->page, sizeof(*self->page));
	if (self->fd >= 0)
		close(self->fd);
}

TEST_F(stat, written_and_read)
{
	struct stat_port *port = stat_port(self->page);

	strcpy(port->name, "tap0");
	port->queue = 3;
	stat_count(&port->way[STAT_RECEIVE].count[STAT_BYTES], 1500);
	stat_count(&port->way[STAT_RECEIVE].count[STAT_BYTES], 500);
	ASSERT_EQ(0, stat_read(getpid(), &copy));
	EXPECT_EQ(0, memcmp(&copy, self->page, sizeof(copy)));
	EXPECT_EQ(2000, copy.port[0].way[STAT_RECEIVE].count[STAT_BYTES]);
	EXPECT_EQ(STAT_KERNEL, copy.port[0].datapath);
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->fd, F_GETFD));
}

/* Other openers can neither truncate it nor map it writable. */
TEST_F(stat, nobody_else_writes)
{
	char path[64];
	int fd;

	EXPECT_NE(0, ftruncate(self->fd, 0));
	EXPECT_NE(0, ftruncate(self->fd, 1 << 20));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->fd);
	fd = open(path, O_RDWR);
	EXPECT_GT(0, pwrite(fd, "x", 1, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0));
	close(fd);
	self->page->port[5].datapath = STAT_DEVICE;
	ASSERT_EQ(0, stat_read(getpid(), &copy));
	EXPECT_EQ(STAT_DEVICE, copy.port[5].datapath);
}

/* Each entry is allocated once; a freed one is reused, and is zeroed. */
TEST_F(stat, ports)
{
	struct stat_port *port[STAT_PORTS], *none;
	int i;

	for (i = 0; i < STAT_PORTS; i++) {
		port[i] = stat_port(self->page);
		EXPECT_EQ(&self->page->port[i], port[i]);
		port[i]->way[STAT_TRANSMIT].count[STAT_PACKETS] = 7;
	}
	none = stat_port(self->page);
	ASSERT_NE(NULL, none);
	EXPECT_EQ(1, self->page->unlisted);
	EXPECT_TRUE(none < self->page->port || none >= self->page->port + STAT_PORTS);
	none->datapath = STAT_DEVICE;
	port[9]->datapath = STAT_NOBODY;
	EXPECT_EQ(port[9], stat_port(self->page));
	EXPECT_EQ(0, port[9]->way[STAT_TRANSMIT].count[STAT_PACKETS]);
	EXPECT_EQ(STAT_KERNEL, port[9]->datapath);
	EXPECT_EQ(7, port[10]->way[STAT_TRANSMIT].count[STAT_PACKETS]);
}

static pid_t ended_process(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

TEST(no_process)
{
	EXPECT_EQ(-ESRCH, stat_read(ended_process(), &copy));
	EXPECT_EQ(-ESRCH, stat_read(0, &copy));
	EXPECT_EQ(-ESRCH, stat_read(-1, &copy));
	EXPECT_EQ(-ESRCH, stat_read(0x7fffffff, &copy));
}

TEST(no_page)
{
	int other = memfd_create("tapcompat-stats", MFD_CLOEXEC);

	EXPECT_EQ(-ENOENT, stat_read(getpid(), &copy));
	close(other);
}

/* Invalid pages, by their header and size. */
TEST(another_page)
{
	static const struct {
		const char *what;
		long size;
		uint32_t head[4];	/* magic, version, size, ports */
	} cases[] = {
		{ "empty", 0, { 0 } },
		{ "short", 16, { STAT_MAGIC, STAT_VERSION, SIZE, STAT_PORTS } },
		{ "long", SIZE + 1, { STAT_MAGIC, STAT_VERSION, SIZE, STAT_PORTS } },
		{ "nothing in it", SIZE, { 0 } },
		{ "magic", SIZE, { STAT_MAGIC + 1, STAT_VERSION, SIZE, STAT_PORTS } },
		{ "version", SIZE, { STAT_MAGIC, STAT_VERSION + 1, SIZE, STAT_PORTS } },
		{ "size", SIZE, { STAT_MAGIC, STAT_VERSION, SIZE - 1, STAT_PORTS } },
		{ "ports", SIZE, { STAT_MAGIC, STAT_VERSION, SIZE, STAT_PORTS + 1 } },
	};
	struct stat_page *page;
	size_t i;
	int fd, good;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fd = memfd_create(STAT_FILE, MFD_CLOEXEC);
		ASSERT_EQ(0, ftruncate(fd, cases[i].size));
		pwrite(fd, &cases[i].head, cases[i].size ? sizeof(cases[i].head) : 0, 0);
		EXPECT_EQ(-EPROTO, stat_read(getpid(), &copy)) {
			TH_LOG("%s", cases[i].what);
		}
		/* An invalid page does not hide a valid one. */
		page = stat_create(&good);
		EXPECT_EQ(0, stat_read(getpid(), &copy));
		munmap(page, sizeof(*page));
		close(good);
		close(fd);
	}
}

/* A file with the name of a memory file, on a detached file system. */
static int deceive(mode_t kind)
{
	char directory[64], path[128];
	int fd = -1;

	snprintf(directory, sizeof(directory), "/tmp/tapcompat-stat-%d", (int)getpid());
	snprintf(path, sizeof(path), "%s/" NAME, directory);
	if (mkdir(directory, 0700))
		return -1;
	if (!unshare(CLONE_NEWNS) && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	    !mount("tmpfs", directory, "tmpfs", 0, NULL) && !mknod(path, kind | 0600, 0)) {
		fd = open(path, O_RDWR | O_CLOEXEC);
		umount2(directory, MNT_DETACH);
	}
	rmdir(directory);
	return fd;
}

/* Pipes and files that are not in memory are not opened. */
TEST(not_in_memory)
{
	static const mode_t kinds[] = { S_IFIFO, S_IFREG };
	struct stat_page *page;
	char link[64] = "", path[32];
	size_t i;
	int fd, good;

	if (geteuid())
		SKIP(return, "needs root");
	page = stat_create(&good);
	copy = *page;
	munmap(page, sizeof(*page));
	close(good);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		fd = deceive(kinds[i]);
		ASSERT_GE(fd, 0);
		if (kinds[i] == S_IFREG)
			EXPECT_EQ(sizeof(copy), write(fd, &copy, sizeof(copy)));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		ASSERT_LT(0, readlink(path, link, sizeof(link) - 1));
		EXPECT_STREQ("/" NAME, link);
		alarm(5);
		EXPECT_EQ(-EPROTO, stat_read(getpid(), &copy));
		alarm(0);
		close(fd);
	}
}

/* The error that user nobody gets for this process. */
static int as_nobody(bool hidden)
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (!pid) {
		if (hidden && (unshare(CLONE_NEWNS) ||
			       mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
			       mount("proc", "/proc", "proc", 0, "hidepid=2")))
			_exit(0);
		if (setgid(65534) || setuid(65534))
			_exit(0);
		_exit(-stat_read(parent, &copy));
	}
	waitpid(pid, &status, 0);
	return -WEXITSTATUS(status);
}

TEST_F(stat, another_user)
{
	if (geteuid())
		SKIP(return, "needs root");
	EXPECT_EQ(-EACCES, as_nobody(false));
	EXPECT_EQ(-EACCES, as_nobody(true));
}

/* ---- Documents and tables -------------------------------------------------- */

static json_t *document(struct __test_metadata *_metadata, pid_t pid)
{
	struct tapcompat_error error = { "" };
	struct tapcompat_stat *stat;
	json_error_t e;
	json_t *o;
	char *text;

	if (tapcompat_stat_read(pid, &stat, &error)) {
		TH_LOG("%s", error.text);
		return NULL;
	}
	text = tapcompat_stat_json(stat, 0);
	o = json_loads(text, JSON_REJECT_DUPLICATES, &e);
	free(text);
	tapcompat_stat_free(stat);
	return o;
}

static json_t *queue_of(json_t *o, size_t i)
{
	return json_array_get(json_object_get(o, "queues"), i);
}

static const char *text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

TEST_F(stat, document)
{
	struct stat_port *port = stat_port(self->page);
	json_t *o, *q, *way;

	strcpy(port->name, "tap0");
	port->datapath = STAT_DEVICE;
	port->engine = STAT_IO_URING;
	port->running = 1;
	port->emulated = (struct tapcompat_mask){ { 1ull << 56, 8 } };
	port->way[STAT_TRANSMIT].count[STAT_SEGMENTS] = 44;
	port->way[STAT_TRANSMIT].drop[SEGMENT_TAKEN] = 1;
	port->way[STAT_TRANSMIT].drop[STAT_DROP_FULL] = 2;
	port->way[STAT_RECEIVE].fault = VQUEUE_BAD_LOOP;
	o = document(_metadata, getpid());
	ASSERT_NE(NULL, o);
	q = queue_of(o, 0);
	EXPECT_EQ(getpid(), json_integer_value(json_object_get(o, "pid")));
	EXPECT_STREQ("tap0", text_of(q, "interface"));
	EXPECT_STREQ("device", text_of(q, "carried-by"));
	EXPECT_STREQ("io_uring", text_of(q, "engine"));
	EXPECT_TRUE(json_is_true(json_object_get(q, "running")));
	EXPECT_STREQ("0x80100000000000000", text_of(q, "emulated"));
	way = json_object_get(q, "transmit");
	EXPECT_EQ(44, json_integer_value(json_object_get(way, "segments")));
	EXPECT_EQ(1, json_object_size(json_object_get(way, "dropped")));
	EXPECT_EQ(2, json_integer_value(json_object_get(json_object_get(way, "dropped"), "full")));
	EXPECT_TRUE(json_is_null(json_object_get(way, "fault")));
	EXPECT_STREQ(vqueue_fault_name(VQUEUE_BAD_LOOP),
		     text_of(json_object_get(q, "receive"), "fault"));
	json_decref(o);
	/* With emulation the kernel is not the datapath; none is before the driver starts. */
	port->datapath = STAT_KERNEL;
	o = document(_metadata, getpid());
	EXPECT_STREQ("none", text_of(queue_of(o, 0), "carried-by"));
	EXPECT_EQ(NULL, json_object_get(queue_of(o, 0), "engine"));
	json_decref(o);
	port->emulated = (struct tapcompat_mask){ { 0, 0 } };
	o = document(_metadata, getpid());
	EXPECT_STREQ("kernel", text_of(queue_of(o, 0), "carried-by"));
	json_decref(o);
}

/* All values are extreme. */
TEST_F(stat, hostile_numbers)
{
	struct tapcompat_error error;
	struct tapcompat_stat *stat;
	char *text = NULL;
	json_t *o, *q;
	size_t size, i;
	FILE *out;

	memset(self->page->port, 0xff, sizeof(self->page->port));
	memcpy(self->page->port[0].name, "\033[31m\n\"\\\xff/../tap0", 16);
	o = document(_metadata, getpid());
	ASSERT_NE(NULL, o);
	EXPECT_EQ(STAT_PORTS, json_array_size(json_object_get(o, "queues")));
	q = queue_of(o, 0);
	EXPECT_STREQ("\\x1b[31m\\x0a\"\\\\xff/../tap", text_of(q, "interface"));
	EXPECT_STREQ("unknown", text_of(q, "carried-by"));
	EXPECT_STREQ("unknown", text_of(q, "engine"));
	EXPECT_STREQ("unknown", text_of(json_object_get(q, "transmit"), "fault"));
	EXPECT_LT(0, json_integer_value(json_object_get(json_object_get(q, "receive"), "bytes")));
	json_decref(o);
	ASSERT_EQ(0, tapcompat_stat_read(getpid(), &stat, &error));
	out = open_memstream(&text, &size);
	stat_print(stat, out, 0);
	fclose(out);
	for (i = 0; i < size; i++)
		EXPECT_TRUE(text[i] == '\n' || (text[i] >= 0x20 && text[i] < 0x7f));
	EXPECT_NE(NULL, strstr(text, "the transmit queue is broken: unknown"));
	free(text);
	tapcompat_stat_free(stat);
}

/* Quiet output shows problems only. */
TEST_F(stat, quiet)
{
	struct stat_port *whole = stat_port(self->page), *drops = stat_port(self->page);
	struct tapcompat_error error;
	struct tapcompat_stat *stat;
	char *text = NULL;
	size_t size;
	FILE *out;

	strcpy(whole->name, "tap0");
	strcpy(drops->name, "tap1");
	drops->datapath = STAT_CALLER;
	drops->way[STAT_RECEIVE].drop[STAT_DROP_ROOM] = 5;
	ASSERT_EQ(0, tapcompat_stat_read(getpid(), &stat, &error));
	out = open_memstream(&text, &size);
	stat_print(stat, out, REPORT_QUIET);
	fclose(out);
	EXPECT_EQ(NULL, strstr(text, "tap0"));
	EXPECT_EQ(NULL, strstr(text, "packets"));
	EXPECT_NE(NULL, strstr(text, "tap1 queue 0: datapath: QEMU"));
	EXPECT_NE(NULL, strstr(text, "dropped: room"));
	free(text);
	tapcompat_stat_free(stat);
}

TEST(errors_say_what_to_do)
{
	struct tapcompat_error error = { "" };
	struct tapcompat_stat *stat;
	pid_t pid = ended_process();

	EXPECT_EQ(-ESRCH, tapcompat_stat_read(pid, &stat, &error));
	EXPECT_EQ(NULL, stat);
	EXPECT_NE(NULL, strstr(error.text, "no such process"));
	EXPECT_EQ(-ENOENT, tapcompat_stat_read(getpid(), &stat, &error));
	EXPECT_NE(NULL, strstr(error.text, "tapcompat run"));
	EXPECT_EQ(-ESRCH, tapcompat_stat_read(pid, &stat, NULL));
}

/* In the directory of the file that contains the library. */
TEST(shim_path)
{
	char path[4096], small[4] = "x";
	int ret = tapcompat_shim_path(path, sizeof(path));

	EXPECT_EQ(access(path, R_OK) ? -ENOENT : 0, ret);
	EXPECT_EQ('/', path[0]);
	EXPECT_NE(NULL, strstr(path, "/libtapcompat-shim.so"));
	EXPECT_EQ(-ENAMETOOLONG, tapcompat_shim_path(small, sizeof(small)));
	EXPECT_STREQ("", small);
}

TEST_HARNESS_MAIN
