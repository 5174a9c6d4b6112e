// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * launch.c - what tapcompat run does before it becomes QEMU
 */
#include "launch.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/io_uring.h>

#include <tapcompat_shim.h>

#include "feature/flags.h"
#include "feature/require.h"
#include "ground/mask.h"
#include "ground/text.h"
#include "image.h"
#include "table/feature.h"

#define NAMES 448
#define BACKENDS (1u << TAPCOMPAT_TAP | 1u << TAPCOMPAT_VHOST_NET | 1u << TAPCOMPAT_MACVTAP)

/* ---- What is asked for ----------------------------------------------------- */

static int label(const char *name, int ret, const struct tapcompat_error *inner,
		 struct tapcompat_error *error)
{
	if (ret)
		text_set(error->text, sizeof(error->text), "%s: %s", name, inner->text);
	return ret;
}

static int take_emulate(struct launch *l, const char *name, const char *words,
			struct tapcompat_error *error)
{
	struct tapcompat_error inner;

	return label(name, policy_parse_emulate(&l->policy, words, &inner), &inner, error);
}

static int take_mask(struct launch *l, const char *name, const char *words,
		     struct tapcompat_error *error)
{
	struct tapcompat_error inner;

	return label(name, policy_parse_mask(&l->policy, words, &inner), &inner, error);
}

int launch_emulate(struct launch *l, const char *words, struct tapcompat_error *error)
{
	l->emulate_given = true;
	return take_emulate(l, "--emulate", words, error);
}

int launch_mask(struct launch *l, const char *words, struct tapcompat_error *error)
{
	l->mask_given = true;
	return take_mask(l, "--mask", words, error);
}

int launch_environment(struct launch *l, struct tapcompat_error *error)
{
	const char *emulate = getenv("TAPCOMPAT_EMULATE"), *mask = getenv("TAPCOMPAT_MASK");
	enum tapcompat_shim_level level;
	struct tapcompat_error inner;
	int ret = policy_parse_level(getenv("TAPCOMPAT_LOG"), &level, &inner);

	ret = label("TAPCOMPAT_LOG", ret, &inner, error);
	if (!ret) {
		ret = policy_parse_engine(getenv("TAPCOMPAT_ENGINE"), &l->engine, &inner);
		ret = label("TAPCOMPAT_ENGINE", ret, &inner, error);
	}
	if (!ret && !l->emulate_given && emulate && *emulate)
		ret = take_emulate(l, "TAPCOMPAT_EMULATE", emulate, error);
	if (!ret && !l->mask_given && mask && *mask)
		ret = take_mask(l, "TAPCOMPAT_MASK", mask, error);
	return ret ? ret : policy_check(&l->policy, error);
}

bool launch_active(const struct launch *l)
{
	return policy_active(&l->policy);
}

/* Frames cost half a second, and decide nothing where all or nothing is emulated. */
bool launch_probe_options(const struct launch *l, bool announce,
			  struct tapcompat_probe_options *options)
{
	bool fixed = l->policy.mode == POLICY_ALL || l->policy.mode == POLICY_NONE;

	if (fixed)
		options->flags |= TAPCOMPAT_PROBE_NO_VERIFY;
	options->backends = BACKENDS;
	if (options->flags & TAPCOMPAT_PROBE_NO_VERIFY)
		return announce && l->policy.mode != POLICY_NONE;
	return true;
}

/* ---- The shim -------------------------------------------------------------- */

/* Is it for the architecture that this program is for itself? */
static bool is_own_library(const char *path)
{
	struct image shim, self;
	bool own;

	if (image_open(&shim, path))
		return false;
	own = image_is_elf(&shim);
	if (own && !image_open(&self, "/proc/self/exe")) {
		own = image_same_kind(&shim, &self);
		image_close(&self);
	}
	image_close(&shim);
	return own;
}

int launch_find_shim(struct launch *l, struct tapcompat_error *error)
{
	int ret = tapcompat_shim_path(l->shim, sizeof(l->shim));

	if (ret) {
		text_set(error->text, sizeof(error->text), "cannot find the shim: %s: %s: install "
			 "libtapcompat.so and libtapcompat-shim.so in one directory",
			 l->shim[0] ? l->shim : "libtapcompat-shim.so", strerror(-ret));
		return ret;
	}
	if (strpbrk(l->shim, ": $")) {
		text_set(error->text, sizeof(error->text), "%s: LD_PRELOAD cannot have a path with "
			 "a colon, a space or a dollar: install tapcompat in another directory",
			 l->shim);
		return -EINVAL;
	}
	if (!is_own_library(l->shim)) {
		text_set(error->text, sizeof(error->text), "%s is not a library for this "
			 "architecture: install tapcompat again", l->shim);
		return -ENOEXEC;
	}
	return 0;
}

/* ---- The kernel ------------------------------------------------------------ */

int launch_check_document(const struct tapcompat_caps *caps, const char *name,
			  struct tapcompat_error *error)
{
	struct tapcompat_host host = tapcompat_caps_host(caps);
	struct utsname u;

	if (uname(&u) || !strcmp(host.kernel, u.release))
		return 0;
	text_set(error->text, sizeof(error->text), "%s was probed under Linux %s, and Linux %s is "
		 "running: run tapcompat probe -j again", name, host.kernel, u.release);
	return -EINVAL;
}

__attribute__((format(printf, 2, 3)))
static void say(const struct launch *l, const char *format, ...)
{
	char line[1280];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	l->say(line);
}

static struct tapcompat_mask corrupted_by(const struct tapcompat_caps *caps)
{
	struct tapcompat_mask corrupted = MASK_NONE;
	const struct tapcompat_feature *f;
	int type;

	for (type = 0; type < TAPCOMPAT_BACKENDS; type++)
		for_each_feature(f)
			if (BACKENDS >> type & 1 &&
			    tapcompat_caps_report(caps, (enum tapcompat_backend_type)type, f)
				    .verified == TAPCOMPAT_FAILED)
				tapcompat_mask_set(&corrupted, f->bit);
	return corrupted;
}

void launch_mask_corrupted(struct launch *l, const struct tapcompat_caps *caps)
{
	struct tapcompat_mask left = policy_mask_corrupted(&l->policy, corrupted_by(caps));
	char names[NAMES], options[NAMES];

	if (mask_empty(&left))
		return;
	mask_names(&left, names, sizeof(names));
	flags_text((struct flags){ .off = left }, options, sizeof(options));
	say(l, "run: this kernel corrupts frames of %s, not emulated here: consider -device "
	    "virtio-net-pci,...,%s", names, options);
}

/* ---- What is said ---------------------------------------------------------- */

static struct tapcompat_mask tap_features(void)
{
	struct tapcompat_mask mask = MASK_NONE;
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (f->layers & TAPCOMPAT_LAYER_TAP)
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

/* Does vhost-net lack something that is emulated? */
static bool replaces_vhost(const struct launch *l, const struct tapcompat_caps *caps)
{
	struct tapcompat_mask kernel = tapcompat_caps_mask(caps, TAPCOMPAT_VHOST_NET,
							   TAPCOMPAT_NATIVE);
	struct policy_result r = policy_vhost(&l->policy, kernel);

	return tapcompat_caps_availability(caps, TAPCOMPAT_VHOST_NET) != TAPCOMPAT_AVAILABLE ||
	       !mask_empty(&r.emulated);
}

static bool has_io_uring(void)
{
	struct io_uring_params params = { 0 };
	int fd = (int)syscall(SYS_io_uring_setup, 1, &params);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* What moves the frames of an emulated tap: with vhost=on, and with vhost=off if that differs. */
static void engine_text(const struct launch *l, const struct tapcompat_caps *caps, char *text,
			size_t size)
{
	bool plain = l->engine == TAPCOMPAT_SHIM_PLAIN ||
		(l->engine != TAPCOMPAT_SHIM_URING && !has_io_uring());
	bool vhost = l->engine == TAPCOMPAT_SHIM_VHOST ||
		(l->engine == TAPCOMPAT_SHIM_AUTO &&
		 tapcompat_caps_availability(caps, TAPCOMPAT_VHOST_NET) == TAPCOMPAT_AVAILABLE);
	const char *own = plain ? "plain" : "uring";

	if (vhost)
		text_set(text, size, "; engine: vhost, with vhost=off %s", own);
	else
		text_set(text, size, "; engine: %s", own);
}

/* What is not known to be lacking is not said to be emulated. */
static void announce_result(const struct launch *l, const char *what,
			    const struct tapcompat_caps *caps, enum tapcompat_backend_type type,
			    struct tapcompat_mask among)
{
	struct tapcompat_mask kernel = tapcompat_caps_mask(caps, type, TAPCOMPAT_NATIVE);
	struct tapcompat_mask known = mask_or(kernel, mask_or(
		tapcompat_caps_mask(caps, type, TAPCOMPAT_EMULATED),
		tapcompat_caps_mask(caps, type, TAPCOMPAT_ABSENT)));
	struct policy_result r = type == TAPCOMPAT_VHOST_NET ? policy_vhost(&l->policy, kernel) :
							       policy_tap(&l->policy, kernel);
	char native[NAMES], emulated[NAMES], engine[64] = "";

	r.native = mask_and(r.native, among);
	r.emulated = mask_and(mask_and(r.emulated, known), among);
	mask_names(&r.native, native, sizeof(native));
	mask_names(&r.emulated, emulated, sizeof(emulated));
	if (type == TAPCOMPAT_TAP && (*emulated || replaces_vhost(l, caps)))
		engine_text(l, caps, engine, sizeof(engine));
	say(l, "%s: native: %s; emulated: %s%s", what, *native ? native : "nothing",
	    *emulated ? emulated : "nothing", engine);
}

/* A tap's features it has with vhost-net, too: they are said once. */
static void announce_vhost(const struct launch *l, const struct tapcompat_caps *caps)
{
	switch (tapcompat_caps_availability(caps, TAPCOMPAT_VHOST_NET)) {
	case TAPCOMPAT_AVAILABLE:
		announce_result(l, "vhost-net", caps, TAPCOMPAT_VHOST_NET,
				mask_minus(MASK_ALL, tap_features()));
		break;
	case TAPCOMPAT_UNAVAILABLE:
		say(l, l->engine == TAPCOMPAT_SHIM_VHOST ?
		    "vhost-net: not available, so TAPCOMPAT_ENGINE=vhost fails with vhost=on" :
		    "vhost-net: not available; with vhost=on tapcompat emulates it");
		break;
	default:
		break;
	}
}

/* QEMU asks for a vhost-net's features only where it uses one. */
static void announce_hidden(const struct launch *l)
{
	struct tapcompat_mask hidden = policy_hidden(&l->policy), offloads = MASK_NONE, rings;
	const struct tapcompat_feature *f;
	char names[NAMES];

	for_each_feature(f)
		if (f->tun_flags && tapcompat_mask_test(&hidden, f->bit))
			tapcompat_mask_set(&offloads, f->bit);
	rings = mask_minus(hidden, offloads);
	mask_names(&offloads, names, sizeof(names));
	if (*names)
		say(l, "hidden from QEMU: %s", names);
	mask_names(&rings, names, sizeof(names));
	if (*names)
		say(l, "hidden from QEMU with vhost=on: %s", names);
}

void launch_announce(const struct launch *l, const struct tapcompat_caps *caps)
{
	announce_hidden(l);
	if (l->policy.mode == POLICY_NONE) {
		say(l, "nothing is emulated");
	} else if (caps && tapcompat_caps_availability(caps, TAPCOMPAT_TAP) ==
			   TAPCOMPAT_AVAILABLE) {
		announce_result(l, "tap", caps, TAPCOMPAT_TAP, tap_features());
		announce_vhost(l, caps);
	} else {
		say(l, "cannot probe a tap on this host%s%s: the shim emulates what the kernel "
		    "tells QEMU that it lacks", caps ? ": " : "",
		    caps ? tapcompat_caps_detail(caps, TAPCOMPAT_TAP) : "");
	}
}

/* ---- The environment ------------------------------------------------------- */

static int set(const char *name, const char *value, struct tapcompat_error *error)
{
	int ret = (*value ? setenv(name, value, 1) : unsetenv(name)) ? -errno : 0;

	if (ret)
		text_set(error->text, sizeof(error->text), "%s: %s", name, strerror(-ret));
	return ret;
}

/* In front of what is to be loaded already; once, also where one run starts another. */
static int set_preload(const char *shim, struct tapcompat_error *error)
{
	const char *before = getenv("LD_PRELOAD");
	size_t n = strlen(shim);
	char *all = NULL;
	int ret;

	if (!before || !*before)
		return set("LD_PRELOAD", shim, error);
	if (!strncmp(before, shim, n) && strchr(": ", before[n]))
		return 0;
	if (asprintf(&all, "%s:%s", shim, before) < 0) {
		text_set(error->text, sizeof(error->text), "out of memory");
		return -ENOMEM;
	}
	ret = set("LD_PRELOAD", all, error);
	free(all);
	return ret;
}

int launch_set_environment(const struct launch *l, struct tapcompat_error *error)
{
	char emulate[NAMES], mask[NAMES];
	int ret = l->shim[0] ? set_preload(l->shim, error) : 0;

	policy_format_emulate(&l->policy, emulate, sizeof(emulate));
	policy_format_mask(&l->policy, mask, sizeof(mask));
	if (!ret)
		ret = set("TAPCOMPAT_EMULATE", emulate, error);
	return ret ? ret : set("TAPCOMPAT_MASK", mask, error);
}
