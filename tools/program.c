// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * program.c - the program that is to be started with the shim
 *
 * A library that the dynamic linker does not load is not missed by anybody: QEMU would
 * start, and have less than was promised.  So what it would not load it into is refused.
 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/* ---- Where it is --------------------------------------------------------- */

/* 0, or the errno that execve(2) would give. */
static int runnable(const char *path)
{
	struct stat file;

	if (stat(path, &file))
		return errno;
	if (!S_ISREG(file.st_mode))
		return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? errno : 0;
}

/* Like execvp(3): one that may not be run is passed over, and remembered. */
static int search(const char *name, char *path)
{
	const char *directories = getenv("PATH"), *end;
	int error = ENOENT, one;

	for (directories = directories ? directories : "/bin:/usr/bin"; ; directories = end + 1) {
		size_t n = strcspn(directories, ":");
		int used = snprintf(path, PATH_MAX, "%.*s%s%s", (int)n, directories, n ? "/" : "./",
				    name);

		end = directories + n;
		one = used < PATH_MAX ? runnable(path) : ENAMETOOLONG;
		if (!one)
			return 0;
		if (one == EACCES)
			error = one;
		if (!*end)
			return error;
	}
}

int program_find(const struct output *out, const char *name, char *path)
{
	int error;

	if (strlen(name) >= PATH_MAX) {
		error = ENAMETOOLONG;
	} else if (strchr(name, '/')) {
		memcpy(path, name, strlen(name) + 1);
		error = runnable(path);
	} else {
		error = *name ? search(name, path) : ENOENT;
	}
	if (!error)
		return EXIT_YES;
	return fail(out, EXIT_USAGE, "run: %s: %s%s", *name ? name : "''", strerror(error),
		    error == ENOENT && !strchr(name, '/') ? ": it is not in PATH" : "");
}

/* ---- Whether a library can be loaded into it ----------------------------- */

/* A program of the kind that this one is. */
struct image {
	int fd;
	ElfW(Ehdr) head;
	size_t bytes;		/* of the head that there were */
};

static bool image_open(struct image *image, const char *path)
{
	ssize_t n;

	memset(image, 0, sizeof(*image));
	image->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (image->fd < 0)
		return false;
	n = pread(image->fd, &image->head, sizeof(image->head), 0);
	image->bytes = n < 0 ? 0 : (size_t)n;
	return true;
}

static bool is_script(const struct image *image)
{
	return image->bytes >= 2 && !memcmp(&image->head, "#!", 2);
}

static bool is_elf(const struct image *image)
{
	return image->bytes == sizeof(image->head) &&
	       !memcmp(image->head.e_ident, ELFMAG, SELFMAG);
}

/* Words of the same width and order, and the same processor. */
static bool same_kind(const struct image *a, const struct image *b)
{
	return a->head.e_ident[EI_CLASS] == b->head.e_ident[EI_CLASS] &&
	       a->head.e_ident[EI_DATA] == b->head.e_ident[EI_DATA] &&
	       a->head.e_machine == b->head.e_machine;
}

/* Of the kind that this program is itself. */
static bool is_own(const struct image *image)
{
	struct image self;
	bool own = image_open(&self, "/proc/self/exe") && is_elf(image) && same_kind(&self, image);

	if (self.fd >= 0)
		close(self.fd);
	return own || (self.fd < 0 && is_elf(image));
}

/* Does it name the dynamic linker? */
static bool is_dynamic(const struct image *image)
{
	ElfW(Phdr) p;
	unsigned int i;

	for (i = 0; i < image->head.e_phnum; i++) {
		off_t at = (off_t)(image->head.e_phoff + i * sizeof(p));

		if (pread(image->fd, &p, sizeof(p), at) != (ssize_t)sizeof(p))
			return false;
		if (p.p_type == PT_INTERP)
			return true;
	}
	return false;
}

/*
 * A program that gains rights when it starts is loaded nothing into.  The bits mean
 * nothing where it gains none by them: to their own user, on a file system without, or
 * where a process has given up to gain any.
 */
static const char *gains_rights(const struct image *image)
{
	struct statvfs fs;
	struct stat file;

	if (fstat(image->fd, &file) || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return NULL;
	if (!fstatvfs(image->fd, &fs) && fs.f_flag & ST_NOSUID)
		return NULL;
	if (file.st_mode & S_ISUID && file.st_uid != getuid())
		return "set-uid";
	if (file.st_mode & S_ISGID && file.st_mode & S_IXGRP && file.st_gid != getgid())
		return "set-gid";
	if (getuid() && fgetxattr(image->fd, "security.capability", NULL, 0) > 0)
		return "a program with file capabilities";
	return NULL;
}

static int image_judge(const struct output *out, const struct image *image, const char *path,
		       const struct image *shim)
{
	const char *gains;

	if (is_script(image))
		return EXIT_YES;
	if (!is_elf(image))
		return fail(out, EXIT_USAGE, "run: %s is no program: neither ELF nor a script that "
			    "begins with #!", path);
	if (!same_kind(image, shim))
		return fail(out, EXIT_USAGE, "run: %s is of another architecture than tapcompat's "
			    "shim, which cannot be loaded into it: use the tapcompat of that one",
			    path);
	if (!is_dynamic(image))
		return fail(out, EXIT_USAGE, "run: %s is linked statically, and so no shim can be "
			    "loaded into it: use a QEMU that is linked dynamically", path);
	gains = gains_rights(image);
	if (gains)
		return fail(out, EXIT_USAGE, "run: %s is %s, and so no shim is loaded into it: "
			    "start a QEMU that is not, and give its user what it needs", path,
			    gains);
	return EXIT_YES;
}

int program_takes(const struct output *out, const char *path, const char *shim)
{
	struct image image, other;
	int ret;

	if (!image_open(&image, path))
		return fail(out, EXIT_USAGE, "run: %s: %s: whether a shim can be loaded into it "
			    "is not to be seen: let its user read it", path, strerror(errno));
	if (image_open(&other, shim) && is_own(&other))
		ret = image_judge(out, &image, path, &other);
	else
		ret = fail(out, EXIT_UNDECIDED, "run: %s is no library of this architecture: "
			   "install tapcompat anew", shim);
	close(image.fd);
	if (other.fd >= 0)
		close(other.fd);
	return ret;
}

/* ---- To become it -------------------------------------------------------- */

int program_start(const struct output *out, const char *path, char **argv)
{
	int error;

	signals_restore();
	execv(path, argv);
	error = errno;
	return fail(out, error == ENOENT || error == EACCES || error == ENOEXEC ? EXIT_USAGE :
		    EXIT_UNDECIDED, "run: %s cannot be started: %s%s", path, strerror(error),
		    error == ENOENT ? ": what its first line, or its ELF header, names is missing" :
		    "");
}
