// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ask.c - ask a QEMU that runs for its device state
 *
 * xen-save-devices-state writes the state of all devices, on every host and in every QEMU.
 * It stops the guest for that, and resumes it if it was running.  It must be told that this
 * is not a migration ("live": false): else it gives up the disks of a guest that was not
 * running.
 */
#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ground/bytes.h"
#include "ground/text.h"

#define CONNECT_MS 1000
#define TOTAL_MS 5000

int ask_fail(const struct asking *a, int ret, const char *format, ...)
{
	char what[384];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (a->error)
		text_set(a->error->text, sizeof(a->error->text), "%s: %s", a->name, what);
	return ret;
}

int ask_command(struct asking *a, const char *command, json_t *arguments, int fd,
		json_t **answer)
{
	json_t *o;
	char why[256];
	int ret = qmp_execute_fd(&a->qmp, command, arguments, fd, &o);

	if (ret) {
		qmp_explain(&a->qmp, ret, why, sizeof(why));
		ret = ask_fail(a, ret, "%s: %s", command, why);
	} else if (!o) {
		ret = ask_fail(a, -EPROTO, "%s: QEMU refuses: %s", command, a->qmp.refusal);
	}
	if (answer && !ret)
		*answer = json_incref(o);
	json_decref(o);
	return ret;
}

/* A member "status" of what a command answers, or "" */
static int ask_status(struct asking *a, const char *command, char *status, size_t size)
{
	const char *text;
	json_t *o;
	int ret = ask_command(a, command, NULL, -1, &o);

	if (ret)
		return ret;
	text = json_string_value(json_object_get(o, "status"));
	text_escape(status, size, text ? text : "");
	json_decref(o);
	return 0;
}

static bool among(const char *word, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(list[i], word))
			return true;
	return false;
}

/* May it be stopped?  Not while somebody else has plans for it. */
static int ask_leave(struct asking *a)
{
	static const char *const steady[] = { "running", "paused", "suspended" };
	static const char *const idle[] = { "", "none", "completed", "failed", "cancelled" };
	char status[32] = "", migration[32] = "";
	int ret = ask_status(a, "query-status", status, sizeof(status));

	if (!ret)
		ret = ask_status(a, "query-migrate", migration, sizeof(migration));
	if (ret)
		return ret;
	if (!among(status, steady, ARRAY_LENGTH(steady)))
		return ask_fail(a, -EBUSY, "it is in the state \"%s\", and is not disturbed: ask "
				"again once it runs", status);
	if (!among(migration, idle, ARRAY_LENGTH(idle)))
		return ask_fail(a, -EBUSY, "it is being migrated or saved (\"%s\"), and is not "
				"disturbed: ask again later", migration);
	return 0;
}

/* QEMU wants a descriptor that can be written and not read. */
static int writer_open(struct asking *a, int memory)
{
	char path[64];
	int fd;

	text_set(path, sizeof(path), "/proc/self/fd/%d", memory);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? ask_fail(a, -errno, "%s: %s", path, strerror(errno)) : fd;
}

/* Its devices' state into the descriptor, by the name that QEMU gave that. */
static int ask_save(struct asking *a, int set)
{
	char path[64];
	int ret;

	text_set(path, sizeof(path), "/dev/fdset/%d", set);
	a->answer->stopped = true;
	ret = ask_command(a, "xen-save-devices-state",
			  json_pack("{s:s,s:b}", "filename", path, "live", 0), -1, NULL);
	if (a->qmp.stopped && a->qmp.resumed >= a->qmp.stopped)
		a->answer->stopped_us = (long)(a->qmp.resumed - a->qmp.stopped);
	return ret;
}

/* A set of descriptors goes with this connection, but it is not left until then. */
static int ask_write(struct asking *a, int memory)
{
	int set = -1, fd = writer_open(a, memory), ret;
	json_t *o;

	if (fd < 0)
		return fd;
	ret = ask_command(a, "add-fd", json_pack("{s:s}", "opaque", "tapcompat"), fd, &o);
	close(fd);
	if (ret)
		return ret;
	if (json_unpack(o, "{s:i}", "fdset-id", &set))
		ret = ask_fail(a, -EPROTO, "add-fd: an answer without fdset-id");
	json_decref(o);
	if (ret)
		return ret;
	ret = ask_save(a, set);
	if (!ret || ret == -EPROTO) {
		struct tapcompat_error *said = a->error;

		if (ret)
			a->error = NULL;
		set = ask_command(a, "remove-fd", json_pack("{s:i}", "fdset-id", set), -1, NULL);
		a->error = said;
	}
	return ret ? ret : set;
}

static int ask_stop(struct asking *a, struct state **state)
{
	int memory, ret = ask_leave(a);

	if (ret)
		return ret;
	memory = memfd_create("tapcompat-state", MFD_CLOEXEC);
	if (memory < 0)
		return ask_fail(a, -errno, "no memory file: %s", strerror(errno));
	ret = ask_write(a, memory);
	if (!ret && lseek(memory, 0, SEEK_SET) < 0)
		ret = ask_fail(a, -errno, "its state cannot be read: %s", strerror(errno));
	if (!ret)
		ret = state_read(memory, a->name, NULL, state, a->error);
	close(memory);
	return ret;
}

static int ask_connect(struct asking *a)
{
	const struct state_asking *o = a->options;
	char why[256];
	int ret = qmp_connect(&a->qmp, o->path, o->fd, o->connect_ms ? o->connect_ms : CONNECT_MS,
			      o->total_ms ? o->total_ms : TOTAL_MS);

	text_set(a->answer->version, sizeof(a->answer->version), "%s", a->qmp.version);
	if (!ret)
		return 0;
	if (ret == -ETIMEDOUT)
		return ask_fail(a, ret, "it does not greet: it hangs, or another program such as "
				"libvirt is connected, and QEMU talks to one at a time");
	qmp_explain(&a->qmp, ret, why, sizeof(why));
	return ask_fail(a, ret, "%s", why);
}

int state_ask(const struct state_asking *asking, struct state_answer *answer,
	      struct state **state, struct tapcompat_error *error)
{
	struct asking a = { .options = asking, .answer = answer, .error = error };
	int ret;

	*state = NULL;
	*answer = (struct state_answer){ .stopped_us = -1 };
	if (asking->fd < 0)
		text_escape(a.name, sizeof(a.name), asking->path);
	else
		text_set(a.name, sizeof(a.name), "QEMU at descriptor %d", asking->fd);
	ret = ask_connect(&a);
	if (!ret)
		ret = asking->stop ? ask_stop(&a, state) : ask_query(&a, state);
	qmp_stop(&a.qmp);
	if (!ret)
		(*state)->format = STATE_QMP;
	return ret;
}
