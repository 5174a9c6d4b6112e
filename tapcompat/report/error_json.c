// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * error_json.c - an error as a document
 */
#include "document/document.h"

#include "report.h"

char *error_json(int exit_code, const char *text, unsigned int flags)
{
	struct document d = { .failed = false };
	json_t *o = document_new(&d, "tapcompat-error");

	put(&d, o, "error", document_error(&d, exit_code, text));
	return document_text(&d, o, flags);
}
