/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * caps.h - a host's capabilities, as the probe records them
 *
 * A flat structure without pointers: the probe's child process writes it into memory
 * shared with its parent.
 */
#ifndef TAPCOMPAT_FEATURE_CAPS_H
#define TAPCOMPAT_FEATURE_CAPS_H

#include <stdbool.h>
#include <time.h>

#include "table/feature.h"

#define CAPS_DETAIL 224
#define CAPS_NAME 64
#define CAPS_HOST 264		/* 64 bytes, each escaped */
#define CAPS_VDPA 64

struct caps_feature {
	enum tapcompat_state state;
	enum tapcompat_verified verified;
	char detail[CAPS_DETAIL];
};

/* A vDPA management device or device, as vdpa(8) shows it. */
struct caps_vdpa {
	char name[CAPS_NAME];
	char parent[CAPS_NAME];	/* of a device: its management device; else "" */
	bool has_features;	/* older kernels do not report them */
	uint64_t features;
};

struct caps_backend {
	enum tapcompat_availability availability;
	char detail[CAPS_DETAIL];
	struct caps_feature feature[FEATURE_COUNT];

	/* tap and macvtap */
	unsigned int sizes;		/* how many of the next are set */
	unsigned int size[8];		/* vnet header sizes, ascending */
	bool multi_queue;
	bool little_endian, big_endian;	/* vnet byte orders that can be set */
	unsigned int more_offloads;	/* TUN_F bits that are in no row of the table */

	/* vhost-net */
	struct tapcompat_mask vhost_features;
	bool features_array;
	uint64_t backend_features;

	/* vhost-vdpa */
	unsigned int managers, devices;
	unsigned int unlisted;		/* that did not fit */
	struct caps_vdpa manager[CAPS_VDPA], device[CAPS_VDPA];
};

struct tapcompat_caps {
	char host[CAPS_HOST];
	char kernel[CAPS_NAME];
	char machine[CAPS_NAME];
	time_t probed_at;
	bool frames_wanted;
	struct caps_backend backend[TAPCOMPAT_BACKENDS];
};

/**
 * caps_set() - record the state of a feature with a backend
 * @f: a row of the table
 * @detail: printf format of the reason; "" for none
 */
void caps_set(struct caps_backend *b, const struct tapcompat_feature *f,
	      enum tapcompat_state state, const char *detail, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * caps_verdict() - record the result of testing a feature with frames
 *
 * A failure overrules what the kernel reports: the feature is not native.
 */
void caps_verdict(struct caps_backend *b, const struct tapcompat_feature *f,
		  enum tapcompat_verified verified, const char *detail, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * caps_available() - record whether a backend is available, and if not, why
 */
void caps_available(struct caps_backend *b, enum tapcompat_availability availability,
		    const char *detail, ...) __attribute__((format(printf, 3, 4)));

/**
 * caps_settle() - apply dependencies between features
 *
 * A native feature that needs (see the table) one that is absent or unknown becomes
 * absent or unknown itself.
 */
void caps_settle(struct caps_backend *b);

/**
 * caps_emulate() - mark absent features that tapcompat's shim can emulate as emulated
 *
 * The last step of a probe: before it, only what the kernel provides counts.  The verdict
 * "failed" and its reason are kept.  Unknown features and unavailable backends stay as
 * they are.
 */
void caps_emulate(struct tapcompat_caps *caps);

static inline enum tapcompat_state caps_state(const struct caps_backend *b,
					      const struct tapcompat_feature *f)
{
	return b->feature[feature_index(f)].state;
}

#endif /* TAPCOMPAT_FEATURE_CAPS_H */
