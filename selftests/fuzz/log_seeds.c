// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_seeds.c - each message of the table as a file to start from, in several disguises;
 * selftests/explain/cases is read beside them
 */
#include <stdio.h>
#include <string.h>

#include "explain/message.h"

#define MASKS "Features 0x1c0010130afffaf unsupported. Allowed features: 0x10179bfffef\n"

static const char *const disguises[] = {
	"%s\n",
	"Nov 27 12:00:02 n1 libvirtd[1]: (vm='w'): 2026-11-27T12:00:02Z qemu-8.2: %s: EINVAL\n",
	"{\"__REALTIME_TIMESTAMP\":\"1795867202123456\",\"_HOSTNAME\":\"n\",\"MESSAGE\":\"%s\"}\n",
	"{\"log\":\"{\\\"msg\\\":\\\"%s\\\",\\\"name\\\":\\\"v\\\"}\\n\",\"stream\":\"stderr\"}\n",
	"> \033[31m%s\033[0m=\n 0x1000\nFailed to load virtio-net:virtio\n",
	"<27>1 2026-11-27T12:00:02.1Z n qemu 98 - - %s 0x10179b...\n",
	MASKS "%s\n" MASKS "of device '0000:00:05.0/virtio-blk'\n",
};

static int write_seed(const char *directory, unsigned int number, const char *form,
		      const char *anchor)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%04u", directory, number);
	f = fopen(path, "we");
	if (!f)
		return -1;
	for (; *form; form++) {
		if (!strncmp(form, "%s", 2)) {
			fputs(anchor, f);
			form++;
		} else {
			putc(*form, f);
		}
	}
	return fclose(f);
}

int main(int argc, char **argv)
{
	const struct message *m;
	unsigned int i, j, n = 0;

	for (i = 0; argc == 2 && (m = message_at(i)); i++)
		for (j = 0; j < sizeof(disguises) / sizeof(disguises[0]); j++)
			if (write_seed(argv[1], n++, disguises[j], m->anchor)) {
				perror(argv[1]);
				return 1;
			}
	return argc != 2;
}
