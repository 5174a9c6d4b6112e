// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * offer.c - ask a QEMU what its virtio-net device has
 *
 * QEMU is started without a guest: the CPUs never run.  Its device is made with a
 * peer that says nothing, so that what its properties are is the machine type's
 * doing alone.  x-query-virtio-status would tell all at once, and is never sent: it
 * makes some releases abort.
 */
#include "feature/offer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ground/bytes.h"
#include "ground/extensible.h"
#include "ground/text.h"
#include "qmp.h"

#define DEVICE "virtio-net-pci"
#define DEVICE_ID "tapcompat"

struct asking {
	struct qmp qmp;
	struct tapcompat_offer_options options;
	struct tapcompat_offer *offer;
	struct tapcompat_error *error;
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
		text_escape(safe, sizeof(safe), a->options.qemu);
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

	if (!ret && !json_is_string(type))
		ret = -EPROTO;
	if (!ret)
		text_escape(name, OFFER_NAME, json_string_value(type));
	json_decref(type);
	if (ret)
		return ret;
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

/* The properties as the machine type and the command line have left them. */
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
		p->named = text_option(a->options.device, f->name);
		if (!json_is_boolean(value))
			ret = -EPROTO;
		json_decref(value);
		if (ret)
			return ret;
	}
	return 0;
}

/* What QEMU ended with was the caller's fault, if it was about these. */
static int ask_blame(int ret, const char *why)
{
	static const char *const faults[] = {
		"machine type", "bus found", "roperty", "accelerator", "Parameter",
	};
	size_t i;

	for (i = 0; ret == -ECHILD && i < ARRAY_LENGTH(faults); i++)
		if (strstr(why, faults[i]))
			return -EINVAL;
	return ret;
}

static int ask_start(struct asking *a)
{
	const struct tapcompat_offer_options *o = &a->options;
	bool accelerated = o->machine && strstr(o->machine, "accel=");
	char device[512], why[384];
	const char *argv[24] = {
		o->qemu, "-S", "-no-user-config", "-nodefaults", "-display", "none", "-m", "64",
		"-netdev", "hubport,id=peer,hubid=0", "-device", device,
	};
	int n = 12, ret;

	text_set(device, sizeof(device), DEVICE ",netdev=peer,romfile=,id=" DEVICE_ID "%s%s",
		 o->device ? "," : "", o->device ? o->device : "");
	if (o->machine) {
		argv[n++] = "-machine";
		argv[n++] = o->machine;
	}
	if (!accelerated) {
		argv[n++] = "-accel";
		argv[n++] = "tcg";
		argv[n++] = "-accel";
		argv[n++] = "kvm";
	}
	ret = qmp_start(&a->qmp, argv, why, sizeof(why));
	return ret ? ask_fail(a, ask_blame(ret, why), "%s", why) : 0;
}

static int ask_qemu(struct asking *a)
{
	char why[384];
	int ret = ask_start(a);

	if (ret)
		return ret;
	text_set(a->offer->qemu, sizeof(a->offer->qemu), "%s", a->qmp.version);
	ret = ask_machine(a);
	if (!ret)
		ret = ask_defaults(a);
	if (!ret)
		ret = ask_properties(a);
	if (!ret)
		return 0;
	if (ret == -ENODEV)
		return ask_fail(a, ret, "it has no " DEVICE);
	qmp_explain(&a->qmp, ret, why, sizeof(why));
	return ask_fail(a, ret, "%s", why);
}

/* The caller's options, which may be of another version. */
static int options_take(struct asking *a, const struct tapcompat_offer_options *given)
{
	int ret = struct_copy(&a->options, sizeof(a->options),
			      STRUCT_END(struct tapcompat_offer_options, vhost), given,
			      given->size);

	if (ret && a->error)
		text_set(a->error->text, sizeof(a->error->text), "%s", struct_copy_fault(ret));
	return ret;
}

/* What is not known of the host is not known of the offer. */
static int offer_backend(const struct asking *a, const struct tapcompat_caps *caps)
{
	enum tapcompat_backend_type type =
		a->options.vhost ? TAPCOMPAT_VHOST_NET : TAPCOMPAT_TAP;
	const struct caps_backend *b = &caps->backend[type];

	a->offer->backend = type;
	if (b->availability == TAPCOMPAT_AVAILABLE || b->availability == TAPCOMPAT_UNAVAILABLE)
		return 0;
	return ask_fail(a, -ENODATA, "what it offers depends on the %s: %s",
			tapcompat_backend_name(type),
			b->detail[0] ? b->detail : "it was not looked at");
}

int tapcompat_offer(const struct tapcompat_caps *caps,
		    const struct tapcompat_offer_options *options,
		    struct tapcompat_offer **offer, struct tapcompat_error *error)
{
	struct asking a = { .error = error };
	int ret = options_take(&a, options);

	*offer = NULL;
	if (ret)
		return ret;
	a.offer = calloc(1, sizeof(*a.offer));
	if (!a.offer)
		return ask_fail(&a, -ENOMEM, "out of memory");
	ret = offer_backend(&a, caps);
	if (!ret) {
		ret = ask_qemu(&a);
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
	c->offered = tapcompat_offer_mask(offer);
	for_each_feature(f)
		if (tapcompat_mask_test(&c->require, f->bit))
			offer_judge(offer, c, caps, f, flags);
	check_conclude(c, caps, flags);
	return c;
}
