/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vm.h - the record of a virtual machine, from inside the library
 *
 * The document is kept as it was read and written again with its own members
 * replaced, so what a newer writer added goes through an older reader unharmed.
 * What such a reader cannot judge it names, and then it refuses to judge.
 */
#ifndef TAPCOMPAT_RECORD_VM_H
#define TAPCOMPAT_RECORD_VM_H

#include <jansson.h>

#include "feature/flags.h"
#include "feature/offer.h"

#include <tapcompat_fleet.h>

#define VM_SCHEMA "tapcompat-vm"
#define VM_TEXT 96

struct tapcompat_vm {
	json_t *document;
	bool strict;
	struct tapcompat_mask requested[TAPCOMPAT_POLICIES];
	struct tapcompat_mask effective, emulated;
	enum tapcompat_backend_type backend;
	char qemu[VM_TEXT];	/* release that it was started with, or "" */
	char beyond[VM_TEXT];	/* the first thing that this version does not know */
};

/* What a machine has got, for its record. */
struct vm_state {
	bool strict;
	enum tapcompat_backend_type backend;
	struct tapcompat_mask effective, emulated;
	struct flags flags;
	const char *qemu, *machine;	/* or NULL */
};

/**
 * vm_write() - bring a record's document up to date
 * Return: 0 or -ENOMEM, and then it is unchanged
 */
int vm_write(struct tapcompat_vm *vm, const struct vm_state *state);

/**
 * vm_request() - write down what was requested, once
 * @asked: of what is wanted, what was asked for and is not only needed by that
 */
int vm_request(struct tapcompat_vm *vm, struct tapcompat_mask asked);

#endif /* TAPCOMPAT_RECORD_VM_H */
