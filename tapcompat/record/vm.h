/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vm.h - the record of a virtual machine, internal
 *
 * The document is kept as it was read, and written again with only its known members
 * replaced, so that members added by a newer version survive an older one.  A policy,
 * feature or backend that this version does not know is reported, and the record is then
 * not checked.
 */
#ifndef TAPCOMPAT_RECORD_VM_H
#define TAPCOMPAT_RECORD_VM_H

#include <jansson.h>

#include <tapcompat_fleet.h>

#include "document/reader.h"
#include "feature/flags.h"
#include "feature/offer.h"

#define VM_SCHEMA "tapcompat-vm"
#define VM_TEXT 96

struct tapcompat_vm {
	json_t *document;
	bool strict;
	struct tapcompat_mask requested[TAPCOMPAT_POLICIES];
	struct tapcompat_mask effective, emulated;
	enum tapcompat_backend_type backend;
	char qemu[VM_TEXT];	/* release that it was started with, or "" */
	char machine[VM_TEXT];	/* type, or "" */
	char later[FLAGS_TEXT];	/* flags that newer QEMUs also need, as text, or "" */
	char unknown[VM_TEXT];	/* first item that this version does not know, or "" */
	char *attributes;	/* of the <net> that it was read from, as XML, or NULL */
	char emulator[256];	/* of the domain that it was read from, or "" */
};

/* The effective part of a record. */
struct vm_state {
	bool strict;
	enum tapcompat_backend_type backend;
	struct tapcompat_mask effective, emulated;
	struct flags flags, later;
	const char *qemu, *machine;	/* or NULL */
};

/**
 * vm_read() - read a record from JSON
 * @vm: set on success
 */
int vm_read(struct reader *r, const char *text, size_t len, struct tapcompat_vm **vm);

/**
 * vm_read_any() - the same, or from what virsh metadata or virsh dumpxml prints
 */
int vm_read_any(struct reader *r, const char *text, size_t len, struct tapcompat_vm **vm);

/* Is it XML?  A record may be in a domain's metadata. */
bool vm_is_xml(const char *text, size_t len);

/* Note the first item that this version does not know. */
void vm_unknown(struct tapcompat_vm *vm, const char *what, const char *name);

/**
 * vm_write() - update the effective part of a record and its document
 * Return: 0, or -ENOMEM with the record unchanged
 */
int vm_write(struct tapcompat_vm *vm, const struct vm_state *state);

/**
 * vm_request() - create a record's document with what was requested
 * @asked: the wanted features without those that were added because they are needed
 * Return: 0 or -ENOMEM
 */
int vm_request(struct tapcompat_vm *vm, struct tapcompat_mask asked);

#endif /* TAPCOMPAT_RECORD_VM_H */
