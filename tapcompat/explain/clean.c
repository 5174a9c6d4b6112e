// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * clean.c - what terminals, mail and loggers have added to a text
 */
#include "clean.h"

#include <string.h>

#include "ground/bytes.h"

/* Escape, as it is and as loggers, editors and JSON write it. */
static const char *const escapes[] = {
	"\033", "#033", "^[", "\\x1b", "\\x1B", "\\u001b", "\\u001B", "\\033", "\\e",
};

/* What is no text, and what stands for it. */
static const struct {
	const char *text, *means;
} oddities[] = {
	{ "=3D", "=" },			/* quoted-printable */
	{ "\xef\xbb\xbf", "" },		/* byte order mark */
	{ "\xc2\xa0", " " },		/* no-break space */
	{ "\xe2\x80\x8b", "" },		/* zero width space */
	{ "\xe2\x80\xa6", "..." },	/* ellipsis */
	{ "\x85", "..." },		/* the same in Windows code pages */
	{ "\xe2\x80\x98", "'" }, { "\xe2\x80\x99", "'" },
};

static bool begins(const char *in, size_t n, const char *text)
{
	size_t len = strlen(text);

	return n >= len && !memcmp(in, text, len);
}

/* Length of a colour code or another control sequence, 0 where there is none. */
static size_t sequence(const char *in, size_t n)
{
	size_t i, at;

	for (i = 0; i < ARRAY_LENGTH(escapes); i++)
		if (begins(in, n, escapes[i]))
			break;
	if (i == ARRAY_LENGTH(escapes))
		return 0;
	at = strlen(escapes[i]);
	if (at == n || in[at] != '[')
		return i ? 0 : at;
	for (at++; at < n && strchr("0123456789;?", in[at]) && in[at]; at++)
		;
	return at < n ? at + 1 : at;
}

/* Marks such as "> > " at the beginning of a line of mail. */
static size_t quoting(const char *in, size_t n)
{
	size_t at = 0, end = 0;

	while (at < n && (in[at] == '>' || in[at] == ' ' || in[at] == '|'))
		if (in[at++] != ' ')
			end = at;
	return end && end < n && in[end] == ' ' ? end + 1 : end;
}

/* Quoted-printable: the line goes on in the next one. */
static size_t soft_end(const char *in, size_t n)
{
	if (begins(in, n, "=\n"))
		return 2;
	return begins(in, n, "=\r\n") ? 3 : 0;
}

struct writer {
	char *out;
	size_t size, used;
};

static void write_bytes(struct writer *w, const char *bytes, size_t n)
{
	if (n > w->size - 1 - w->used)
		n = w->size - 1 - w->used;
	memcpy(w->out + w->used, bytes, n);
	w->used += n;
}

/* Most bytes are what they are, and this is asked for each of them. */
static bool plain(char c)
{
	return (unsigned char)c >= ' ' && (unsigned char)c < 0x80 && c != '#' && c != '^' &&
	       c != '\\' && c != '=';
}

/* What is not taken over as it is; 0: nothing. */
static size_t skipped(struct writer *w, const char *in, size_t n)
{
	size_t i, len = sequence(in, n);

	if (!len)
		len = soft_end(in, n);
	if (!len && (*in == '\0' || *in == '\r'))
		len = 1;
	/* Within a character of UTF-8 a byte means nothing. */
	if (w->used && (unsigned char)w->out[w->used - 1] >= 0x80)
		return len;
	for (i = 0; !len && !plain(*in) && i < ARRAY_LENGTH(oddities); i++)
		if (begins(in, n, oddities[i].text)) {
			write_bytes(w, oddities[i].means, strlen(oddities[i].means));
			len = strlen(oddities[i].text);
		}
	return len;
}

size_t clean_text(char *out, size_t size, const char *in, size_t n, bool start)
{
	struct writer w = { out, size, 0 };
	size_t at = 0;

	while (at < n && w.used < size - 1) {
		size_t skip = 0;

		if (start)
			at += quoting(in + at, n - at);
		start = false;
		if (at < n && !plain(in[at]))
			skip = skipped(&w, in + at, n - at);
		if (skip) {
			at += skip;
		} else if (at < n) {
			start = in[at] == '\n';
			write_bytes(&w, in + at++, 1);
		}
	}
	out[w.used] = '\0';
	return w.used;
}

enum encoding encoding_of(const char *bytes, size_t n)
{
	size_t i, even = 0, odd = 0;

	if (n < 2)
		return ENCODING_UNKNOWN;
	/* A mark of the order of bytes, and ASCII behind it. */
	if (begins(bytes, n, "\xff\xfe") && n >= 4 && !bytes[3])
		return ENCODING_UTF16_LE;
	if (begins(bytes, n, "\xfe\xff") && n >= 4 && !bytes[2])
		return ENCODING_UTF16_BE;
	if (n > 128)
		n = 128;
	for (i = 0; i + 1 < n; i += 2) {
		even += !bytes[i] && bytes[i + 1];
		odd += bytes[i] && !bytes[i + 1];
	}
	if (odd * 2 > n * 3 / 4)
		return ENCODING_UTF16_LE;
	return even * 2 > n * 3 / 4 ? ENCODING_UTF16_BE : ENCODING_BYTES;
}

size_t encoding_narrow(enum encoding encoding, char *bytes, size_t *n)
{
	const uint8_t *in = (const uint8_t *)bytes;
	size_t i, used = 0;

	for (i = 0; i + 1 < *n; i += 2) {
		unsigned int c = get_le16(in + i);

		if (encoding == ENCODING_UTF16_BE)
			c = get_be16(in + i);

		if (c == 0xfeff)
			continue;
		/* A byte for two of them: no room for more.  0x85 is an ellipsis elsewhere, too. */
		bytes[used++] = (char)(c == 0x2026 ? 0x85 : c < 0x80 ? c : '?');
	}
	if (*n & 1)
		bytes[used] = bytes[*n - 1];
	*n &= 1;
	return used;
}
