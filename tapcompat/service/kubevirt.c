// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kubevirt.c - what KubeVirt's onDefineDomain hook is told of a virtual machine
 *
 * A VirtualMachineInstance is nested deeper than tapcompat's own documents may be, and only
 * its annotations are of interest.
 */
#include "kubevirt.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "ground/text.h"

static int fail(struct tapcompat_error *error, const char *what)
{
	char safe[sizeof(error->text)];

	text_set(error->text, sizeof(error->text), "the VMI: %s",
		 text_escape(safe, sizeof(safe), what));
	return -EINVAL;
}

static int read_text(const json_t *from, const char *key, char *text, size_t size,
		     struct tapcompat_error *error)
{
	const json_t *value = json_object_get(from, key);
	char what[96];

	text[0] = '\0';
	if (!value)
		return 0;
	text_set(what, sizeof(what), "%s is not a string, or is too long", key);
	if (!json_is_string(value) || json_string_length(value) >= size)
		return fail(error, what);
	text_escape(text, size, json_string_value(value));
	return 0;
}

static int read_metadata(struct kubevirt *k, const json_t *vmi, struct tapcompat_error *error)
{
	const json_t *metadata = json_object_get(vmi, "metadata");
	const json_t *annotations = json_object_get(metadata, "annotations");
	int ret;

	if (!json_is_object(metadata))
		return fail(error, "it has no metadata");
	if (annotations && !json_is_object(annotations))
		return fail(error, "its annotations are not an object");
	ret = read_text(metadata, "name", k->name, sizeof(k->name), error);
	if (!ret)
		ret = read_text(annotations, KUBEVIRT_MODEL, k->model, sizeof(k->model), error);
	if (!ret)
		ret = read_text(annotations, KUBEVIRT_QEMU, k->qemu, sizeof(k->qemu), error);
	return ret;
}

int kubevirt_parse(struct kubevirt *k, const char *vmi, struct tapcompat_error *error)
{
	json_error_t why;
	json_t *o = json_loads(vmi, JSON_REJECT_DUPLICATES, &why);
	int ret;

	if (!o && json_error_code(&why) == json_error_out_of_memory) {
		text_set(error->text, sizeof(error->text), "out of memory");
		return -ENOMEM;
	}
	ret = o ? read_metadata(k, o, error) : fail(error, why.text);
	json_decref(o);
	return ret;
}
