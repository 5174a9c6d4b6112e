// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ways.c - what to do where required features are missing
 *
 * Each way out is sufficient by itself and checked against this host: a model is only
 * named if the host provides all of it, another backend only if it has what is missing.
 */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "flags.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "require.h"

__attribute__((format(printf, 2, 3)))
static void check_way(struct tapcompat_check *c, const char *format, ...)
{
	va_list args;

	if (c->ways == CHECK_WAYS)
		return;
	va_start(args, format);
	vsnprintf(c->way[c->ways++], CHECK_WAY, format, args);
	va_end(args);
}

/* Is it missing or disabled in QEMU, rather than on the host? */
static bool lacked_by_qemu(const struct tapcompat_finding *f)
{
	return !strcmp(f->layer, CHECK_QEMU) || !strcmp(f->layer, CHECK_MACHINE) ||
	       !strcmp(f->layer, CHECK_DEFAULT);
}

/* Would the host provide it if QEMU enabled it? */
static bool host_provides(const struct tapcompat_check *c, const struct tapcompat_caps *caps,
		       const struct tapcompat_feature *f)
{
	return !feature_decided_by(f, c->backend) ||
	       caps_state(&caps->backend[c->backend], f) == TAPCOMPAT_NATIVE;
}

static void newest(const char **release, const char *other)
{
	if (release_above(other, *release))
		*release = other;
}

/*
 * A newer release helps if everything missing came with some release of Linux or QEMU.
 * A feature may need both, and then only both together are a way out.
 */
static void way_newer(struct tapcompat_check *c, const struct tapcompat_caps *caps)
{
	const char *linux_release = "", *qemu = "";
	unsigned int i;

	for (i = 0; i < c->findings; i++) {
		const struct tapcompat_finding *f = &c->finding[i];
		bool qemu_lacks = !strcmp(f->layer, CHECK_QEMU);
		const char *since = qemu_lacks ? feature_since(f->feature, c->backend) : f->since;

		if (f->verdict != TAPCOMPAT_FAIL)
			continue;
		if (f->exit != TAPCOMPAT_EXIT_LACKS || !f->since[0])
			return;
		if (qemu_lacks)
			newest(&qemu, f->since);
		if (qemu_lacks && host_provides(c, caps, f->feature))
			continue;
		if (!since[0])
			return;
		newest(&linux_release, since);
	}
	/* A kernel that is new enough refuses it for another reason. */
	if (*linux_release && !release_above(linux_release, caps->kernel) && *qemu)
		return;
	if (*linux_release && !release_above(linux_release, caps->kernel))
		check_way(c, "this host runs Linux %s, and Linux %s has what is missing: look "
			  "for a seccomp filter or a security module that refuses it", caps->kernel,
			  linux_release);
	else if (*linux_release && *qemu)
		check_way(c, "run a newer kernel and a newer QEMU: Linux %s and QEMU %s have "
			  "what is missing", linux_release, qemu);
	else if (*linux_release)
		check_way(c, "run a newer kernel: Linux %s has what is missing", linux_release);
	else if (*qemu)
		check_way(c, "run a newer QEMU: %s has what is missing", qemu);
}

/* QEMU and the host have all of it: it only has to be enabled. */
static void way_enable(struct tapcompat_check *c, const struct tapcompat_caps *caps)
{
	char flags[384];
	unsigned int i;

	for (i = 0; i < c->findings; i++) {
		const struct tapcompat_finding *f = &c->finding[i];

		if (f->verdict != TAPCOMPAT_FAIL)
			continue;
		if ((strcmp(f->layer, CHECK_MACHINE) && strcmp(f->layer, CHECK_DEFAULT)) ||
		    !host_provides(c, caps, f->feature))
			return;
	}
	flags_text((struct flags){ .on = c->lacks }, flags, sizeof(flags));
	check_way(c, "enable what is missing: -device virtio-net-pci,...,%s", flags);
}

static void way_other_kernel(struct tapcompat_check *c)
{
	unsigned int i;

	for (i = 0; i < c->findings; i++)
		if (c->finding[i].exit == TAPCOMPAT_EXIT_BROKEN) {
			check_way(c, "run another kernel: this one accepts %s and corrupts its "
				  "frames", c->finding[i].feature->name);
			return;
		}
}

/* What is missing, and all required features that depend on it. */
static struct tapcompat_mask features_to_drop(const struct tapcompat_check *c)
{
	struct tapcompat_mask drop = c->lacks, rest, before;
	const struct tapcompat_feature *f;

	do {
		before = drop;
		rest = mask_minus(c->require, drop);
		for_each_feature(f)
			if (tapcompat_mask_test(&rest, f->bit) && !feature_satisfied(f, &rest) &&
			    feature_satisfied(f, &c->require))
				tapcompat_mask_set(&drop, f->bit);
	} while (!mask_contains(&before, &drop));
	return drop;
}

/* Features that QEMU lacks or has disabled need no flag. */
static struct tapcompat_mask drop_offered(const struct tapcompat_check *c,
					 struct tapcompat_mask drop)
{
	unsigned int i;

	for (i = 0; i < c->findings; i++) {
		const struct tapcompat_finding *f = &c->finding[i];

		if (lacked_by_qemu(f))
			mask_clear(&drop, f->feature->bit);
	}
	return drop;
}

/* How the XML of a domain is edited: virsh edit changes no guest that has been started. */
static const char *edit_of(unsigned int flags)
{
	if (flags & CHECK_MIGRATE)
		return "virsh migrate --xml and --persistent-xml";
	return flags & CHECK_RESTORE ? "virsh save-image-edit or managedsave-edit" : "virsh edit";
}

/* What libvirt's users can do: a domain's overrides follow the record in its metadata. */
static void way_disable_domain(struct tapcompat_check *c, unsigned int flags)
{
	struct tapcompat_mask drop = features_to_drop(c);
	char names[432], change[512];

	mask_names(&drop, names, sizeof(names));
	/* The check of a record has this set. */
	text_set(change, sizeof(change), c->running ? "replace its record by one without %s" :
		 "stop requiring %s in its metadata", names);
	if (flags & CHECK_MIGRATE)
		check_way(c, "a running guest keeps its features: leave it where it runs, or shut "
			  "it down, %s, and start it", change);
	else if (flags & CHECK_RESTORE)
		check_way(c, "a saved guest keeps its features: restore it where it was saved, or "
			  "discard the saved state, %s, and start it", change);
	else
		check_way(c, "virsh edit: %s", change);
}

static void way_disable(struct tapcompat_check *c)
{
	struct tapcompat_mask drop = features_to_drop(c), on = drop_offered(c, drop);
	char names[432];	/* all of them as "=off" */

	flags_text((struct flags){ .off = on }, names, sizeof(names));
	if (c->running) {
		check_way(c, "restart it cold with -device virtio-net-pci,...,%s: a running "
			  "guest keeps its features", names);
		return;
	}
	if (mask_empty(&on)) {
		mask_names(&drop, names, sizeof(names));
		check_way(c, "stop requiring %s", names);
		return;
	}
	check_way(c, "run without what is missing: -device virtio-net-pci,...,%s, and stop "
		  "requiring it", names);
}

/* The newest model that this backend provides. */
static void way_model(struct tapcompat_check *c, const struct tapcompat_caps *caps,
		      unsigned int flags)
{
	const struct tapcompat_model *m, *best = NULL;
	unsigned int i;

	for (i = 0; (m = tapcompat_model_at(i)); i++) {
		struct tapcompat_mask has = tapcompat_model_features(m);
		const struct tapcompat_feature *f;
		struct tapcompat_check try;

		if (mask_contains(&has, &c->require) || !mask_contains(&c->offered, &has))
			continue;
		check_start(&try, "", c->backend, has);
		for_each_feature(f)
			if (tapcompat_mask_test(&has, f->bit))
				check_feature(&try, caps, f, flags);
		if (!tapcompat_check_exit(&try))
			best = m;
	}
	if (best)
		check_way(c, "require a model that this host provides: --model=%s (%s)", best->name,
			  best->about);
}

/* Does another backend have all that this one lacks? */
static bool backend_has(const struct tapcompat_check *c, const struct tapcompat_caps *caps,
			enum tapcompat_backend_type type)
{
	const struct caps_backend *b = &caps->backend[type];
	const struct tapcompat_feature *f;

	if (b->availability != TAPCOMPAT_AVAILABLE)
		return false;
	for_each_feature(f)
		if (tapcompat_mask_test(&c->require, f->bit) && feature_decided_by(f, type) &&
		    caps_state(b, f) != TAPCOMPAT_NATIVE)
			return false;
	return true;
}

static void way_backend(struct tapcompat_check *c, const struct tapcompat_caps *caps,
			unsigned int flags)
{
	unsigned int i;

	if (c->backend == TAPCOMPAT_TAP || !backend_has(c, caps, TAPCOMPAT_TAP))
		return;
	for (i = 0; i < c->findings; i++)
		if (c->finding[i].verdict == TAPCOMPAT_FAIL && lacked_by_qemu(&c->finding[i]))
			return;
	if (c->backend == TAPCOMPAT_VHOST_NET && flags & CHECK_LIBVIRT)
		/* libvirt refuses to add or remove <driver> once the guest has started. */
		check_way(c, "%s: <driver name='qemu'/>%s: QEMU then implements the rings itself",
			  edit_of(flags), flags & (CHECK_MIGRATE | CHECK_RESTORE) ?
			  " if the interface has a <driver> to be replaced" : "");
	else if (c->backend == TAPCOMPAT_VHOST_NET)
		check_way(c, "run it with vhost=off: QEMU then implements the rings itself");
	else
		check_way(c, "use a tap on a bridge, which has what is missing, instead of %s",
			  tapcompat_backend_name(c->backend));
}

static void way_emulate(struct tapcompat_check *c, const struct tapcompat_caps *caps,
			unsigned int flags)
{
	const struct tapcompat_feature *f;

	if (flags & TAPCOMPAT_CHECK_ALLOW_EMULATED)
		return;
	for_each_feature(f)
		if (tapcompat_mask_test(&c->lacks, f->bit) && feature_decided_by(f, c->backend) &&
		    !check_emulable(c, caps, f))
			return;
	if (flags & CHECK_LIBVIRT)
		check_way(c, "let tapcompat emulate it: %s: allow-emulated='yes' in its metadata, "
			  "and an <emulator> that calls 'tapcompat run', as in tapcompat-shim(7)",
			  edit_of(flags));
	else
		check_way(c, "let tapcompat emulate it: start QEMU with 'tapcompat run', and "
			  "allow it with --allow-emulated");
}

void check_ways(struct tapcompat_check *c, const struct tapcompat_caps *caps, unsigned int flags)
{
	way_enable(c, caps);
	way_newer(c, caps);
	way_other_kernel(c);
	way_emulate(c, caps, flags);
	way_backend(c, caps, flags);
	/* Dropping features does not help without the backend. */
	if (caps->backend[c->backend].availability != TAPCOMPAT_AVAILABLE)
		return;
	if (flags & CHECK_LIBVIRT)
		way_disable_domain(c, flags);
	else
		way_disable(c);
	if (!c->running && !(flags & CHECK_LIBVIRT))
		way_model(c, caps, flags);
}
