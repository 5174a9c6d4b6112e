// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * datapath.c - cost of the device, compared with the kernel alone
 *
 * datapath [ROUNDS [PART…]], in a network namespace of its own
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "parts.h"
#include "sink.h"

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(unsigned int rounds);
	} parts[] = {
		{ "engine", bench_engine }, { "transmit", bench_transmit },
		{ "receive", bench_receive }, { "pairs", bench_pairs },
		{ "memory", bench_memory },
	};
	unsigned int rounds = argc > 1 ? (unsigned int)atoi(argv[1]) : 31, i;
	int n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (rounds < 1 || rounds > BENCH_ROUNDS)
		return fprintf(stderr, "usage: datapath [ROUNDS [PART...]]\n"), 2;
	sink_enter();
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		bool wanted = argc < 3;

		for (n = 2; n < argc; n++)
			wanted |= !strcmp(argv[n], parts[i].name);
		if (wanted)
			parts[i].run(rounds);
	}
	return 0;
}
