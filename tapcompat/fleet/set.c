// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * set.c - load and compare the two sides of a comparison
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "document/document.h"
#include "document/reader.h"
#include "feature/compare.h"
#include "ground/mask.h"
#include "ground/text.h"
#include "record/vm.h"

struct tapcompat_set *tapcompat_set_of(const struct tapcompat_caps *caps, const char *name,
				       unsigned int flags)
{
	struct tapcompat_set *set = malloc(sizeof(*set));

	if (set)
		set_caps(set, caps, name, flags & TAPCOMPAT_SET_EMULATED);
	return set;
}

static struct tapcompat_set *set_bare_of(struct tapcompat_mask mask, const char *name,
					 bool chosen)
{
	struct tapcompat_set *set = malloc(sizeof(*set));

	if (set)
		set_bare(set, mask, name, chosen);
	return set;
}

/* The features of a machine; the backend that it ran on says which ring features count. */
static int set_vm(struct reader *r, const char *text, size_t len, struct tapcompat_set **set)
{
	struct tapcompat_vm *vm;
	int ret = vm_read_any(r, text, len, &vm);

	if (ret)
		return ret;
	if (vm->unknown[0]) {
		reader_fail(r, "it has %s, which this tapcompat does not know: use a newer one",
			    vm->unknown);
		ret = -EOPNOTSUPP;
	} else {
		*set = set_bare_of(vm->effective, r->name, true);
		ret = *set ? 0 : -ENOMEM;
	}
	if (*set) {
		(*set)->usual = 1u << vm->backend;
		(*set)->nic = vm->nic;
	}
	tapcompat_vm_free(vm);
	return ret;
}

/* All cards of all machines together; what they may hold is unknown. */
static int set_audit(struct reader *r, const char *text, size_t len, struct tapcompat_set **set)
{
	struct tapcompat_mask held = MASK_NONE, may = MASK_NONE;
	struct audit a;
	unsigned int j;
	size_t i;
	int ret;

	audit_init(&a, false);
	ret = audit_parse(&a, text, len, r->name, 0, r->error);
	for (i = 0; i < a.machines; i++)
		for (j = 0; j < a.machine[i].cards; j++) {
			held = mask_or(held, a.machine[i].card[j].held);
			may = mask_or(may, audit_may_hold(&a.machine[i].card[j]));
		}
	audit_free(&a);
	if (ret)
		return ret;
	*set = set_bare_of(held, r->name, true);
	if (!*set)
		return -ENOMEM;
	may = mask_minus(may, held);
	(*set)->scope = mask_or((*set)->scope, may);
	for (j = 0; j < TAPCOMPAT_BACKENDS; j++)
		(*set)->backend[j].unknown = mask_and(may, features_decided_by(
							(enum tapcompat_backend_type)j));
	return 0;
}

static int set_host(struct reader *r, const char *text, size_t len, unsigned int flags,
		    struct tapcompat_set **set)
{
	struct tapcompat_caps *caps;
	int ret = document_caps_read(r, text, len, &caps);

	if (ret)
		return ret;
	*set = tapcompat_set_of(caps, r->name, flags);
	tapcompat_caps_free(caps);
	return *set ? 0 : -ENOMEM;
}

static int set_file(struct reader *r, const char *path, unsigned int flags,
		    struct tapcompat_set **set)
{
	size_t len = 0;
	char *text = reader_load(r, path, &len);
	bool audit = text && audit_is(text, len), xml = text && vm_is_xml(text, len), vm;
	json_t *o;
	int ret;

	if (audit) {
		ret = set_audit(r, text, len, set);
		free(text);
		return ret;
	}
	r->most = 0;
	o = text && !xml ? reader_json(r, text, len) : NULL;
	vm = xml || (o && !strcmp(reader_string(r, o, "schema", true), VM_SCHEMA));
	ret = r->ret;
	json_decref(o);
	if (!ret)
		ret = vm ? set_vm(r, text, len, set) : set_host(r, text, len, flags, set);
	free(text);
	return ret;
}

int tapcompat_set_load(const char *what, unsigned int flags, struct tapcompat_set **set,
		       struct tapcompat_error *error)
{
	const struct tapcompat_model *model = tapcompat_model_find(what);
	struct reader r = { .name = what, .error = error, .most = AUDIT_MOST };
	struct tapcompat_mask mask;
	int ret = 0;

	*set = NULL;
	if (model) {
		*set = set_bare_of(tapcompat_model_features(model), model->name, true);
	} else if (what[0] == '0' && (what[1] == 'x' || what[1] == 'X')) {
		ret = tapcompat_mask_parse(what, &mask);
		if (ret)
			reader_fail(&r, "a mask is \"0x\" and up to 32 hexadecimal digits");
		else
			*set = set_bare_of(mask, what, false);
	} else {
		ret = set_file(&r, what, flags, set);
	}
	return ret ? ret : *set ? 0 : -ENOMEM;
}

void tapcompat_set_free(struct tapcompat_set *set)
{
	free(set);
}

int tapcompat_compare(const struct tapcompat_set *a, const struct tapcompat_set *b,
		      unsigned int backends, struct tapcompat_comparison **comparison,
		      struct tapcompat_error *error)
{
	struct tapcompat_comparison *c = malloc(sizeof(*c));
	int ret = !c ? -ENOMEM : compare_sets(c, a, b, backends) ? 0 : -ENODATA;

	if (ret && error)
		text_set(error->text, sizeof(error->text), "%s", ret == -ENOMEM ? "out of memory" :
			 "a backend is not known on both sides: probe again as root, with that "
			 "backend");
	*comparison = ret ? NULL : c;
	if (ret)
		free(c);
	return ret;
}

void tapcompat_comparison_free(struct tapcompat_comparison *comparison)
{
	free(comparison);
}

enum tapcompat_relation
tapcompat_comparison_relation(const struct tapcompat_comparison *comparison)
{
	return comparison->relation;
}

const struct tapcompat_difference *
tapcompat_comparison_at(const struct tapcompat_comparison *comparison, unsigned int index)
{
	return index < comparison->differences ? &comparison->difference[index] : NULL;
}

int tapcompat_comparison_doubtful(const struct tapcompat_comparison *comparison)
{
	unsigned int i;

	for (i = 0; i < comparison->differences; i++)
		if (!mask_empty(&comparison->difference[i].unknown))
			return 1;
	return comparison->left_out != 0;
}
