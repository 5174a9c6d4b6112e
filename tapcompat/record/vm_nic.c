// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vm_nic.c - the network card of a record, beside its features
 */
#include <errno.h>
#include <string.h>

#include <tapcompat_nic.h>

#include "feature/check.h"
#include "ground/text.h"
#include "vm.h"

/* ---- Documents ----------------------------------------------------------- */

static bool is_of_kind(const json_t *value, enum nic_kind kind)
{
	return kind == NIC_NUMBER ? json_is_integer(value) :
	       kind == NIC_SWITCH ? json_is_boolean(value) : json_is_string(value);
}

static void read_property(struct reader *r, struct tapcompat_vm *vm, const char *key,
			  const json_t *value)
{
	enum nic_property p = nic_find(key);
	char text[NIC_VALUE];

	if (p == NIC_PROPERTIES || strcmp(nic_table[p].name, key)) {
		vm_unknown(vm, "the property of its card", key);
		return;
	}
	if (json_is_integer(value))
		text_set(text, sizeof(text), "%lld", (long long)json_integer_value(value));
	else
		text_set(text, sizeof(text), "%s", json_is_string(value) ?
			 json_string_value(value) : json_is_true(value) ? "on" : "off");
	if (!is_of_kind(value, nic_table[p].kind) || !nic_read(&vm->nic, p, text))
		reader_fail(r, "%s has no valid value", nic_table[p].name);
}

void vm_nic_read(struct reader *r, json_t *o, struct tapcompat_vm *vm)
{
	json_t *nic = reader_member(r, o, "nic", JSON_OBJECT, false);
	size_t at = reader_enter(r, "nic");
	void *it = json_object_iter(nic);

	for (; it; it = json_object_iter_next(nic, it))
		read_property(r, vm, json_object_iter_key(it), json_object_iter_value(it));
	reader_leave(r, at);
}

static json_t *json_property(const struct nic *nic, unsigned int i)
{
	char text[NIC_VALUE];

	switch (nic_table[i].kind) {
	case NIC_NUMBER:
		return json_integer((json_int_t)nic->value[i]);
	case NIC_SWITCH:
		return json_boolean(nic->value[i]);
	default:
		return json_string(nic_value_text(i, nic->value[i], text, sizeof(text)));
	}
}

void vm_nic_write(struct document *d, json_t *o, const struct nic *nic)
{
	json_t *object = json_object_get(o, "nic");
	unsigned int i;

	if (!nic->known)
		return;
	if (!object) {
		object = json_object();
		put(d, o, "nic", object);
	}
	for (i = 0; i < NIC_PROPERTIES; i++)
		if (nic_knows(nic, i))
			put(d, object, nic_table[i].name, json_property(nic, i));
}

/* ---- The card ------------------------------------------------------------ */

int vm_nic_of(const struct tapcompat_vm *vm, const char *list, struct nic *nic,
	      struct tapcompat_error *error)
{
	*nic = vm->nic;
	return list ? nic_parse(nic, list, error) : 0;
}

void vm_nic_flags(const struct nic *nic, enum tapcompat_backend_type backend, char *text,
		  size_t size)
{
	nic_flags(nic, backend == TAPCOMPAT_VHOST_VDPA ? nic_table[NIC_TX_QUEUE_SIZE].most :
		  NIC_TX_TAP, text, size);
}

void tapcompat_vm_nic(const struct tapcompat_vm *vm, char *text, size_t size)
{
	nic_list(&vm->nic, text, size);
}

int tapcompat_vm_check_nic(struct tapcompat_check *check, const struct tapcompat_vm *vm,
			   const char *list, struct tapcompat_error *error)
{
	struct nic nic = { .known = 0 };
	char names[CAPS_DETAIL] = "";
	int ret = nic_parse(&nic, list, error);
	unsigned int i;

	if (ret)
		return ret;
	check->nics = nic_compare(&vm->nic, &nic, check->nic);
	for (i = 0; i < check->nics; i++)
		if (check->nic[i].verdict == TAPCOMPAT_FAIL)
			text_add(names, sizeof(names), "%s%s", names[0] ? ", " : "",
				 check->nic[i].row->name);
	if (names[0])
		check_refuse(check, TAPCOMPAT_EXIT_LACKS, "the network card that the machine is "
			     "to get here does not match: %s", names);
	return 0;
}
