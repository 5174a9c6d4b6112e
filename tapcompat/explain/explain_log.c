// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * explain_log.c - explain messages of QEMU and libvirt from logs
 *
 * libvirt quotes QEMU, so a message may begin anywhere in a line.
 */
#include "explain.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "table/feature.h"

/* Parse the mask that a text begins with.  Return: the text after it; NULL if there is none */
static const char *mask_at(const char *text, struct tapcompat_mask *mask)
{
	size_t n = strspn(text, "0123456789abcdefABCDEFxX");
	char number[TAPCOMPAT_MASK_TEXT];

	/* Masks of 128 bits may be printed without 0x, and with leading zeros. */
	if (n < 2 || n >= sizeof(number) || (text[1] != 'x' && text[1] != 'X'))
		return NULL;
	snprintf(number, sizeof(number), "%.*s", (int)n, text);
	return tapcompat_mask_parse(number, mask) ? NULL : text + n;
}

static bool line_refused(struct tapcompat_explanation *e, const char *rest,
			 const struct tapcompat_caps *host)
{
	static const char between[] = " unsupported. Allowed features: ";
	struct tapcompat_mask acked, allowed;

	rest = mask_at(rest, &acked);
	if (!rest || strncmp(rest, between, strlen(between)) ||
	    !mask_at(rest + strlen(between), &allowed))
		return false;
	explain_refused(e, acked, allowed, host);
	return true;
}

static bool line_backend(struct tapcompat_explanation *e, const char *rest,
			 const struct tapcompat_caps *host)
{
	struct tapcompat_mask mask;

	if (!mask_at(rest, &mask))
		return false;
	explain_backend(e, mask, host);
	return true;
}

static bool line_ufo(struct tapcompat_explanation *e, const char *rest,
		     const struct tapcompat_caps *host)
{
	struct tapcompat_mask mask = { { 0, 0 } };
	const struct tapcompat_feature *f;

	(void)rest;
	for_each_feature(f)
		if (f->tun_flags & TUN_F_UFO)
			tapcompat_mask_set(&mask, f->bit);
	explain_features(e, mask, host);
	explain_cure(
		e, "the source's tap had it, and QEMU requires it whether or not the guest uses "
		   "it: a destination without it (Linux 4.14, or a filter) cannot accept the "
		   "machine; cold restart needed");
	return true;
}

static const struct {
	const char *begins, *says, *cure;
	bool (*explain)(struct tapcompat_explanation *e, const char *rest,
			const struct tapcompat_caps *host);
} messages[] = {
	{ "Features 0x", NULL, NULL, line_refused },
	{ "vhost lacks feature mask 0x", NULL, NULL, line_backend },
	{ "saved image requires TUN_F_UFO support", "the destination's tap does not support UFO",
	  NULL, line_ufo },
	{ "saved image requires vnet_hdr=on",
	  "the source's tap has vnet headers and the destination's does not",
	  "start the destination with a tap that has them: "
	  "-netdev tap,...,vnet_hdr=on, or a helper called with --use-vnet",
	  NULL },
	{ "TUNSETOFFLOAD ioctl() failed",
	  "the tap refused offloads that the guest had enabled; "
	  "QEMU ignored it, so the guest may rely on offloads that it does not get",
	  "see what the tap supports with tapcompat probe, and switch off what it lacks", NULL },
	{ "bridge helper failed",
	  "the program that creates taps for QEMU failed; its own message is just before this one",
	  "run it by hand as described in tapcompat-helper(8)", NULL },
};

/* Find a message in a line; text that only begins like one is skipped. */
static bool line_message(struct tapcompat_explanation *e, const char *line, size_t i,
			 const struct tapcompat_caps *host)
{
	size_t n = strlen(messages[i].begins);
	const char *at = line;

	while ((at = strstr(at, messages[i].begins)) && messages[i].explain &&
	       !messages[i].explain(e, at + n - strlen("0x"), host))
		at += n;
	if (!at)
		return false;
	text_escape(e->quote, sizeof(e->quote), at);
	if (messages[i].says)
		text_set(e->says, sizeof(e->says), "%s", messages[i].says);
	if (messages[i].cure)
		explain_cure(e, "%s", messages[i].cure);
	return true;
}

int tapcompat_explain_line(const char *line, const struct tapcompat_caps *host,
			   struct tapcompat_explanation **explanation)
{
	struct tapcompat_explanation *e = calloc(1, sizeof(*e));
	size_t i;

	*explanation = NULL;
	if (!e)
		return -ENOMEM;
	e->kind = EXPLAIN_MESSAGE;
	for (i = 0; i < ARRAY_LENGTH(messages) && !line_message(e, line, i, host); i++)
		;
	if (i < ARRAY_LENGTH(messages))
		*explanation = e;
	else
		free(e);
	return 0;
}
