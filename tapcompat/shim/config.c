// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * config.c - the shim's environment, and what it says on stderr
 */
#include "shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LINES_A_SECOND 10

static struct shim_config config = { .level = TAPCOMPAT_SHIM_WARNING };
static pthread_once_t config_once = PTHREAD_ONCE_INIT;

/* QEMU must not start with less than was asked for: a warning would go unread. */
static void check(const char *variable, int ret, const struct tapcompat_error *error)
{
	if (!ret)
		return;
	shim_say(TAPCOMPAT_SHIM_ERROR, "%s: %s", variable, error->text);
	_exit(TAPCOMPAT_EXIT_USAGE);
}

static void config_read(void)
{
	const char *emulate = getenv("TAPCOMPAT_EMULATE"), *mask = getenv("TAPCOMPAT_MASK");
	struct policy *policy = &config.policy;
	struct tapcompat_error error;

	check("TAPCOMPAT_LOG", policy_parse_level(getenv("TAPCOMPAT_LOG"), &config.level, &error),
	      &error);
	check("TAPCOMPAT_ENGINE",
	      policy_parse_engine(getenv("TAPCOMPAT_ENGINE"), &config.engine, &error), &error);
	if (emulate && *emulate)
		check("TAPCOMPAT_EMULATE", policy_parse_emulate(policy, emulate, &error), &error);
	if (mask && *mask)
		check("TAPCOMPAT_MASK", policy_parse_mask(policy, mask, &error), &error);
	check("TAPCOMPAT_MASK", policy_check(policy, &error), &error);
	config.emulate = policy_emulated(policy);
	config.masked = policy_unused(policy);
}

const struct shim_config *shim_config(void)
{
	pthread_once(&config_once, config_read);
	return &config;
}

/* A guest that provokes messages must not fill a disk with them. */
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
