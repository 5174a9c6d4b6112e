// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * features.c - print tapcompat-features(7), which is the table for people
 */
#include <stdio.h>

#include <tapcompat.h>

static const char *const directions[] = {
	[TAPCOMPAT_SENDS] = "what the guest sends",
	[TAPCOMPAT_RECEIVES] = "what the guest receives",
	[TAPCOMPAT_QUEUES] = "the queues",
	[TAPCOMPAT_RINGS] = "the form of the rings",
	[TAPCOMPAT_CONTROLS] = "the control queue",
};

static const char *const emulations[] = {
	[TAPCOMPAT_BY_NOTHING] = "It is not emulated.",
	[TAPCOMPAT_BY_SEGMENTS] = "Emulated: the shim segments, or completes the checksum.",
	[TAPCOMPAT_BY_SPLITS] = "Emulated: the kernel splits, or completes the checksum, before\n"
				"the guest receives it, which is right and no gain.",
	[TAPCOMPAT_BY_DEVICE] = "Emulated: a device of the shim's own is there in place of\n"
				"vhost-net.",
};

static void print_needs(const char *title, struct tapcompat_mask needs)
{
	const struct tapcompat_feature *f;
	unsigned int i, n = 0;

	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		if (tapcompat_mask_test(&needs, f->bit))
			printf("%s%s", n++ ? ", " : title, f->name);
	if (n)
		puts(".");
}

static void print_release(const char *layer, const char *release)
{
	if (release[0] != '-')
		printf("; %s %s", layer, release);
}

static void print_feature(const struct tapcompat_feature *f)
{
	printf(".TP\n.B %s\n%s, bit %u: %s.\n", f->name, f->spec, f->bit, f->about);
	printf("It is about %s.\n", directions[f->direction]);
	print_needs("It needs ", f->needs);
	print_needs("It needs one of ", f->needs_any);
	printf("Since QEMU %s", f->qemu);
	print_release("Linux tap", f->linux_tap);
	print_release("macvtap", f->linux_macvtap);
	print_release("vhost-net", f->linux_vhost);
	puts(f->by_default ? "." : "; off there unless asked for.");
	if (f->layers)
		puts(emulations[f->emulation]);
	if (f->deprecated[0] != '-') {
		printf("Deprecated since Linux %s", f->deprecated);
		print_needs("; use ", f->replacement);
	}
	if (f->libvirt[0] != '-')
		printf("In libvirt's <driver>: %s.\n", f->libvirt);
}

int main(void)
{
	const struct tapcompat_feature *f;
	unsigned int i;

	printf(".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
	       ".TH TAPCOMPAT-FEATURES 7 2026-11-21 \"tapcompat %s\" \"Miscellanea\"\n"
	       ".SH NAME\ntapcompat\\-features \\- features of virtio-net that a host decides\n"
	       ".SH DESCRIPTION\n"
	       "A feature has the name of QEMU's property of virtio-net.\n"
	       "The specification's name, with or without what it begins with, is\n"
	       "understood too, in any case.\n"
	       "Releases are the first to offer it; whether a kernel keeps what it\n"
	       "offers is for\n.BR tapcompat\\-probe (1)\nto find out.\n"
	       "Where it does not, a feature may be emulated in a QEMU that\n"
	       ".BR tapcompat\\-run (1)\nstarts.\n"
	       ".SH FEATURES\n", tapcompat_version());
	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		print_feature(f);
	puts(".SH SEE ALSO\n.BR tapcompat\\-models (1),\n.BR tapcompat\\-probe (1),\n"
	     ".BR tapcompat\\-run (1),\n.BR tapcompat\\-capabilities (5),\n"
	     ".BR tapcompat\\-shim (7)");
	return fflush(stdout) ? 1 : 0;
}
