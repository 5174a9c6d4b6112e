// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * features.c - print tapcompat-features(7), the manual page of the feature table
 */
#include <stdio.h>

#include <tapcompat.h>

static const char *const directions[] = {
	[TAPCOMPAT_SENDS] = "what the guest transmits",
	[TAPCOMPAT_RECEIVES] = "what the guest receives",
	[TAPCOMPAT_QUEUES] = "the queues",
	[TAPCOMPAT_RINGS] = "the rings",
	[TAPCOMPAT_CONTROLS] = "the control queue",
};

static const char *const emulations[] = {
	[TAPCOMPAT_BY_NOTHING] = "Emulation: none.",
	[TAPCOMPAT_BY_SEGMENTS] = "Emulation: the shim segments, or completes the checksum.",
	[TAPCOMPAT_BY_SPLITS] = "Emulation: the kernel segments, or completes the checksum,\n"
				"before the guest receives the frame; correct, but without\n"
				"benefit.",
	[TAPCOMPAT_BY_DEVICE] = "Emulation: the shim's device takes the place of vhost-net.",
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
	printf("Concerns %s.\n", directions[f->direction]);
	print_needs("Depends on ", f->needs);
	print_needs("Depends on one of ", f->needs_any);
	printf("Since QEMU %s", f->qemu);
	print_release("Linux tap", f->linux_tap);
	print_release("macvtap", f->linux_macvtap);
	print_release("vhost-net", f->linux_vhost);
	puts(f->by_default ? "." : "; off by default.");
	if (f->layers)
		puts(emulations[f->emulation]);
	if (f->deprecated[0] != '-') {
		printf("Deprecated since Linux %s", f->deprecated);
		print_needs("; replaced by ", f->replacement);
	}
	if (f->libvirt[0] != '-')
		printf("In libvirt's <driver>: %s.\n", f->libvirt);
}

int main(void)
{
	const struct tapcompat_feature *f;
	unsigned int i;

	printf(".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
	       ".TH TAPCOMPAT-FEATURES 7 2026-11-30 \"tapcompat %s\" \"Miscellanea\"\n"
	       ".SH NAME\ntapcompat\\-features \\- virtio-net features that depend on the host\n"
	       ".SH DESCRIPTION\n"
	       "Features are named by QEMU's properties of virtio-net devices.\n"
	       "The names of the virtio specification, with or without their prefix,\n"
	       "are accepted as well, in any case.\n"
	       "The releases are those that introduced the feature; use\n"
	       ".BR tapcompat\\-probe (1)\nto verify that a kernel implements it"
	       " correctly.\n"
	       "Where it does not, the feature may be emulated in a QEMU that was\n"
	       "started by\n.BR tapcompat\\-run (1).\n"
	       ".SH FEATURES\n", tapcompat_version());
	for (i = 0; (f = tapcompat_feature_at(i)); i++)
		print_feature(f);
	puts(".SH SEE ALSO\n.BR tapcompat\\-models (1),\n.BR tapcompat\\-probe (1),\n"
	     ".BR tapcompat\\-run (1),\n.BR tapcompat\\-capabilities (5),\n"
	     ".BR tapcompat\\-shim (7)");
	return fflush(stdout) ? 1 : 0;
}
