// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * process.c - the processes of this host that have taps
 *
 * /proc shows them: where a descriptor leads to, and of a tap its name (fdinfo's "iff:"), in
 * whatever network namespace it is.  Nothing but /proc is opened.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "qemu/release.h"

#define COMMAND_LINE 0x40000u	/* bytes of a command line that are read */
#define FDS_MOST 4096		/* taps and vhost-nets of a process */

struct scan {
	struct audit *a;
	unsigned long hidden;	/* processes that could not be looked into */
	char *text;		/* COMMAND_LINE bytes */
	struct audit_fd *fds;
	size_t n;
	dev_t device;		/* of the program that was searched last */
	ino_t inode;
	char release[QEMU_RELEASE];
};

/* Return: bytes read, or a negative errno; a NUL is added */
static ssize_t read_at(int dir, const char *name, char *text, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t ret = fd < 0 ? -errno : 1;

	while (fd >= 0 && ret > 0 && n < size - 1) {
		ret = read(fd, text + n, size - 1 - n);
		if (ret < 0 && errno == EINTR)
			ret = 1;
		else if (ret < 0)
			ret = -errno;
		else
			n += (size_t)ret;
	}
	if (fd >= 0)
		close(fd);
	text[n] = '\0';
	return ret < 0 && !n ? ret : (ssize_t)n;
}

/* The name of a tap: "iff:\tNAME" of a descriptor's information. */
static bool fd_tap(int dir, const char *fd, struct audit_fd *entry)
{
	char path[48], text[1024], *line, *end;

	snprintf(path, sizeof(path), "fdinfo/%.16s", fd);
	if (read_at(dir, path, text, sizeof(text)) <= 0)
		return false;
	line = strstr(text, "\niff:\t");
	if (!line)
		return false;
	line += strlen("\niff:\t");
	end = strchr(line, '\n');
	if (!end || end == line || (size_t)(end - line) >= sizeof(entry->name))
		return false;
	memcpy(entry->name, line, (size_t)(end - line));
	entry->name[end - line] = '\0';
	return true;
}

/* Is it a descriptor that matters? */
static bool fd_take(int dir, const char *fd, struct audit_fd *entry)
{
	char path[48], target[64], *end;
	ssize_t n;

	memset(entry, 0, sizeof(*entry));
	snprintf(path, sizeof(path), "fd/%.16s", fd);
	n = readlinkat(dir, path, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	entry->fd = (int)strtol(fd, NULL, 10);
	entry->vhost = !strcmp(target, "/dev/vhost-net");
	if (entry->vhost)
		return true;
	if (!strncmp(target, "/dev/tap", 8) && target[8] >= '1' && target[8] <= '9') {
		entry->index = (int)strtol(target + 8, &end, 10);
		return !*end;
	}
	/* A container may have the node under any name: the name of its file is enough. */
	return n > 3 && !strcmp(target + n - 4, "/tun") && fd_tap(dir, fd, entry);
}

static int fd_order(const void *a, const void *b)
{
	return ((const struct audit_fd *)a)->fd - ((const struct audit_fd *)b)->fd;
}

/* Return: 0, or a negative errno if they cannot be seen */
static int fds_scan(struct scan *s, int dir)
{
	int fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	s->n = 0;
	if (!list) {
		int ret = -errno;

		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (s->n < FDS_MOST && (e = readdir(list)))
		if (*e->d_name >= '0' && *e->d_name <= '9' && fd_take(dir, e->d_name,
								       &s->fds[s->n]))
			s->n++;
	closedir(list);
	qsort(s->fds, s->n, sizeof(*s->fds), fd_order);
	return 0;
}

static unsigned int count_vhosts(const struct scan *s)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < s->n; i++)
		n += s->fds[i].vhost;
	return n;
}

/* "State:\tT (stopped)" is a process that was stopped, whatever QEMU does. */
static void read_comm(struct audit_machine *m, int dir)
{
	char text[64];
	ssize_t n = read_at(dir, "comm", text, sizeof(text));

	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	text_escape(m->program, sizeof(m->program), n > 0 ? text : "");
}

/* Many machines run the same program: its file is searched once. */
static void read_release(struct scan *s, struct audit_machine *m, int dir)
{
	char path[64];
	struct stat st;

	if (fstatat(dir, "exe", &st, 0))
		return;
	if (st.st_dev != s->device || st.st_ino != s->inode) {
		snprintf(path, sizeof(path), "/proc/%ld/exe", m->pid);
		qemu_release(path, s->release);
		s->device = st.st_dev;
		s->inode = st.st_ino;
	}
	text_set(m->qemu, sizeof(m->qemu), "%s", s->release);
}

static int machine_take(struct scan *s, int dir, long pid)
{
	struct audit_machine *m = audit_machine(s->a);
	struct stat st;
	ssize_t n;
	int ret;

	if (!m) {
		audit_note(s->a, "process %ld: no memory, or more than %d machines: left out", pid,
			   AUDIT_MACHINES);
		return s->a->machines < AUDIT_MACHINES ? -ENOMEM : 0;
	}
	m->pid = pid;
	m->run = AUDIT_RUNNING;
	m->vhosts = count_vhosts(s);
	m->space = fstatat(dir, "ns/net", &st, 0) ? 0 : st.st_ino;
	read_comm(m, dir);
	read_release(s, m, dir);
	n = read_at(dir, "cmdline", s->text, COMMAND_LINE);
	ret = audit_command_line(m, s->text, n > 0 ? (size_t)n : 0, s->fds, s->n);
	if (!m->name[0])
		text_set(m->name, sizeof(m->name), "%s-%ld", m->program, pid);
	return ret;
}

static int process_take(struct scan *s, int proc, const char *name)
{
	int dir = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret;
	bool any = false;
	size_t i;

	/* It has ended. */
	if (dir < 0)
		return 0;
	ret = fds_scan(s, dir);
	if (ret == -EACCES || ret == -EPERM)
		s->hidden++;
	for (i = 0; i < s->n; i++)
		any |= !s->fds[i].vhost;
	ret = any ? machine_take(s, dir, strtol(name, NULL, 10)) : 0;
	close(dir);
	return ret;
}

static int scan_all(struct scan *s)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	int ret = 0;

	if (!proc) {
		audit_note(s->a, "/proc cannot be read: %s", strerror(errno));
		return 0;
	}
	while (!ret && (e = readdir(proc)))
		if (*e->d_name >= '1' && *e->d_name <= '9')
			ret = process_take(s, dirfd(proc), e->d_name);
	closedir(proc);
	if (s->hidden)
		audit_note(s->a, "%lu processes of other users could not be looked into: run it "
			   "as root to see their taps", s->hidden);
	return ret;
}

int audit_processes(struct audit *a)
{
	struct scan s = { .a = a };
	int ret = -ENOMEM;

	s.text = malloc(COMMAND_LINE);
	s.fds = calloc(FDS_MOST, sizeof(*s.fds));
	if (s.text && s.fds)
		ret = scan_all(&s);
	free(s.text);
	free(s.fds);
	return ret;
}
