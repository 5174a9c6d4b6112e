// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fleet.c - which hosts lack a feature, and which options of QEMU's virtio-net let a virtual
 * machine run on all of them
 *
 *	cc fleet.c $(pkg-config --cflags --libs libtapcompat) -o fleet
 *	./fleet FEATURE DOCUMENT...
 *
 * A document is the output of tapcompat probe -j on a host.
 */
#include <stdio.h>
#include <stdlib.h>

#include <tapcompat_fleet.h>

static int say_host(const char *path, const char *feature, struct tapcompat_fleet *fleet,
		    struct tapcompat_error *error)
{
	struct tapcompat_mask require = { { 0 } };
	struct tapcompat_check *check;
	struct tapcompat_caps *caps;
	int ret;

	if (tapcompat_require_parse(feature, &require, error) ||
	    tapcompat_caps_load(path, &caps, error))
		return -1;
	check = tapcompat_check(caps, TAPCOMPAT_TAP, require, 0);
	if (check)
		printf("%s %s %s\n", tapcompat_caps_host(caps).name,
		       tapcompat_check_exit(check) == TAPCOMPAT_EXIT_YES ? "has" : "lacks",
		       feature);
	ret = check ? tapcompat_fleet_add(fleet, caps) : -1;
	tapcompat_check_free(check);
	tapcompat_caps_free(caps);
	if (ret)
		snprintf(error->text, sizeof(error->text), "out of memory");
	return ret;
}

/* A machine runs on all hosts only where their backends are known. */
static int say_options(struct tapcompat_fleet *fleet, struct tapcompat_error *error)
{
	const char *why = tapcompat_fleet_undecided(fleet);
	char *text;
	int ret;

	if (!why)
		why = tapcompat_fleet_lacks(fleet);
	text = why ? NULL : tapcompat_fleet_format(fleet, TAPCOMPAT_FORMAT_QEMU, NULL, 0);
	if (text)
		fputs(text, stdout);
	else
		snprintf(error->text, sizeof(error->text), "%s", why ? why : "out of memory");
	ret = text ? 0 : -1;
	free(text);
	return ret;
}

int main(int argc, char **argv)
{
	struct tapcompat_fleet_options options = { .size = sizeof(options), .qemu = "8.2" };
	struct tapcompat_fleet *fleet = NULL;
	struct tapcompat_error error;
	int i, ret;

	if (argc < 3) {
		fprintf(stderr, "usage: fleet FEATURE DOCUMENT...\n");
		return 2;
	}
	ret = tapcompat_fleet_new(&options, &fleet, &error);
	for (i = 2; i < argc && !ret; i++)
		ret = say_host(argv[i], argv[1], fleet, &error);
	if (!ret)
		ret = say_options(fleet, &error);
	if (ret)
		fprintf(stderr, "fleet: %s\n", error.text);
	tapcompat_fleet_free(fleet);
	return ret ? 1 : 0;
}
