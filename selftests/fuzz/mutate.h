/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mutate.h - common parts of the fuzzers of text: a mutator that keeps JSON and XML mostly
 * valid (mutate.c), and checks
 */
#ifndef MUTATE_H
#define MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Report a broken rule and abort, which makes libFuzzer keep the input. */
void broken(const char *what) __attribute__((noreturn));

/* Abort unless the text may be shown on a terminal. */
void printable(const char *text, const char *what);

/* The same for text with newlines. */
void printable_lines(const char *text, const char *what);

/* A file in memory that has these bytes, at its beginning; always the same descriptor. */
int file_of(const void *data, size_t size);

/* A copy that ends where its memory ends, to be freed. */
char *copy_exact(const uint8_t *data, size_t size);

#endif /* MUTATE_H */
