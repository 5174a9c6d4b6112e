// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * who.c - who is behind a bit: the kernel, vhost-net, QEMU, its machine type
 */
#include "explain.h"

#include <stdlib.h>
#include <string.h>

#include "feature/provided.h"
#include "feature/require.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "table/bit.h"

/* Offline: the layers that may lack it, and since when they do not. */
void who_offline(const struct tapcompat_feature *f, char *text, size_t size)
{
	const struct {
		unsigned int layer;
		const char *name, *since;
	} layers[] = {
		{ TAPCOMPAT_LAYER_TAP, CHECK_TAP, f->linux_tap },
		{ TAPCOMPAT_LAYER_VHOST, CHECK_VHOST, f->linux_vhost },
		{ TAPCOMPAT_LAYER_STEERING, CHECK_STEERING, f->linux_tap },
	};
	size_t i;

	text[0] = '\0';
	for (i = 0; i < ARRAY_LENGTH(layers); i++) {
		if (!(f->layers & layers[i].layer))
			continue;
		text_add(text, size, "%s%s", *text ? " or " : "", layers[i].name);
		if (layers[i].since[0] != '-')
			text_add(text, size, " (before Linux %s)", layers[i].since);
	}
	text_add(text, size, "%sQEMU or its machine type (before %s)", *text ? ", or " : "",
		 f->qemu);
}

/* The backend that a machine has there: vhost-net where it is. */
static enum tapcompat_backend_type host_backend(const struct tapcompat_caps *host)
{
	return host->backend[TAPCOMPAT_VHOST_NET].availability == TAPCOMPAT_AVAILABLE ?
	       TAPCOMPAT_VHOST_NET : TAPCOMPAT_TAP;
}

static bool not_known(const struct tapcompat_caps *host, enum tapcompat_backend_type type)
{
	enum tapcompat_availability a = host->backend[type].availability;

	return a == TAPCOMPAT_NOT_ASKED || a == TAPCOMPAT_UNDECIDED;
}

/* What is not known of the tap is not known at all; of vhost-net, what it decides. */
struct provided who_provides(const struct tapcompat_caps *host)
{
	enum tapcompat_backend_type type = host_backend(host);
	struct provided g = provided_of(host, type);
	const struct tapcompat_feature *f;

	if (not_known(host, TAPCOMPAT_TAP))
		g.possible = MASK_ALL;
	for_each_feature(f)
		if (type == TAPCOMPAT_TAP && not_known(host, TAPCOMPAT_VHOST_NET) &&
		    f->layers & TAPCOMPAT_LAYER_VHOST)
			mask_clear(&g.accepted, f->bit);
	return g;
}

/* The layer that lacks it, and whether a newer kernel would help. */
static void layer_lacking(const struct tapcompat_feature *f, const struct tapcompat_caps *host,
			  char *text, size_t size)
{
	struct tapcompat_check *c = malloc(sizeof(*c));
	const struct tapcompat_finding *found;
	bool newer;

	if (!c)
		return;
	check_start(c, "", host_backend(host), MASK_NONE);
	check_feature(c, host, f, 0);
	found = &c->finding[0];
	newer = found->since[0] && release_above(found->since, host->kernel);
	text_set(text, size, "%s of %s%s%s", found->layer, host->host,
		 newer ? ", before Linux " : found->detail[0] ? ": " : "",
		 newer ? found->since : found->detail);
	free(c);
}

/* With a document of the destination, it is known who. */
void who_there(const struct tapcompat_feature *f, const struct tapcompat_caps *host, char *text,
	       size_t size)
{
	struct provided provided = who_provides(host);

	text[0] = '\0';
	if (tapcompat_mask_test(&provided.accepted, f->bit)) {
		text_set(text, size, "QEMU or its machine type (before %s), or an option: "
			 "%s provides it", f->qemu, host->host);
	} else if (tapcompat_mask_test(&provided.possible, f->bit)) {
		who_offline(f, text, size);
		text_add(text, size, ": not in the document of %s", host->host);
	} else {
		layer_lacking(f, host, text, size);
	}
}

/* ---- QEMU and its machine type ---- */

struct tapcompat_mask who_knows(const struct situation *s)
{
	if (s->offer)
		return offer_properties(s->offer);
	return mask_minus(features_all(), features_after(s->qemu));
}

/* Machine types that are not named after QEMU's release. */
static const struct {
	const char *part, *whose;
} distributions[] = {
	{ "rhel", "RHEL" },
	{ "ubuntu", "Ubuntu" },
	{ "bionic", "Ubuntu" }, { "focal", "Ubuntu" }, { "jammy", "Ubuntu" },
	{ "lunar", "Ubuntu" }, { "mantic", "Ubuntu" }, { "noble", "Ubuntu" },
	{ "oracular", "Ubuntu" }, { "plucky", "Ubuntu" }, { "wily", "Ubuntu" },
	{ "xenial", "Ubuntu" }, { "yakkety", "Ubuntu" }, { "zesty", "Ubuntu" },
	{ "artful", "Ubuntu" }, { "cosmic", "Ubuntu" }, { "disco", "Ubuntu" },
	{ "eoan", "Ubuntu" }, { "groovy", "Ubuntu" }, { "hirsute", "Ubuntu" },
	{ "impish", "Ubuntu" }, { "kinetic", "Ubuntu" }, { "questing", "Ubuntu" },
	{ "openeuler", "openEuler" }, { "ctyunos", "CTyunOS" }, { "tlinux", "TencentOS" },
};

const char *who_made(const char *machine)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(distributions); i++)
		if (strstr(machine, distributions[i].part))
			return distributions[i].whose;
	return NULL;
}

const char *who_release(const char *machine)
{
	const char *dash = strrchr(machine, '-');

	if (who_made(machine) || !dash || !release_valid(dash + 1))
		return "";
	return dash + 1;
}

static struct tapcompat_mask on_by_offer(const struct tapcompat_offer *o)
{
	struct tapcompat_mask on = mask_minus(bits_by_default(), features_all());
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (o->property[feature_index(f)].on)
			tapcompat_mask_set(&on, f->bit);
	return on;
}

struct tapcompat_mask who_has_on(const struct situation *s)
{
	struct tapcompat_mask on;

	if (s->offer)
		return on_by_offer(s->offer);
	on = mask_minus(bits_by_default(), features_after(s->qemu));
	return mask_minus(on, features_after(who_release(s->machine)));
}
