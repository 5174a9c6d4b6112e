/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hook_state.h - a call of libvirt's hook, shared by the files that judge it
 */
#ifndef TAPCOMPAT_SERVICE_HOOK_STATE_H
#define TAPCOMPAT_SERVICE_HOOK_STATE_H

#include <tapcompat_fleet.h>

#include "feature/check.h"
#include "hook.h"
#include "qemu/release.h"
#include "record/vm.h"

#define HOOK_LINE 2048
#define HOOK_NAME 80
#define HOOK_CHECKS (2 * TAPCOMPAT_BACKENDS)	/* requirements and record, per backend */

/* How the XML of a guest can be changed. */
enum hook_way {
	HOOK_EDIT,		/* virsh edit */
	HOOK_RESTORE,		/* virsh save-image-edit or managedsave-edit */
	HOOK_MIGRATE,		/* virsh migrate --xml */
};

/* An operation of libvirt that may be refused. */
struct operation {
	const char *name, *phase;
	const char *refused;	/* completes "guest may not ..." */
	bool moves;		/* the guest is running already: its features must not change */
	enum hook_way way;	/* how its XML is edited */
};
struct hook {
	const struct hook_options *o;
	const struct operation *operation;
	char guest[HOOK_NAME];
	struct domain domain;
	char qemu[QEMU_RELEASE];	/* release of its emulator, or "" if it is unknown */
	struct tapcompat_mask require;
	struct tapcompat_vm *vm;	/* the guest's record, or NULL */
	unsigned int flags;		/* TAPCOMPAT_CHECK_* */
	const struct tapcompat_caps *caps;
	struct tapcompat_caps *own;	/* @caps if they must be freed, or NULL */
	bool fell_back;			/* to a tap without vhost-net, as libvirt does */
	unsigned int checks;
	struct tapcompat_check *check[HOOK_CHECKS];
	const char *subject[HOOK_CHECKS];	/* added to messages of that check */
	bool complete;			/* no check failed for lack of memory */
	unsigned int said;		/* number of reasons reported */
};

/* Say a line: refusals, and what to do about them, come before all else. */
void hook_say(struct hook *h, enum tapcompat_verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * hook_refuse() - say why the operation is refused
 * Return: @code
 */
int hook_refuse(struct hook *h, int code, const char *why);

/**
 * hook_look_at_host() - read or probe the capabilities of this host
 * Return: enum tapcompat_exit
 */
int hook_look_at_host(struct hook *h);

/* The backend of a type of interface on this host. */
enum tapcompat_backend_type hook_backend(struct hook *h, enum domain_link link);

/* Does the kernel of this host decide the features of such an interface? */
bool hook_judged(enum domain_link link);

/**
 * hook_qemu() - does the guest's QEMU know what its metadata requires?
 * Return: enum tapcompat_exit
 */
int hook_qemu(struct hook *h);

/**
 * hook_checks() - check the requirements and the record on the guest's backends
 * Return: enum tapcompat_exit, after all refusals
 */
int hook_checks(struct hook *h);

/* Warnings of the checks, and emulated features: after all refusals. */
void hook_warnings(struct hook *h);

/**
 * hook_emulator() - is emulated what the checks count as emulated?
 * Return: enum tapcompat_exit
 */
int hook_emulator(struct hook *h);

/**
 * hook_settings() - does the XML of each interface give it the features of the record?
 * Return: enum tapcompat_exit
 */
int hook_settings(struct hook *h);

/**
 * hook_card() - is the network card in the XML the one of the record?
 * Return: enum tapcompat_exit
 */
int hook_card(struct hook *h);

#endif /* TAPCOMPAT_SERVICE_HOOK_STATE_H */
