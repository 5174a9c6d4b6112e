// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * files.c - evidence in files: audits, records, bit strings
 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "document/document.h"
#include "document/reader.h"
#include "evidence.h"
#include "ground/text.h"
#include "record/vm.h"
#include "states.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static struct audit_machine *file_machine(struct audit *a, const char *name)
{
	struct audit_machine *m = audit_machine(a);

	if (m) {
		m->run = AUDIT_SAVED;
		text_escape(m->name, sizeof(m->name), base_name(name));
	}
	return m;
}

static int text_record(struct audit *a, const char *text, size_t len, const char *name,
		       struct tapcompat_error *error)
{
	struct audit_machine *m = file_machine(a, name);
	int ret = m ? evidence_record(m, text, len, name, error) : -ENOMEM;

	if (ret && m)
		audit_drop(a, a->machines - 1);
	else if (m)
		audit_settle_machine(m);
	return ret;
}

static int text_guest(struct audit *a, const char *text, const char *name,
		      struct tapcompat_error *error)
{
	struct audit_machine *m = file_machine(a, name);
	int ret = m ? audit_guest_text(m, text, name, error) : -ENOMEM;

	if (ret && m)
		audit_drop(a, a->machines - 1);
	else if (m)
		audit_settle_machine(m);
	return ret;
}

/* Of a JSON document of another kind. */
static int text_document(struct audit *a, const char *text, size_t len, const char *name,
			 struct tapcompat_error *error)
{
	struct reader r = { .name = name, .error = error };
	json_t *o = reader_json(&r, text, len);
	const char *schema = o ? reader_string(&r, o, "schema", true) : "";
	bool vm = !strcmp(schema, VM_SCHEMA), audit = !strcmp(schema, AUDIT_SCHEMA);

	if (!r.failed && !vm && !audit)
		reader_fail(&r, "schema is \"%.40s\", expected \"%s\" or \"%s\"", schema,
			    AUDIT_SCHEMA, VM_SCHEMA);
	json_decref(o);
	if (r.failed)
		return r.ret;
	return vm ? text_record(a, text, len, name, error) :
		    audit_parse(a, text, len, name, false, error);
}

static int audit_text(struct audit *a, const char *text, size_t len, const char *name,
	       struct tapcompat_error *error)
{
	if (text[strspn(text, " \t\r\n")] != '{')
		return text_guest(a, text, name, error);
	if (audit_is(text, len))
		return audit_parse(a, text, len, name, false, error);
	return text_document(a, text, len, name, error);
}

/* Return: the text with a NUL behind it, to be freed; NULL after an error */
static char *load(const char *path, size_t most, size_t *len, const char **name, int *ret,
		  struct tapcompat_error *error)
{
	struct reader r = { .error = error, .most = most };
	char *text = reader_load(&r, path, len);

	*ret = r.ret;
	*name = r.name;
	if (text)
		text[*len] = '\0';
	return text;
}

int audit_file(struct audit *a, const char *path, struct tapcompat_error *error)
{
	int ret = audit_state_file(a, path, error);
	const char *name;
	size_t len = 0;
	char *text;

	if (ret != -ENOMSG)
		return ret;
	text = load(path, AUDIT_MOST, &len, &name, &ret, error);
	if (text)
		ret = audit_text(a, text, len, name, error);
	free(text);
	return ret;
}

int audit_record_file(struct audit_machine *m, const char *path, struct tapcompat_error *error)
{
	const char *name;
	size_t len = 0;
	int ret;
	char *text = load(path, 0, &len, &name, &ret, error);

	if (text)
		ret = evidence_record(m, text, len, name, error);
	audit_settle_machine(m);
	free(text);
	return ret;
}

int audit_guest_file(struct audit_machine *m, const char *what, struct tapcompat_error *error)
{
	bool bits = what[strspn(what, "01 \n")] == '\0';
	const char *name = "--guest-features";
	char *text = NULL;
	size_t len = 0;
	int ret = 0;

	if (!bits)
		text = load(what, 0, &len, &name, &ret, error);
	if (bits || text)
		ret = audit_guest_text(m, bits ? what : text, name, error);
	audit_settle_machine(m);
	free(text);
	return ret;
}

bool audit_file_is_host(const char *path)
{
	char text[512] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	return n > 0 && strstr(text, "\"" DOCUMENT_SCHEMA "\"");
}
