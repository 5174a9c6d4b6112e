// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state_seeds.c - states to start from: those of real QEMUs, with and without libvirt's
 * header, their cards alone, and what a guest would write that lies
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state_input.h"

#define SAMPLES "../state/samples/"

static const char *directory;

static void write_seed(const char *name, const char *before, size_t before_len, const void *data,
		       size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "we");
	if (!f || fwrite(before, 1, before_len, f) != before_len ||
	    fwrite(data, 1, len, f) != len || fclose(f)) {
		perror(path);
		exit(1);
	}
}

/* Each card of a state, whole sections apart. */
static void write_cards(const char *name, const uint8_t *data, size_t len)
{
	static const char mark[] = "/virtio-net";
	const uint8_t *p = data, *next;
	unsigned int n = 0;
	char seed[64];

	while ((p = memmem(p, len - (size_t)(p - data), mark, strlen(mark)))) {
		p += strlen(mark) + 8;
		next = memmem(p, len - (size_t)(p - data), mark, strlen(mark));
		snprintf(seed, sizeof(seed), "card-%s-%u", name, n++);
		if (next)
			write_seed(seed, "C", 1, p, (size_t)(next - p) - 12 - 6 - 5);
	}
}

static void write_sample(const char *name)
{
	static const char head[92] = "LibvirtQemudSave\2\0\0\0\7\0\0\0\1";
	static char data[0x40000];
	char text[4096];
	size_t len;
	FILE *f;

	snprintf(text, sizeof(text), "gzip -dc " SAMPLES "%s.state.gz", name);
	f = popen(text, "re");
	len = f ? fread(data, 1, sizeof(data), f) : 0;
	if (!len || pclose(f)) {
		fprintf(stderr, "%s: cannot be read\n", text);
		exit(1);
	}
	write_seed(name, "", 0, data, len);
	write_cards(name, (uint8_t *)data, len);
	memcpy(text, head, sizeof(head));
	memcpy(text + sizeof(head), "<d></d>", 7);
	snprintf(text + 128, 64, "saved-%s", name);
	write_seed(text + 128, text, sizeof(head) + 7, data, len);
}

int main(int argc, char **argv)
{
	struct state_input in, lie = { .len = 0 };

	if (argc != 2)
		return 1;
	directory = argv[1];
	write_sample("7.2");
	write_sample("10.0");
	write_sample("11.1");
	write_sample("mmio");
	input_footer(&lie, 3);
	input_head(&lie, 4, 9, "0000:00:05.0/virtio-net", 11);
	input_card(&lie);
	lie.data[lie.len - STATE_CARD_LEN + STATE_CARD_ACKED] ^= 0xff;
	input_footer(&lie, 9);
	input_head(&lie, 4, 4, "x", 1);
	write_seed("lie", "G", 1, lie.data, lie.len);
	input_state(&in, lie.data, 0);
	write_seed("small", "", 0, in.data, in.len);
	in.len = 0;
	input_card(&in);
	write_seed("card", "C", 1, in.data, in.len);
	return 0;
}
