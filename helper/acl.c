// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * acl.c - who may use which bridge
 *
 * The language is that of QEMU's own helper.  A line is empty, or begins with '#',
 * or is one of
 *
 *	allow NAME	allow all
 *	deny NAME	deny all
 *	include FILE
 *
 * What nothing allows is denied, and what anything denies is denied.  A file that
 * is included and that the user may not read is passed over: so rights are given to
 * some users and not to others.  Every other fault refuses everything: half a list
 * may lack the half that denies.
 */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/bytes.h"

#define ACL_SIZE 0x10000u	/* bytes of a file */
#define ACL_LINE 256		/* bytes of a line */
#define ACL_DEPTH 4		/* of files that include files */
#define ACL_FILES 64		/* of all together */

struct acl {
	const char *bridge;
	bool allowed, denied;
	unsigned int depth, files;
};

static int acl_read(struct acl *acl, const char *path);

static int acl_fault(const char *path, unsigned int line, const char *what)
{
	if (line)
		helper_say("%s, line %u: %s", path, line, what);
	else
		helper_say("%s: %s", path, what);
	return TAPCOMPAT_EXIT_USAGE;
}

/* Only root may have written it, or be able to put something in its place. */
static const char *owner_fault(const struct stat *st)
{
	if (st->st_uid != 0)
		return "it must belong to root";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "nobody but root may be able to write it: chmod go-w";
	return NULL;
}

static int folders_check(const char *path)
{
	char folder[PATH_MAX];
	const char *fault;
	struct stat st;
	char *slash;

	strcpy(folder, path);
	while ((slash = strrchr(folder, '/'))) {
		slash[slash == folder] = '\0';
		if (lstat(folder, &st))
			return acl_fault(folder, 0, strerror(errno));
		fault = S_ISDIR(st.st_mode) ? owner_fault(&st) : "it is no folder";
		if (fault)
			return acl_fault(folder, 0, fault);
		if (!folder[1])
			break;
	}
	return 0;
}

static const char *file_fault(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no file";
	if (st.st_nlink != 1)
		return "it has a second name, by a hard link";
	if (st.st_size > (off_t)ACL_SIZE)
		return "it is larger than 64 KiB";
	return owner_fault(&st);
}

static int name_rule(struct acl *acl, bool *rule, const char *name)
{
	if (!bridge_name_right(name))
		return -1;
	if (!strcmp(name, "all") || !strcmp(name, acl->bridge))
		*rule = true;
	return 0;
}

static int acl_line(struct acl *acl, const char *path, unsigned int number, char *line)
{
	static const char blanks[] = " \t";
	char *word = line + strspn(line, blanks), *value, *end;

	if (!*word || *word == '#')
		return 0;
	value = word + strcspn(word, blanks);
	if (*value)
		*value++ = '\0';
	value += strspn(value, blanks);
	for (end = value + strlen(value); end > value && strchr(blanks, end[-1]); end--)
		end[-1] = '\0';
	if (!*value)
		return acl_fault(path, number, "it must be allow, deny or include, and a name");
	if (!strcmp(word, "include"))
		return acl_read(acl, value);
	if (strcmp(word, "allow") && strcmp(word, "deny"))
		return acl_fault(path, number, "it must begin with allow, deny or include");
	if (name_rule(acl, *word == 'a' ? &acl->allowed : &acl->denied, value))
		return acl_fault(path, number, "that can be no bridge's name");
	return 0;
}

/* @text: @len bytes, which are taken apart. */
static int acl_parse(struct acl *acl, const char *path, char *text, size_t len)
{
	unsigned int number = 0;
	char *line, *end;
	int ret = 0;

	if (memchr(text, '\0', len))
		return acl_fault(path, 0, "it has a NUL in it");
	if (memchr(text, '\r', len))
		return acl_fault(path, 0, "its lines end in CR LF: they must end in LF");
	if (len && text[len - 1] != '\n')
		return acl_fault(path, 0, "its last line does not end: is it cut off?");
	for (line = text; !ret && line < text + len; line = end + 1) {
		/* There is one: the last byte is one. */
		end = line + strcspn(line, "\n");
		*end = '\0';
		number++;
		if (end - line >= ACL_LINE)
			ret = acl_fault(path, number, "it is longer than 255 characters");
		else
			ret = acl_line(acl, path, number, line);
	}
	return ret;
}

static int acl_take(struct acl *acl, const char *path, int fd)
{
	const char *fault = file_fault(fd);
	char *text;
	ssize_t n;
	int ret;

	if (fault)
		return acl_fault(path, 0, fault);
	text = malloc(ACL_SIZE + 1);
	if (!text)
		return acl_fault(path, 0, strerror(errno));
	n = read(fd, text, ACL_SIZE);
	text[n < 0 ? 0 : n] = '\0';
	ret = n < 0 ? acl_fault(path, 0, strerror(errno)) : acl_parse(acl, path, text, (size_t)n);
	free(text);
	return ret;
}

static int acl_read(struct acl *acl, const char *path)
{
	int fd, ret;

	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return acl_fault(path, 0, "a file is included by its whole path, from / on");
	if (acl->depth == ACL_DEPTH || acl->files++ == ACL_FILES)
		return acl_fault(path, 0, "too many files include each other");
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == EACCES && acl->depth)
		return 0;
	if (fd < 0)
		return acl_fault(path, 0, errno == ELOOP ? "it is a symbolic link" :
				 strerror(errno));
	acl->depth++;
	ret = folders_check(path);
	if (!ret)
		ret = acl_take(acl, path, fd);
	acl->depth--;
	close(fd);
	return ret;
}

int acl_check(const char *path, const char *bridge)
{
	struct acl acl = { .bridge = bridge };
	int ret;

	if (access(path, F_OK) && errno == ENOENT) {
		helper_say("%s is not there, and without it no bridge may be used: create it, as "
			   "root, with the line: allow %s", path, bridge);
		return TAPCOMPAT_EXIT_UNDECIDED;
	}
	ret = acl_read(&acl, path);
	if (ret)
		return ret;
	if (acl.allowed && !acl.denied)
		return 0;
	if (acl.denied)
		helper_say("%s denies this user the bridge %s", path, bridge);
	else
		helper_say("%s does not allow this user the bridge %s: its administrator may add "
			   "the line: allow %s", path, bridge, bridge);
	return TAPCOMPAT_EXIT_UNDECIDED;
}
