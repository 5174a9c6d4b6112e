// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fold.c - the same message of the same machine is one finding
 */
#include "fold.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a */
static uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	while (n--)
		hash = (hash ^ *p++) * 0x01000193;
	return hash;
}

static uint32_t hash_text(uint32_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text) + 1);
}

static int id_of(const struct finding *f)
{
	return f->message ? (int)f->message->id : -1;
}

static uint32_t hash_of(const struct finding *f)
{
	int id = id_of(f);
	uint32_t hash = hash_bytes(0x811c9dc5, &id, sizeof(id));

	hash = hash_bytes(hash, &f->acked, sizeof(f->acked));
	hash = hash_bytes(hash, &f->allowed, sizeof(f->allowed));
	hash = hash_bytes(hash, &f->missing, sizeof(f->missing));
	hash = hash_text(hash, f->origin.machine);
	hash = hash_text(hash, f->origin.host);
	if (!f->origin.machine[0])
		hash = hash_text(hash, f->origin.pid);
	return hash_text(hash, f->origin.card);
}

static bool same_masks(const struct finding *a, const struct finding *b)
{
	return mask_equal(&a->acked, &b->acked) && mask_equal(&a->allowed, &b->allowed) &&
	       mask_equal(&a->missing, &b->missing);
}

/* A machine that was started again is the same, whatever its process is. */
static bool same_machine(const struct origin *a, const struct origin *b)
{
	return !strcmp(a->machine, b->machine) && !strcmp(a->host, b->host) &&
	       !strcmp(a->card, b->card) && (a->machine[0] || !strcmp(a->pid, b->pid));
}

/* It may be named at one place and not at another. */
static bool same_device(const struct finding *a, const struct finding *b)
{
	return a->device == b->device || !a->device || !b->device;
}

static bool same(const struct finding *a, const struct finding *b)
{
	return a->kind == b->kind && id_of(a) == id_of(b) && a->error == b->error &&
	       same_device(a, b) && a->why == b->why && same_masks(a, b) &&
	       !strcmp(a->property, b->property) && same_machine(&a->origin, &b->origin) &&
	       (a->message || !strcmp(a->quote, b->quote));
}

static struct finding *append(struct fold *fold, const struct finding *f)
{
	if (fold->n == fold->room) {
		unsigned int room = fold->room ? 2 * fold->room : 16;
		struct finding *list = realloc(fold->list, room * sizeof(*list));

		if (!list)
			return NULL;
		fold->list = list;
		fold->room = room;
	}
	fold->list[fold->n] = *f;
	return &fold->list[fold->n++];
}

struct finding *fold_add(struct fold *fold, const struct finding *f)
{
	uint32_t at = hash_of(f) % FOLD_SLOTS;
	struct finding *there;

	for (; fold->slot[at]; at = (at + 1) % FOLD_SLOTS) {
		there = &fold->list[fold->slot[at] - 1];
		if (!same(there, f))
			continue;
		there->count++;
		memcpy(there->last, f->origin.time, sizeof(there->last));
		return there;
	}
	there = append(fold, f);
	if (!there)
		return NULL;
	memcpy(there->last, f->origin.time, sizeof(there->last));
	fold->slot[at] = (unsigned short)fold->n;
	return there;
}

void fold_clear(struct fold *fold)
{
	fold->n = fold->next = 0;
	memset(fold->slot, 0, sizeof(fold->slot));
}

void fold_free(struct fold *fold)
{
	free(fold->list);
}
