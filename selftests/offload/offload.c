// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * offload.c - does this kernel deliver frames correctly with the offloads that it accepts?
 *
 * A test point for each feature of tap, macvtap and vhost-net.  It fails if the kernel
 * accepts the feature and then loses or corrupts frames.  What this kernel does not have,
 * or what no frames could be sent for, is skipped, with the reason.
 */
#include "kselftest.h"

#include <stdbool.h>
#include <tapcompat.h>

/* A description ends at a "#", and a test point at the end of its line. */
static const char *plain(const char *text)
{
	static char line[256];
	size_t i;

	for (i = 0; text[i] && i < sizeof(line) - 1; i++)
		line[i] = text[i] == '#' || text[i] == '\n' ? ' ' : text[i];
	line[i] = '\0';
	return line;
}

static void point(const char *backend, const char *name, struct tapcompat_report r)
{
	const char *detail = plain(r.detail);

	if (r.verified == TAPCOMPAT_FAILED)
		ksft_test_result_fail("%s %s: %s\n", backend, name, detail);
	else if (r.state != TAPCOMPAT_NATIVE || r.verified == TAPCOMPAT_UNTESTED)
		ksft_test_result_skip("%s %s: %s, %s %s\n", backend, name,
				      tapcompat_state_name(r.state),
				      tapcompat_verified_name(r.verified), detail);
	else
		ksft_test_result_pass("%s %s: %s\n", backend, name,
				      tapcompat_verified_name(r.verified));
}

/* With @print, a point for each; else they are only counted. */
static unsigned int points(const struct tapcompat_caps *caps, bool print)
{
	const struct tapcompat_feature *f;
	unsigned int i, n = 0;
	int b;

	for (b = 0; b < TAPCOMPAT_BACKENDS; b++)
		for (i = 0; (f = tapcompat_feature_at(i)); i++) {
			struct tapcompat_report r = tapcompat_caps_report(caps, b, f);

			if (r.state == TAPCOMPAT_UNLISTED ||
			    tapcompat_caps_availability(caps, b) != TAPCOMPAT_AVAILABLE)
				continue;
			n++;
			if (print)
				point(tapcompat_backend_name(b), f->name, r);
		}
	return n;
}

static void backends(const struct tapcompat_caps *caps)
{
	int b;

	for (b = 0; b < TAPCOMPAT_BACKENDS; b++)
		if (tapcompat_caps_availability(caps, b) != TAPCOMPAT_AVAILABLE)
			ksft_print_msg("%s is not tested: %s\n", tapcompat_backend_name(b),
				       plain(tapcompat_caps_detail(caps, b)));
}

int main(void)
{
	struct tapcompat_error error;
	struct tapcompat_caps *caps;
	unsigned int n;

	ksft_print_header();
	if (tapcompat_probe(NULL, &caps, &error))
		ksft_exit_fail_msg("%s\n", plain(error.text));
	n = points(caps, false);
	if (!n)
		ksft_exit_skip("no backend: %s\n", tapcompat_caps_undecided(caps) ?:
			       "this kernel has neither tap nor vhost-net");
	ksft_set_plan(n);
	backends(caps);
	points(caps, true);
	tapcompat_caps_free(caps);
	ksft_finished();
}
