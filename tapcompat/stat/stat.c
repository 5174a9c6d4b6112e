// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stat.c - the shim's counters, shared with other processes
 *
 * The reader opens a file of another process and cannot trust its name: it may be a pipe,
 * a device, or on a file system that never responds.  So it is first opened with O_PATH
 * and checked, without blocking (AT_STATX_DONT_SYNC), for being on the device of this
 * kernel's memory files.  Only then is it opened for reading.
 */
#include "stat.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/bytes.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#endif

#define STAT_LINK "/memfd:" STAT_FILE

static const char *const port_drops[] = {
	[STAT_DROP_CHAIN - SEGMENT_DROPS] = "chain", [STAT_DROP_FULL - SEGMENT_DROPS] = "full",
	[STAT_DROP_KERNEL - SEGMENT_DROPS] = "kernel", [STAT_DROP_ROOM - SEGMENT_DROPS] = "room",
	[STAT_DROP_OFFER - SEGMENT_DROPS] = "offer",
};
_Static_assert(ARRAY_LENGTH(port_drops) == STAT_DROPS - SEGMENT_DROPS, "a name each");

const char *stat_drop_name(unsigned int drop)
{
	if (drop < SEGMENT_DROPS)
		return segment_drop_name((enum segment_drop)drop);
	return drop < STAT_DROPS ? port_drops[drop - SEGMENT_DROPS] : "?";
}

/* ---- Writer --------------------------------------------------------- */

/* A memory file; kernels before 6.3 do not know MFD_NOEXEC_SEAL. */
static int file_open(void)
{
	int fd = memfd_create(STAT_FILE, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(STAT_FILE, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

static void page_init(struct stat_page *page)
{
	page->size = sizeof(*page);
	page->ports = STAT_PORTS;
	page->version = STAT_VERSION;
	/* Last, so that nobody takes half a head for a whole one. */
	__atomic_store_n(&page->magic, STAT_MAGIC, __ATOMIC_RELEASE);
}

struct stat_page *stat_create(int *fd)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW;
	void *page = MAP_FAILED;

	*fd = file_open();
	if (*fd < 0)
		return NULL;
	/* A file that could shrink would kill any process that reads it, or this process. */
	if (!ftruncate(*fd, sizeof(struct stat_page)) && !fcntl(*fd, F_ADD_SEALS, seals))
		page = mmap(NULL, sizeof(struct stat_page), PROT_READ | PROT_WRITE, MAP_SHARED,
			    *fd, 0);
	if (page == MAP_FAILED) {
		close(*fd);
		*fd = -1;
		return NULL;
	}
	/* From now on only this mapping is writable (since Linux 5.1). */
	fcntl(*fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SEAL);
	page_init(page);
	return page;
}

struct stat_port *stat_port(struct stat_page *page)
{
	static struct stat_port unseen;
	unsigned int i;

	for (i = 0; i < STAT_PORTS; i++) {
		struct stat_port *port = &page->port[i];
		uint32_t nobody = STAT_NOBODY;

		if (!__atomic_compare_exchange_n(&port->datapath, &nobody, STAT_KERNEL, false,
						 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			continue;
		memset((char *)port + sizeof(port->datapath), 0,
		       sizeof(*port) - sizeof(port->datapath));
		return port;
	}
	__atomic_add_fetch(&page->unlisted, 1, __ATOMIC_RELAXED);
	return &unseen;
}

/* ---- Reader --------------------------------------------------------- */

/* The device of all memory files, from one created for this. */
static int memory_device(struct statx *memory)
{
	int fd = file_open(), ret;

	if (fd < 0)
		return -errno;
	ret = statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, memory) ? -errno : 0;
	close(fd);
	return ret;
}

/* Is it a memory file of the right size?  Must not block on a remote file system. */
static bool file_valid(int fd, const struct statx *memory)
{
	struct statx file = { .stx_mask = 0 };

	return !statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_SIZE, &file) &&
	       file.stx_dev_major == memory->stx_dev_major &&
	       file.stx_dev_minor == memory->stx_dev_minor && S_ISREG(file.stx_mode) &&
	       file.stx_size == sizeof(struct stat_page);
}

static bool page_valid(const struct stat_page *page)
{
	return page->magic == STAT_MAGIC && page->version == STAT_VERSION &&
	       page->size == sizeof(*page) && page->ports == STAT_PORTS;
}

/* All of it, or -EPROTO. */
static int page_read(int fd, struct stat_page *page)
{
	size_t used = 0;

	while (used < sizeof(*page)) {
		ssize_t n = pread(fd, (char *)page + used, sizeof(*page) - used, (off_t)used);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EPROTO;
		used += n < 0 ? 0 : (size_t)n;
	}
	return page_valid(page) ? 0 : -EPROTO;
}

/* Open the file held by @path_fd, which cannot be replaced any more. */
static int file_read(int path_fd, const struct statx *memory, struct stat_page *page)
{
	char path[32];
	int fd, ret;

	if (!file_valid(path_fd, memory))
		return -EPROTO;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = page_read(fd, page);
	close(fd);
	return ret;
}

/* Read the page behind this link; -ENOENT if it does not have the name. */
static int link_read(int directory, const char *name, const struct statx *memory,
		     struct stat_page *page)
{
	char to[sizeof(STAT_LINK)];
	ssize_t n = readlinkat(directory, name, to, sizeof(to));
	int path_fd, ret;

	/* The name and one more byte: " (deleted)" follows. */
	if (n != sizeof(to) || memcmp(to, STAT_LINK " ", sizeof(to)) != 0)
		return -ENOENT;
	path_fd = openat(directory, name, O_PATH | O_CLOEXEC);
	if (path_fd < 0)
		return -errno;
	ret = file_read(path_fd, memory, page);
	close(path_fd);
	return ret;
}

/* The first page among all links; else the most specific error. */
static int links_read(DIR *links, const struct statx *memory, struct stat_page *page)
{
	struct dirent *entry;
	int ret = -ENOENT, one;

	while ((entry = readdir(links))) {
		one = link_read(dirfd(links), entry->d_name, memory, page);
		if (!one)
			return 0;
		if (one != -ENOENT)
			ret = one;
	}
	return ret;
}

/* With hidepid, other users' processes seem not to exist. */
static int process_missing(pid_t pid, int error)
{
	if (error != ENOENT)
		return -error;
	return kill(pid, 0) && errno == EPERM ? -EACCES : -ESRCH;
}

int stat_read(pid_t pid, struct stat_page *page)
{
	struct statx memory = { .stx_mask = 0 };
	char path[32];
	DIR *links;
	int ret;

	if (pid <= 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	links = opendir(path);
	if (!links)
		return process_missing(pid, errno);
	ret = memory_device(&memory);
	if (!ret)
		ret = links_read(links, &memory, page);
	closedir(links);
	return ret;
}
