// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * prefix.c - what loggers put in front of a message
 *
 * Several may have been at it: rsyslog in front of libvirtd in front of QEMU.  The first
 * one to say something is believed.
 */
#include <string.h>

#include <tapcompat.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "origin.h"

struct cursor {
	const char *at, *end;
};

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define WORD DIGITS LETTERS "_.-"

static size_t span(const struct cursor *c, const char *of)
{
	size_t n = 0;

	while (c->at + n < c->end && c->at[n] && strchr(of, c->at[n]))
		n++;
	return n;
}

static bool is(const struct cursor *c, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(c->end - c->at) >= n && !memcmp(c->at, text, n);
}

static void blanks(struct cursor *c)
{
	c->at += span(c, " \t");
}

/* Does it look like this?  9 is a digit, anything else is itself. */
static bool looks(const struct cursor *c, const char *form)
{
	size_t i;

	for (i = 0; form[i]; i++) {
		if (c->at + i >= c->end)
			return false;
		if (form[i] == '9' ? !(c->at[i] >= '0' && c->at[i] <= '9') : c->at[i] != form[i])
			return false;
	}
	return true;
}

static void keep(char *field, size_t size, const char *text, size_t n)
{
	char plain[128];

	if (field[0] || !n)
		return;
	text_set(plain, sizeof(plain), "%.*s", (int)(n < sizeof(plain) ? n : sizeof(plain) - 1),
		 text);
	text_escape(field, size, plain);
}

static void keep_time(struct origin *o, struct cursor *c, size_t n)
{
	keep(o->time, sizeof(o->time), c->at, n);
	c->at += n;
}

static size_t zone(const struct cursor *c)
{
	if (is(c, "Z"))
		return 1;
	if (looks(c, "+99:99") || looks(c, "-99:99"))
		return 6;
	return looks(c, "+9999") || looks(c, "-9999") ? 5 : 0;
}

/* 2026-11-27T12:00:00.123+0000 and what is like it. */
static bool time_iso(struct cursor *c, struct origin *o)
{
	struct cursor at = *c;
	bool weekday = span(c, LETTERS) == 3 && c->at + 3 < c->end && c->at[3] == ' ';

	/* "Fri 2026-11-27 12:00:00 UTC" of journalctl -o short-full and verbose. */
	at.at += weekday ? 4 : 0;
	if (!looks(&at, "9999-99-99T99:99:99") && !looks(&at, "9999-99-99 99:99:99"))
		return false;
	at.at += 19;
	if (is(&at, ".") || is(&at, ",")) {
		at.at++;
		at.at += span(&at, DIGITS);
	}
	at.at += zone(&at);
	if (weekday && is(&at, " "))
		at.at += 1 + span(&(struct cursor){ at.at + 1, at.end }, LETTERS);
	keep_time(o, c, (size_t)(at.at - c->at));
	return true;
}

/* Nov 27 12:00:00, with a year or without a clock. */
static bool time_bsd(struct cursor *c, struct origin *o)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct cursor at = *c;
	size_t i;

	for (i = 0; months[i]; i += 3)
		if (at.end - at.at > 6 && !memcmp(at.at, months + i, 3) && at.at[3] == ' ')
			break;
	if (!months[i])
		return false;
	at.at += 3;
	blanks(&at);
	i = span(&at, DIGITS);
	if (i < 1 || i > 2)
		return false;
	at.at += i;
	if (looks(&at, " 9999 "))
		at.at += 5;
	if (looks(&at, " 99:99:99")) {
		at.at += 9;
		if (is(&at, "."))
			at.at += 1;
		at.at += span(&at, DIGITS);
	}
	keep_time(o, c, (size_t)(at.at - c->at));
	return true;
}

/* [12345.678901], [Thu Nov 27 12:00:00 2026]: the kernel's. */
static bool time_kernel(struct cursor *c, struct origin *o)
{
	struct cursor at = *c;
	size_t n;

	if (!is(c, "["))
		return false;
	at.at++;
	blanks(&at);
	n = span(&at, DIGITS LETTERS " :.");
	if (at.at + n >= at.end || at.at[n] != ']' || !memchr(at.at, n > 12 ? ':' : '.', n))
		return false;
	keep_time(o, &at, n);
	c->at = at.at + 1;
	return true;
}

/* E1127 12:00:00.123456 4711 server.go:69] */
static bool time_klog(struct cursor *c, struct origin *o)
{
	struct cursor at = *c;
	const char *end;

	if (at.at == at.end || !strchr("IWEF", *at.at))
		return false;
	at.at++;
	if (!looks(&at, "9999 99:99:99."))
		return false;
	end = memchr(at.at, ']', (size_t)(at.end - at.at));
	keep_time(o, &at, 14 + span(&(struct cursor){ at.at + 14, at.end }, DIGITS));
	c->at = end ? end + 1 : at.at;
	return true;
}

/* "name[4711]:", "name:". */
static bool program(struct cursor *c, struct origin *o, bool any)
{
	struct cursor at = *c;
	size_t n = span(&at, WORD "/@"), pid;
	bool numbered = false;

	if (!n)
		return false;
	at.at += n;
	if (is(&at, "[")) {
		at.at++;
		pid = span(&at, DIGITS);
		if (!pid || at.at + pid >= at.end || at.at[pid] != ']')
			return false;
		keep(o->pid, sizeof(o->pid), at.at, pid);
		at.at += pid + 1;
		numbered = true;
	}
	if (!is(&at, ":") || !(any || numbered || is(c, "qemu") || is(c, "kvm:")))
		return false;
	keep(o->program, sizeof(o->program), c->at, n);
	c->at = at.at + 1;
	return true;
}

/* Behind a time: "host name[4711]:" or "name:". */
static void host_program(struct cursor *c, struct origin *o)
{
	struct cursor at = *c;
	size_t n = span(&at, WORD ":");
	struct origin named = { .time = "" };

	if (program(c, o, true) || !n || at.at + n >= at.end || at.at[n] != ' ')
		return;
	at.at += n;
	blanks(&at);
	if (!program(&at, &named, true))
		return;
	keep(o->host, sizeof(o->host), c->at, n);
	keep(o->program, sizeof(o->program), named.program, strlen(named.program));
	keep(o->pid, sizeof(o->pid), named.pid, strlen(named.pid));
	c->at = at.at;
}

/* RFC 5424, behind the time: host, program, process, kind of message, data. */
static void fields_5424(struct cursor *c, struct origin *o)
{
	struct {
		char *field;
		size_t size;
	} fields[] = {
		{ o->host, sizeof(o->host) }, { o->program, sizeof(o->program) },
		{ o->pid, sizeof(o->pid) }, { NULL, 0 },
	};
	const char *end;
	size_t i, n;

	for (i = 0; i < ARRAY_LENGTH(fields); i++) {
		blanks(c);
		for (n = 0; c->at + n < c->end && c->at[n] != ' '; n++)
			;
		if (fields[i].field && !(n == 1 && *c->at == '-'))
			keep(fields[i].field, fields[i].size, c->at, n);
		c->at += n;
	}
	blanks(c);
	end = is(c, "[") ? memchr(c->at, ']', (size_t)(c->end - c->at)) : NULL;
	c->at = end ? end + 1 : c->at + is(c, "-");
}

/* Behind a time: ": 4711: error :" of libvirt, " 4711 ERROR " of OpenStack. */
static bool fields_daemon(struct cursor *c, struct origin *o)
{
	bool libvirt = is(c, ": ");
	struct cursor at = { c->at + (libvirt ? 2 : 0), c->end };
	size_t n;

	blanks(&at);
	n = span(&at, DIGITS);
	if (!n || n > 10 || at.at + n + 1 >= at.end)
		return false;
	if (libvirt ? at.at[n] != ':' : at.at[n] != ' ' || !strchr("DIWECT", at.at[n + 1]))
		return false;
	keep(o->pid, sizeof(o->pid), at.at, n);
	if (libvirt)
		o->manager = MANAGER_LIBVIRT;
	c->at = at.at + n + libvirt;
	return true;
}

/* Behind a time: "stderr F " of container runtimes. */
static bool fields_stream(struct cursor *c)
{
	struct cursor at = *c;

	blanks(&at);
	if (!is(&at, "stderr ") && !is(&at, "stdout "))
		return false;
	at.at += 7;
	if (!is(&at, "F ") && !is(&at, "P "))
		return false;
	c->at = at.at + 2;
	return true;
}

/* "/var/log/libvirt/qemu/web1.log:12:", as grep prints it. */
static void file_name(struct cursor *c, struct origin *o)
{
	size_t n = span(c, WORD "/@+%");

	if (n < 5 || c->at + n >= c->end || c->at[n] != ':' || memcmp(c->at + n - 4, ".log", 4))
		return;
	origin_file(c->at, n, o);
	c->at += n + 1;
	n = span(c, DIGITS);
	if (n && c->at + n < c->end && c->at[n] == ':')
		c->at += n + 1;
}

/* "[pve2] " of a task that is at work on another node, "[pod/name/container] ". */
static void brackets(struct cursor *c, struct origin *o)
{
	struct cursor at = *c;
	size_t n;

	if (!is(c, "["))
		return;
	at.at++;
	n = span(&at, WORD "/");
	if (!n || at.at + n + 1 >= at.end || at.at[n] != ']' || at.at[n + 1] != ' ')
		return;
	if (!memchr(at.at, '/', n))
		keep(o->host, sizeof(o->host), at.at, n);
	c->at = at.at + n + 2;
}

static bool any_time(struct cursor *c, struct origin *o)
{
	return time_iso(c, o) || time_bsd(c, o) || time_kernel(c, o) || time_klog(c, o);
}

/* One logger's; false where there is none. */
static bool one(struct cursor *c, struct origin *o)
{
	bool modern = false;

	blanks(c);
	if (is(c, "<")) {
		struct cursor at = { c->at + 1, c->end };

		at.at += span(&at, DIGITS);
		if (is(&at, ">")) {
			c->at = at.at + 1;
			modern = is(c, "1 ");
			c->at += modern ? 2 : 0;
		}
	}
	if (!any_time(c, o))
		return program(c, o, false);
	if (modern) {
		fields_5424(c, o);
	} else if (!fields_daemon(c, o) && !fields_stream(c)) {
		blanks(c);
		brackets(c, o);
		host_program(c, o);
	}
	return true;
}

size_t origin_prefix(const char *line, size_t n, struct origin *o)
{
	struct cursor c = { line, line + n };
	unsigned int i;

	file_name(&c, o);
	blanks(&c);
	brackets(&c, o);
	for (i = 0; i < 4 && one(&c, o); i++)
		;
	blanks(&c);
	return (size_t)(c.at - line);
}
