// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * devices.c - the sections of devices at the end of a stream
 */
#include "devices.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "ground/bytes.h"
#include "ground/text.h"

/* Bytes of a footer and the longest head of a section after it. */
#define LOOK_AHEAD (STREAM_FOOTER_LEN + 1 + 4 + 1 + 255 + 4 + 4)
#define VERSION_MAX 0xffff

/*
 * The head of a section: type, number, name, instance, version.  Names are printable in
 * all versions of QEMU.
 *
 * Return: its length, or 0
 */
static size_t head_parse(const uint8_t *p, size_t len, struct device *device)
{
	size_t i, name;

	if (len < 6 || p[0] != STREAM_SECTION_FULL || !p[5] || len < 14u + p[5])
		return 0;
	name = p[5];
	for (i = 0; i < name; i++)
		if (p[6 + i] < ' ' || p[6 + i] > '~')
			return 0;
	device->id = get_be32(p + 1);
	memcpy(device->name, p + 6, name);
	device->name[name] = '\0';
	device->instance = get_be32(p + 6 + name);
	device->version = get_be32(p + 10 + name);
	return device->version <= VERSION_MAX ? 14 + name : 0;
}

/* The end of the stream, after which there is nothing, or the description in JSON. */
static bool end_parse(const uint8_t *p, size_t len)
{
	if (!len || p[0] != STREAM_END)
		return false;
	return len == 1 || (len >= 7 && p[1] == STREAM_DESCRIPTION && p[6] == '{');
}

static int mark_add(struct devices *d, struct input *in, uint32_t id, uint64_t at)
{
	size_t size = d->marks_size ? 2 * d->marks_size : 256;

	if (d->marks == DEVICES_MARKS)
		return input_fail(in, -EBADMSG, d->base + at,
				  "more than %u sections, which no machine has", DEVICES_MARKS);
	if (d->marks == d->marks_size) {
		void *more = realloc(d->mark, size * sizeof(*d->mark));

		if (!more)
			return input_fail(in, -ENOMEM, d->base + at, "out of memory");
		d->mark = more;
		d->marks_size = size;
	}
	d->mark[d->marks++] = (struct devices_mark){ id, at };
	return 0;
}

/*
 * Collect the footers in @len bytes at @p, which are @at bytes after the first section.
 * Without @last the end is not looked at: it lacks what follows.
 *
 * Return: number of bytes that were looked at, or a negative errno
 */
static long marks_scan(struct devices *d, struct input *in, const uint8_t *p, size_t len,
		       uint64_t at, bool last)
{
	size_t i = 0, end = last ? len : len > LOOK_AHEAD ? len - LOOK_AHEAD : 0;
	struct device device;

	while (i < end) {
		const uint8_t *found = memchr(p + i, STREAM_FOOTER, end - i);
		const uint8_t *next;
		size_t left;

		if (!found)
			break;
		i = (size_t)(found - p) + 1;
		if (len - i < STREAM_FOOTER_LEN)
			continue;
		next = found + STREAM_FOOTER_LEN;
		left = len - i + 1 - STREAM_FOOTER_LEN;
		if (head_parse(next, left, &device) || end_parse(next, left)) {
			int ret = mark_add(d, in, get_be32(found + 1), at + i - 1);

			if (ret)
				return ret;
		}
	}
	return (long)end;
}

/* Room for another INPUT_BUFFER, as long as it is to be kept. */
static int devices_grow(struct devices *d, struct input *in)
{
	size_t size = 2 * d->size;
	void *more;

	if (d->size - d->len >= INPUT_BUFFER || d->size >= DEVICES_MAX)
		return 0;
	more = realloc(d->data, size);
	if (!more)
		return input_fail(in, -ENOMEM, input_at(in), "out of memory");
	d->data = more;
	d->size = size;
	return 0;
}

/*
 * Keep what comes, up to DEVICES_MAX.
 *
 * Return: 1 if there is more, 0 at the end, a negative errno
 */
static long devices_keep(struct devices *d, struct input *in, size_t *scanned)
{
	const uint8_t *run;
	long n, done;

	do {
		int ret = devices_grow(d, in);

		if (ret)
			return ret;
		n = input_some(in, &run, d->size - d->len);
		if (n < 0)
			return n;
		if (n)
			memcpy(d->data + d->len, run, (size_t)n);
		d->len += (size_t)n;
		done = marks_scan(d, in, d->data + *scanned, d->len - *scanned, *scanned, !n);
		if (done < 0)
			return done;
		*scanned += (size_t)done;
	} while (n && d->len < DEVICES_MAX);
	return n > 0;
}

/* @len bytes of @window, which has @size, are there already. */
static long window_pass(struct devices *d, struct input *in, uint8_t *window, size_t len,
			size_t size, uint64_t scanned)
{
	const uint8_t *run;
	long n, done;

	do {
		n = scanned < DEVICES_SCAN ? input_some(in, &run, size - len) : 0;
		if (n < 0)
			return n;
		if (n)
			memcpy(window + len, run, (size_t)n);
		len += (size_t)n;
		done = marks_scan(d, in, window, len, scanned, !n);
		if (done < 0)
			return done;
		len -= (size_t)done;
		memmove(window, window + done, len);
		scanned += (uint64_t)done;
	} while (n);
	return 0;
}

/* The rest is not kept, but a section could end in it all the same. */
static long devices_pass(struct devices *d, struct input *in, size_t scanned)
{
	size_t size = LOOK_AHEAD + INPUT_BUFFER, len = d->len - scanned;
	uint8_t *window = malloc(size);
	long ret;

	if (!window)
		return input_fail(in, -ENOMEM, input_at(in), "out of memory");
	memcpy(window, d->data + scanned, len);
	ret = window_pass(d, in, window, len, size, scanned);
	free(window);
	return ret;
}

static int mark_compare(const void *a, const void *b)
{
	const struct devices_mark *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

int devices_read(struct devices *d, struct input *in)
{
	size_t scanned = 0;
	long more;

	*d = (struct devices){ .base = input_at(in), .size = 4ul * INPUT_BUFFER };
	d->data = malloc(d->size);
	if (!d->data)
		return input_fail(in, -ENOMEM, d->base, "out of memory");
	more = devices_keep(d, in, &scanned);
	if (more > 0)
		more = devices_pass(d, in, scanned);
	if (more < 0)
		return (int)more;
	if (d->marks)
		qsort(d->mark, d->marks, sizeof(*d->mark), mark_compare);
	return 0;
}

/* The first mark of a section after @at. */
static size_t mark_find(const struct devices *d, uint32_t id, uint64_t at)
{
	const struct devices_mark wanted = { id, at };
	size_t low = 0, high = d->marks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mark_compare(&d->mark[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Where the section ends whose own bytes begin @at. */
static int section_end(const struct devices *d, struct input *in, const struct device *device,
		       uint64_t at, uint64_t *end)
{
	size_t i = mark_find(d, device->id, at);
	char name[256];

	text_escape(name, sizeof(name), device->name);
	if (i == d->marks || d->mark[i].id != device->id)
		return input_fail(in, -ENODATA, device->offset, "section \"%s\" has no end: the "
				  "state is cut or damaged, or of a machine type older than 2.4",
				  name);
	*end = d->mark[i].at;
	if (i + 1 < d->marks && d->mark[i + 1].id == device->id)
		return input_fail(in, -EBADMSG, device->offset, "section \"%s\" could end at "
				  "offset %" PRIu64 " or %" PRIu64 ", and which of them it is "
				  "cannot be known", name, d->base + *end,
				  d->base + d->mark[i + 1].at);
	if (*end > d->len)
		return input_fail(in, -EOPNOTSUPP, device->offset, "section \"%s\": the devices "
				  "have more than %u MiB, which is not read", name,
				  DEVICES_MAX >> 20);
	return 0;
}

int devices_next(const struct devices *d, struct input *in, size_t *at, struct device *device)
{
	const uint8_t *p = d->data + *at;
	size_t left = d->len - *at, head;
	uint64_t end = 0;
	int ret;

	if (left && *p == STREAM_END)
		return 0;
	device->offset = d->base + *at;
	head = head_parse(p, left, device);
	if (!head)
		return input_fail(in, left ? -EBADMSG : -ENODATA, device->offset,
				  "there is no section here: the state is cut or damaged");
	ret = section_end(d, in, device, *at + head, &end);
	if (ret)
		return ret;
	device->data = p + head;
	device->len = (size_t)end - *at - head;
	*at = (size_t)end + STREAM_FOOTER_LEN;
	return 1;
}

void devices_free(struct devices *d)
{
	free(d->data);
	free(d->mark);
	*d = (struct devices){ 0 };
}
