/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * caps.h - what a host gives, as the probe writes it down
 *
 * One plain block without pointers: the probe's child process writes it into
 * memory that it shares with its parent.
 */
#ifndef TAPCOMPAT_FEATURE_CAPS_H
#define TAPCOMPAT_FEATURE_CAPS_H

#include <stdbool.h>
#include <time.h>

#include "table/feature.h"

#define CAPS_DETAIL 224
#define CAPS_NAME 64
#define CAPS_HOST 264		/* 64 bytes, all of them escaped */
#define CAPS_VDPA 64

struct caps_feature {
	enum tapcompat_state state;
	enum tapcompat_verified verified;
	char detail[CAPS_DETAIL];
};

/* A vhost-vdpa management device or device, as vdpa(8) shows it. */
struct caps_vdpa {
	char name[CAPS_NAME];
	char parent[CAPS_NAME];	/* a device's management device, else "" */
	bool has_features;	/* old kernels do not tell */
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
	bool little_endian, big_endian;	/* vnet endianness that can be set */
	unsigned int more_offloads;	/* TUN_F bits that no row knows */

	/* vhost-net */
	struct tapcompat_mask vhost_features;
	bool features_array;
	uint64_t backend_features;

	/* vhost-vdpa */
	unsigned int managers, devices;
	unsigned int unlisted;		/* for which there was no room */
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
 * caps_set() - write down what a backend gives of a feature
 * @f: a row of the table
 * @detail: printf format of the reason; "" for none
 */
void caps_set(struct caps_backend *b, const struct tapcompat_feature *f,
	      enum tapcompat_state state, const char *detail, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * caps_verdict() - write down what the frames of a feature showed
 *
 * A failure overrules the kernel's word: the feature is not native.
 */
void caps_verdict(struct caps_backend *b, const struct tapcompat_feature *f,
		  enum tapcompat_verified verified, const char *detail, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * caps_available() - say whether a backend is there, and why not
 */
void caps_available(struct caps_backend *b, enum tapcompat_availability availability,
		    const char *detail, ...) __attribute__((format(printf, 3, 4)));

/**
 * caps_settle() - a feature is no better than what it needs
 *
 * What is native and needs, by the table, something that is not, is as absent or
 * as unknown as that.
 */
void caps_settle(struct caps_backend *b);

/**
 * caps_emulate() - what tapcompat's shim can stand in for is emulated, and not absent
 *
 * The last step of all: to the probe itself only what the kernel gives is there.  What
 * failed its proof stays so, and its reason is kept.  A backend that is not available is
 * none for the shim either, and what is not known stays unknown.
 */
void caps_emulate(struct tapcompat_caps *caps);

static inline enum tapcompat_state caps_state(const struct caps_backend *b,
					      const struct tapcompat_feature *f)
{
	return b->feature[feature_index(f)].state;
}

#endif /* TAPCOMPAT_FEATURE_CAPS_H */
