// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file.c - replacing a file atomically
 */
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *text, size_t left)
{
	while (left) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	return 0;
}

#define RANDOM "XX" "XX" "XX"	/* as mkostemp(3) wants it */

/*
 * In the same directory, as rename(2) works within a file system only; hidden, and without
 * a suffix that a collector looks for.
 */
static int temporary_name(const char *path, char *name, size_t size)
{
	const char *slash = strrchr(path, '/');
	int directory = slash ? (int)(slash + 1 - path) : 0;

	if (snprintf(name, size, "%.*s.tapcompat." RANDOM, directory, path) >= (int)size)
		return -ENAMETOOLONG;
	return 0;
}

/* Devices and the like must not be replaced. */
static int replaceable(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	return S_ISREG(st.st_mode) ? 0 : -EEXIST;
}

/* Does the last line lack its newline? */
static bool unended(const char *text)
{
	size_t n = strlen(text);

	return !n || text[n - 1] != '\n';
}

static int fill(int fd, const char *text)
{
	int ret = write_all(fd, text, strlen(text));

	if (!ret && unended(text))
		ret = write_all(fd, "\n", 1);
	/* Before rename(2): after a power loss the file must not be empty. */
	if (!ret && (fchmod(fd, 0644) || fsync(fd)))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

static int replace(const char *path, const char *text)
{
	char name[PATH_MAX];
	int ret = temporary_name(path, name, sizeof(name)), fd;

	if (!ret)
		ret = replaceable(path);
	if (ret)
		return ret;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fill(fd, text);
	if (!ret && rename(name, path))
		ret = -errno;
	if (ret)
		unlink(name);
	return ret;
}

/* A signal must not leave a temporary file behind. */
static int replace_undisturbed(const char *path, const char *text)
{
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	ret = replace(path, text);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return ret;
}

int output_file(const struct output *out, const char *path, const char *text)
{
	int ret;

	if (!strcmp(path, "-")) {
		fprintf(stdout, "%s%s", text, unended(text) ? "\n" : "");
		return EXIT_YES;
	}
	ret = replace_undisturbed(path, text);
	if (!ret)
		return EXIT_YES;
	return fail(out, EXIT_UNDECIDED, "%s could not be written: %s", path, ret == -EEXIST ?
		    "it is not a regular file" : strerror(-ret));
}
