// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * log.c - logs that are looked through
 *
 * A window of bounded size moves over the log.  What is searched for are anchors, so that
 * lines which have none cost next to nothing; around an anchor the lines are looked at.
 */
#include "explain.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clean.h"
#include "fold.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "number.h"
#include "parse.h"
#include "region.h"
#include "scan.h"

#define WINDOW 0x40000u
#define AROUND 0x2000u		/* kept in front of what is looked at, and waited for behind it */
#define PATIENCE 300		/* ms without more: what there is, is all for the time being */

/* Anchors that are no messages: of records, of a machine's start, of bit strings. */
enum { ANCHOR_GUEST, ANCHOR_QEMU, ANCHOR_FILE, ANCHOR_BYTES, ANCHOR_BYTES_BLANK, ANCHOR_BITS,
       ANCHORS };

static const char *const anchors[ANCHORS] = {
	[ANCHOR_GUEST] = "-name guest=",
	[ANCHOR_QEMU] = "qemu version: ",
	[ANCHOR_FILE] = "==> /var/log/libvirt/qemu/",
	[ANCHOR_BYTES] = "\"MESSAGE\":[",
	[ANCHOR_BYTES_BLANK] = "\"MESSAGE\" : [",
	[ANCHOR_BITS] = "00000000000",	/* 41 to 51: no QEMU has these */
};

/* The line that messages were found in last: logs may repeat it for days. */
struct repeat {
	char line[512];
	size_t len, time;		/* of the line; of the time that it begins with */
	unsigned long long end;		/* of it, in the log */
	unsigned int first, n;		/* of the findings in it, which follow one another */
};

struct tapcompat_explain_log {
	struct tapcompat_explain_options options;
	bool followed;
	bool failed;			/* out of memory */
	bool ended;			/* all was read: what was said may have changed since */
	const char *name;		/* of the log that is read, or NULL */
	struct origin machine;		/* that the log is of, from here on */
	enum encoding encoding;
	size_t odd;			/* bytes behind @used that wait for their other half */
	unsigned long long bytes;
	size_t used, done;
	unsigned long long dropped;	/* bytes of the log in front of the window */
	struct repeat repeat;
	char *window;
	const struct message *message[SCAN_TEXTS];	/* of each anchor, else NULL */
	unsigned int first_anchor;			/* of @anchors */
	struct scan scan;
	struct region region;
	struct fold fold;
};

/* ---- What is found ---- */

static void found(struct tapcompat_explain_log *log, struct finding *f)
{
	struct repeat *r = &log->repeat;
	struct finding *there;
	unsigned int number;

	region_around(&log->region, &f->origin);
	origin_add(&f->origin, &log->machine);
	there = fold_add(&log->fold, f);
	if (!there) {
		log->failed = true;
		return;
	}
	number = (unsigned int)(there - log->fold.list);
	if (!r->n)
		r->first = number;
	r->n = r->n != ~0u && number == r->first + r->n ? r->n + 1 : ~0u;
}

/* What was found in a line is found again where the next one is the same, but for the time. */
static void repeat_keep(struct tapcompat_explain_log *log, const char *behind)
{
	const struct region_line *line = &log->region.line[log->region.hit];
	size_t len = (size_t)(line->raw_end - line->raw), time;
	struct repeat *r = &log->repeat;
	const char *first;

	if (!r->n || r->n == ~0u || len > sizeof(r->line) || behind != line->raw_end ||
	    memchr(line->raw, '\n', len)) {
		r->n = 0;
		return;
	}
	first = log->fold.list[r->first].origin.time;
	time = strlen(first);
	memcpy(r->line, line->raw, len);
	r->len = len;
	r->time = time && time <= len && !memcmp(line->raw, first, time) ? time : 0;
	r->end = log->dropped + (size_t)(line->raw_end - log->window);
}

static bool same_but_time(const struct repeat *r, const char *line)
{
	size_t i;

	for (i = 0; i < r->time; i++)
		if (line[i] != r->line[i] && !(line[i] >= '0' && line[i] <= '9'))
			return false;
	return !memcmp(line + r->time, r->line + r->time, r->len - r->time);
}

/* Is it the last line again?  Then its end, else NULL. */
static const char *repeated(struct tapcompat_explain_log *log, const char *at)
{
	struct repeat *r = &log->repeat;
	const char *high = log->window + log->used, *begin;
	unsigned int i;

	if (!r->n || r->end + 1 < log->dropped)
		return NULL;
	begin = log->window + (r->end + 1 - log->dropped);
	if (begin > at || (size_t)(at - begin) >= r->len || (size_t)(high - begin) <= r->len ||
	    begin[r->len] != '\n' || !same_but_time(r, begin))
		return NULL;
	for (i = r->first; i < r->first + r->n; i++) {
		struct finding *f = &log->fold.list[i];

		f->count++;
		if (r->time)
			memcpy(f->last, begin, r->time);
	}
	r->end += 1 + r->len;
	return begin + r->len;
}

/* The messages of one line; where the last one ends. */
static size_t line_messages(struct tapcompat_explain_log *log)
{
	struct region *r = &log->region;
	const struct region_line *line = &r->line[r->hit];
	size_t from = line->at, at = from, end = line->at + line->len, behind;
	struct finding f;
	unsigned int which;

	while (at < end && !fold_full(&log->fold)) {
		const char *anchor = scan_next(&log->scan, r->text + at, end - at, &which);
		const struct message *m;

		if (!anchor)
			break;
		at = (size_t)(anchor - r->text);
		m = log->message[which];
		m = m ? message_found(m, anchor, r->used - at) : NULL;
		behind = m ? parse_message(r, m, from, at, &f) : 0;
		if (!behind) {
			at++;
			continue;
		}
		found(log, &f);
		from = at = behind;
	}
	return from;
}

/* What a domain's log says when it is started: from here on it is of that one. */
static void machine_starts(struct tapcompat_explain_log *log, bool anew)
{
	struct region *r = &log->region;
	struct origin o = { .time = "" };
	unsigned int i;

	for (i = r->hit; i < r->lines; i++) {
		const char *text = r->text + r->line[i].at;

		if (i > r->hit && memmem(text, r->line[i].len, "starting up libvirt", 19))
			break;
		origin_within(text, r->line[i].len, &o);
	}
	o.time[0] = o.card[0] = o.program[0] = o.pid[0] = '\0';
	if (anew)
		memset(&log->machine, 0, sizeof(log->machine));
	origin_add(&o, &log->machine);
	log->machine = o;
}

/* ==> /var/log/libvirt/qemu/web1.log <== */
static void file_starts(struct tapcompat_explain_log *log, const char *at, const char *end)
{
	const char *stop = memchr(at, '\n', (size_t)(end - at));

	memset(&log->machine, 0, sizeof(log->machine));
	origin_file(at, (size_t)((stop ? stop : end) - at), &log->machine);
}

/* A run of 64 or 128 digits 0 and 1; behind it. */
static const char *bit_string(struct tapcompat_explain_log *log, const char *at)
{
	const char *begin = at, *end = at, *low = log->window, *high = log->window + log->used;
	struct finding f = { .kind = EXPLAIN_DECODED, .count = 1, .has_acked = true };
	static const char no_card[] =
		"these bits have no MAC address (bit 5), and QEMU's virtio-net always has: they "
		"are "
		"another device's; 0x0001 in the file device beside it is a network card";
	size_t n;

	while (begin > low && (begin[-1] == '0' || begin[-1] == '1'))
		begin--;
	while (end < high && (*end == '0' || *end == '1'))
		end++;
	n = (size_t)(end - begin);
	if ((n != 64 && n != 128) || (begin > low && (begin[-1] | 0x20) >= 'a' &&
				      (begin[-1] | 0x20) <= 'z'))
		return end;
	f.acked = number_bits(begin, n);
	region_read(&log->region, log->window, log->used, at);
	f.origin = *region_origin(&log->region, log->region.hit);
	if (!tapcompat_mask_test(&f.acked, 5)) {
		f.kind = EXPLAIN_UNREADABLE;
		f.why = no_card;
	}
	/* /sys/bus/virtio/devices/virtio0/features: */
	if (begin - low > 11 && !memcmp(begin - 10, "/features:", 10)) {
		const char *name = begin - 10;

		while (name > low && name[-1] != '/' && name[-1] > ' ')
			name--;
		text_set(f.origin.card, sizeof(f.origin.card), "%.*s",
			 (int)(begin - 10 - name), name);
		text_escape(f.quote, sizeof(f.quote), f.origin.card);
		memcpy(f.origin.card, f.quote, sizeof(f.origin.card) - 1);
	}
	text_set(f.quote, sizeof(f.quote), "%.*s", (int)n, begin);
	if (!fold_add(&log->fold, &f))
		log->failed = true;
	return end;
}

/* Where to go on. */
static size_t anchor_found(struct tapcompat_explain_log *log, const char *at, unsigned int which)
{
	const char *end = log->window + log->used, *behind;
	size_t ended;

	if (which == log->first_anchor + ANCHOR_BITS)
		return (size_t)(bit_string(log, at) - log->window);
	if (which == log->first_anchor + ANCHOR_FILE) {
		file_starts(log, at, end);
		return (size_t)(at - log->window) + 1;
	}
	behind = repeated(log, at);
	if (behind)
		return (size_t)(behind - log->window);
	log->repeat.n = 0;
	region_read(&log->region, log->window, log->used, at);
	if (which == log->first_anchor + ANCHOR_GUEST || which == log->first_anchor + ANCHOR_QEMU)
		machine_starts(log, which == log->first_anchor + ANCHOR_QEMU);
	ended = line_messages(log);
	behind = region_behind(&log->region, ended);
	if (behind <= at)
		behind = at + 1;
	repeat_keep(log, behind);
	return (size_t)(behind - log->window);
}

/* All anchors that begin in front of a place. */
static void look_through(struct tapcompat_explain_log *log, size_t until)
{
	unsigned int which;

	while (log->done < until && !fold_full(&log->fold)) {
		const char *at = scan_next(&log->scan, log->window + log->done,
					   log->used - log->done, &which);

		if (!at || (size_t)(at - log->window) >= until) {
			log->done = until;
			break;
		}
		log->done = anchor_found(log, at, which);
	}
}

/* What can still get more lines behind it waits for them. */
static void look_so_far(struct tapcompat_explain_log *log)
{
	if (log->used > AROUND)
		look_through(log, log->used - AROUND);
}

static void look_at_lines(struct tapcompat_explain_log *log)
{
	const char *end = memrchr(log->window, '\n', log->used);

	if (end)
		look_through(log, (size_t)(end + 1 - log->window));
}

/* ---- What is read ---- */

static void begin(struct tapcompat_explain_log *log, const char *name)
{
	log->name = name;
	log->used = log->done = log->odd = 0;
	log->dropped = 0;
	log->repeat.n = 0;
	log->encoding = ENCODING_UNKNOWN;
	memset(&log->machine, 0, sizeof(log->machine));
	if (name)
		origin_file(name, strlen(name), &log->machine);
}

/* Room for more: what is in front of what is looked at is kept for a while. */
static void make_room(struct tapcompat_explain_log *log)
{
	size_t drop = log->done > AROUND ? log->done - AROUND : 0;

	if (log->used + log->odd < WINDOW - AROUND)
		return;
	memmove(log->window, log->window + drop, log->used + log->odd - drop);
	log->used -= drop;
	log->done -= drop;
	log->dropped += drop;
}

/* @n bytes have come behind those that are there. */
static void arrived(struct tapcompat_explain_log *log, size_t n)
{
	char *bytes = log->window + log->used;

	log->bytes += n;
	n += log->odd;
	if (log->encoding == ENCODING_UNKNOWN)
		log->encoding = encoding_of(bytes, n);
	if (log->encoding > ENCODING_BYTES) {
		log->used += encoding_narrow(log->encoding, bytes, &n);
		log->odd = n;
	} else {
		log->used += n;
		log->odd = 0;
	}
	if (log->options.progress)
		log->options.progress(log->options.arg, log->bytes);
}

static bool unsaid(const struct tapcompat_explain_log *log)
{
	return log->fold.next < log->fold.n;
}

static bool waits(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return !poll(&p, 1, PATIENCE);
}

int tapcompat_explain_log_read(struct tapcompat_explain_log *log, int fd, const char *name)
{
	if (log->name != name)
		begin(log, name);
	for (;;) {
		ssize_t n;

		look_so_far(log);
		if (log->failed)
			return -ENOMEM;
		if (fold_full(&log->fold))
			return 1;
		if (log->followed && waits(fd)) {
			look_at_lines(log);
			if (unsaid(log))
				return 1;
		}
		make_room(log);
		n = read(fd, log->window + log->used + log->odd, WINDOW - log->used - log->odd);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		arrived(log, (size_t)n);
	}
	look_through(log, log->used);
	if (log->failed)
		return -ENOMEM;
	if (fold_full(&log->fold) && log->done < log->used)
		return 1;
	begin(log, NULL);
	return 0;
}

int tapcompat_explain_log_text(struct tapcompat_explain_log *log, const char *text, size_t len)
{
	begin(log, NULL);
	while (len) {
		size_t n = WINDOW - log->used - log->odd;

		n = n < len ? n : len;
		memcpy(log->window + log->used + log->odd, text, n);
		arrived(log, n);
		text += n;
		len -= n;
		look_so_far(log);
		if (fold_full(&log->fold))
			return -E2BIG;
		make_room(log);
	}
	look_through(log, log->used);
	begin(log, NULL);
	return log->failed ? -ENOMEM : 0;
}

/* ---- What is handed out ---- */

int tapcompat_explain_log_take(struct tapcompat_explain_log *log, int ended,
			       struct tapcompat_explanation **explanation)
{
	struct fold *fold = &log->fold;

	*explanation = NULL;
	if (!ended && !log->followed && !fold_full(fold))
		return 0;
	if (ended && !log->ended)
		fold->next = 0;
	log->ended = ended;
	while (fold->next < fold->n) {
		struct finding *f = &fold->list[fold->next++];

		if (f->said && f->said_count == f->count)
			continue;
		*explanation = explanation_of(f, &log->options);
		f->said = true;
		f->said_count = f->count;
		return *explanation ? 1 : -ENOMEM;
	}
	if (fold_full(fold)) {
		fold_clear(fold);
		log->repeat.n = 0;
	}
	return 0;
}

void tapcompat_explain_log_free(struct tapcompat_explain_log *log)
{
	if (!log)
		return;
	fold_free(&log->fold);
	free(log->window);
	free(log);
}

static void anchors_add(struct tapcompat_explain_log *log)
{
	const struct message *m;
	unsigned int i;

	scan_init(&log->scan);
	for (i = 0; (m = message_at(i)); i++)
		log->message[scan_add(&log->scan, m->anchor)] = m;
	log->first_anchor = i;
	for (i = 0; i < ANCHORS; i++)
		scan_add(&log->scan, anchors[i]);
}

struct tapcompat_explain_log *
tapcompat_explain_log_new(const struct tapcompat_explain_options *options, int followed)
{
	struct tapcompat_explain_log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->followed = followed;
	log->window = malloc(WINDOW);
	anchors_add(log);
	if (log->window && !explain_options_take(&log->options, options))
		return log;
	tapcompat_explain_log_free(log);
	return NULL;
}
