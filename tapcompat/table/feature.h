/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * feature.h - the table of features, from inside the library
 */
#ifndef TAPCOMPAT_TABLE_FEATURE_H
#define TAPCOMPAT_TABLE_FEATURE_H

#include <stdbool.h>

#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <tapcompat.h>
#include <tapcompat_linux.h>

#define TAPCOMPAT_V4 0x1
#define TAPCOMPAT_V6 0x2

#define GSO_TUNNEL \
	(VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4 | VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV6)

/*
 * A feature's row in the table: FEATURE_csum and so on.
 */
enum feature_row {
#define FEATURE(name, ...) FEATURE_##name,
#include "feature.def"
#undef FEATURE
	FEATURE_COUNT
};

extern const struct tapcompat_feature feature_table[FEATURE_COUNT];

/**
 * for_each_feature() - walk the table
 * @f: const struct tapcompat_feature *
 */
#define for_each_feature(f) \
	for ((f) = feature_table; (f) < feature_table + FEATURE_COUNT; (f)++)

static inline unsigned int feature_index(const struct tapcompat_feature *f)
{
	return (unsigned int)(f - feature_table);
}

/**
 * feature_since() - the first Linux release with it in this backend
 * Return: such as "6.2", or "" if there is none
 */
const char *feature_since(const struct tapcompat_feature *f, enum tapcompat_backend_type type);

/**
 * feature_decided_by() - does it depend on the backend, not on QEMU alone?
 */
bool feature_decided_by(const struct tapcompat_feature *f, enum tapcompat_backend_type type);

/**
 * feature_kernel_only() - is it lost when tapcompat's device replaces vhost-net?
 */
static inline bool feature_kernel_only(const struct tapcompat_feature *f,
				       enum tapcompat_backend_type type)
{
	return type == TAPCOMPAT_VHOST_NET && f->layers & TAPCOMPAT_LAYER_VHOST &&
	       f->emulation == TAPCOMPAT_BY_NOTHING;
}

/* All features; the deprecated ones; those that QEMU's device enables by default. */
struct tapcompat_mask features_all(void);
struct tapcompat_mask features_deprecated(void);
struct tapcompat_mask features_by_default(void);

/* All features that a backend decides. */
struct tapcompat_mask features_decided_by(enum tapcompat_backend_type type);

/**
 * features_after() - all whose property is newer than a release of QEMU
 * @qemu: such as "8.2" or "8.2.10"; "" for the newest
 */
struct tapcompat_mask features_after(const char *qemu);

#endif /* TAPCOMPAT_TABLE_FEATURE_H */
