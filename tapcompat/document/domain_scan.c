// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain_scan.c - a look at XML that costs one pass
 */
#include "domain_scan.h"

#include <stdbool.h>
#include <string.h>

#include "ground/bytes.h"

/* What is no element, and may hold quotes and angle brackets that mean nothing. */
static const struct {
	const char *start, *end;
} asides[] = {
	{ "<!--", "-->" }, { "<![CDATA[", "]]>" }, { "<?", "?>" },
};

static bool starts(const char *p, const char *end, const char *word)
{
	return (size_t)(end - p) >= strlen(word) && !memcmp(p, word, strlen(word));
}

/* Behind the aside that begins here; @p where none does. */
static const char *skip_aside(const char *p, const char *end)
{
	const char *close;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(asides); i++) {
		if (!starts(p, end, asides[i].start))
			continue;
		close = memmem(p, (size_t)(end - p), asides[i].end, strlen(asides[i].end));
		return close ? close + strlen(asides[i].end) : end;
	}
	return p;
}

/* Behind the tag that begins here, with the number of its attributes. */
static const char *skip_tag(const char *p, const char *end, unsigned int *attributes)
{
	char quote = '\0';

	for (*attributes = 0; p < end; p++) {
		if (quote) {
			if (*p == quote)
				quote = '\0';
		} else if (*p == '"' || *p == '\'') {
			quote = *p;
			++*attributes;
		} else if (*p == '>') {
			return p + 1;
		}
	}
	return end;
}

static bool too_many_attributes(const char *p, const char *end)
{
	unsigned int attributes;
	const char *next;

	while (p < end && (p = memchr(p, '<', (size_t)(end - p)))) {
		next = skip_aside(p, end);
		if (next == p) {
			next = skip_tag(p, end, &attributes);
			if (attributes > DOMAIN_ATTRIBUTES)
				return true;
		}
		p = next;
	}
	return false;
}

static bool too_many_namespaces(const char *p, const char *end)
{
	static const char word[] = "xmlns";
	unsigned int n = 0;

	while ((p = memmem(p, (size_t)(end - p), word, sizeof(word) - 1))) {
		p += sizeof(word) - 1;
		if (++n > DOMAIN_NAMESPACES)
			return true;
	}
	return false;
}

/* So it is ASCII as far as its marks go, and no other encoding is guessed. */
static bool begins(const char *p, const char *end)
{
	while (p < end && strchr(" \t\r\n", *p))
		p++;
	return p < end && *p == '<';
}

const char *domain_scan(const char *text, size_t len)
{
	const char *end = text + len;

	if (memchr(text, '\0', len))
		return "there is a NUL in it";
	if (!begins(text, end))
		return "it does not begin with an element";
	if (too_many_attributes(text, end))
		return "an element has more attributes than any of libvirt's";
	if (too_many_namespaces(text, end))
		return "it declares more namespaces than a domain has use for";
	return NULL;
}
