// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * origin.c - whose a line of a log is: when, where, which machine
 */
#include "origin.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tapcompat.h>

#include "ground/bytes.h"
#include "ground/text.h"

#define FIELD(name) offsetof(struct origin, name), sizeof(((struct origin *)0)->name)

static void set(struct origin *o, size_t offset, size_t size, const char *text, size_t n)
{
	char *field = (char *)o + offset, plain[160];

	if (field[0] || !n)
		return;
	text_set(plain, sizeof(plain), "%.*s", (int)(n < sizeof(plain) ? n : sizeof(plain) - 1),
		 text);
	text_escape(field, size, plain);
}

static void manage(struct origin *o, enum manager manager)
{
	if (manager > o->manager)
		o->manager = manager;
}

/* ---- What is said anywhere in a line ---- */

/* What stands before a name, and what ends it. */
static const struct mark {
	const char *before, *ends;
	size_t offset, size;
	enum manager manager;
} marks[] = {
	{ "(vm='", "'", FIELD(machine), MANAGER_LIBVIRT },
	{ "-name guest=", ", '\"\\", FIELD(machine), MANAGER_LIBVIRT },
	{ "[instance: ", "]", FIELD(machine), MANAGER_NOVA },
	{ "domain '", "'", FIELD(machine), MANAGER_LIBVIRT },
	{ "domain=\"", "\"", FIELD(machine), MANAGER_LIBVIRT },
	{ "sandbox=", " ,\"", FIELD(machine), MANAGER_KATA },
	{ "\" pid=", " ,", FIELD(pid), MANAGER_NONE },
	{ "hostname: ", " ,", FIELD(host), MANAGER_NONE },
	{ "qemu version: ", " ,", FIELD(qemu), MANAGER_NONE },
	{ "QEMU emulator version ", " ,(", FIELD(qemu), MANAGER_NONE },
	{ "pve-qemu-kvm: ", " -_", FIELD(qemu), MANAGER_PROXMOX },
	{ "-machine type=", ",+ '\"", FIELD(type), MANAGER_NONE },
	{ "-machine ", ",+ '\"", FIELD(type), MANAGER_NONE },
	{ "of device '", "/'", FIELD(card), MANAGER_NONE },
	{ "level=error time=\"", "\"", FIELD(time), MANAGER_NONE },
	{ "time=\"", "\"", FIELD(time), MANAGER_NONE },
};

static void mark_within(const struct mark *m, const char *line, size_t n, struct origin *o)
{
	size_t before = strlen(m->before), len = 0;
	const char *at = memmem(line, n, m->before, before);

	if (!at)
		return;
	at += before;
	while (at + len < line + n && at[len] && at[len] != '\n' && !strchr(m->ends, at[len]))
		len++;
	/* A name whose end is not there is not whole. */
	if (at + len == line + n && !strchr(m->ends, ' '))
		len = 0;
	/* 'ram' is no card, '0000:00:05.0/virtio-net' has one. */
	if (m->offset == offsetof(struct origin, card) && at[len] != '/')
		len = 0;
	/* "7.2.22Debian" */
	if (m->offset == offsetof(struct origin, qemu))
		len = strspn(at, "0123456789.") < len ? strspn(at, "0123456789.") : len;
	set(o, m->offset, m->size, at, len);
	if (len)
		manage(o, m->manager);
}

/* "VM 101 qmp command": the number of a machine of Proxmox VE, which are 100 or more. */
static void number_within(const char *line, size_t n, struct origin *o)
{
	const char *at = line, *end = line + n;

	while ((at = memmem(at, (size_t)(end - at), "VM ", 3))) {
		size_t digits = 0;
		bool word = at > line && (at[-1] > ' ' && at[-1] != '(' && at[-1] != '\'');

		at += 3;
		while (at + digits < end && at[digits] >= '0' && at[digits] <= '9')
			digits++;
		if (!word && digits >= 3 && digits <= 9 && at + digits < end &&
		    strchr(" :-'", at[digits])) {
			set(o, FIELD(machine), at, digits);
			manage(o, MANAGER_PROXMOX);
			return;
		}
	}
}

/* UPID:pve1:000ABCDE:00012345:6928A000:qmigrate:101:root@pam: */
static void task_within(const char *line, size_t n, struct origin *o)
{
	const char *at = memmem(line, n, "UPID:", 5), *end = line + n;
	unsigned int i;

	for (i = 0; at && i < 7; i++) {
		const char *next = memchr(at, ':', (size_t)(end - at));

		if (!next)
			return;
		if (i == 1)
			set(o, FIELD(host), at, (size_t)(next - at));
		if (i == 6 && *at >= '0' && *at <= '9') {
			set(o, FIELD(machine), at, (size_t)(next - at));
			manage(o, MANAGER_PROXMOX);
		}
		at = next + 1;
	}
}

/* Programs whose lines are of one manager. */
static const struct {
	const char *program;
	enum manager manager;
} programs[] = {
	{ "libvirtd", MANAGER_LIBVIRT }, { "virtqemud", MANAGER_LIBVIRT },
	{ "nova-compute", MANAGER_NOVA }, { "virt-launcher", MANAGER_KUBEVIRT },
	{ "virt-handler", MANAGER_KUBEVIRT }, { "kata", MANAGER_KATA },
	{ "containerd-shim-v2", MANAGER_KATA }, { "QEMU", MANAGER_PROXMOX },
	{ "pvedaemon", MANAGER_PROXMOX }, { "pveproxy", MANAGER_PROXMOX },
	{ "pvestatd", MANAGER_PROXMOX }, { "qm", MANAGER_PROXMOX },
};

static void program_says(struct origin *o)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(programs); i++)
		if (!strcmp(o->program, programs[i].program))
			manage(o, programs[i].manager);
	/* "qemu-8.2:", as those name it who have several. */
	if (!strncmp(o->program, "qemu-", 5) && release_valid(o->program + 5))
		set(o, FIELD(qemu), o->program + 5, strlen(o->program + 5));
}

void origin_within(const char *line, size_t n, struct origin *o)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(marks); i++)
		mark_within(&marks[i], line, n, o);
	number_within(line, n, o);
	task_within(line, n, o);
	if (memmem(line, n, "libvirt/qemu/", 13) && memmem(line, n, ".log", 4))
		origin_file(line, n, o);
	program_says(o);
}

void origin_file(const char *path, size_t n, struct origin *o)
{
	static const char folder[] = "libvirt/qemu/";
	const char *name = memmem(path, n, folder, sizeof(folder) - 1), *end;

	if (!name)
		return;
	name += sizeof(folder) - 1;
	end = memmem(name, (size_t)(path + n - name), ".log", 4);
	if (!end || memchr(name, '/', (size_t)(end - name)))
		return;
	set(o, FIELD(machine), name, (size_t)(end - name));
	manage(o, MANAGER_LIBVIRT);
}

/* ---- Records ---- */

/* The members of records that say something; a message first. */
static const struct {
	const char *key;
	size_t offset, size;
} members[] = {
	{ "MESSAGE", 0, 0 }, { "message", 0, 0 }, { "msg", 0, 0 }, { "log", 0, 0 },
	{ "_HOSTNAME", FIELD(host) }, { "hostname", FIELD(host) }, { "host", FIELD(host) },
	{ "nodeName", FIELD(host) }, { "node", FIELD(host) },
	{ "SYSLOG_IDENTIFIER", FIELD(program) }, { "subcomponent", FIELD(program) },
	{ "component", FIELD(program) }, { "source", FIELD(program) },
	{ "timestamp", FIELD(time) }, { "time", FIELD(time) }, { "@timestamp", FIELD(time) },
	{ "ts", FIELD(time) },
	{ "_PID", FIELD(pid) }, { "SYSLOG_PID", FIELD(pid) }, { "qemuPid", FIELD(pid) },
	{ "pid", FIELD(pid) },
	{ "sandbox", FIELD(machine) }, { "sandboxID", FIELD(machine) },
	{ "vm", FIELD(machine) }, { "domain", FIELD(machine) },
	{ "instance_uuid", FIELD(machine) },
};

static bool named(const char *key, size_t n, const char *name)
{
	return strlen(name) == n && !memcmp(key, name, n);
}

/* Microseconds, as journald has them. */
static void journal_time(struct origin *o, const char *value)
{
	time_t seconds = (time_t)(strtoull(value, NULL, 10) / 1000000);
	struct tm tm;

	if (!o->time[0] && gmtime_r(&seconds, &tm))
		strftime(o->time, sizeof(o->time), "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void name_part(char *part, const char *value, size_t n)
{
	text_set(part, ORIGIN_NAME, "%.*s", (int)(n < ORIGIN_NAME ? n : ORIGIN_NAME - 1), value);
}

bool record_member(struct record *r, const char *key, size_t key_len, const char *value,
		   size_t n)
{
	size_t i;

	if (named(key, key_len, "name"))
		name_part(r->name, value, n);
	if (named(key, key_len, "namespace"))
		name_part(r->space, value, n);
	/* The runtime's own is of no interest beside it. */
	if (named(key, key_len, "qemuPid"))
		r->origin.pid[0] = '\0';
	if (named(key, key_len, "__REALTIME_TIMESTAMP"))
		journal_time(&r->origin, value);
	if (named(key, key_len, "sandbox") || named(key, key_len, "sandboxID"))
		manage(&r->origin, MANAGER_KATA);
	if (named(key, key_len, "component") && n > 5 && !memcmp(value, "virt-", 5))
		manage(&r->origin, MANAGER_KUBEVIRT);
	for (i = 0; i < ARRAY_LENGTH(members); i++) {
		if (!named(key, key_len, members[i].key))
			continue;
		if (!members[i].size)
			return true;
		set(&r->origin, members[i].offset, members[i].size, value, n);
	}
	return false;
}

const struct origin *record_origin(struct record *r)
{
	char machine[2 * ORIGIN_NAME];

	/* libvirt's name of a domain of KubeVirt has both. */
	if (r->space[0] && r->name[0]) {
		text_set(machine, sizeof(machine), "%s_%s", r->space, r->name);
		set(&r->origin, FIELD(machine), machine, strlen(machine));
	}
	program_says(&r->origin);
	return &r->origin;
}

/* ---- Two of them ---- */

static const struct {
	size_t offset, size;
	bool tells_apart;	/* two machines may have two of them */
} fields[] = {
	{ FIELD(time), false }, { FIELD(host), true }, { FIELD(machine), true },
	{ FIELD(pid), false }, { FIELD(program), false }, { FIELD(card), false },
	{ FIELD(qemu), false }, { FIELD(type), false },
};

void origin_add(struct origin *o, const struct origin *more)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(fields); i++) {
		char *field = (char *)o + fields[i].offset;

		if (!field[0])
			memcpy(field, (const char *)more + fields[i].offset, fields[i].size);
	}
	manage(o, more->manager);
}

bool origin_agree(const struct origin *a, const struct origin *b)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(fields); i++) {
		const char *x = (const char *)a + fields[i].offset;
		const char *y = (const char *)b + fields[i].offset;

		if (fields[i].tells_apart && *x && *y && strcmp(x, y))
			return false;
	}
	/* Two processes of one program are two machines. */
	return !a->pid[0] || !b->pid[0] || strcmp(a->program, b->program) ||
	       !strcmp(a->pid, b->pid);
}

const char *manager_name(enum manager manager)
{
	static const char *const names[] = {
		[MANAGER_NONE] = "", [MANAGER_LIBVIRT] = "libvirt", [MANAGER_NOVA] = "nova",
		[MANAGER_KUBEVIRT] = "kubevirt", [MANAGER_KATA] = "kata",
		[MANAGER_PROXMOX] = "proxmox",
	};

	return names[manager];
}
