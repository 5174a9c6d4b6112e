// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * program.c - the program that is to be started with the shim
 *
 * If the dynamic linker does not load the shim, QEMU starts all the same, with fewer features
 * than were announced, and nothing says so.  So a program that it would not be loaded into is
 * refused.  What is executed in the end may be behind scripts, ld.so(8) and env(1).
 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "image.h"

#define NESTED_SCRIPTS 5	/* Linux fs/exec.c, exec_binprm() */
#define STEPS 12		/* further than that, nobody is followed */
#define ENV_WORDS 32

/* ---- Where it is ----------------------------------------------------------- */

/* 0, or the errno that execve(2) would give. */
static int runnable(const char *path)
{
	struct stat file;

	if (stat(path, &file))
		return errno;
	if (!S_ISREG(file.st_mode))
		return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? errno : 0;
}

/* Like execvp(3): one that may not be run is passed over, and remembered. */
static int search(const char *name, char *path)
{
	const char *directories = getenv("PATH"), *end;
	int error = ENOENT, one;

	for (directories = directories ? directories : "/bin:/usr/bin"; ; directories = end + 1) {
		size_t n = strcspn(directories, ":");
		int used = snprintf(path, PATH_MAX, "%.*s%s%s", (int)n, directories, n ? "/" : "./",
				    name);

		end = directories + n;
		one = used < PATH_MAX ? runnable(path) : ENAMETOOLONG;
		if (!one)
			return 0;
		if (one == EACCES)
			error = one;
		if (!*end)
			return error;
	}
}

int program_find(const char *name, char *path, struct tapcompat_error *error)
{
	int ret;

	if (strlen(name) >= PATH_MAX) {
		ret = ENAMETOOLONG;
	} else if (strchr(name, '/')) {
		memcpy(path, name, strlen(name) + 1);
		ret = runnable(path);
	} else {
		ret = *name ? search(name, path) : ENOENT;
	}
	if (ret)
		text_set(error->text, sizeof(error->text), "%s: %s%s", *name ? name : "''",
			 strerror(ret), ret == ENOENT && !strchr(name, '/') ?
			 ": it is not in PATH" : "");
	return -ret;
}

/* ---- Command lines --------------------------------------------------------- */

/* Arguments, of which the first ones were put there by a script or by env -S. */
struct words {
	const char *const *word;	/* ends with NULL */
	const struct words *rest;
};

static const char *next_word(struct words *w)
{
	while (w->word && !*w->word) {
		if (!w->rest)
			return NULL;
		*w = *w->rest;
	}
	return w->word ? *w->word++ : NULL;
}

/* How far it is known what env(1) does. */
struct env {
	struct words words, rest;
	char text[IMAGE_LINE + 1];	/* that -S splits */
	const char *split[ENV_WORDS + 1];
	bool clears, moves, searches;	/* removes LD_PRELOAD; changes directory; sets PATH */
	bool unknown;
};

/* One program that is executed, be it by the kernel or by what was executed before it. */
struct step {
	const char *path;
	struct words words;	/* its arguments */
	const char *script;	/* whose interpreter it is, or NULL */
	unsigned int scripts;	/* nested ones so far */

	/* What the next step's strings are in. */
	struct image_script line;
	const char *front[3];
	struct env env;
	char found[PATH_MAX];
};

struct check {
	const char *shim;
	struct image image;	/* of the shim */
	struct tapcompat_error *error;
	struct step step[STEPS + 1];
};

#define GO_ON 1		/* what a check returns where there is a next step */

__attribute__((format(printf, 2, 3)))
static int refuse(const struct check *c, const char *format, ...)
{
	char text[2 * sizeof(c->error->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* A script's words are foreign. */
	text_escape(c->error->text, sizeof(c->error->text), text);
	return -EINVAL;
}

/* ---- One file ------------------------------------------------------------- */

static int check_kind(const struct check *c, const struct image *image, const char *path)
{
	if (!image_is_elf(image))
		return refuse(c, "%s is not a program: neither ELF nor a script with #!", path);
	if (!image_same_kind(image, &c->image))
		return refuse(c, "%s is for another architecture than tapcompat's shim, which "
			      "cannot be loaded into it: use a tapcompat built for that one", path);
	if (!image_is_whole(image))
		return refuse(c, "%s is cut off: its ELF program headers cannot be read", path);
	return 0;
}

static int refuse_static(const struct check *c, const char *path)
{
	return refuse(c, "%s is statically linked, so the shim cannot be loaded into it: use a "
		      "dynamically linked QEMU", path);
}

/* ---- ld.so(8) -------------------------------------------------------------- */

/* glibc elf/rtld.c; an option that is not here is left to the linker to refuse. */
static const struct {
	const char *name;
	bool argument;
} linker_options[] = {
	{ "--inhibit-cache", false },
	{ "--library-path", true },
	{ "--inhibit-rpath", true },
	{ "--audit", true },
	{ "--preload", true },
	{ "--argv0", true },
	{ "--glibc-hwcaps-prepend", true },
	{ "--glibc-hwcaps-mask", true },
};

/* The program that it is to load; NULL where it loads none or that is not known. */
static const char *linker_program(struct words *w)
{
	const char *word;
	size_t i;

	while ((word = next_word(w)) && !strncmp(word, "--", 2)) {
		for (i = 0; i < ARRAY_LENGTH(linker_options); i++)
			if (!strcmp(word, linker_options[i].name))
				break;
		if (i == ARRAY_LENGTH(linker_options))
			return NULL;
		if (linker_options[i].argument)
			next_word(w);
	}
	/* A name without a slash it looks for among the libraries. */
	return word && strchr(word, '/') ? word : NULL;
}

/* Loaded by the linker without execve(2): its permissions and set-uid bits have no effect. */
static int check_loaded(const struct check *c, const struct image *image, const char *path)
{
	int ret;

	if (image_is_script(image))
		return refuse(c, "%s is a script, which ld.so cannot load: leave ld.so out", path);
	ret = check_kind(c, image, path);
	if (ret)
		return ret;
	if (image_is_linker(image))
		return GO_ON;
	return image_is_dynamic(image) ? 0 : refuse_static(c, path);
}

static int check_linker(const struct check *c, struct words words)
{
	struct image image;
	const char *path;
	int ret;

	do {
		path = linker_program(&words);
		if (!path)
			return 0;
		ret = image_open(&image, path);
		if (ret)
			return refuse(c, "%s: %s: ld.so cannot load it", path, strerror(-ret));
		ret = check_loaded(c, &image, path);
		image_close(&image);
	} while (ret == GO_ON);
	return ret;
}

/* ---- env(1) ---------------------------------------------------------------- */

enum env_effect { ENV_NOTHING, ENV_CLEARS, ENV_UNSETS, ENV_MOVES, ENV_SPLITS };

static const struct env_option {
	const char *name;
	char letter;
	bool argument;
	enum env_effect effect;
} env_options[] = {
	{ "--ignore-environment", 'i', false, ENV_CLEARS },
	{ "--unset", 'u', true, ENV_UNSETS },
	{ "--chdir", 'C', true, ENV_MOVES },
	{ "--split-string", 'S', true, ENV_SPLITS },
	{ "--debug", 'v', false, ENV_NOTHING },
	{ "--null", '0', false, ENV_NOTHING },
};

/* Plain words; quotes, escapes and variables are left to env. */
static void env_split(struct env *e, const char *argument)
{
	unsigned int n = 0;
	char *p, *state;

	if (e->split[0] || strlen(argument) >= sizeof(e->text) ||
	    strpbrk(argument, "\"'\\$#")) {
		e->unknown = true;
		return;
	}
	memcpy(e->text, argument, strlen(argument) + 1);
	for (p = strtok_r(e->text, " \t\n\v\f\r", &state); p && n < ENV_WORDS;
	     p = strtok_r(NULL, " \t\n\v\f\r", &state))
		e->split[n++] = p;
	e->unknown = !!p;
	e->rest = e->words;
	e->words = (struct words){ e->split, &e->rest };
}

/* An option that has an argument. */
static void env_take(struct env *e, enum env_effect effect, const char *argument)
{
	if (effect == ENV_UNSETS)
		e->clears = e->clears || !strcmp(argument, "LD_PRELOAD");
	else if (effect == ENV_MOVES)
		e->moves = true;
	else
		env_split(e, argument);
}

static const struct env_option *env_find(char letter)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(env_options); i++)
		if (letter == env_options[i].letter)
			return &env_options[i];
	return NULL;
}

static void env_option(struct env *e, const struct env_option *o, const char *argument)
{
	if (o && !o->argument) {
		e->clears = e->clears || o->effect == ENV_CLEARS;
		return;
	}
	if (!argument)
		argument = next_word(&e->words);
	if (o && argument)
		env_take(e, o->effect, argument);
	else
		e->unknown = true;
}

static void env_long(struct env *e, const char *word)
{
	const char *argument = strchr(word, '=');
	size_t n = strcspn(word, "="), i;

	for (i = 0; i < ARRAY_LENGTH(env_options); i++)
		if (!strncmp(word, env_options[i].name, n) && !env_options[i].name[n])
			break;
	env_option(e, i < ARRAY_LENGTH(env_options) ? &env_options[i] : NULL,
		   argument ? argument + 1 : NULL);
}

static void env_letters(struct env *e, const char *word)
{
	const struct env_option *o;

	for (word++; *word && !e->unknown; word++) {
		o = env_find(*word);
		if (o && o->argument) {
			env_option(e, o, word[1] ? word + 1 : NULL);
			return;
		}
		env_option(e, o, NULL);
	}
}

static const char *env_program(const struct check *c, struct env *e)
{
	const char *word;

	while ((word = next_word(&e->words)) && word[0] == '-' && strcmp(word, "--")) {
		if (!word[1])
			e->clears = true;
		else if (word[1] == '-')
			env_long(e, word);
		else
			env_letters(e, word);
		if (e->unknown)
			return NULL;
	}
	if (word && !strcmp(word, "--"))
		word = next_word(&e->words);
	for (; word && strchr(word, '='); word = next_word(&e->words)) {
		if (!strncmp(word, "LD_PRELOAD=", 11))
			e->clears = !strstr(word, c->shim);
		e->searches = e->searches || !strncmp(word, "PATH=", 5);
	}
	return word;
}

static int check_env(const struct check *c, struct step *s, struct step *next)
{
	struct env *e = &s->env;
	const char *name;
	int ret;

	e->words = s->words;
	name = env_program(c, e);
	if (name && e->clears)
		return refuse(c, "%s: env removes LD_PRELOAD, so %s would start without the shim: "
			      "change the environment before tapcompat run instead",
			      s->script ? s->script : s->path, name);
	if (!name || (e->moves && name[0] != '/') || (e->searches && !strchr(name, '/')))
		return 0;
	ret = program_find(name, s->found, c->error);
	if (ret)
		return ret;
	next->path = s->found;
	next->words = e->words;
	next->script = s->script;
	return GO_ON;
}

/* By its name, as busybox does it. */
static bool is_env(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !strcmp(slash ? slash + 1 : path, "env");
}

/* ---- What the kernel executes ---------------------------------------------- */

static int check_script(const struct check *c, const struct image *image, struct step *s,
			struct step *next)
{
	unsigned int n = 0;
	int ret;

	image_script(image, &s->line);
	next->script = s->script ? s->script : s->path;
	next->scripts = s->scripts + 1;
	if (next->scripts > NESTED_SCRIPTS)
		return refuse(c, "%s: scripts that interpret scripts are nested too deeply: start "
			      "QEMU with fewer of them", next->script);
	next->path = s->line.interpreter;
	ret = next->path[0] ? runnable(next->path) : ENOENT;
	if (ret)
		return refuse(c, "%s: its first line names the interpreter '%s': %s", s->path,
			      next->path, strerror(ret));
	if (s->line.argument)
		s->front[n++] = s->line.argument;
	s->front[n] = s->path;
	next->words = (struct words){ s->front, &s->words };
	return GO_ON;
}

/*
 * An interpreter passes its environment on to QEMU, also if it is static or of another
 * architecture, so that the shim is not loaded into itself; but not if it gains rights.
 */
static int check_rights(const struct check *c, const struct step *s)
{
	const char *gains = image_gains(s->path);

	if (!gains)
		return 0;
	if (s->script)
		return refuse(c, "%s: its interpreter %s is %s, so LD_PRELOAD is removed and QEMU "
			      "would start without the shim: use another interpreter", s->script,
			      s->path, gains);
	return refuse(c, "%s is %s, so LD_PRELOAD is ignored and the shim is not loaded: use a "
		      "QEMU that is not, and give its user the permissions it needs", s->path,
		      gains);
}

/*
 * Do the arguments look as if a program executes another one, as tini(1) and busybox(1) do?  It
 * inherits LD_PRELOAD.  A word behind an option may be the option's argument.
 */
static bool is_launcher(struct words words)
{
	char found[PATH_MAX];
	struct tapcompat_error error;
	const char *word, *before = "--";

	for (; (word = next_word(&words)); before = word)
		if (word[0] != '-' && (before[0] != '-' || !strcmp(before, "--")) &&
		    !program_find(word, found, &error))
			return true;
	return false;
}

static int check_elf(const struct check *c, const struct image *image, struct step *s,
		     struct step *next)
{
	int ret = check_rights(c, s);

	if (ret)
		return ret;
	if (image_is_elf(image) && is_env(s->path))
		return check_env(c, s, next);
	if (image_is_elf(image) && image_same_kind(image, &c->image) && image_is_linker(image))
		return check_linker(c, s->words);
	if (s->script)
		return 0;
	ret = check_kind(c, image, s->path);
	if (ret)
		return ret;
	return image_has_interpreter(image) || is_launcher(s->words) ? 0 :
	       refuse_static(c, s->path);
}

static int check_step(const struct check *c, struct step *s, struct step *next)
{
	struct image image;
	int ret = image_open(&image, s->path);

	if (ret && s->script)
		return check_rights(c, s);
	if (ret)
		return refuse(c, "%s: %s: cannot check that the shim can be loaded into it: make "
			      "it readable for this user", s->path, strerror(-ret));
	ret = image_is_script(&image) ? check_script(c, &image, s, next) :
					check_elf(c, &image, s, next);
	image_close(&image);
	return ret;
}

static int check_steps(struct check *c)
{
	int i, ret = GO_ON;

	for (i = 0; ret == GO_ON && i < STEPS; i++)
		ret = check_step(c, &c->step[i], &c->step[i + 1]);
	return ret < 0 ? ret : 0;
}

int program_check(const char *path, char *const argv[], const char *shim,
		  struct tapcompat_error *error)
{
	struct check *c = calloc(1, sizeof(*c));
	int ret = -ENOMEM;

	if (!c) {
		text_set(error->text, sizeof(error->text), "out of memory");
		return ret;
	}
	c->shim = shim;
	c->error = error;
	c->step[0].path = path;
	c->step[0].words.word = (const char *const *)argv + 1;
	ret = image_open(&c->image, shim);
	if (ret)
		refuse(c, "%s: %s", shim, strerror(-ret));
	else
		ret = check_steps(c);
	image_close(&c->image);
	free(c);
	return ret;
}

/* ---- To become it ---------------------------------------------------------- */

int program_start(const char *path, char *const argv[], struct tapcompat_error *error)
{
	int ret;

	execv(path, argv);
	ret = -errno;
	text_set(error->text, sizeof(error->text), "%s cannot be started: %s%s", path,
		 strerror(-ret), ret == -ENOENT ? ": the interpreter that its first line or ELF "
		 "header names is missing" : "");
	return ret;
}
