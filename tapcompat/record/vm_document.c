// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vm_document.c - the record of a virtual machine as a document, tapcompat-vm(5)
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "document/document.h"
#include "feature/require.h"
#include "ground/bytes.h"
#include "ground/text.h"
#include "vm.h"

static const char *const policy_names[] = {
	[TAPCOMPAT_POLICY_NONE] = "none",
	[TAPCOMPAT_POLICY_FORCE] = "force",
	[TAPCOMPAT_POLICY_REQUIRE] = "require",
	[TAPCOMPAT_POLICY_OPTIONAL] = "optional",
	[TAPCOMPAT_POLICY_DISABLE] = "disable",
	[TAPCOMPAT_POLICY_FORBID] = "forbid",
};
_Static_assert(ARRAY_LENGTH(policy_names) == TAPCOMPAT_POLICIES, "a name each");

const char *tapcompat_policy_name(enum tapcompat_policy policy)
{
	return (unsigned int)policy < TAPCOMPAT_POLICIES ? policy_names[policy] : "?";
}

/* ---- Reading ---- */

void vm_unknown(struct tapcompat_vm *vm, const char *what, const char *name)
{
	char safe[VM_TEXT / 2];

	if (!vm->unknown[0])
		text_set(vm->unknown, sizeof(vm->unknown), "%s '%s'", what,
			 text_escape(safe, sizeof(safe), name));
}

static unsigned int policy_find(const char *name)
{
	unsigned int i;

	for (i = TAPCOMPAT_POLICIES - 1; i; i--)
		if (!strcmp(policy_names[i], name))
			break;
	return i;
}

/* A feature has several names, so the JSON parser does not detect all duplicates. */
static bool has_policy(const struct tapcompat_vm *vm, const struct tapcompat_feature *f)
{
	unsigned int i;

	for (i = TAPCOMPAT_POLICY_FORCE; i < TAPCOMPAT_POLICIES; i++)
		if (tapcompat_mask_test(&vm->requested[i], f->bit))
			return true;
	return false;
}

/* An optional feature may be unknown: the effective part says whether the machine has it. */
static void read_policy(struct reader *r, struct tapcompat_vm *vm, const char *key, json_t *value)
{
	const struct tapcompat_feature *f = tapcompat_feature_find(key);
	unsigned int policy;

	if (!json_is_string(value)) {
		reader_fail(r, "%.40s is not a string, expected a policy such as \"%s\"", key,
			    policy_names[TAPCOMPAT_POLICY_REQUIRE]);
		return;
	}
	policy = policy_find(json_string_value(value));
	if (f && has_policy(vm, f))
		reader_fail(r, "%s is listed twice", f->name);
	if (f && policy)
		tapcompat_mask_set(&vm->requested[policy], f->bit);
	else if (!policy)
		vm_unknown(vm, "the policy", json_string_value(value));
	else if (policy != TAPCOMPAT_POLICY_OPTIONAL)
		vm_unknown(vm, "the feature", key);
}

static void read_requested(struct reader *r, json_t *o, struct tapcompat_vm *vm)
{
	json_t *requested = reader_member(r, o, "requested", JSON_OBJECT, true);
	size_t at = reader_enter(r, "requested");
	void *it = json_object_iter(requested);

	for (; it; it = json_object_iter_next(requested, it))
		read_policy(r, vm, json_object_iter_key(it), json_object_iter_value(it));
	reader_leave(r, at);
}

/* A list of features; unknown ones are noted. */
static struct tapcompat_mask read_names(struct reader *r, json_t *o, const char *key,
					struct tapcompat_vm *vm)
{
	json_t *list = reader_member(r, o, key, JSON_ARRAY, true), *name;
	struct tapcompat_mask mask = { { 0, 0 } };
	const struct tapcompat_feature *f;
	size_t i, at;

	json_array_foreach(list, i, name) {
		at = reader_enter(r, "%s%s[%zu]", r->place[0] ? "." : "", key, i);
		f = json_is_string(name) ? tapcompat_feature_find(json_string_value(name)) : NULL;
		if (f)
			tapcompat_mask_set(&mask, f->bit);
		else if (json_is_string(name))
			vm_unknown(vm, "the feature", json_string_value(name));
		else
			reader_fail(r, "it is not a string, expected a feature");
		reader_leave(r, at);
	}
	return mask;
}

static void read_effective(struct reader *r, json_t *o, struct tapcompat_vm *vm)
{
	json_t *effective = reader_member(r, o, "effective", JSON_OBJECT, true);
	struct tapcompat_mask names, rest;
	const struct tapcompat_feature *f;
	char text[TAPCOMPAT_MASK_TEXT];
	struct tapcompat_error why;
	size_t at;

	if (!effective)
		return;
	at = reader_enter(r, "effective");
	vm->effective = rest = reader_mask(r, effective, "mask", true);
	names = read_names(r, effective, "features", vm);
	for_each_feature(f) {
		if (tapcompat_mask_test(&names, f->bit) != tapcompat_mask_test(&rest, f->bit))
			reader_fail(r, "mask and features contradict each other: %s", f->name);
		mask_clear(&rest, f->bit);
	}
	if (!mask_empty(&rest))
		vm_unknown(vm, "the bits", tapcompat_mask_format(&rest, text));
	if (require_check(&vm->effective, &why))
		reader_fail(r, "mask is impossible: %s", why.text);
	reader_string(r, effective, "model", false);
	reader_leave(r, at);
}

static void read_vm(struct reader *r, json_t *o, struct tapcompat_vm *vm)
{
	const char *backend;
	int type;

	reader_schema(r, o, VM_SCHEMA);
	vm->strict = json_is_true(reader_member(r, o, "strict", JSON_TRUE, true));
	read_requested(r, o, vm);
	read_effective(r, o, vm);
	vm->emulated = read_names(r, o, "emulated", vm);
	if (!mask_contains(&vm->effective, &vm->emulated))
		reader_fail(r, "emulated has features that effective does not have");
	reader_text(r, o, "machine", false, vm->machine, sizeof(vm->machine));
	reader_string(r, o, "device", false);
	reader_text(r, o, "qemu", false, vm->qemu, sizeof(vm->qemu));
	vm_nic_read(r, o, vm);
	backend = reader_string(r, o, "backend", false);
	type = tapcompat_backend_find(backend);
	vm->backend = type < 0 ? TAPCOMPAT_TAP : (enum tapcompat_backend_type)type;
	if (backend[0] && type < 0)
		vm_unknown(vm, "the backend", backend);
}

int vm_read(struct reader *r, const char *text, size_t len, struct tapcompat_vm **vm)
{
	*vm = calloc(1, sizeof(**vm));
	if (!*vm) {
		reader_fail(r, "out of memory");
		return -ENOMEM;
	}
	(*vm)->document = reader_json(r, text, len);
	if ((*vm)->document)
		read_vm(r, (*vm)->document, *vm);
	if (!r->failed)
		return 0;
	tapcompat_vm_free(*vm);
	*vm = NULL;
	return r->ret;
}

int tapcompat_vm_parse(const char *text, size_t len, const char *name, struct tapcompat_vm **vm,
		       struct tapcompat_error *error)
{
	struct reader r = { .name = name, .error = error };

	return vm_read(&r, text, len, vm);
}

int tapcompat_vm_load(const char *path, struct tapcompat_vm **vm, struct tapcompat_error *error)
{
	struct reader r = { .error = error };
	size_t len = 0;
	char *text = reader_load(&r, path, &len);
	int ret = r.ret;

	*vm = NULL;
	if (text)
		ret = vm_read_any(&r, text, len, vm);
	free(text);
	return ret;
}

void tapcompat_vm_free(struct tapcompat_vm *vm)
{
	if (vm) {
		json_decref(vm->document);
		free(vm->attributes);
	}
	free(vm);
}

/* ---- Writing ---- */

/* Set a member, or delete it if @text is NULL or empty. */
static void vm_text(struct document *d, json_t *o, const char *key, const char *text)
{
	if (text && text[0])
		put(d, o, key, json_string(text));
	else
		json_object_del(o, key);
}

static void vm_effective(struct document *d, json_t *o, struct tapcompat_mask mask)
{
	const struct tapcompat_model *model = tapcompat_model_best(&mask);

	put(d, o, "mask", json_mask(mask));
	put(d, o, "features", json_names(d, mask));
	vm_text(d, o, "model", model ? model->name : NULL);
}

int vm_write(struct tapcompat_vm *vm, const struct vm_state *state)
{
	json_t *o = json_deep_copy(vm->document), *effective = json_object_get(o, "effective");
	struct document d = { .failed = !o };
	char device[FLAGS_TEXT + NIC_TEXT];

	put(&d, o, "strict", json_boolean(state->strict));
	put(&d, o, "backend", json_string(tapcompat_backend_name(state->backend)));
	vm_text(&d, o, "qemu", state->qemu);
	vm_text(&d, o, "machine", state->machine);
	flags_text(state->flags, device, sizeof(device));
	vm_nic_flags(&state->nic, state->backend, device, sizeof(device));
	vm_text(&d, o, "device", device);
	json_object_del(o, "later");
	put_later(&d, o, state->later);
	if (!effective) {
		effective = json_object();
		put(&d, o, "effective", effective);
	}
	vm_effective(&d, effective, state->effective);
	put(&d, o, "emulated", json_names(&d, state->emulated));
	vm_nic_write(&d, o, &state->nic);
	if (d.failed) {
		json_decref(o);
		return -ENOMEM;
	}
	json_decref(vm->document);
	vm->document = o;
	vm->strict = state->strict;
	vm->backend = state->backend;
	text_set(vm->qemu, sizeof(vm->qemu), "%s", state->qemu ? state->qemu : "");
	text_set(vm->machine, sizeof(vm->machine), "%s", state->machine ? state->machine : "");
	flags_later_text(state->later, vm->later, sizeof(vm->later));
	vm->effective = state->effective;
	vm->emulated = state->emulated;
	vm->nic = state->nic;
	return 0;
}

int vm_request(struct tapcompat_vm *vm, struct tapcompat_mask asked)
{
	struct document d = { .failed = false };
	json_t *o = document_new(&d, VM_SCHEMA), *requested = json_object();
	const struct tapcompat_feature *f;
	unsigned int i;

	for_each_feature(f)
		for (i = TAPCOMPAT_POLICY_FORCE; i < TAPCOMPAT_POLICIES; i++)
			if (tapcompat_mask_test(&vm->requested[i], f->bit))
				put(&d, requested, f->name, json_string(policy_names[i]));
	/* vm_write() sets the value; put here, it precedes "requested" in the document. */
	put(&d, o, "strict", json_false());
	put(&d, o, "requested", requested);
	put_added(&d, o, asked);
	vm->document = o;
	return d.failed ? -ENOMEM : 0;
}

char *tapcompat_vm_json(const struct tapcompat_vm *vm, unsigned int flags)
{
	struct document d = { .failed = false };

	return document_text(&d, json_incref(vm->document), flags);
}
