// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * offer.c - ask a QEMU what its virtio-net device has
 *
 * QEMU is started without a guest: the CPUs never run.  Its device is made with a
 * peer that says nothing, so that what its properties are is the machine type's
 * doing alone.  x-query-virtio-status would tell all at once, and is never sent: it
 * makes some releases abort.
 */
#include "pure/offer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "edge/qmp.h"
#include "ground/answer.h"
#include "ground/text.h"

#define DEVICE "virtio-net-pci"
#define DEVICE_ID "tapcompat"

struct asking {
	struct qmp qmp;
	struct tapcompat_offer *offer;
	struct tapcompat_error *error;
	const char *path;
};

__attribute__((format(printf, 3, 4)))
static int ask_fail(const struct asking *a, int ret, const char *format, ...)
{
	char what[384], safe[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (a->error) {
		tapcompat_escape(safe, sizeof(safe), a->path);
		text_set(a->error->text, sizeof(a->error->text), "%s: %s", safe, what);
	}
	return ret;
}

/* Its machine type, known by now: an alias stands for another one every release. */
static int ask_machine(struct asking *a)
{
	char *name = a->offer->machine;
	json_t *type;
	size_t n;
	int ret = qmp_execute(&a->qmp, "qom-get",
			      json_pack("{s:s,s:s}", "path", "/machine", "property", "type"),
			      &type);

	if (ret)
		return ret;
	tapcompat_escape(name, OFFER_NAME, json_is_string(type) ? json_string_value(type) : "?");
	json_decref(type);
	n = strlen(name);
	if (n > 8 && !strcmp(name + n - 8, "-machine"))
		name[n - 8] = '\0';
	return 0;
}

/* The defaults of the device itself, whatever the machine type. */
static int ask_defaults(struct asking *a)
{
	json_t *list, *p;
	size_t i;
	int ret = qmp_execute(&a->qmp, "device-list-properties",
			      json_pack("{s:s}", "typename", DEVICE), &list);

	if (ret)
		return ret;
	if (!json_is_array(list))
		ret = -ENODEV;
	json_array_foreach(list, i, p) {
		const char *name = json_string_value(json_object_get(p, "name"));
		const struct tapcompat_feature *f = name ? tapcompat_feature_find(name) : NULL;

		if (f && !strcmp(f->name, name))
			a->offer->property[feature_index(f)] = (struct offer_property){
				.exists = true,
				.by_default = json_is_true(json_object_get(p, "default-value")),
			};
	}
	json_decref(list);
	return ret;
}

/* The properties as the machine type has left them. */
static int ask_properties(struct asking *a)
{
	const struct tapcompat_feature *f;

	for_each_feature(f) {
		struct offer_property *p = &a->offer->property[feature_index(f)];
		json_t *value;
		int ret;

		if (!p->exists)
			continue;
		ret = qmp_execute(&a->qmp, "qom-get",
				  json_pack("{s:s,s:s}", "path", "/machine/peripheral/" DEVICE_ID,
					    "property", f->name), &value);
		if (ret)
			return ret;
		p->on = json_is_true(value);
		json_decref(value);
	}
	return 0;
}

static int ask_qemu(struct asking *a, const char *machine)
{
	static const char device[] = DEVICE ",netdev=peer,romfile=,id=" DEVICE_ID;
	const char *argv[] = {
		a->path, "-S", "-no-user-config", "-nodefaults", "-display", "none",
		"-accel", "tcg", "-accel", "kvm", "-m", "64",
		"-netdev", "hubport,id=peer,hubid=0",
		"-device", device,
		machine ? "-machine" : NULL, machine, NULL,
	};
	char why[384];
	int ret = qmp_start(&a->qmp, argv, why, sizeof(why));

	if (ret == -ECHILD && strstr(why, "machine type"))
		ret = -EINVAL;
	if (ret)
		return ask_fail(a, ret, "%s", why);
	text_set(a->offer->qemu, sizeof(a->offer->qemu), "%s", a->qmp.version);
	ret = ask_machine(a);
	if (!ret)
		ret = ask_defaults(a);
	if (!ret)
		ret = ask_properties(a);
	if (ret == -ENODEV)
		return ask_fail(a, ret, "it has no " DEVICE);
	return ret ? ask_fail(a, ret, "it stopped answering: %s", answer_errno(ret)) : 0;
}

/* With vhost=on and no vhost-net, QEMU goes on without, and prints a line. */
static int offer_backend(const struct asking *a, const struct tapcompat_caps *caps, bool vhost)
{
	const struct caps_backend *tap = &caps->backend[TAPCOMPAT_TAP];
	const struct caps_backend *net = &caps->backend[TAPCOMPAT_VHOST_NET];

	if (tap->availability != TAPCOMPAT_AVAILABLE)
		return ask_fail(a, -ENODATA, "what it offers depends on the tap: %s",
				tap->detail[0] ? tap->detail : "it was not looked at");
	if (vhost && net->availability != TAPCOMPAT_AVAILABLE &&
	    net->availability != TAPCOMPAT_UNAVAILABLE)
		return ask_fail(a, -ENODATA, "what it offers depends on vhost-net: %s",
				net->detail[0] ? net->detail : "it was not looked at");
	a->offer->vhost_missing = vhost && net->availability == TAPCOMPAT_UNAVAILABLE;
	a->offer->backend = vhost && !a->offer->vhost_missing ? TAPCOMPAT_VHOST_NET :
								TAPCOMPAT_TAP;
	return 0;
}

int tapcompat_offer(const struct tapcompat_caps *caps, const char *qemu, const char *machine,
		    int vhost, struct tapcompat_offer **offer, struct tapcompat_error *error)
{
	struct asking a = { .path = qemu, .error = error };
	int ret;

	*offer = NULL;
	a.offer = calloc(1, sizeof(*a.offer));
	if (!a.offer)
		return ask_fail(&a, -ENOMEM, "out of memory");
	ret = offer_backend(&a, caps, vhost);
	if (!ret) {
		ret = ask_qemu(&a, machine);
		qmp_stop(&a.qmp);
	}
	if (ret) {
		free(a.offer);
		return ret;
	}
	offer_conclude(a.offer, caps);
	*offer = a.offer;
	return 0;
}

void tapcompat_offer_free(struct tapcompat_offer *offer)
{
	free(offer);
}

struct tapcompat_check *tapcompat_offer_check(const struct tapcompat_offer *offer,
					      const struct tapcompat_caps *caps,
					      struct tapcompat_mask require, unsigned int flags)
{
	struct tapcompat_check *c = malloc(sizeof(*c));
	const struct tapcompat_feature *f;

	if (!c)
		return NULL;
	check_start(c, offer->machine, offer->backend, require);
	for_each_feature(f) {
		const struct tapcompat_finding *row = &offer->row[feature_index(f)];

		if (!tapcompat_mask_test(&require, f->bit))
			continue;
		if (row->verdict == TAPCOMPAT_PASS)
			check_feature(c, caps, f, flags);
		else
			check_add(c, f, row->verdict, row->exit, row->layer, row->since, "%s",
				  row->detail);
	}
	check_conclude(c, caps, flags);
	return c;
}
