// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * image.c - a program file, as execve(2) and the dynamic linker read it
 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "ground/bytes.h"

#define DYNAMIC_ENTRIES 512	/* a linker has some 30 */

int image_open(struct image *image, const char *path)
{
	ssize_t n;

	memset(image, 0, sizeof(*image));
	image->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (image->fd < 0)
		return -errno;
	n = pread(image->fd, image->first, sizeof(image->first), 0);
	image->bytes = n < 0 ? 0 : (size_t)n;
	return 0;
}

void image_close(struct image *image)
{
	if (image->fd >= 0)
		close(image->fd);
	image->fd = -1;
}

bool image_is_script(const struct image *image)
{
	return image->bytes >= 2 && !memcmp(image->first, "#!", 2);
}

bool image_is_elf(const struct image *image)
{
	return image->bytes >= sizeof(image->head) &&
	       !memcmp(image->head.e_ident, ELFMAG, SELFMAG);
}

bool image_same_kind(const struct image *a, const struct image *b)
{
	return a->head.e_ident[EI_CLASS] == b->head.e_ident[EI_CLASS] &&
	       a->head.e_ident[EI_DATA] == b->head.e_ident[EI_DATA] &&
	       a->head.e_machine == b->head.e_machine;
}

static bool read_at(const struct image *image, void *out, size_t size, uint64_t at)
{
	return pread(image->fd, out, size, (off_t)at) == (ssize_t)size;
}

bool image_is_whole(const struct image *image)
{
	uint64_t last = image->head.e_phoff + (image->head.e_phnum - 1ul) * sizeof(ElfW(Phdr));
	ElfW(Phdr) p;

	return image->head.e_phnum && read_at(image, &p, sizeof(p), last);
}

/* cppcheck knows ElfW() in structs alone. */
struct header {
	ElfW(Phdr) p;
};

/* The next program header of a type, from number *@i on. */
static bool next_header(const struct image *image, uint32_t type, unsigned int *i,
			struct header *h)
{
	for (; *i < image->head.e_phnum; (*i)++) {
		if (!read_at(image, h, sizeof(*h), image->head.e_phoff + *i * sizeof(*h)))
			return false;
		if (h->p.p_type == type) {
			(*i)++;
			return true;
		}
	}
	return false;
}

bool image_has_interpreter(const struct image *image)
{
	unsigned int i = 0;
	struct header h;

	return next_header(image, PT_INTERP, &i, &h);
}

bool image_is_dynamic(const struct image *image)
{
	unsigned int i = 0;
	struct header h;

	return next_header(image, PT_DYNAMIC, &i, &h);
}

/* Where an address of the loaded program is in the file. */
static bool file_offset(const struct image *image, uint64_t address, uint64_t *offset)
{
	unsigned int i = 0;
	struct header h;

	while (next_header(image, PT_LOAD, &i, &h))
		if (address >= h.p.p_vaddr && address - h.p.p_vaddr < h.p.p_filesz) {
			*offset = h.p.p_offset + (address - h.p.p_vaddr);
			return true;
		}
	return false;
}

/* The start of the name that it has as a library. */
static bool read_soname(const struct image *image, char *name, size_t size)
{
	bool named = false, strings = false;
	uint64_t table = 0, at = 0;
	unsigned int i = 0;
	uint64_t offset;
	struct header h;
	ElfW(Dyn) d;

	if (!next_header(image, PT_DYNAMIC, &i, &h))
		return false;
	for (i = 0; i < DYNAMIC_ENTRIES; i++) {
		if (!read_at(image, &d, sizeof(d), h.p.p_offset + i * sizeof(d)) ||
		    d.d_tag == DT_NULL)
			break;
		if (d.d_tag == DT_SONAME) {
			at = d.d_un.d_val;
			named = true;
		} else if (d.d_tag == DT_STRTAB) {
			table = d.d_un.d_ptr;
			strings = true;
		}
	}
	return named && strings && file_offset(image, table + at, &offset) &&
	       read_at(image, name, size, offset);
}

/* By its name as a library: its file may have any, in a container image for example. */
bool image_is_linker(const struct image *image)
{
	static const char *const sonames[] = { "ld-", "ld64", "ld.so", "libc.musl" };
	char name[10];
	size_t i;

	if (image_has_interpreter(image) || !read_soname(image, name, sizeof(name)))
		return false;
	for (i = 0; i < ARRAY_LENGTH(sonames); i++)
		if (!strncmp(name, sonames[i], strlen(sonames[i])))
			return true;
	return false;
}

/* As Linux fs/binfmt_script.c takes it apart. */
void image_script(const struct image *image, struct image_script *script)
{
	char *p = script->line, *end;

	memcpy(p, image->first, image->bytes);
	p[image->bytes] = '\0';
	p[strcspn(p, "\n")] = '\0';
	p += 2;
	for (end = p + strlen(p); end > p && strchr(" \t", end[-1]); )
		*--end = '\0';
	p += strspn(p, " \t");
	script->interpreter = p;
	p += strcspn(p, " \t");
	if (*p)
		*p++ = '\0';
	p += strspn(p, " \t");
	script->argument = *p ? p : NULL;
}

const char *image_gains(const char *path)
{
	struct statvfs fs;
	struct stat file;

	if (stat(path, &file) || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return NULL;
	if (!statvfs(path, &fs) && fs.f_flag & ST_NOSUID)
		return NULL;
	if (file.st_mode & S_ISUID && file.st_uid != getuid())
		return "set-uid";
	if (file.st_mode & S_ISGID && file.st_mode & S_IXGRP && file.st_gid != getgid())
		return "set-gid";
	if (getuid() && getxattr(path, "security.capability", NULL, 0) > 0)
		return "a program with file capabilities";
	return NULL;
}
