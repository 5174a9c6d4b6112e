/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parts.h - the parts of the bench: each measures and prints its own rows
 */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

void bench_engine(unsigned int rounds);
void bench_transmit(unsigned int rounds);
void bench_receive(unsigned int rounds);
void bench_pairs(unsigned int rounds);
void bench_memory(unsigned int rounds);

#endif /* BENCH_PARTS_H */
