// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * segment_seeds.c - the hostile rows as files to start from
 */
#include <stdio.h>

#include "segment_input.h"

int main(int argc, char **argv)
{
	static struct row_packet packet;
	uint8_t data[INPUT_HEADER + 320];
	char path[4096];
	size_t i;

	for (i = 0; argc == 2 && i < ARRAY_LENGTH(rows); i++) {
		size_t size;
		FILE *f;

		row_packet(&rows[i], &packet);
		size = input_write(&packet, data);
		snprintf(path, sizeof(path), "%s/%03zu-%s", argv[1], i, rows[i].id);
		f = fopen(path, "we");
		if (!f || fwrite(data, 1, size, f) != size || fclose(f)) {
			perror(path);
			return 1;
		}
	}
	return argc != 2;
}
