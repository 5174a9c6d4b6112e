// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * release.c - the release of a QEMU that is not run
 *
 * QEMU prints its version by one string literal, of which the release is a part (vl.c,
 * version()), so that it can be found in the file.  Scripts are searched for the programs
 * that they name; if these are not of one release, none is known.
 */
#include "release.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/text.h"
#include "program.h"

#define LITERAL "QEMU emulator version "
#define PIECE (256ul * 1024)		/* bytes that are read at once */
#define PROGRAM_MAX (512l << 20)	/* no QEMU is larger */
#define SCRIPT_MAX (64ul * 1024)
#define FILES_MAX 8	/* that are looked at: a script may name itself */

/* A regular file; opening anything else may block or have an effect. */
static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > PROGRAM_MAX)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static size_t read_all(int fd, char *to, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size && (n = read(fd, to + used, size - used)) > 0)
		used += (size_t)n;
	return used;
}

/* ---- A program ----------------------------------------------------------- */

/* The literal in @n bytes, which are followed by a NUL. */
static bool find_literal(const char *text, size_t n, char *release)
{
	const char *end = text + n, *at = text;
	size_t digits;

	while ((at = memmem(at, (size_t)(end - at), LITERAL, strlen(LITERAL)))) {
		at += strlen(LITERAL);
		digits = strspn(at, "0123456789.");
		if (!digits || digits >= QEMU_RELEASE)
			continue;
		memcpy(release, at, digits);
		release[digits] = '\0';
		if (release_valid(release))
			return true;
	}
	release[0] = '\0';
	return false;
}

static void search_program(int fd, char *release)
{
	const size_t keep = strlen(LITERAL) + QEMU_RELEASE;
	char *piece = malloc(PIECE + 1);
	size_t kept = 0, n;

	/* The end of each piece is looked at again, in front of the next one. */
	while (piece && (n = read_all(fd, piece + kept, PIECE - kept))) {
		n += kept;
		piece[n] = '\0';
		if (find_literal(piece, n, release))
			break;
		kept = n < keep ? n : keep;
		memmove(piece, piece + n - kept, kept);
	}
	free(piece);
}

/* ---- A script ------------------------------------------------------------ */

/* The files that are looked at: the one that was asked for, and those that scripts name. */
struct search {
	char path[FILES_MAX][PATH_MAX];
	unsigned int paths;
	bool any;
	char release[QEMU_RELEASE];
};

/* One that is not known, or another one: then none is certain. */
static void search_found(struct search *s, const char *release)
{
	if (!s->any)
		text_set(s->release, sizeof(s->release), "%s", release);
	else if (strcmp(s->release, release))
		s->release[0] = '\0';
	s->any = true;
}

static void search_add(struct search *s, const char *path)
{
	unsigned int i;

	for (i = 0; i < s->paths; i++)
		if (!strcmp(s->path[i], path))
			return;
	if (s->paths == FILES_MAX)
		search_found(s, "");
	else
		text_set(s->path[s->paths++], PATH_MAX, "%s", path);
}

static bool names_qemu(const char *word)
{
	static const char system[] = "qemu-system-";
	const char *slash = strrchr(word, '/'), *base = slash ? slash + 1 : word;

	return !strncmp(base, system, strlen(system)) || !strcmp(base, "qemu-kvm");
}

/* Return: whether the line names a QEMU */
static bool search_words(struct search *s, char *line)
{
	static const char separators[] = " \t\r'\"`;|&()<>={}";
	char path[PATH_MAX], *word, *next;
	struct tapcompat_error error;
	bool any = false;

	for (word = strtok_r(line, separators, &next); word;
	     word = strtok_r(NULL, separators, &next)) {
		if (!names_qemu(word) || program_find(word, path, &error))
			continue;
		search_add(s, path);
		any = true;
	}
	return any;
}

static void search_script(struct search *s, int fd)
{
	char *text = calloc(1, SCRIPT_MAX + 1), *line, *next;
	bool any = false;

	if (text)
		read_all(fd, text, SCRIPT_MAX);
	line = text ? strtok_r(text, "\n", &next) : NULL;
	for (; line; line = strtok_r(NULL, "\n", &next))
		if (line[strspn(line, " \t")] != '#')
			any |= search_words(s, line);
	if (!any)
		search_found(s, "");
	free(text);
}

static void search_file(struct search *s, const char *path)
{
	int fd = open_file(path);
	char magic[4] = "", release[QEMU_RELEASE] = "";

	if (fd >= 0 && pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	    !memcmp(magic, "#!", 2)) {
		search_script(s, fd);
	} else {
		if (!memcmp(magic, "\177ELF", sizeof(magic)))
			search_program(fd, release);
		search_found(s, release);
	}
	if (fd >= 0)
		close(fd);
}

void qemu_release(const char *path, char *release)
{
	struct search *s = calloc(1, sizeof(*s));
	unsigned int i;

	release[0] = '\0';
	if (!s)
		return;
	search_add(s, path);
	for (i = 0; i < s->paths; i++)
		search_file(s, s->path[i]);
	memcpy(release, s->release, QEMU_RELEASE);
	free(s);
}
