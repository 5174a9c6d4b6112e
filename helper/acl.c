// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * acl.c - who may use which bridge
 *
 * The syntax is that of QEMU's own helper.  A line is empty, or begins with '#',
 * or is one of
 *
 *	allow NAME	allow all
 *	deny NAME	deny all
 *	include FILE
 *
 * The default is deny, and deny takes precedence over allow.  An included file that
 * the user may not read is skipped, so that access can be granted to some users only.
 * Any other error denies everything, as the part of the list that could not be read
 * may have a deny.
 */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/text.h"

#define ACL_SIZE 0x10000u	/* bytes of a file */
#define ACL_LINE 256		/* bytes of a line */
#define ACL_FILES 64		/* that include each other */

struct acl {
	const char *bridge;
	bool allowed, denied;
	unsigned int files;	/* still to be read, or read already */
	char file[ACL_FILES][ACL_LINE];
};

static int acl_fault(const char *path, unsigned int line, const char *what)
{
	if (line)
		helper_say("%s, line %u: %s", path, line, what);
	else
		helper_say("%s: %s", path, what);
	return TAPCOMPAT_EXIT_USAGE;
}

/* Only root may be able to write or to replace it. */
static const char *owner_fault(const struct stat *st)
{
	if (st->st_uid != 0)
		return "it must be owned by root";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "only root may be able to write to it: chmod go-w";
	return NULL;
}

static int directories_check(const char *path)
{
	char directory[ACL_LINE], *slash;
	const char *fault;
	struct stat st;

	text_set(directory, sizeof(directory), "%s", path);
	while ((slash = strrchr(directory, '/'))) {
		slash[slash == directory] = '\0';
		if (lstat(directory, &st))
			return acl_fault(directory, 0, strerror(errno));
		fault = S_ISDIR(st.st_mode) ? owner_fault(&st) : "it is not a directory";
		if (fault)
			return acl_fault(directory, 0, fault);
		if (!directory[1])
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
		return "it is not a regular file";
	if (st.st_nlink != 1)
		return "it has several hard links";
	if (st.st_size > (off_t)ACL_SIZE)
		return "it is larger than 64 KiB";
	return owner_fault(&st);
}

static int name_rule(struct acl *acl, bool *rule, const char *name)
{
	if (!bridge_name_right(name) || strpbrk(name, ",*?"))
		return -1;
	if (!strcmp(name, "all") || !strcmp(name, acl->bridge))
		*rule = true;
	return 0;
}

/* The order of files does not matter, so included ones are read after this one. */
static int acl_include(struct acl *acl, const char *path, unsigned int number,
		       const char *included)
{
	if (included[0] != '/')
		return acl_fault(path, number, "include needs an absolute path");
	if (acl->files == ACL_FILES)
		return acl_fault(path, number, "too many files include each other");
	text_set(acl->file[acl->files++], ACL_LINE, "%s", included);
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
		return acl_fault(path, number, "expected allow, deny or include, and a name");
	if (!strcmp(word, "include"))
		return acl_include(acl, path, number, value);
	if (strcmp(word, "allow") && strcmp(word, "deny"))
		return acl_fault(path, number, "expected allow, deny or include");
	if (name_rule(acl, *word == 'a' ? &acl->allowed : &acl->denied, value))
		return acl_fault(path, number, "expected the name of one bridge, or all; lists, "
				 "patterns and comments after it are not supported");
	return 0;
}

/* @text: @len bytes, which are modified. */
static int acl_parse(struct acl *acl, const char *path, char *text, size_t len)
{
	unsigned int number = 0;
	char *line, *end;
	int ret = 0;

	if (memchr(text, '\0', len))
		return acl_fault(path, 0, "it contains a NUL");
	if (memchr(text, '\r', len))
		return acl_fault(path, 0, "its lines end with CR LF: they must end with LF");
	if (len && text[len - 1] != '\n')
		return acl_fault(path, 0, "the newline at its end is missing: is it truncated?");
	for (line = text; !ret && line < text + len; line = end + 1) {
		/* The last byte is a newline, so there is one. */
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

static int acl_read(struct acl *acl, const char *path, bool included)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), ret;

	if (fd < 0 && errno == EACCES && included)
		return 0;
	if (fd < 0 && errno == EACCES) {
		helper_say("%s cannot be read by this user, so no bridge is allowed: an "
			   "administrator can make it readable: chmod a+r %s", path, path);
		return TAPCOMPAT_EXIT_UNDECIDED;
	}
	if (fd < 0)
		return acl_fault(path, 0, errno == ELOOP ? "it is a symbolic link" :
				 strerror(errno));
	ret = directories_check(path);
	if (!ret)
		ret = acl_take(acl, path, fd);
	close(fd);
	return ret;
}

int acl_check(const char *path, const char *bridge)
{
	struct acl acl = { .bridge = bridge };
	unsigned int i;
	int ret;

	if (access(path, F_OK) && errno == ENOENT) {
		helper_say("%s does not exist, so no bridge is allowed: create it, as root, with "
			   "the line: allow %s", path, bridge);
		return TAPCOMPAT_EXIT_UNDECIDED;
	}
	ret = acl_read(&acl, path, false);
	for (i = 0; !ret && i < acl.files; i++)
		ret = acl_read(&acl, acl.file[i], true);
	if (ret)
		return ret;
	if (acl.allowed && !acl.denied)
		return 0;
	if (acl.denied)
		helper_say("%s denies this user the bridge %s", path, bridge);
	else
		helper_say("%s does not allow this user the bridge %s: an administrator can add "
			   "the line: allow %s", path, bridge, bridge);
	return TAPCOMPAT_EXIT_UNDECIDED;
}
