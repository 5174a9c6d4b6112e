/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image.h - a program file, as execve(2) and the dynamic linker read it
 */
#ifndef TAPCOMPAT_QEMU_IMAGE_H
#define TAPCOMPAT_QEMU_IMAGE_H

#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>

#define IMAGE_LINE 256		/* Linux include/uapi/linux/binfmts.h, BINPRM_BUF_SIZE */

struct image {
	int fd;
	size_t bytes;		/* of @first that there were */
	union {
		char first[IMAGE_LINE];
		ElfW(Ehdr) head;
	};
};

/**
 * image_open() - read the start of a file; image_close() after it
 * Return: 0 or a negative errno
 */
int image_open(struct image *image, const char *path);
void image_close(struct image *image);

bool image_is_script(const struct image *image);
bool image_is_elf(const struct image *image);

/* Can its program headers be read, or is the file cut off? */
bool image_is_whole(const struct image *image);

/* Of the same architecture, word size and byte order? */
bool image_same_kind(const struct image *a, const struct image *b);

/* Is it loaded by a dynamic linker, which it names?  Or may a linker load it, if told to? */
bool image_has_interpreter(const struct image *image);
bool image_is_dynamic(const struct image *image);

/* Is it a dynamic linker itself, ld.so(8)? */
bool image_is_linker(const struct image *image);

/**
 * struct image_script - the first line of a script
 * @interpreter: "" where it names none
 * @argument: the rest of the line, which the kernel passes as one; NULL where there is none
 */
struct image_script {
	char line[IMAGE_LINE + 1];
	const char *interpreter, *argument;
};

void image_script(const struct image *image, struct image_script *script);

/**
 * image_gains() - does a process gain rights when it executes the file?
 *
 * The dynamic linker then ignores LD_PRELOAD and removes it from the environment.  The bits
 * have no effect for their own user, on a file system mounted nosuid, or where a process has
 * set no_new_privs.
 *
 * Return: by what, or NULL
 */
const char *image_gains(const char *path);

#endif /* TAPCOMPAT_QEMU_IMAGE_H */
