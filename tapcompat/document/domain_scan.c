// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * domain_scan.c - limits on XML, checked in one pass
 */
#include "domain_scan.h"

#include <stdbool.h>
#include <string.h>

#include "ground/bytes.h"

/* Comments and the like, in which quotes and angle brackets have no meaning. */
static const struct {
	const char *start, *end;
} sections[] = {
	{ "<!--", "-->" }, { "<![CDATA[", "]]>" }, { "<?", "?>" },
};

static bool starts(const char *p, const char *end, const char *word)
{
	return (size_t)(end - p) >= strlen(word) && !memcmp(p, word, strlen(word));
}

const char *scan_section(const char *p, const char *end)
{
	const char *close;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(sections); i++) {
		if (!starts(p, end, sections[i].start))
			continue;
		close = memmem(p, (size_t)(end - p), sections[i].end, strlen(sections[i].end));
		return close ? close + strlen(sections[i].end) : end;
	}
	return p;
}

const char *scan_tag(const char *p, const char *end, unsigned int *attributes)
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
		next = scan_section(p, end);
		if (next == p) {
			next = scan_tag(p, end, &attributes);
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

/* Otherwise libxml2 might guess an encoding such as UTF-16, which is not scanned here. */
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
		return "it contains a NUL byte";
	if (!begins(text, end))
		return "it does not begin with an element";
	if (too_many_attributes(text, end))
		return "an element has too many attributes (limit 512)";
	if (too_many_namespaces(text, end))
		return "it declares too many namespaces (limit 1024)";
	return NULL;
}
