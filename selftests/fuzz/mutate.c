// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mutate.c - mutate JSON and XML by whole pieces, for random bytes are rejected early
 *
 * A piece is a value, a member, a string, an element, a tag or a word.  Pieces are removed,
 * duplicated, moved and replaced by others.  One mutation in four is libFuzzer's own.
 */
#include "mutate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);

/* ---- Checks ------------------------------------------------------------- */

void broken(const char *what)
{
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

static void check_text(const char *text, const char *what, bool lines)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f) &&
		    !(lines && *text == '\n'))
			broken(what);
}

void printable(const char *text, const char *what)
{
	check_text(text, what, false);
}

void printable_lines(const char *text, const char *what)
{
	check_text(text, what, true);
}

int file_of(const void *data, size_t size)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size ||
	    lseek(fd, 0, SEEK_SET))
		abort();
	return fd;
}

char *copy_exact(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	return text;
}

/* ---- Pieces ------------------------------------------------------------- */

struct piece {
	size_t from, len;
};

static unsigned int next(unsigned int *state)
{
	*state = *state * 1103515245u + 12345u;
	return *state >> 8;
}

static size_t end_of_string(const uint8_t *d, size_t size, size_t i)
{
	uint8_t quote = d[i++];

	while (i < size && d[i] != quote)
		i += d[i] == '\\' ? 2 : 1;
	return i < size ? i + 1 : size;
}

static size_t end_of_value(const uint8_t *d, size_t size, size_t i)
{
	unsigned int depth = 0;

	while (i < size) {
		if (d[i] == '"') {
			i = end_of_string(d, size, i);
			continue;
		}
		depth += d[i] == '{' || d[i] == '[';
		depth -= depth && (d[i] == '}' || d[i] == ']');
		i++;
		if (!depth)
			break;
	}
	return i;
}

static size_t end_of_tag(const uint8_t *d, size_t size, size_t i)
{
	while (i < size && d[i] != '>') {
		if (d[i] == '"' || d[i] == '\'')
			i = end_of_string(d, size, i);
		else
			i++;
	}
	return i < size ? i + 1 : size;
}

/* An element with all that is in it; or one tag. */
static size_t end_of_element(const uint8_t *d, size_t size, size_t i)
{
	size_t end = end_of_tag(d, size, i);
	unsigned int depth = 1;

	if (i + 1 >= size || !isalpha(d[i + 1]) || d[end - 1] != '>' || d[end - 2] == '/')
		return end;
	while (depth && end < size) {
		size_t from = end;

		end = d[from] == '<' ? end_of_tag(d, size, from) : from + 1;
		if (d[from] != '<')
			continue;
		if (from + 1 < size && d[from + 1] == '/')
			depth--;
		else if (from + 1 < size && isalpha(d[from + 1]) && d[end - 2] != '/')
			depth++;
	}
	return end;
}

static size_t end_of_word(const uint8_t *d, size_t size, size_t i)
{
	while (i < size && (isalnum(d[i]) || strchr("_-.:", d[i] ? d[i] : '<')))
		i++;
	return i;
}

/* A member with its value, if a string is followed by a colon. */
static size_t end_of_member(const uint8_t *d, size_t size, size_t i)
{
	size_t end = end_of_string(d, size, i), value = end;

	while (value < size && isspace(d[value]))
		value++;
	if (value >= size || d[value] != ':' || d[i] != '"')
		return end;
	for (value++; value < size && isspace(d[value]);)
		value++;
	if (value >= size)
		return size;
	if (strchr("{[\"", d[value]))
		return end_of_value(d, size, value);
	return end_of_word(d, size, value);
}

/* The first piece from a random place on. */
static struct piece find(const uint8_t *d, size_t size, unsigned int *state)
{
	size_t i = next(state) % size, end = i;
	bool tag = next(state) % 3 == 0;

	while (i < size && !isalnum(d[i]) && (!d[i] || !strchr("{[\"'<", d[i])))
		i++;
	if (i == size)
		return (struct piece){ size - 1, 1 };
	if (d[i] == '"')
		end = next(state) % 2 ? end_of_member(d, size, i) : end_of_string(d, size, i);
	else if (d[i] == '\'')
		end = end_of_string(d, size, i);
	else if (d[i] == '<')
		end = tag ? end_of_tag(d, size, i) : end_of_element(d, size, i);
	else if (d[i] == '{' || d[i] == '[')
		end = end_of_value(d, size, i);
	else
		end = end_of_word(d, size, i);
	end = end > size ? size : end;
	/* With its separator, where the next one has one, too. */
	if (end < size && d[end] == ',' && next(state) % 2)
		end++;
	return (struct piece){ i, end > i ? end - i : 1 };
}

/* Replace @to by the bytes of @from.  Return: the new size, the old one if it does not fit */
static size_t replace(uint8_t *d, size_t size, size_t max, struct piece to, const uint8_t *from,
		      size_t len)
{
	uint8_t *copy;

	if (size - to.len + len > max || size - to.len + len == 0)
		return size;
	copy = malloc(len + 1);
	if (!copy)
		return size;
	memcpy(copy, from, len);
	memmove(d + to.from + len, d + to.from + to.len, size - to.from - to.len);
	memcpy(d + to.from, copy, len);
	free(copy);
	return size - to.len + len;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	unsigned int state = seed, what = next(&state) % 8;
	struct piece a, b;

	if (what < 2 || size < 2)
		return LLVMFuzzerMutate(data, size, max);
	a = find(data, size, &state);
	b = find(data, size, &state);
	switch (what) {
	case 2:
		return replace(data, size, max, a, data, 0);
	case 3:		/* twice */
		return replace(data, size, max, (struct piece){ a.from, 0 }, data + a.from, a.len);
	case 4:		/* moved to another place */
		return replace(data, size, max, (struct piece){ b.from, 0 }, data + a.from, a.len);
	case 5: {	/* other bytes within it */
		uint8_t bytes[64];
		size_t n = a.len < 32 ? a.len : 32;

		memcpy(bytes, data + a.from, n);
		a.len = n;
		n = LLVMFuzzerMutate(bytes, n, sizeof(bytes));
		return replace(data, size, max, a, bytes, n);
	}
	default:
		return replace(data, size, max, b, data + a.from, a.len);
	}
}
