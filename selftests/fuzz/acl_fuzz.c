// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * acl_fuzz.c - a bridge.conf: it allows a bridge only if a line of it does and none denies it
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "helper/acl.c"
#include "helper/port.c"
#include "mutate.h"

void helper_say(const char *format, ...)
{
	char line[2048], safe[8192];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* As the helper's own: main.c. */
	text_escape(safe, sizeof(safe), line);
	printable(safe, "message");
}

/* Is there such a line?  By another way than the parser's. */
static bool has_line(const char *text, size_t size, const char *rule)
{
	char line[ACL_LINE], word[ACL_LINE], name[ACL_LINE], rest[ACL_LINE];
	size_t i = 0, n;

	for (; i < size; i += n + 1) {
		const char *end = memchr(text + i, '\n', size - i);

		n = end ? (size_t)(end - (text + i)) : size - i;
		if (n >= sizeof(line))
			continue;
		memcpy(line, text + i, n);
		line[n] = '\0';
		if (sscanf(line, " %255s %255s %255s", word, name, rest) == 2 &&
		    !strcmp(word, rule) && (!strcmp(name, "br0") || !strcmp(name, "all")))
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct acl acl = { .bridge = "br0" };
	char *own = malloc(size + 1);
	unsigned int i;

	if (!own)
		abort();
	memcpy(own, data, size);
	own[size] = '\0';
	if (!acl_parse(&acl, "f", own, size)) {
		if (acl.allowed != has_line((const char *)data, size, "allow"))
			broken("acl: allowed");
		if (acl.denied != has_line((const char *)data, size, "deny"))
			broken("acl: denied");
	}
	for (i = 0; i < acl.files; i++)
		if (acl.file[i][0] != '/')
			broken("acl: an included file that is not absolute");
	free(own);
	return 0;
}
