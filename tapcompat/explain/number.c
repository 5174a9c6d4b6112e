// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * number.c - masks as they stand in texts: whole, wrapped or cut
 */
#include "number.h"

#include <string.h>

#include <tapcompat.h>

#define MOST 32		/* digits */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t digits_at(const char *at, const char *end)
{
	size_t n = 0;

	while (at + n < end && digit_of(at[n]) >= 0)
		n++;
	return n;
}

static const char *blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\n'))
		at++;
	return at;
}

static bool begins(const char *at, const char *end, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(end - at) >= n && !memcmp(at, text, n);
}

static void add(struct number *n, const char *digits, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		n->mask.word[1] = n->mask.word[1] << 4 | n->mask.word[0] >> 60;
		n->mask.word[0] = n->mask.word[0] << 4 | (unsigned int)digit_of(digits[i]);
	}
	n->digits += (unsigned int)count;
}

/* Digits alone in a line, as the rest of a mask is. */
static size_t rest_of_mask(const char *at, const char *end, const char *then)
{
	const char *line = blanks(at, end);
	size_t n = digits_at(line, end);
	const char *behind = line + n;

	if (!n || line == at)
		return 0;
	if (then)
		return begins(blanks(behind, end), end, then) ? n : 0;
	if (!memchr(at, '\n', (size_t)(line - at)))
		return 0;
	while (behind < end && strchr("'\".,;)] \t", *behind) && *behind)
		behind++;
	return behind == end || *behind == '\n' ? n : 0;
}

/*
 * QEMU before 10.2 prints no leading zeros, and QEMU from 10.2 on prints 32 digits: any
 * other number of digits that begins with a zero is the beginning of one.
 */
static bool shortened(const char *first, const struct number *n)
{
	return *first == '0' && n->digits > 1 && n->digits < MOST && n->digits != 16;
}

static void decimal(struct number *n, const char *text, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		unsigned __int128 all = (unsigned __int128)n->mask.word[1] << 64 | n->mask.word[0];

		all = all * 10 + (unsigned int)(text[i] - '0');
		n->mask.word[0] = (uint64_t)all;
		n->mask.word[1] = (uint64_t)(all >> 64);
	}
	n->digits = 1;
	n->fate = count > 20 ? NUMBER_LONG : NUMBER_WHOLE;
}

/* In front of what ends a mask: is it cut there? */
static bool cut_at(const char *at, const char *end)
{
	return begins(at, end, "...") || begins(at, end, "[...") || begins(at, end, "\x85");
}

static void hexadecimal(struct number *n, const char *at, const char *end, const char *then)
{
	const char *first = at;
	size_t count = digits_at(at, end), rest;

	add(n, at, count < MOST + 1 ? count : MOST + 1);
	at += count;
	while ((!then || !begins(blanks(at, end), end, then)) && n->digits <= MOST &&
	       (rest = rest_of_mask(at, end, then))) {
		at = blanks(at, end);
		add(n, at, rest < MOST + 1 ? rest : MOST + 1);
		at += rest;
		/* One break, unless the rest is told by what follows it. */
		if (!then)
			break;
	}
	n->end = at;
	n->fate = n->digits > MOST ? NUMBER_LONG :
		  cut_at(at, end) || shortened(first, n) ? NUMBER_CUT : NUMBER_WHOLE;
}

struct number number_read(const char *text, const char *end, enum number_kind kind,
			  const char *then)
{
	struct number n = { .fate = NUMBER_NONE, .end = text };
	const char *at = blanks(text, end);
	bool prefixed = end - at > 1 && at[0] == '0' && (at[1] | 0x20) == 'x';
	size_t count;

	at += prefixed ? 2 : 0;
	if (prefixed && at < end && *at == '\n')
		at++;
	count = digits_at(at, end);
	if (!count) {
		if (prefixed && cut_at(at, end))
			n.fate = NUMBER_CUT;
		return n;
	}
	if (!prefixed && kind == NUMBER_ANY && strspn(at, "0123456789") >= count) {
		decimal(&n, at, count);
		n.end = at + count;
	} else {
		hexadecimal(&n, at, end, then);
	}
	/* "0x12zz" is none. */
	if (n.end < end && ((*n.end | 0x20) >= 'a' && (*n.end | 0x20) <= 'z'))
		n.fate = NUMBER_NONE;
	return n;
}

struct tapcompat_mask number_bits(const char *text, size_t n)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	unsigned int bit;

	for (bit = 0; bit < n; bit++)
		if (text[bit] == '1')
			tapcompat_mask_set(&mask, bit);
	return mask;
}
