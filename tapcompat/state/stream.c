// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stream.c - QEMU's migration stream, from its start to its devices
 */
#include "stream.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "card.h"
#include "devices.h"
#include "format.h"
#include "ground/bytes.h"
#include "ground/text.h"

#define CAPABILITIES_MAX 64

/* What a stream is not. */
static int magic_check(struct stream *s, uint32_t magic)
{
	static const struct {
		uint32_t magic;
		const char *words;
	} others[] = {
		{ MULTIFD_MAGIC, "a channel of a multifd migration, which is not read: save "
		  "without multifd" },
		{ QCOW2_MAGIC, "a qcow2 image: snapshots inside of it are not read; "
		  "`qemu-img convert` them, or save to a file" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(others); i++)
		if (others[i].magic == magic)
			return input_fail(s->in, -EOPNOTSUPP, 0, "%s", others[i].words);
	if (magic != STREAM_MAGIC)
		return input_fail(s->in, -ENOMSG, input_at(s->in) - 4, "it is no state of a QEMU");
	return 0;
}

static int header_read(struct stream *s)
{
	uint32_t magic, version;
	int ret = input_be32(s->in, &magic);

	if (!ret)
		ret = magic_check(s, magic);
	if (!ret)
		ret = input_be32(s->in, &version);
	if (!ret && version != STREAM_VERSION)
		ret = input_fail(s->in, -EOPNOTSUPP, input_at(s->in) - 4, "version %" PRIu32
				 " of the stream is not known", version);
	return ret;
}

/* What changes how RAM is written is in here. */
static int capabilities_read(struct stream *s)
{
	char name[256];
	uint32_t i, n;
	int ret = input_be32(s->in, &n);

	if (!ret && n > CAPABILITIES_MAX)
		ret = input_fail(s->in, -EBADMSG, input_at(s->in), "too many capabilities");
	for (i = 0; !ret && i < n; i++) {
		ret = input_string(s->in, name);
		s->mapped_ram |= !strcmp(name, "mapped-ram");
		s->ignore_shared |= !strcmp(name, "x-ignore-shared");
	}
	return ret;
}

static int page_bits_read(struct stream *s)
{
	uint32_t bits;
	int ret = input_be32(s->in, &bits);

	if (!ret && (bits < 10 || bits > 16))
		ret = input_fail(s->in, -EBADMSG, input_at(s->in), "pages of 2^%" PRIu32 " bytes",
				 bits);
	if (!ret)
		s->page = 1u << bits;
	return ret;
}

static int configuration_part(struct stream *s)
{
	char name[256], safe[256];
	uint32_t version;
	int ret = input_string(s->in, name);

	if (!ret)
		ret = input_be32(s->in, &version);
	if (ret)
		return ret;
	if (!strcmp(name, "configuration/capabilities"))
		return capabilities_read(s);
	if (!strcmp(name, "configuration/target-page-bits"))
		return page_bits_read(s);
	if (!strcmp(name, "configuration/uuid"))
		return input_skip(s->in, 16);
	text_escape(safe, sizeof(safe), name);
	return input_fail(s->in, -EOPNOTSUPP, input_at(s->in), "\"%s\" is not known: the state is "
			  "of a newer QEMU, or damaged", safe);
}

/* The machine type. */
static int configuration_read(struct stream *s, struct state *state)
{
	char name[STATE_NAME] = "";
	uint32_t len;
	int ret = input_be32(s->in, &len);

	if (!ret && len >= sizeof(name))
		ret = input_fail(s->in, -EBADMSG, input_at(s->in), "a machine type of %" PRIu32
				 " characters", len);
	if (!ret)
		ret = input_get(s->in, name, len);
	text_escape(state->machine, sizeof(state->machine), name);
	return ret;
}

static int footer_read(struct stream *s, uint32_t id)
{
	uint32_t found;
	uint8_t type;
	int ret = input_u8(s->in, &type);

	if (!ret)
		ret = input_be32(s->in, &found);
	if (!ret && (type != STREAM_FOOTER || found != id))
		ret = input_fail(s->in, -EBADMSG, input_at(s->in) - STREAM_FOOTER_LEN,
				 "the section of RAM does not end here: the state is damaged, or "
				 "of a machine type older than 2.4");
	return ret;
}

/* The first section of something that is written while the guest runs: RAM. */
static int start_read(struct stream *s)
{
	char name[256], safe[256];
	uint32_t id, instance, version;
	int ret = input_be32(s->in, &id);

	if (!ret)
		ret = input_string(s->in, name);
	if (!ret)
		ret = input_be32(s->in, &instance);
	if (!ret)
		ret = input_be32(s->in, &version);
	if (ret)
		return ret;
	text_escape(safe, sizeof(safe), name);
	if (strcmp(name, "ram") || s->ram_open)
		return input_fail(s->in, -EOPNOTSUPP, input_at(s->in), "section \"%s\": how long "
				  "it is cannot be known, so what follows cannot be read", safe);
	s->ram = id;
	s->ram_open = true;
	ret = ram_read(s);
	return ret ? ret : footer_read(s, id);
}

/* Another part of it. */
static int part_read(struct stream *s, bool last)
{
	uint32_t id;
	int ret = input_be32(s->in, &id);

	if (!ret && (!s->ram_open || id != s->ram))
		ret = input_fail(s->in, -EBADMSG, input_at(s->in) - 4, "a part of section %" PRIu32
				 ", which was not begun", id);
	if (!ret)
		ret = ram_read(s);
	if (!ret)
		ret = footer_read(s, id);
	s->ram_open = !last;
	return ret;
}

static int command_read(struct stream *s)
{
	uint16_t command, len;
	int ret = input_be16(s->in, &command);

	if (!ret)
		ret = input_be16(s->in, &len);
	return ret ? ret : input_skip(s->in, len);
}

static int devices_cards(struct stream *s, struct state *state)
{
	struct devices d;
	struct device device;
	size_t at = 0;
	int ret = devices_read(&d, s->in);

	while (!ret) {
		ret = devices_next(&d, s->in, &at, &device);
		if (ret <= 0)
			break;
		ret = card_take(state, &device);
		if (ret)
			input_fail(s->in, ret, device.offset, ret == -ENOMEM ? "out of memory" :
				   "more network cards than a machine can have");
	}
	state->bytes = d.base + at;
	devices_free(&d);
	return ret;
}

/* Before the devices: the configuration, commands, RAM. */
static int stream_part(struct stream *s, struct state *state, uint8_t type)
{
	switch (type) {
	case STREAM_CONFIGURATION:
		return configuration_read(s, state);
	case STREAM_SUBSECTION:
		return configuration_part(s);
	case STREAM_SECTION_START:
		return start_read(s);
	case STREAM_SECTION_PART:
	case STREAM_SECTION_END:
		return part_read(s, type == STREAM_SECTION_END);
	case STREAM_COMMAND:
		return command_read(s);
	}
	return input_fail(s->in, -EBADMSG, input_at(s->in) - 1, "a part of type %u, which is not "
			  "known: the state is damaged, or of a newer QEMU", type);
}

int stream_read(struct input *in, struct state *state)
{
	struct stream s = { .in = in, .page = 4096 };
	int ret = header_read(&s);

	while (!ret) {
		uint8_t type;

		ret = input_u8(in, &type);
		if (ret)
			break;
		if (type == STREAM_END)
			return 0;
		if (type == STREAM_SECTION_FULL) {
			if (s.ram_open)
				return input_fail(in, -EOPNOTSUPP, input_at(in) - 1,
						  "a device's section among those of RAM");
			input_back(in);
			return devices_cards(&s, state);
		}
		ret = stream_part(&s, state, type);
	}
	return ret;
}
