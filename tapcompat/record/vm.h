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

#include "document/document.h"
#include "document/reader.h"
#include "feature/flags.h"
#include "feature/nic.h"
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
	struct nic nic;		/* what else of its card must match */
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
	struct nic nic;
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

/**
 * vm_write() - update the effective part of a record and its document
 * Return: 0, or -ENOMEM with the record unchanged
 */
int vm_write(struct tapcompat_vm *vm, const struct vm_state *state);

/**
 * vm_unknown() - note the first item that this version does not know
 * @what: such as "the feature"; @name: foreign
 */
void vm_unknown(struct tapcompat_vm *vm, const char *what, const char *name);

/**
 * vm_nic_read() - read the member "nic" of a document, if it has one
 * vm_nic_write() - set its known members, and leave those that this version does not know
 */
void vm_nic_read(struct reader *r, json_t *o, struct tapcompat_vm *vm);
void vm_nic_write(struct document *d, json_t *o, const struct nic *nic);

/**
 * vm_nic_of() - the card of a record, with what the options say of it
 * Return: 0 or -EINVAL
 */
int vm_nic_of(const struct tapcompat_vm *vm, const char *list, struct nic *nic,
	      struct tapcompat_error *error);

/* Append the record's card to options of -device. */
void vm_nic_flags(const struct nic *nic, enum tapcompat_backend_type backend, char *text,
		  size_t size);

/**
 * vm_request() - create a record's document with what was requested
 * @asked: the wanted features without those that were added because they are needed
 * Return: 0 or -ENOMEM
 */
int vm_request(struct tapcompat_vm *vm, struct tapcompat_mask asked);

#endif /* TAPCOMPAT_RECORD_VM_H */
