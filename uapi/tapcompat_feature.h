/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tapcompat_feature.h - public API of libtapcompat: features, and sets of them
 *
 * Included by tapcompat.h, which describes the conventions.
 */
#ifndef TAPCOMPAT_FEATURE_H
#define TAPCOMPAT_FEATURE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Feature masks ------------------------------------------------------ */

/* The longest text of a mask: "0x", 32 digits and the final NUL. */
#define TAPCOMPAT_MASK_TEXT 35

/**
 * struct tapcompat_mask - a set of virtio feature bits, 128 wide
 * @word: bits 0 to 63 in word[0], bits 64 to 127 in word[1]
 */
struct tapcompat_mask {
	uint64_t word[2];
};

/**
 * tapcompat_mask_set() - add one feature bit to a mask
 * @mask: changed in place
 * @bit: 0 to 127; other values change nothing
 */
void tapcompat_mask_set(struct tapcompat_mask *mask, unsigned int bit);

/**
 * tapcompat_mask_test() - is a feature bit in a mask?
 * Return: 1 or 0; 0 for bits over 127
 */
int tapcompat_mask_test(const struct tapcompat_mask *mask, unsigned int bit);

/**
 * tapcompat_mask_format() - write a mask as "0x…", lower case, no leading zeros
 * @text: TAPCOMPAT_MASK_TEXT bytes
 * Return: @text
 */
char *tapcompat_mask_format(const struct tapcompat_mask *mask, char *text);

/**
 * tapcompat_mask_parse() - read a mask as tapcompat_mask_format() writes it
 * @text: "0x" and 1 to 32 hexadecimal digits, in either case, nothing after
 * Return: 0, -EINVAL for another form, -ERANGE for more than 128 bits;
 *	@mask is unchanged on error
 */
int tapcompat_mask_parse(const char *text, struct tapcompat_mask *mask);

/* ---- The table of features ---------------------------------------------- */

/* Direction of a feature, seen from the guest. */
enum tapcompat_direction {
	TAPCOMPAT_SENDS,	/* the guest sends frames in this form */
	TAPCOMPAT_RECEIVES,	/* the guest receives frames in this form */
	TAPCOMPAT_QUEUES,	/* spreads frames over queues */
	TAPCOMPAT_RINGS,	/* the form of the rings themselves */
	TAPCOMPAT_CONTROLS,	/* the control queue, implemented by QEMU */
};

/* The layers that decide; a feature is available if all of its layers provide it. */
#define TAPCOMPAT_LAYER_TAP	0x1	/* the tap or macvtap */
#define TAPCOMPAT_LAYER_VHOST	0x2	/* vhost-net, with vhost=on */
#define TAPCOMPAT_LAYER_STEERING 0x4	/* a steering program, with vhost=on */

/* How tapcompat emulates a feature that a layer lacks; see tapcompat-shim(7). */
enum tapcompat_emulation {
	TAPCOMPAT_BY_NOTHING,	/* not emulated */
	TAPCOMPAT_BY_SEGMENTS,	/* segments packets from the guest and completes checksums */
	TAPCOMPAT_BY_SPLITS,	/* the kernel splits packets to the guest: correct, no gain */
	TAPCOMPAT_BY_DEVICE,	/* processes the rings instead of vhost-net */
};

/**
 * struct tapcompat_feature - one virtio-net feature, one row of the table
 * @name: QEMU's virtio-net property, such as "host_uso"
 * @spec: the specification's name, such as "VIRTIO_NET_F_HOST_USO"
 * @bit: feature bit of the virtio specification
 * @direction: seen from the guest
 * @layers: TAPCOMPAT_LAYER_*
 * @tun_flags: what TUNSETOFFLOAD must accept (linux/if_tun.h), or 0
 * @gso_type: virtio gso type bits that it adds, or 0
 * @families: 0x1 IPv4, 0x2 IPv6
 * @needs: bits that the specification requires together with this one
 * @needs_any: as @needs, but one of them is enough
 * @libvirt: attribute of libvirt's <driver>, as "host/csum", or "-"
 * @linux_tap: first Linux release whose tap offers it, or "-"
 * @linux_macvtap: first Linux release whose macvtap offers it, or "-"
 * @linux_vhost: first Linux release whose vhost-net offers it, or "-"
 * @qemu: first QEMU release with the property
 * @about: one-line description
 * @model: version of the first model tapnet-vN that has it, or 0 for none
 * @by_default: 1 if QEMU's device has it on by default, else 0
 * @deprecated: Linux release that deprecated it, or "-"
 * @replacement: features to use instead
 * @emulation: how tapcompat emulates it
 *
 * Rows may grow at the end; only the library makes them.
 */
struct tapcompat_feature {
	const char *name;
	const char *spec;
	unsigned int bit;
	enum tapcompat_direction direction;
	unsigned int layers;
	unsigned int tun_flags;
	unsigned int gso_type;
	unsigned int families;
	struct tapcompat_mask needs;
	struct tapcompat_mask needs_any;
	const char *libvirt;
	const char *linux_tap;
	const char *linux_macvtap;
	const char *linux_vhost;
	const char *qemu;
	const char *about;
	unsigned int model;
	unsigned int by_default;
	const char *deprecated;
	struct tapcompat_mask replacement;
	enum tapcompat_emulation emulation;
};

/**
 * tapcompat_feature_at() - iterate over the table, in the order of the bits
 * @index: from 0
 * Return: the row, or NULL after the last one
 */
const struct tapcompat_feature *tapcompat_feature_at(unsigned int index);

/**
 * tapcompat_feature_find() - look a feature up by name
 * @name: QEMU's property or the specification's name, with or without its
 *	VIRTIO_NET_F_, VIRTIO_F_ or VIRTIO_RING_F_, in any case
 * Return: the row, or NULL
 */
const struct tapcompat_feature *tapcompat_feature_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif /* TAPCOMPAT_FEATURE_H */
