// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vqueue_seeds.c - chains to start from: one, one of several, an indirect one, a loop
 */
#include <stdio.h>

#include <linux/virtio_ring.h>

#include "ground/bytes.h"

#define ACTIONS 6
#define MEMORY (ACTIONS + 6 * 4 + 1)
#define AVAIL 0x400

static const struct {
	const char *name;
	struct {
		uint16_t addr, len, flags, next;
	} desc[4];
} seeds[] = {
	{ "plain", { { 0x700, 64, 0, 0 } } },
	{ "chain", { { 0x700, 64, VRING_DESC_F_NEXT, 1 }, { 0x7f0, 64, VRING_DESC_F_NEXT, 2 },
		     { 0x900, 9, VRING_DESC_F_WRITE, 0 } } },
	{ "write", { { 0x700, 0x300, VRING_DESC_F_WRITE, 0 } } },
	{ "indirect", { { 0x10, 32, VRING_DESC_F_INDIRECT, 0 }, { 0x701, 2, VRING_DESC_F_NEXT, 1 },
			{ 0x702, 2, 0, 0 } } },
	{ "loop", { { 0x700, 1, VRING_DESC_F_NEXT, 1 }, { 0x700, 1, VRING_DESC_F_NEXT, 0 } } },
};

static void seed_write(uint8_t *data, size_t n, uint8_t direction)
{
	static const uint8_t actions[] = { 8, 9, 2, 3, 4, 8 };
	uint8_t *memory = data + MEMORY - 1;
	size_t i;

	memset(data, 0, MEMORY + 0x800);
	data[0] = 2;
	data[1] = (uint8_t)(0xc0 + (direction + 3 - 0xc0 % 3) % 3);
	for (i = 0; i < sizeof(actions); i++)
		data[ACTIONS + 4 * i] = actions[i];
	for (i = 0; i < 4; i++) {
		put_le16(memory + 16 * i, seeds[n].desc[i].addr);
		put_le16(memory + 16 * i + 8, seeds[n].desc[i].len);
		put_le16(memory + 16 * i + 12, seeds[n].desc[i].flags);
		put_le16(memory + 16 * i + 14, seeds[n].desc[i].next);
	}
	put_le16(memory + AVAIL + 2, 4);
}

int main(int argc, char **argv)
{
	static uint8_t data[MEMORY + 0x800];
	char path[4096];
	size_t i;

	for (i = 0; argc == 2 && i < 3 * ARRAY_LENGTH(seeds); i++) {
		FILE *f;

		seed_write(data, i / 3, (uint8_t)(i % 3));
		snprintf(path, sizeof(path), "%s/%zu-%s", argv[1], i % 3, seeds[i / 3].name);
		f = fopen(path, "we");
		if (!f || fwrite(data, 1, sizeof(data), f) != sizeof(data) || fclose(f)) {
			perror(path);
			return 1;
		}
	}
	return argc != 2;
}
