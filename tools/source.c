// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * source.c - which host is checked, and which QEMU on it
 */
#include "cmd.h"

const struct command_option source_options[] = {
	{ "backend", "NAME", "the backend that is to provide them: tap (the default), macvtap, "
	  "vhost-net (a tap with vhost=on), vhost-vdpa, ebpf-rss",
	  OPTION_WORD(struct source, backend, option_backend_word),
	  .given = offsetof(struct source, backend_given) },
	{ "qemu", "PATH", "check what this QEMU would offer, as tapcompat offer reports it",
	  OPTION_TEXT(struct source, offer.qemu) },
	{ 0 },
};

const struct command_option qemu_options[] = {
	{ "machine", "TYPE", "the machine type of that QEMU; its default if not given",
	  OPTION_TEXT_FILLED(struct source, offer.machine) },
	{ "device", "OPTIONS", "further options of that QEMU's device, as in "
	  "-device virtio-net-pci,OPTIONS, such as host_uso=off",
	  OPTION_TEXT(struct source, offer.device) },
	{ "vhost", "on|off", "as in -netdev tap,vhost= of that QEMU (off)",
	  OPTION_ON_OFF(struct source, offer.vhost),
	  .given = offsetof(struct source, vhost_given) },
	{ 0 },
};

const struct command_option host_options[] = {
	{ "caps", "FILE", "check a document of tapcompat probe -j instead of this host",
	  OPTION_TEXT(struct source, caps) },
	{ "no-verify", NULL, "trust what this host's kernel reports, send no frames",
	  OPTION_BIT(struct source, probe.flags, TAPCOMPAT_PROBE_NO_VERIFY) },
	{ "load-modules", NULL, "load the kernel modules that are missing",
	  OPTION_BIT(struct source, probe.flags, TAPCOMPAT_PROBE_LOAD_MODULES) },
	{ 0 },
};

int source_agree(const struct output *out, const char *command, struct source *s)
{
	s->offer.size = sizeof(s->offer);
	if (s->caps && s->probe.flags)
		return fail(out, EXIT_USAGE, "%s: --no-verify and --load-modules are for a probe "
			    "of this host, and --caps replaces that", command);
	if (!s->offer.qemu && (s->offer.machine || s->offer.device || s->vhost_given))
		return fail(out, EXIT_USAGE, "%s: --machine, --device and --vhost are for a "
			    "QEMU: give --qemu=PATH, or --backend=vhost-net for vhost=on", command);
	if (s->offer.qemu && s->backend_given)
		return fail(out, EXIT_USAGE, "%s: with --qemu, use --vhost instead of --backend",
			    command);
	if (!s->backend_given)
		s->backend = s->offer.vhost ? TAPCOMPAT_VHOST_NET : TAPCOMPAT_TAP;
	return EXIT_YES;
}

struct tapcompat_caps *source_caps(const struct output *out, const struct source *s, int *code)
{
	struct tapcompat_probe_options probe = s->probe;

	probe.backends = 1u << TAPCOMPAT_TAP | 1u << s->backend;
	return caps_from(out, s->caps, probe, code);
}
