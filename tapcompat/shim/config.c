// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * config.c - what the environment asks of the shim
 */
#include "shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "feature/hidden.h"
#include "feature/require.h"
#include "ground/mask.h"
#include "table/feature.h"

#define LINES_A_SECOND 10

static struct shim_config config = { .level = TAPCOMPAT_SHIM_WARNING };
static pthread_once_t config_once = PTHREAD_ONCE_INIT;

static struct tapcompat_mask emulatable(void)
{
	struct tapcompat_mask mask = MASK_NONE;
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->emulation != TAPCOMPAT_BY_NOTHING)
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

/* QEMU must not start with less than was asked for, and nobody reads a warning. */
static void refuse(const char *variable, const char *why)
{
	shim_say(TAPCOMPAT_SHIM_ERROR, "%s: %s", variable, why);
	_exit(TAPCOMPAT_EXIT_USAGE);
}

static void read_list(const char *variable, const char *list, struct tapcompat_mask *mask)
{
	struct tapcompat_error error;

	if (tapcompat_require_parse(list, mask, &error))
		refuse(variable, error.text);
}

static void read_emulate(const char *word)
{
	struct tapcompat_mask can = emulatable(), cannot;
	char names[448];

	if (!word || !*word || !strcmp(word, "auto") || !strcmp(word, "all")) {
		config.emulate = can;
		if (word && !strcmp(word, "all"))
			config.masked = can;
		return;
	}
	if (!strcmp(word, "none"))
		return;
	read_list("TAPCOMPAT_EMULATE", word, &config.emulate);
	config.listed = true;
	cannot = mask_minus(config.emulate, can);
	if (mask_empty(&cannot))
		return;
	mask_names(&cannot, names, sizeof(names));
	shim_say(TAPCOMPAT_SHIM_ERROR, "TAPCOMPAT_EMULATE: tapcompat cannot emulate %s", names);
	_exit(TAPCOMPAT_EXIT_USAGE);
}

static void read_level(const char *word)
{
	int level = shim_level(word);

	if (level < 0)
		refuse("TAPCOMPAT_LOG", "it is one of error, warning, info, debug");
	config.level = (enum tapcompat_shim_level)level;
}

/* A machine with something that it was to be without would be missed by nobody. */
static void read_mask(const char *list)
{
	struct tapcompat_mask more = MASK_NONE, cannot = MASK_NONE;
	const struct tapcompat_feature *f;
	char names[448];

	if (!list || !*list)
		return;
	read_list("TAPCOMPAT_MASK", list, &more);
	for_each_feature(f)
		if (tapcompat_mask_test(&more, f->bit) && !shim_hides(f) &&
		    !(tapcompat_mask_test(&config.emulate, f->bit) && shim_answers(f)))
			tapcompat_mask_set(&cannot, f->bit);
	if (!mask_empty(&cannot)) {
		mask_names(&cannot, names, sizeof(names));
		shim_say(TAPCOMPAT_SHIM_ERROR, "TAPCOMPAT_MASK: QEMU takes for granted, and cannot "
			 "be kept from, %s", names);
		_exit(TAPCOMPAT_EXIT_USAGE);
	}
	config.masked = mask_or(config.masked, more);
}

static void config_read(void)
{
	read_level(getenv("TAPCOMPAT_LOG"));
	read_emulate(getenv("TAPCOMPAT_EMULATE"));
	read_mask(getenv("TAPCOMPAT_MASK"));
}

const struct shim_config *shim_config(void)
{
	pthread_once(&config_once, config_read);
	return &config;
}

/* A guest that can make us talk cannot fill a disk with it. */
static bool may_say(void)
{
	static time_t second;
	static unsigned int lines;
	time_t now = time(NULL);

	if (__atomic_exchange_n(&second, now, __ATOMIC_RELAXED) != now)
		__atomic_store_n(&lines, 0, __ATOMIC_RELAXED);
	return __atomic_add_fetch(&lines, 1, __ATOMIC_RELAXED) <= LINES_A_SECOND;
}

void shim_say(enum tapcompat_shim_level level, const char *format, ...)
{
	char line[1024] = "tapcompat: ";
	size_t n = strlen(line);
	va_list args;

	if (level > config.level || (level > TAPCOMPAT_SHIM_ERROR && !may_say()))
		return;
	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - n - 1, format, args);
	va_end(args);
	n = strlen(line);
	line[n++] = '\n';
	if (syscall(SYS_write, STDERR_FILENO, line, n) < 0)
		return;
}
