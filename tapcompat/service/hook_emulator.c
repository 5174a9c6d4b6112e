// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hook_emulator.c - which QEMU is the domain's emulator, and does it start with the shim?
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feature/require.h"
#include "ground/text.h"
#include "hook_state.h"

/* The beginning of a script, as text; "" for anything else. */
static void read_script(const char *path, char *text, size_t size)
{
	int fd = path[0] == '/' ? open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
	struct stat st;
	ssize_t n = 0;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		n = read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	if (strncmp(text, "#!", 2))
		text[0] = '\0';
}

/* A script as in tapcompat-shim(7), or one that preloads the shim itself. */
static bool starts_shim(const char *path)
{
	char text[4096];

	read_script(path, text, sizeof(text));
	return strstr(text, "tapcompat run") || strstr(text, "libtapcompat-shim");
}

int hook_qemu(struct hook *h)
{
	struct tapcompat_mask too_new;
	const struct tapcompat_feature *f;
	char names[512], why[HOOK_LINE];
	const char *since = "";

	qemu_release(h->domain.emulator, h->qemu);
	too_new = mask_and(h->require, features_after(h->qemu));
	if (mask_empty(&too_new))
		return TAPCOMPAT_EXIT_YES;
	for_each_feature(f)
		if (tapcompat_mask_test(&too_new, f->bit) && release_above(f->qemu, since))
			since = f->qemu;
	mask_names(&too_new, names, sizeof(names));
	text_set(why, sizeof(why), "its <emulator> %s is QEMU %s, which does not have %s; QEMU %s "
		 "has it", h->domain.emulator, h->qemu, names, since);
	return hook_refuse(h, TAPCOMPAT_EXIT_LACKS, why);
}

int hook_emulator(struct hook *h)
{
	struct tapcompat_mask emulated = MASK_NONE;
	const char *path = h->domain.emulator;
	char names[512], why[HOOK_LINE];
	unsigned int n;

	for (n = 0; n < h->checks; n++)
		emulated = mask_or(emulated, h->check[n]->emulated);
	if ((mask_empty(&emulated) && !h->domain.allow_emulated) || starts_shim(path))
		return TAPCOMPAT_EXIT_YES;
	if (!path[0])
		path = "(none)";
	mask_names(&emulated, names, sizeof(names));
	if (!names[0]) {
		hook_say(h, TAPCOMPAT_WARN, "guest '%s': allow-emulated='yes', but its <emulator> "
			 "%s is not a script that calls 'tapcompat run': nothing is emulated",
			 h->guest, path);
		return TAPCOMPAT_EXIT_YES;
	}
	text_set(why, sizeof(why), "%s must be emulated, but its <emulator> %s is not a script "
		 "that calls 'tapcompat run': set one as in tapcompat-shim(7)", names, path);
	return hook_refuse(h, TAPCOMPAT_EXIT_LACKS, why);
}
