// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stat.c - what the shim counts, seen from outside
 */
#include "stat.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/bytes.h"

#define STAT_LINK "/memfd:" STAT_FILE " (deleted)"

static const char *const drop_names[] = {
	[STAT_DROP_CHAIN] = "chain", [STAT_DROP_FULL] = "full", [STAT_DROP_KERNEL] = "kernel",
	[STAT_DROP_ROOM] = "room", [STAT_DROP_OFFER] = "offer",
};

_Static_assert(ARRAY_LENGTH(drop_names) == STAT_DROPS, "each reason has a name");

const char *stat_drop_name(unsigned int drop)
{
	return drop < SEGMENT_DROPS ? segment_drop_name((enum segment_drop)drop) :
				      drop_names[drop];
}

/* ---- The writer ------------------------------------------------------------- */

static struct stat_page *stat_map(int fd)
{
	struct stat_page *page;

	if (ftruncate(fd, sizeof(*page)))
		return NULL;
	/* A reader may rely on its size. */
	fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return page == MAP_FAILED ? NULL : page;
}

struct stat_page *stat_create(int *fd)
{
	struct stat_page *page;

	*fd = memfd_create(STAT_FILE, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0)
		return NULL;
	page = stat_map(*fd);
	if (!page) {
		close(*fd);
		*fd = -1;
		return NULL;
	}
	page->version = STAT_VERSION;
	page->size = sizeof(*page);
	page->ports = STAT_PORTS;
	__atomic_store_n(&page->magic, STAT_MAGIC, __ATOMIC_RELEASE);
	return page;
}

struct stat_port *stat_port(struct stat_page *page)
{
	static struct stat_port hidden;
	size_t i;

	for (i = 0; i < STAT_PORTS; i++)
		if (page->port[i].carrier == STAT_NOBODY)
			return &page->port[i];
	return &hidden;
}

/* ---- The reader ------------------------------------------------------------- */

/* Return: a descriptor, -ENOENT for another file, or why it cannot be opened */
static int stat_open_link(int folder, const char *name)
{
	char link[sizeof(STAT_LINK) + 1];
	ssize_t n = readlinkat(folder, name, link, sizeof(link));
	int fd;

	if (n != sizeof(STAT_LINK) - 1 || memcmp(link, STAT_LINK, (size_t)n))
		return -ENOENT;
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int stat_open(pid_t pid)
{
	char path[32];
	struct dirent *e;
	int fd = -ENOENT;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	while (fd == -ENOENT && (e = readdir(dir)))
		fd = stat_open_link(dirfd(dir), e->d_name);
	closedir(dir);
	return fd;
}

static int stat_copy(int fd, struct stat_page *page)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size != sizeof(*page))
		return -EPROTO;
	n = pread(fd, page, sizeof(*page), 0);
	if (n < 0)
		return -errno;
	return n == sizeof(*page) && page->magic == STAT_MAGIC &&
		page->version == STAT_VERSION && page->size == sizeof(*page) &&
		page->ports == STAT_PORTS ? 0 : -EPROTO;
}

int stat_read(pid_t pid, struct stat_page *page)
{
	int fd = stat_open(pid), ret;

	if (fd < 0)
		return fd;
	ret = stat_copy(fd, page);
	close(fd);
	return ret;
}
