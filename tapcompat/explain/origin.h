/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * origin.h - whose a line of a log is: when, where, which machine
 */
#ifndef TAPCOMPAT_EXPLAIN_ORIGIN_H
#define TAPCOMPAT_EXPLAIN_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

/* Who runs the machine, and so in whose words cures are. */
enum manager {
	MANAGER_NONE,		/* QEMU on a command line, or not known */
	MANAGER_LIBVIRT,
	MANAGER_NOVA,
	MANAGER_KUBEVIRT,
	MANAGER_KATA,
	MANAGER_PROXMOX,
};

#define ORIGIN_NAME 96

/* All of it foreign, and made of printable ASCII; "" where it is not known. */
struct origin {
	char time[40];
	char host[72];
	char machine[ORIGIN_NAME];
	char pid[12];
	char program[40];
	char card[56];		/* as QEMU names it, such as 0000:00:05.0 */
	char qemu[24];		/* release of QEMU */
	char type[48];		/* machine type */
	enum manager manager;
};

/**
 * origin_prefix() - what stands in front of the message
 * @line: cleaned
 * Return: where the message begins
 */
size_t origin_prefix(const char *line, size_t n, struct origin *o);

/**
 * origin_within() - what a line says of the machine anywhere
 */
void origin_within(const char *line, size_t n, struct origin *o);

/**
 * origin_file() - what the name of a log says
 */
void origin_file(const char *path, size_t n, struct origin *o);

/* The members of a record of a log, as JSON or journalctl -o export has them. */
struct record {
	struct origin origin;
	char name[ORIGIN_NAME], space[ORIGIN_NAME];	/* of Kubernetes, or of a module */
};

/**
 * record_member() - what one member says
 * Return: is it the message itself?
 */
bool record_member(struct record *r, const char *key, size_t key_len, const char *value,
		   size_t n);

/**
 * record_origin() - when all members are in
 */
const struct origin *record_origin(struct record *r);

/* What is not known yet is taken from another one. */
void origin_add(struct origin *o, const struct origin *more);

/* May both be of the same machine? */
bool origin_agree(const struct origin *a, const struct origin *b);

/* Such as "libvirt", "" where it is nobody. */
const char *manager_name(enum manager manager);

#endif /* TAPCOMPAT_EXPLAIN_ORIGIN_H */
