/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_fixture.h - states for tests: real ones, and bytes to put around and into them
 */
#ifndef STATE_FIXTURE_H
#define STATE_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ground/bytes.h"
#include "ground/mask.h"
#include "state/state.h"

struct bytes {
	uint8_t data[0x100000];
	size_t len;
};

static inline void add(struct bytes *b, const void *data, size_t len)
{
	if (b->len + len > sizeof(b->data))
		abort();
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

static inline void add_be(struct bytes *b, uint64_t v, unsigned int len)
{
	while (len--) {
		uint8_t byte = (uint8_t)(v >> 8 * len);

		add(b, &byte, 1);
	}
}

static inline void add_text(struct bytes *b, const char *text)
{
	add_be(b, strlen(text), 1);
	add(b, text, strlen(text));
}

/* Make room of @len bytes at @at, filled with @data. */
static inline void insert(struct bytes *b, size_t at, const void *data, size_t len)
{
	if (b->len + len > sizeof(b->data))
		abort();
	memmove(b->data + at + len, b->data + at, b->len - at);
	memcpy(b->data + at, data, len);
	b->len += len;
}

static inline void load(struct bytes *b, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.state", SAMPLES, name);
	f = fopen(path, "re");
	if (!f)
		abort();
	b->len = fread(b->data, 1, sizeof(b->data), f);
	fclose(f);
}

/* Offset of @text in it, after @from. */
static inline size_t find(const struct bytes *b, const char *text, size_t from)
{
	const uint8_t *p = memmem(b->data + from, b->len - from, text, strlen(text));

	if (!p)
		abort();
	return (size_t)(p - b->data);
}

static inline int file_of(const struct bytes *b)
{
	int fd = memfd_create("state", MFD_CLOEXEC);

	if (fd < 0 || write(fd, b->data, b->len) != (ssize_t)b->len || lseek(fd, 0, SEEK_SET))
		abort();
	return fd;
}

static inline int read_state(const struct bytes *b, struct state **s,
			     struct tapcompat_error *error)
{
	const struct state_options options = { .seconds = 30 };
	int fd = file_of(b);
	int ret = state_read(fd, "a\033file", &options, s, error);

	close(fd);
	return ret;
}

/* A section's head. */
static inline void add_head(struct bytes *b, unsigned int type, uint32_t id, const char *name,
			    uint32_t version)
{
	add_be(b, type, 1);
	add_be(b, id, 4);
	add_text(b, name);
	add_be(b, 0, 4);
	add_be(b, version, 4);
}

static inline void add_footer(struct bytes *b, uint32_t id)
{
	add_be(b, 0x7e, 1);
	add_be(b, id, 4);
}

/* The section of a real card, whole, under another number. */
static inline void add_card(struct bytes *b, const struct bytes *real, uint32_t id)
{
	size_t start = find(real, "0000:00:02.0/virtio-net", 0) - 6;
	size_t end = find(real, "0000:00:01.0:00.0/virtio-net", start) - 6;
	size_t at = b->len;

	add(b, real->data + start, end - start);
	put_be32(b->data + at + 1, id);
	put_be32(b->data + b->len - 4, id);
}

/* Do its cards have the features that the guest has shown? */
static inline bool as_guest(const struct state *s, const char *name)
{
	char path[4096], mac[32], bits[80];
	unsigned int found = 0, i, bit;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.features", FEATURES, name);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (fscanf(f, "%31s %79s", mac, bits) == 2)
		for (i = 0; i < s->cards; i++) {
			const struct state_card *c = &s->card[i];
			char own[32];

			snprintf(own, sizeof(own), "%02x:%02x:%02x:%02x:%02x:%02x", c->mac[0],
				 c->mac[1], c->mac[2], c->mac[3], c->mac[4], c->mac[5]);
			if (strcmp(own, mac) || !c->known || !c->driver || c->acked.word[1])
				continue;
			for (bit = 0; bit < 64; bit++)
				if (tapcompat_mask_test(&c->acked, bit) != (bits[bit] == '1'))
					break;
			found += bit == 64;
		}
	fclose(f);
	return found == 4 && s->cards == 4;
}

#endif /* STATE_FIXTURE_H */
