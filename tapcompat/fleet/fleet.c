// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fleet.c - many hosts, as far as they matter together
 */
#include "fleet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "edge/reader.h"
#include "ground/line.h"
#include "ground/text.h"

#define NAMES_MAX (8ul << 20)	/* bytes: hosts beyond that are counted without names */

/* What is wrong with the options; NULL if nothing is. */
static const char *options_fault(const struct tapcompat_fleet_options *o)
{
	if (o->size != sizeof(*o))
		return "the options are of another version of the library";
	if (o->backends >> TAPCOMPAT_BACKENDS)
		return "there are no such backends";
	if (o->backends >> TAPCOMPAT_EBPF_RSS & 1)
		return "no machine runs on ebpf-rss, which is a part of a tap: name vhost-net";
	if (o->qemu && !release_valid(o->qemu))
		return "QEMU's version must be a release such as 8.2";
	return NULL;
}

int tapcompat_fleet_new(const struct tapcompat_fleet_options *options,
			struct tapcompat_fleet **fleet, struct tapcompat_error *error)
{
	const char *fault = options_fault(options);

	*fleet = fault ? NULL : calloc(1, sizeof(**fleet));
	if (!*fleet) {
		if (error)
			text_set(error->text, sizeof(error->text), "%s",
				 fault ? fault : "out of memory");
		return fault ? -EINVAL : -ENOMEM;
	}
	(*fleet)->options = *options;
	text_set((*fleet)->qemu, sizeof((*fleet)->qemu), "%s", options->qemu ? options->qemu : "");
	return 0;
}

void tapcompat_fleet_free(struct tapcompat_fleet *fleet)
{
	if (!fleet)
		return;
	free(fleet->names);
	free(fleet->host);
	free(fleet->group);
	free(fleet->slot);
	free(fleet);
}

unsigned long tapcompat_fleet_hosts(const struct tapcompat_fleet *fleet)
{
	return fleet->hosts;
}

unsigned long tapcompat_fleet_skipped(const struct tapcompat_fleet *fleet)
{
	return fleet->skipped;
}

/* ---- Groups ---- */

static void group_of(struct group *g, const struct tapcompat_caps *caps, bool emulated)
{
	unsigned int i;

	memset(g, 0, sizeof(*g));
	for (i = 0; i < TAPCOMPAT_BACKENDS; i++) {
		enum tapcompat_backend_type type = (enum tapcompat_backend_type)i;
		struct group_backend *b = &g->backend[i];

		b->availability = caps->backend[i].availability;
		b->gives = gives_of(caps, type);
		if (emulated)
			gives_emulated(&b->gives, MASK_ALL);
	}
}

/* FNV-1a over what is compared. */
static size_t group_hash(const struct group *g)
{
	const unsigned char *p = (const unsigned char *)g->backend;
	uint64_t hash = 0xcbf29ce484222325ull;
	size_t i;

	for (i = 0; i < sizeof(g->backend); i++)
		hash = (hash ^ p[i]) * 0x100000001b3ull;
	return (size_t)(hash ^ hash >> 32);
}

/* The slot that a group has or would have. */
static unsigned int *fleet_slot(const struct tapcompat_fleet *fleet, const struct group *g)
{
	size_t i = group_hash(g) & (fleet->slots - 1);

	while (fleet->slot[i] && memcmp(fleet->group[fleet->slot[i] - 1].backend, g->backend,
					sizeof(g->backend)))
		i = (i + 1) & (fleet->slots - 1);
	return &fleet->slot[i];
}

/* Room for one group more; half of the slots stay empty. */
static int fleet_grow(struct tapcompat_fleet *fleet)
{
	size_t room = fleet->room ? 2 * fleet->room : 64, i;
	struct group *group;
	unsigned int *slot;

	if (fleet->groups < fleet->room)
		return 0;
	group = realloc(fleet->group, room * sizeof(*group));
	if (!group)
		return -ENOMEM;
	fleet->group = group;
	slot = calloc(2 * room, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(fleet->slot);
	fleet->slot = slot;
	fleet->slots = 2 * room;
	fleet->room = room;
	for (i = 0; i < fleet->groups; i++)
		*fleet_slot(fleet, &group[i]) = (unsigned int)i + 1;
	return 0;
}

const struct fleet_host *group_host(const struct tapcompat_fleet *fleet, const struct group *g,
				    const struct fleet_host *host)
{
	uint32_t next = host ? host->next : g->first;

	return next ? &fleet->host[next - 1] : NULL;
}

/* Room for one host more, and a name of @n bytes. */
static int names_grow(struct tapcompat_fleet *fleet, size_t n)
{
	size_t room = fleet->host_room ? 2 * fleet->host_room : 64;
	size_t names_room = 2 * (fleet->names_room + n);
	struct fleet_host *host;
	char *names;

	if (fleet->named == fleet->host_room) {
		host = realloc(fleet->host, room * sizeof(*host));
		if (!host)
			return -ENOMEM;
		fleet->host = host;
		fleet->host_room = room;
	}
	if (fleet->names_length + n > fleet->names_room) {
		names = realloc(fleet->names, names_room);
		if (!names)
			return -ENOMEM;
		fleet->names = names;
		fleet->names_room = names_room;
	}
	return 0;
}

static int names_add(struct tapcompat_fleet *fleet, struct group *g, const char *name)
{
	size_t n = strlen(name) + 1;
	int ret;

	/* Each group has one that can be named. */
	if (fleet->names_length + n > NAMES_MAX && g->first)
		return 0;
	ret = names_grow(fleet, n);
	if (ret)
		return ret;
	memcpy(fleet->names + fleet->names_length, name, n);
	fleet->host[fleet->named++] = (struct fleet_host){ (uint32_t)fleet->names_length, 0 };
	fleet->names_length += n;
	if (g->last)
		fleet->host[g->last - 1].next = (uint32_t)fleet->named;
	else
		g->first = (uint32_t)fleet->named;
	g->last = (uint32_t)fleet->named;
	return 0;
}

int tapcompat_fleet_add(struct tapcompat_fleet *fleet, const struct tapcompat_caps *caps)
{
	struct group new, *g;
	unsigned int *slot;
	int ret = fleet_grow(fleet);

	if (ret)
		return ret;
	group_of(&new, caps, fleet->options.flags & TAPCOMPAT_FLEET_EMULATED);
	slot = fleet_slot(fleet, &new);
	if (!*slot) {
		fleet->group[fleet->groups++] = new;
		*slot = (unsigned int)fleet->groups;
	}
	g = &fleet->group[*slot - 1];
	ret = names_add(fleet, g, caps->host);
	if (ret)
		return ret;
	g->hosts++;
	fleet->hosts++;
	if (fleet->options.progress && fleet->hosts % 1024 == 0)
		fleet->options.progress(fleet->options.arg, fleet->hosts + fleet->skipped);
	return 0;
}

/* ---- Documents ---- */

/* A document that could not be read: is it to be skipped? */
static int fleet_fault(struct tapcompat_fleet *fleet, const struct tapcompat_error *why, int ret,
		       struct tapcompat_error *error)
{
	if (ret && ret != -ENOMEM && fleet->options.flags & TAPCOMPAT_FLEET_SKIP_BAD) {
		fleet->skipped++;
		if (fleet->options.complain)
			fleet->options.complain(fleet->options.arg, why->text);
		return 0;
	}
	if (ret && error)
		*error = *why;
	return ret;
}

/* @caps is taken over. */
static int fleet_take(struct tapcompat_fleet *fleet, struct tapcompat_caps *caps,
		      struct tapcompat_error *why)
{
	int ret = tapcompat_fleet_add(fleet, caps);

	if (ret)
		text_set(why->text, sizeof(why->text), "out of memory");
	tapcompat_caps_free(caps);
	return ret;
}

int tapcompat_fleet_load(struct tapcompat_fleet *fleet, const char *path,
			 struct tapcompat_error *error)
{
	struct tapcompat_caps *caps;
	struct tapcompat_error why = { "" };
	int ret = tapcompat_caps_load(path, &caps, &why);

	if (!ret)
		ret = fleet_take(fleet, caps, &why);
	return fleet_fault(fleet, &why, ret, error);
}

static int fleet_line(struct tapcompat_fleet *fleet, struct line *line, const char *name,
		      struct tapcompat_error *error)
{
	struct tapcompat_error why = { "" };
	struct tapcompat_caps *caps;
	char place[160];
	struct reader r = { .name = place, .error = &why, .one_of_many = true };
	int ret;

	if (line_blank(line))
		return 0;
	text_set(place, sizeof(place), "%.120s: line %lu", name, line->number);
	ret = document_caps_read(&r, line->text, line->length, &caps);
	if (!ret)
		ret = fleet_take(fleet, caps, &why);
	return fleet_fault(fleet, &why, ret, error);
}

int tapcompat_fleet_read(struct tapcompat_fleet *fleet, int fd, const char *name,
			 struct tapcompat_error *error)
{
	struct line line;
	int ret = line_open(&line, fd, READER_MAX + 1);

	while (!ret) {
		ret = line_next(&line);
		if (ret <= 0)
			break;
		ret = fleet_line(fleet, &line, name, error);
		if (ret) {
			line_close(&line);
			return ret;
		}
	}
	if (ret && error)
		text_set(error->text, sizeof(error->text), "%.120s: %s", name, strerror(-ret));
	line_close(&line);
	return ret;
}
