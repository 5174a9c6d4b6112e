// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parse.c - what one message says
 */
#include "parse.h"

#include <stdio.h>
#include <string.h>

#include <tapcompat.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "number.h"
#include "table/bit.h"

/* The text of a region around one message. */
struct parsing {
	struct region *region;
	const char *from, *at, *end;	/* the message before it; the anchor; all of the text */
	struct finding *f;
};

static const char cut[] =
	"the message is cut: the rest of its masks is not there, and what is missing cannot be "
	"told";
static const char headless[] =
	"the beginning of the message is not there: it has the mask of what the guest holds";

/* ---- Which device ---- */

static const char refused_end[] = "Allowed features";

static bool other_message(const struct region *r, unsigned int i)
{
	return memmem(r->text + r->line[i].at, r->line[i].len, refused_end,
		      sizeof(refused_end) - 1);
}

static bool names_owner(const struct origin *o)
{
	return o->host[0] || o->machine[0] || o->pid[0];
}

/* Is a line of another machine?  One that does not say whose it is goes with the one before. */
static bool foreign(struct region *r, unsigned int i, const struct finding *f, bool before)
{
	const struct origin *o = region_origin(r, i);

	if (!memcmp(r->text + r->line[i].at, "==> ", 4))
		return true;
	if (!names_owner(o))
		return before;
	return !origin_agree(&f->origin, o);
}

static const struct device *within_line(const struct region *r, unsigned int i)
{
	return device_within(r->text + r->line[i].at, r->line[i].len, false);
}

/* QEMU names the device in the next line, or on its way to it. */
static const struct device *device_behind(const struct parsing *p, const char *behind,
					  unsigned int *line)
{
	struct region *r = p->region;
	const struct region_line *own = &r->line[r->hit];
	const char *end = r->text + own->at + own->len, *next;
	const struct device *d;
	bool others = false;

	*line = r->hit;
	if (behind < end) {
		next = memmem(behind, (size_t)(end - behind), "Features 0x", 11);
		d = device_within(behind, (size_t)((next ? next : end) - behind), false);
		if (d || next)
			return d;
	}
	for (*line = r->hit + 1; *line < r->lines; ++*line) {
		const struct region_line *there = &r->line[*line];

		/* The message itself may go on there. */
		if (r->text + there->at + there->len <= behind)
			continue;
		others = foreign(r, *line, p->f, others);
		if (!others && other_message(r, *line) && r->text + there->at >= behind)
			break;
		d = others ? NULL : within_line(r, *line);
		if (d)
			return d;
	}
	return NULL;
}

/* Is there a message of the same machine, whose lines these are? */
static bool message_above(struct region *r, unsigned int i, const struct finding *f)
{
	while (i-- > 0)
		if (other_message(r, i) && !foreign(r, i, f, false))
			return true;
	return false;
}

/* The last lines before it, where these are not of the message before it. */
static const struct device *device_before(const struct parsing *p, bool reversed,
					  unsigned int *line)
{
	struct region *r = p->region;
	const char *begin = r->text + r->line[r->hit].at;
	const struct device *d, *found = NULL, *loose = NULL;
	unsigned int i;

	if (p->from > begin)
		begin = p->from;
	if (p->at < begin)
		begin = p->at;
	*line = r->hit;
	d = device_within(begin, (size_t)(p->at - begin), true);
	if (d)
		return d;
	for (i = r->hit; i-- > 0 && !found;) {
		bool named = names_owner(region_origin(r, i));

		if (other_message(r, i) && !foreign(r, i, p->f, false))
			return reversed ? loose : NULL;
		d = foreign(r, i, p->f, false) ? NULL : within_line(r, i);
		*line = d && !loose ? i : *line;
		loose = named ? NULL : loose ? loose : d;
		found = named ? d : NULL;
	}
	/* Nothing of another machine's is taken, be it before or behind another message. */
	return found && !reversed && message_above(r, *line, p->f) ? NULL : found ? found : loose;
}

/* journalctl -r and others begin with the newest line. */
static bool is_reversed(struct region *r)
{
	const char *first = "", *last = "";
	unsigned int i;

	for (i = 0; i < r->lines; i++) {
		const char *time = region_origin(r, i)->time;

		if (time[0] && !first[0])
			first = time;
		if (time[0])
			last = time;
	}
	return strlen(first) == strlen(last) && strcmp(first, last) > 0;
}

static void find_device(const struct parsing *p, const char *behind)
{
	struct region *r = p->region;
	bool reversed = is_reversed(r), others = false;
	unsigned int line_before, line, last;
	const struct device *b = device_behind(p, behind, &line);
	const struct device *a = device_before(p, reversed, &line_before);
	struct finding *f = p->f;

	f->device = b ? b : a;
	if (a && (!b || reversed)) {
		f->device = a;
		line = line_before;
	}
	/* The lines of one failure name the card, too, mostly the one behind. */
	for (last = line + 3; f->device && !f->origin.card[0] && line < r->lines && line < last;
	     line++) {
		others = foreign(r, line, f, others);
		if (!others && line > r->hit && other_message(r, line))
			break;
		if (!others)
			memcpy(f->origin.card, region_origin(r, line)->card,
			       sizeof(f->origin.card));
	}
}

/* ---- The shapes ---- */

enum follows { FOLLOWS, FOLLOWS_NOT, FOLLOWS_END };

static const char *blanks(const char *at, const char *end, bool *wrapped)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\n'))
		*wrapped |= *at++ == '\n';
	return at;
}

/* Is this what comes next, in spite of blanks and ends of lines? */
static enum follows expect(const char **at, const char *end, const char *word)
{
	bool wrapped = false;
	const char *p = blanks(*at, end, &wrapped);
	size_t i = 0;

	/* Terminals break lines in the middle of a word. */
	while (word[i] && p < end && (*p == word[i] || (i && *p == '\n' && p + 1 < end)))
		i += *p++ == word[i];
	if (!word[i]) {
		*at = p;
		return FOLLOWS;
	}
	if (p >= end || *p == '\n' || !memcmp(p, "...", (size_t)(end - p) < 3 ? 1 : 3) ||
	    (wrapped && !i))
		return FOLLOWS_END;
	return FOLLOWS_NOT;
}

static enum follows expect_words(const char **at, const char *end)
{
	static const char *const words[] = { "unsupported", ".", "Allowed", "features", ":" };
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(words); i++) {
		enum follows f = expect(at, end, words[i]);

		/* Marks go missing where a message is typed. */
		if (f != FOLLOWS && words[i][1])
			return f;
	}
	return FOLLOWS;
}

static const char *unreadable(const struct parsing *p, const char *why, const char *end)
{
	p->f->kind = EXPLAIN_UNREADABLE;
	p->f->why = why;
	p->f->cut = true;
	return end;
}

/*
 * From the second half of a message back to its beginning, which may be in the line before;
 * NULL where it is not there.  @behind is set to what follows the first word.
 */
static const char *refused_begin(const struct parsing *p, const char **behind)
{
	const struct region *r = p->region;
	const char *line = r->text + r->line[r->hit].at, *low = p->from, *at = p->at;

	if (low <= line)
		low = r->text;
	if (p->at - low > 200)
		low = p->at - 200;
	for (; at >= low; at--) {
		*behind = at;
		if (*at == 'F' && expect(behind, p->end, "Features") == FOLLOWS)
			return at;
	}
	return NULL;
}

static const char *parse_refused(struct parsing *p)
{
	const char *behind, *at = refused_begin(p, &behind);
	struct number held, allowed;
	enum follows f;

	if (!at) {
		at = p->at + sizeof(refused_end) - 1;
		if (expect(&at, p->end, ":") != FOLLOWS ||
		    number_read(at, p->end, NUMBER_HEX, NULL).fate == NUMBER_NONE)
			return NULL;
		return unreadable(p, headless, at);
	}
	p->at = at;
	held = number_read(behind, p->end, NUMBER_HEX, "unsupported");
	if (held.fate == NUMBER_NONE || held.fate == NUMBER_LONG)
		return NULL;
	at = held.end;
	f = held.fate == NUMBER_CUT ? FOLLOWS_END : expect_words(&at, p->end);
	if (f != FOLLOWS)
		return f == FOLLOWS_NOT ? NULL : unreadable(p, cut, held.end);
	allowed = number_read(at, p->end, NUMBER_HEX, NULL);
	if (allowed.fate == NUMBER_LONG)
		return NULL;
	if (allowed.fate == NUMBER_NONE)
		return expect(&at, p->end, "0x") == FOLLOWS_END ? unreadable(p, cut, at) : NULL;
	if (allowed.fate == NUMBER_CUT || (held.digits == 32 && allowed.digits < 32))
		return unreadable(p, cut, allowed.end);
	find_device(p, allowed.end);
	finding_refused(p->f, held.mask, allowed.mask);
	return allowed.end;
}

static const char *parse_backend(struct parsing *p)
{
	struct number missing = number_read(p->at + strlen(p->f->message->anchor), p->end,
					    NUMBER_ANY, NULL);

	if (missing.fate == NUMBER_NONE || missing.fate == NUMBER_LONG)
		return NULL;
	if (missing.fate == NUMBER_CUT)
		return unreadable(p, cut, missing.end);
	p->f->kind = EXPLAIN_BACKEND;
	p->f->missing = missing.mask;
	return missing.end;
}

/* Property 'virtio-net-pci.host_uso' not found */
static const char *parse_property(struct parsing *p)
{
	size_t left = (size_t)(p->end - p->at);
	const char *begin = memchr(p->at, '.', left < 40 ? left : 40), *end;
	const struct tapcompat_feature *feature;
	char name[sizeof(p->f->property)];

	left = begin ? (size_t)(p->end - begin) : 0;
	end = begin ? memchr(begin, '\'', left < sizeof(name) ? left : sizeof(name)) : NULL;
	if (!end)
		return NULL;
	text_set(name, sizeof(name), "%.*s", (int)(end - begin - 1), begin + 1);
	text_escape(p->f->property, sizeof(p->f->property), name);
	feature = tapcompat_feature_find(p->f->property);
	if (feature)
		tapcompat_mask_set(&p->f->missing, feature->bit);
	p->f->kind = EXPLAIN_PROPERTY;
	return end;
}

static const char *parse_plain(struct parsing *p)
{
	const char *behind = p->at + strlen(p->f->message->anchor);

	p->f->kind = EXPLAIN_WORDS;
	p->f->error = message_error(p->f->message->id, behind, (size_t)(p->end - behind));
	return behind;
}

static const char *parse_ufo(struct parsing *p)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->tun_flags & TUN_F_UFO)
			tapcompat_mask_set(&p->f->missing, f->bit);
	return parse_plain(p);
}

static const char *parse_device(struct parsing *p)
{
	const char *behind = parse_plain(p);

	find_device(p, behind);
	if (p->f->device && !device_is_net(p->f->device))
		p->f->kind = EXPLAIN_OTHER;
	return behind;
}

static const char *(*const shapes[])(struct parsing *p) = {
	[SHAPE_REFUSED] = parse_refused,
	[SHAPE_BACKEND] = parse_backend,
	[SHAPE_PROPERTY] = parse_property,
	[SHAPE_UFO] = parse_ufo,
	[SHAPE_DEVICE] = parse_device,
	[SHAPE_PLAIN] = parse_plain,
};

/* ---- Around it ---- */

/* From where its sentence begins to the end of the line. */
static void quote(const struct parsing *p, const char *behind)
{
	const struct region *r = p->region;
	const char *begin = r->text + r->line[r->hit].at, *at = p->at, *end;
	char plain[FINDING_QUOTE];
	size_t i, n;

	if (p->from > begin)
		begin = p->from;
	while (p->f->message->shape != SHAPE_REFUSED && at > begin && p->at - at < 60 &&
	       !(at - begin >= 2 && !memcmp(at - 2, ": ", 2)))
		at--;
	end = memchr(behind, '\n', (size_t)(p->end - behind));
	n = (size_t)((end ? end : p->end) - at);
	if (n > sizeof(plain) - 1)
		n = sizeof(plain) - 1;
	memcpy(plain, at, n);
	plain[n] = '\0';
	for (i = 0; i < n; i++)
		if (plain[i] == '\n' || plain[i] == '\t')
			plain[i] = ' ';
	text_escape(p->f->quote, sizeof(p->f->quote), plain);
}

/* "qemu-8.2: " right in front of a message names its program, whatever is in front of that. */
static void program_before(const struct parsing *p)
{
	const struct region *r = p->region;
	const char *begin = r->text + r->line[r->hit].at, *end = p->at, *at;
	struct origin o = { .time = "" };

	if (p->from > begin)
		begin = p->from;
	if (end - begin < 4 || memcmp(end - 2, ": ", 2))
		return;
	for (at = end - 2; at > begin && at[-1] > ' '; at--)
		;
	if (memcmp(at, "qemu", 4))
		return;
	text_set(o.program, sizeof(o.program), "%.*s", (int)(end - 2 - at), at);
	origin_within("", 0, &o);
	origin_add(&p->f->origin, &o);
}

size_t parse_message(struct region *r, const struct message *m, size_t from, size_t at,
		     struct finding *f)
{
	struct parsing p = { r, r->text + from, r->text + at, r->text + r->used, f };
	const char *behind;

	memset(f, 0, sizeof(*f));
	f->message = m;
	f->count = 1;
	f->origin = *region_origin(r, r->hit);
	behind = shapes[m->shape](&p);
	/* One that ends in front of the anchor is another message, which was found before. */
	if (!behind || behind <= r->text + at)
		return 0;
	quote(&p, behind);
	program_before(&p);
	return (size_t)(behind - r->text);
}
