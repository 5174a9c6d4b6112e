// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ram.c - move past the guest's RAM in a stream
 *
 * The records have pages in them: the guest's own bytes.  None of these is looked at.
 */
#include <errno.h>
#include <inttypes.h>

#include "format.h"
#include "stream.h"

#define XBZRLE_ENCODING 1
#define MAPPED_VERSION 1

/* With mapped-ram the pages are where the block's head says, and the stream goes on there. */
static int block_mapped(struct stream *s, uint64_t len)
{
	uint64_t page, bitmap, pages, at;
	uint32_t version;
	int ret = input_be32(s->in, &version);

	if (!ret)
		ret = input_be64(s->in, &page);
	if (!ret)
		ret = input_be64(s->in, &bitmap);
	if (!ret)
		ret = input_be64(s->in, &pages);
	if (ret)
		return ret;
	at = input_at(s->in);
	if (version != MAPPED_VERSION)
		return input_fail(s->in, -EOPNOTSUPP, at, "mapped-ram of version %" PRIu32
				  " is not known", version);
	/* A block that is left out has no pages. */
	if (!pages)
		return 0;
	if (pages < at || pages + len < pages)
		return input_fail(s->in, -EBADMSG, at, "mapped-ram: pages before their head");
	return input_skip(s->in, pages + len - at);
}

/* The list of blocks, @total bytes of RAM together. */
static int blocks_read(struct stream *s, uint64_t total)
{
	char name[256];
	uint64_t len, address;
	int ret;

	while (total) {
		ret = input_string(s->in, name);
		if (!ret)
			ret = input_be64(s->in, &len);
		if (!ret && s->ignore_shared)
			ret = input_be64(s->in, &address);
		if (ret)
			return ret;
		if (!name[0] || !len || len > total)
			return input_fail(s->in, -EBADMSG, input_at(s->in),
					  "a block of RAM that cannot be");
		total -= len;
		ret = s->mapped_ram ? block_mapped(s, len) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

static int xbzrle_skip(struct stream *s)
{
	uint8_t encoding;
	uint16_t len;
	int ret = input_u8(s->in, &encoding);

	if (!ret)
		ret = input_be16(s->in, &len);
	if (ret)
		return ret;
	if (encoding != XBZRLE_ENCODING || len > s->page)
		return input_fail(s->in, -EBADMSG, input_at(s->in),
				  "an XBZRLE page that cannot be");
	return input_skip(s->in, len);
}

static int compressed_skip(struct stream *s)
{
	uint32_t len;
	int ret = input_be32(s->in, &len);

	if (ret)
		return ret;
	/* zlib may add a little to what it cannot compress. */
	if (len > 2 * s->page)
		return input_fail(s->in, -EBADMSG, input_at(s->in),
				  "a compressed page that cannot be");
	return input_skip(s->in, len);
}

/* What follows the word of a page: @flags has one kind. */
static int page_skip(struct stream *s, unsigned int flags)
{
	uint8_t fill;

	switch (flags) {
	case RAM_PAGE:
		return input_skip(s->in, s->page);
	case RAM_ZERO:
		return input_u8(s->in, &fill);
	case RAM_XBZRLE:
		return xbzrle_skip(s);
	case RAM_COMPRESSED:
		return compressed_skip(s);
	}
	return input_fail(s->in, -EBADMSG, input_at(s->in), "a record of RAM with flags 0x%x, "
			  "which are not known: the state is damaged, or of a newer QEMU", flags);
}

int ram_read(struct stream *s)
{
	char block[256];

	for (;;) {
		uint64_t word;
		unsigned int flags;
		int ret = input_be64(s->in, &word);

		if (ret)
			return ret;
		flags = word & (s->page - 1) & 0xfff;
		if (flags == RAM_END)
			return 0;
		if (flags == RAM_FLUSH)
			continue;
		if (flags == RAM_SIZE) {
			ret = blocks_read(s, word - flags);
		} else {
			if (!(flags & RAM_CONTINUE))
				ret = input_string(s->in, block);
			if (!ret)
				ret = page_skip(s, flags & ~RAM_CONTINUE);
		}
		if (ret)
			return ret;
	}
}
