// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_seeds.c - the hostile rows as inputs of device_fuzz.c, sent and received
 */
#include <stdio.h>
#include <stdlib.h>

#include "segment_rows.h"

#define INPUT_MAX 4096

static void write_seed(const char *dir, size_t row, uint8_t options, const struct row_packet *p)
{
	uint8_t input[INPUT_MAX] = { options, (uint8_t)(64 + row), 0xff, row & 1 ? 0xff : 0 };
	size_t len = p->len < INPUT_MAX - 4 - VNET_TUNNEL ? p->len : INPUT_MAX - 4 - VNET_TUNNEL;
	char path[4096];
	FILE *f;

	vnet_encode(&p->h, input + 4, VNET_TUNNEL);
	memcpy(input + 4 + VNET_TUNNEL, p->frame, len);
	snprintf(path, sizeof(path), "%s/%zu-%u", dir, row, options);
	f = fopen(path, "w");
	if (!f || fwrite(input, 4 + VNET_TUNNEL + len, 1, f) != 1 || fclose(f)) {
		perror(path);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static struct row_packet p;
	size_t i;

	for (i = 0; argc == 2 && i < ARRAY_LENGTH(rows); i++) {
		row_packet(&rows[i], &p);
		write_seed(argv[1], i, (uint8_t)(i % 2 ? 2 : 0), &p);
		write_seed(argv[1], i, (uint8_t)(1 | (i % 2 ? 4 : 0)), &p);
	}
	return argc != 2;
}
