// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_run.c - tapcompat run
 *
 * Judges, says what the machine will have, and becomes QEMU: the process, its descriptors
 * and signals, and the exit status are QEMU's own.
 */
#include "program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <tapcompat_shim.h>

static const char help[] =
	"Usage: tapcompat run [OPTION...] [--] QEMU [ARGUMENT...]\n\n"
	"Start a QEMU that has what this kernel lacks: tapcompat's shim is loaded into it,\n"
	"segments in software and runs the rings in place of vhost-net, where that is needed.\n"
	"QEMU's command line stays as it is.  QEMU is a path, or a name that is looked for in\n"
	"PATH.\n\n";

static const char status[] =
	"Options end at QEMU.  With -q it is not said what is native and what is emulated.\n\n"
	"Exit status: QEMU's own; before it has started: 2 usage, or a program that no shim can\n"
	"be loaded into; 3 there is no shim, or the program could not be started.\n";

enum emulate { EMULATE_AUTO, EMULATE_ALL, EMULATE_NONE, EMULATE_LIST };

static const char *const emulate_words[] = {
	[EMULATE_AUTO] = "auto", [EMULATE_ALL] = "all", [EMULATE_NONE] = "none",
};

struct request {
	struct output out;
	struct source source;
	enum emulate emulate;
	struct tapcompat_mask list;	/* of EMULATE_LIST */
	struct tapcompat_mask mask;	/* what is to be as if it were absent */
	struct tapcompat_mask hidden;	/* what QEMU then goes without */
	bool emulate_given, mask_given;
};

/* ---- What is asked for --------------------------------------------------- */

/* A list of features, of which each must be of use there; given twice, both hold. */
static int read_list(const struct request *r, const char *label, const char *list,
		     bool (*use)(const struct tapcompat_feature *f), const char *cannot,
		     struct tapcompat_mask *mask)
{
	struct tapcompat_mask more;
	const struct tapcompat_feature *f;
	struct tapcompat_error error;
	unsigned int i;

	if (tapcompat_require_parse(list, &more, &error))
		return fail(&r->out, EXIT_USAGE, "run: %s: %s", label, error.text);
	for (i = 0; (f = tapcompat_feature_at(i)); i++) {
		if (!tapcompat_mask_test(&more, f->bit))
			continue;
		if (!use(f))
			return fail(&r->out, EXIT_USAGE, "run: %s: %s %s", label, f->name,
				    cannot);
		tapcompat_mask_set(mask, f->bit);
	}
	return EXIT_YES;
}

static bool can_emulate(const struct tapcompat_feature *f)
{
	return f->emulation != TAPCOMPAT_BY_NOTHING;
}

static bool can_mask(const struct tapcompat_feature *f)
{
	return tapcompat_shim_answers(f);
}

static int read_emulate(struct request *r, const char *label, const char *text)
{
	int i;

	for (i = EMULATE_AUTO; i < EMULATE_LIST; i++)
		if (!strcmp(text, emulate_words[i])) {
			r->emulate = (enum emulate)i;
			return EXIT_YES;
		}
	r->emulate = EMULATE_LIST;
	return read_list(r, label, text, can_emulate, "is nothing that tapcompat can emulate",
			 &r->list);
}

static int read_mask(struct request *r, const char *label, const char *text)
{
	return read_list(r, label, text, can_mask, "is nothing that can be hidden from QEMU",
			 &r->mask);
}

/* The shim would end QEMU for a word that it does not know. */
static int read_level(const struct request *r, const char *word)
{
	if (tapcompat_shim_level(word) >= 0)
		return EXIT_YES;
	return fail(&r->out, EXIT_USAGE, "run: TAPCOMPAT_LOG: '%s' is not one of error, warning, "
		    "info, debug", word);
}

static int option_emulate(const struct option_use *use)
{
	return read_emulate(use->member, "--emulate", use->text);
}

static int option_masked(const struct option_use *use)
{
	return read_mask(use->member, "--mask", use->text);
}

static const struct command_option options[] = {
	{ "emulate", "auto|all|none|LIST", "auto: what is asked for and the kernel lacks or "
	  "corrupts (the default); all: also what the kernel has, for tests; none; or these "
	  "features alone", .set = option_emulate,
	  .given = offsetof(struct request, emulate_given) },
	{ "mask", "LIST", "treat these features as if the kernel did not have them",
	  .set = option_masked, .given = offsetof(struct request, mask_given) },
	{ "no-verify", NULL, "believe this host's kernel, send no frames",
	  OPTION_BIT(struct request, source.probe.flags, TAPCOMPAT_PROBE_NO_VERIFY) },
	{ "load-modules", NULL, "load the kernel modules that are missing, for the frames",
	  OPTION_BIT(struct request, source.probe.flags, TAPCOMPAT_PROBE_LOAD_MODULES) },
	{ "caps", "FILE", "instead of a probe, a document of tapcompat probe -j, made on this host "
	  "under this kernel", OPTION_TEXT(struct request, source.caps) },
	{ 0 },
};

/* What no option says, the environment may: it is what the shim itself reads. */
static int read_environment(struct request *r)
{
	const char *emulate = getenv("TAPCOMPAT_EMULATE"), *mask = getenv("TAPCOMPAT_MASK");
	int ret = read_level(r, getenv("TAPCOMPAT_LOG"));

	if (!ret && !r->emulate_given && emulate && *emulate)
		ret = read_emulate(r, "TAPCOMPAT_EMULATE", emulate);
	if (!ret && !r->mask_given && mask && *mask)
		ret = read_mask(r, "TAPCOMPAT_MASK", mask);
	return ret;
}

/* ---- Sets of features ---------------------------------------------------- */

static bool is_empty(const struct tapcompat_mask *mask)
{
	return !mask->word[0] && !mask->word[1];
}

static char *names_of(const struct tapcompat_mask *mask, char *text, size_t size)
{
	const struct tapcompat_feature *f;
	unsigned int i;
	size_t used = 0;

	text[0] = '\0';
	for (i = 0; (f = tapcompat_feature_at(i)) && used < size; i++)
		if (tapcompat_mask_test(mask, f->bit))
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 used ? "," : "", f->name);
	return text;
}

/* Would the shim stand in for it, if it were lacking? */
static bool covered(const struct request *r, const struct tapcompat_feature *f)
{
	return can_emulate(f) && r->emulate != EMULATE_NONE &&
	       (r->emulate != EMULATE_LIST || tapcompat_mask_test(&r->list, f->bit));
}

/* What is masked and not emulated QEMU goes without; not all can be kept from it. */
static int hide(struct request *r)
{
	struct tapcompat_mask hidden = { { 0, 0 } };
	const struct tapcompat_feature *f;
	unsigned int i;

	for (i = 0; (f = tapcompat_feature_at(i)); i++) {
		if (!tapcompat_mask_test(&r->mask, f->bit) || covered(r, f))
			continue;
		if (!tapcompat_shim_hides(f))
			return fail(&r->out, EXIT_USAGE, "run: %s cannot be hidden from QEMU, "
				    "which takes it for granted: let it be emulated, or say "
				    "-device virtio-net-pci,...,%s=off", f->name, f->name);
		tapcompat_mask_set(&hidden, f->bit);
	}
	r->hidden = tapcompat_shim_hidden(hidden);
	return EXIT_YES;
}

/* ---- What this host has -------------------------------------------------- */

#define BACKENDS (1u << TAPCOMPAT_TAP | 1u << TAPCOMPAT_VHOST_NET | 1u << TAPCOMPAT_MACVTAP)

/* Frames cost half a second, and are of no use where their verdict changes nothing. */
static bool needs_frames(const struct request *r)
{
	return r->emulate != EMULATE_ALL && r->emulate != EMULATE_NONE &&
	       !(r->source.probe.flags & TAPCOMPAT_PROBE_NO_VERIFY);
}

/* A document says what is true of the kernel that it was made under. */
static struct tapcompat_caps *caps_load(const struct request *r, int *code)
{
	struct tapcompat_caps *caps = caps_from(&r->out, r->source.caps, r->source.probe, code);
	struct utsname u;

	if (!caps || uname(&u) || !strcmp(tapcompat_caps_host(caps).kernel, u.release))
		return caps;
	*code = fail(&r->out, EXIT_USAGE, "run: %s was made under Linux %s, and this is %s: make "
		     "it anew by tapcompat probe -j", r->source.caps,
		     tapcompat_caps_host(caps).kernel, u.release);
	tapcompat_caps_free(caps);
	return NULL;
}

/* What cannot be found out stops nobody: QEMU asks the kernel itself, and so does the shim. */
static struct tapcompat_caps *caps_probe(const struct request *r)
{
	struct tapcompat_probe_options probe = r->source.probe;
	const struct output plain = { .quiet = true };

	if (!needs_frames(r) && (r->out.quiet || r->emulate == EMULATE_NONE))
		return NULL;
	if (!needs_frames(r))
		probe.flags |= TAPCOMPAT_PROBE_NO_VERIFY;
	probe.backends = BACKENDS;
	return host_probe(&plain, probe);
}

/* ---- What is corrupted ------------------------------------------------------ */

static struct tapcompat_mask failed_on(const struct tapcompat_caps *caps)
{
	struct tapcompat_mask failed = { { 0, 0 } };
	const struct tapcompat_feature *f;
	unsigned int i;
	int type;

	for (type = 0; type < TAPCOMPAT_BACKENDS; type++)
		for (i = 0; (f = tapcompat_feature_at(i)); i++)
			if (BACKENDS >> type & 1 &&
			    tapcompat_caps_report(caps, (enum tapcompat_backend_type)type, f)
				    .verified == TAPCOMPAT_FAILED)
				tapcompat_mask_set(&failed, f->bit);
	return failed;
}

/* Frames that the kernel corrupts are kept from it, if anybody else can do the work. */
static void mask_failed(struct request *r, const struct tapcompat_caps *caps)
{
	struct tapcompat_mask failed = failed_on(caps), left = { { 0, 0 } };
	const struct tapcompat_feature *f;
	char names[512];
	unsigned int i;

	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		if (tapcompat_mask_test(&failed, f->bit) && !tapcompat_mask_test(&r->mask, f->bit))
			tapcompat_mask_set(covered(r, f) && can_mask(f) ? &r->mask : &left, f->bit);
	if (!is_empty(&left))
		complain("run: this kernel corrupts the frames of %s, which is not emulated and "
			 "left as it is", names_of(&left, names, sizeof(names)));
}

/* ---- What is said -------------------------------------------------------- */

/* Does the kernel's part of a backend stay what it is? */
static bool stays_native(const struct request *r, const struct tapcompat_caps *caps,
			 enum tapcompat_backend_type type, const struct tapcompat_feature *f)
{
	return tapcompat_caps_report(caps, type, f).state == TAPCOMPAT_NATIVE &&
	       !tapcompat_mask_test(&r->mask, f->bit) &&
	       !(r->emulate == EMULATE_ALL && can_emulate(f));
}

static void announce_sets(const char *what, const struct tapcompat_mask *native,
			  const struct tapcompat_mask *emulated)
{
	char has[512], stands_in[512];

	names_of(native, has, sizeof(has));
	names_of(emulated, stands_in, sizeof(stands_in));
	complain("%s: native: %s; emulated: %s", what, *has ? has : "nothing",
		 *stands_in ? stands_in : "nothing");
}

/* vhost-net's place is not taken for the sake of what QEMU has off, unless it was named. */
static bool is_wanted(const struct request *r, const struct tapcompat_feature *f)
{
	return f->by_default || f->emulation != TAPCOMPAT_BY_DEVICE ||
	       r->emulate == EMULATE_LIST;
}

/* @offloads: those that the tap decides, else the others */
static void announce(const struct request *r, const struct tapcompat_caps *caps,
		     enum tapcompat_backend_type type, const char *what, bool offloads)
{
	struct tapcompat_mask native = { { 0, 0 } }, emulated = { { 0, 0 } };
	const struct tapcompat_feature *f;
	unsigned int i;

	for (i = 0; (f = tapcompat_feature_at(i)); i++) {
		enum tapcompat_state state = tapcompat_caps_report(caps, type, f).state;

		if (state == TAPCOMPAT_UNLISTED ||
		    offloads != !!(f->layers & TAPCOMPAT_LAYER_TAP))
			continue;
		if (tapcompat_mask_test(&r->hidden, f->bit))
			continue;
		if (stays_native(r, caps, type, f))
			tapcompat_mask_set(&native, f->bit);
		else if (covered(r, f) && is_wanted(r, f) && state != TAPCOMPAT_UNKNOWN)
			tapcompat_mask_set(&emulated, f->bit);
	}
	announce_sets(what, &native, &emulated);
}

static void announce_vhost(const struct request *r, const struct tapcompat_caps *caps)
{
	switch (tapcompat_caps_availability(caps, TAPCOMPAT_VHOST_NET)) {
	case TAPCOMPAT_AVAILABLE:
		announce(r, caps, TAPCOMPAT_VHOST_NET, "vhost-net", false);
		break;
	case TAPCOMPAT_UNAVAILABLE:
		complain("vhost-net: not there; with vhost=on, a device of tapcompat's own");
		break;
	default:
		break;
	}
}

/* A vhost-net's features are asked for where there is one. */
static void announce_hidden(const struct request *r)
{
	struct tapcompat_mask offloads = { { 0, 0 } }, rings = { { 0, 0 } };
	const struct tapcompat_feature *f;
	char names[512];
	unsigned int i;

	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		if (tapcompat_mask_test(&r->hidden, f->bit))
			tapcompat_mask_set(f->tun_flags ? &offloads : &rings, f->bit);
	if (!is_empty(&offloads))
		complain("hidden from QEMU: %s", names_of(&offloads, names, sizeof(names)));
	if (!is_empty(&rings))
		complain("hidden from QEMU where it has vhost=on: %s",
			 names_of(&rings, names, sizeof(names)));
}

static void announce_all(const struct request *r, const struct tapcompat_caps *caps)
{
	bool known = caps &&
		tapcompat_caps_availability(caps, TAPCOMPAT_TAP) == TAPCOMPAT_AVAILABLE;

	if (r->out.quiet)
		return;
	announce_hidden(r);
	if (r->emulate == EMULATE_NONE) {
		complain("nothing is emulated");
	} else if (known) {
		announce(r, caps, TAPCOMPAT_TAP, "tap", true);
		announce_vhost(r, caps);
	} else {
		complain("no tap of this host could be tried%s%s: what its kernel says to QEMU "
			 "decides what is emulated", caps ? ": " : "",
			 caps ? tapcompat_caps_detail(caps, TAPCOMPAT_TAP) : "");
	}
}

/* ---- The environment ----------------------------------------------------- */

static int set(const struct request *r, const char *name, const char *value)
{
	if (*value ? setenv(name, value, 1) : unsetenv(name))
		return fail(&r->out, EXIT_UNDECIDED, "run: %s: %s", name, strerror(errno));
	return EXIT_YES;
}

/* In front of what is to be loaded already; once, also where one run starts another. */
static int set_preload(const struct request *r, const char *shim)
{
	const char *before = getenv("LD_PRELOAD");
	size_t n = strlen(shim);
	char *all = NULL;
	int ret;

	if (!before || !*before)
		return set(r, "LD_PRELOAD", shim);
	if (!strncmp(before, shim, n) && strchr(": ", before[n]))
		return EXIT_YES;
	if (asprintf(&all, "%s:%s", shim, before) < 0)
		return fail(&r->out, EXIT_UNDECIDED, "out of memory");
	ret = set(r, "LD_PRELOAD", all);
	free(all);
	return ret;
}

static int set_environment(const struct request *r, const char *shim)
{
	char list[512], mask[512];
	int ret = set_preload(r, shim);

	names_of(&r->list, list, sizeof(list));
	names_of(&r->mask, mask, sizeof(mask));
	if (!ret)
		ret = set(r, "TAPCOMPAT_EMULATE",
			  r->emulate == EMULATE_LIST ? list : emulate_words[r->emulate]);
	return ret ? ret : set(r, "TAPCOMPAT_MASK", mask);
}

/* ---- The whole of it ----------------------------------------------------- */

static int find_shim(const struct request *r, char *shim)
{
	int ret = tapcompat_shim_path(shim, PATH_MAX);

	if (ret)
		return fail(&r->out, EXIT_UNDECIDED, "run: there is no shim: %s: %s: install "
			    "tapcompat as a whole, its library and the shim in one directory",
			    shim[0] ? shim : "libtapcompat-shim.so", strerror(-ret));
	if (strpbrk(shim, ": $"))
		return fail(&r->out, EXIT_UNDECIDED, "run: %s: the dynamic linker takes no path "
			    "with a colon, a blank or a dollar in it as it is: install tapcompat "
			    "in another directory", shim);
	return EXIT_YES;
}

static int prepare(struct request *r, const char *path)
{
	struct tapcompat_caps *caps = NULL;
	char shim[PATH_MAX];
	int ret = find_shim(r, shim);

	if (!ret)
		ret = program_takes(&r->out, path, shim);
	if (ret)
		return ret;
	caps = r->source.caps ? caps_load(r, &ret) : caps_probe(r);
	if (ret && !caps)
		return ret;
	if (caps)
		mask_failed(r, caps);
	announce_all(r, caps);
	tapcompat_caps_free(caps);
	return set_environment(r, shim);
}

static int run(void *request, int operands, char **operand)
{
	struct request *r = request;
	char path[PATH_MAX];
	int ret = EXIT_YES;

	(void)operands;
	if (r->source.caps && r->source.probe.flags)
		return fail(&r->out, EXIT_USAGE, "run: --no-verify and --load-modules are about a "
			    "probe, and --caps is in place of one");
	ret = read_environment(r);
	if (!ret)
		ret = hide(r);
	if (!ret)
		ret = program_find(&r->out, operand[0], path);
	/* Nothing to emulate and nothing to hide: QEMU and the kernel are among themselves. */
	if (!ret && !(r->emulate == EMULATE_NONE && is_empty(&r->mask)))
		ret = prepare(r, path);
	return ret ? ret : program_start(&r->out, path, operand);
}

const struct command cmd_run = {
	.name = "run",
	.about = "start QEMU with what this kernel lacks",
	.help = help, .status = status,
	.groups = { { options, 0 } },
	.request = sizeof(struct request),
	.least = 1, .most = INT_MAX, .lacks = "which QEMU?", .program = true,
	.run = run,
};
