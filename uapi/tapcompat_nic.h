/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tapcompat_nic.h - what else than its features must match of a machine's network card
 *
 * A card is described by a list of properties, such as "host-mtu=1450,queue-pairs=4":
 * tapcompat-vm(5) has them.  The conventions are those of tapcompat.h.
 */
#ifndef TAPCOMPAT_NIC_H
#define TAPCOMPAT_NIC_H

#include <stddef.h>

#include <tapcompat.h>
#include <tapcompat_fleet.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes for the properties of a card as a list, such as "host-mtu=1450,queue-pairs=4". */
#define TAPCOMPAT_NIC_TEXT 384

/**
 * tapcompat_vm_nic() - the network card in a record
 * @text: @size bytes; set to a list, "" if the record says nothing of it
 */
void tapcompat_vm_nic(const struct tapcompat_vm *vm, char *text, size_t size);

/**
 * tapcompat_vm_check_nic() - does the network card at the destination match the record?
 * @check: of tapcompat_vm_check(); it fails if the card does not match
 * @list: properties of the card that the machine is to get there
 *
 * Only what is known on both sides is compared.
 *
 * Return: 0, or -EINVAL if @list is not a list of such properties
 */
int tapcompat_vm_check_nic(struct tapcompat_check *check, const struct tapcompat_vm *vm,
			   const char *list, struct tapcompat_error *error);

/**
 * tapcompat_nic_of_arguments() - the network card on a QEMU command line
 * @arguments: the command line, with spaces between words and quotes as in a shell; or the
 *	value of a -device option alone
 * @which: id, MAC address or number of the card, from 1; NULL if there is only one
 * @text: @size bytes; set to a list
 * Return: 0; -EINVAL if the command line is not understood; -ENODEV if there is no such card
 */
int tapcompat_nic_of_arguments(const char *arguments, const char *which, char *text, size_t size,
			       struct tapcompat_error *error);

/**
 * tapcompat_nic_of_domain() - the network card in a libvirt domain
 * @xml: @len bytes
 * @which: alias, MAC address or number of the interface, from 1; NULL if there is only one
 * Return: as tapcompat_nic_of_arguments(), or -ENOMEM
 */
int tapcompat_nic_of_domain(const char *xml, size_t len, const char *which, char *text,
			    size_t size, struct tapcompat_error *error);

/**
 * tapcompat_nic_of_qmp() - the network card of a running QEMU
 * @path: of its QMP socket, which must not be in use
 * @which: id, MAC address or number of the card, from 1; NULL if there is only one
 *
 * Only properties are read.
 *
 * Return: 0; -ENODEV if there is no such card; another negative errno
 */
int tapcompat_nic_of_qmp(const char *path, const char *which, char *text, size_t size,
			 struct tapcompat_error *error);

#ifdef __cplusplus
}
#endif

#endif /* TAPCOMPAT_NIC_H */
