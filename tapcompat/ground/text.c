// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * text.c - text of bounded length
 */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text_vset(char *buf, size_t size, const char *format, va_list args)
{
	static const char cut[] = "...";
	int n = vsnprintf(buf, size, format, args);

	if (n >= 0 && (size_t)n >= size && size >= sizeof(cut))
		memcpy(buf + size - sizeof(cut), cut, sizeof(cut));
}

void text_set(char *buf, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vset(buf, size, format, args);
	va_end(args);
}

void text_add(char *buf, size_t size, const char *format, ...)
{
	size_t used = strnlen(buf, size);
	va_list args;

	va_start(args, format);
	text_vset(buf + used, size - used, format, args);
	va_end(args);
}

char *text_escape(char *buf, size_t size, const char *foreign)
{
	size_t used = 0;

	for (; *foreign; foreign++) {
		unsigned char c = (unsigned char)*foreign;
		int plain = c >= 0x20 && c < 0x7f;

		if (used + (plain ? 1 : 4) >= size)
			break;
		if (plain)
			buf[used++] = (char)c;
		else
			used += (size_t)sprintf(buf + used, "\\x%02x", c);
	}
	buf[used] = '\0';
	return buf;
}

bool release_above(const char *a, const char *b)
{
	while (*a && *b) {
		char *next_a, *next_b;
		unsigned long x = strtoul(a, &next_a, 10), y = strtoul(b, &next_b, 10);

		if (x != y)
			return x > y;
		a = *next_a ? next_a + 1 : next_a;
		b = *next_b ? next_b + 1 : next_b;
	}
	return *a && !*b;
}

bool release_valid(const char *release)
{
	size_t n;

	for (;; release += n + 1) {
		n = strspn(release, "0123456789");
		if (!n || n > 4 || release[n] != '.')
			return n && n <= 4 && !release[n];
	}
}

bool text_option(const char *options, const char *name)
{
	size_t n = strlen(name);

	for (; options; options = strchr(options, ',')) {
		options += *options == ',';
		if (!strncmp(options, name, n) && options[n] == '=')
			return true;
	}
	return false;
}
