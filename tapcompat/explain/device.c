// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * device.c - which virtio device a message is about
 */
#include "device.h"

#include <string.h>

#include "ground/bytes.h"
#include "table/bit.h"

static const struct device devices[] = {
#define DEVICE(name, about) { name, about },
#define DEVICE_BIT(about, bit, spec)
#include "device.def"
#undef DEVICE
#undef DEVICE_BIT
};

static const struct {
	const char *about;
	unsigned int bit;
	const char *spec;
} device_bits[] = {
#define DEVICE(name, about)
#define DEVICE_BIT(about, bit, spec) { about, bit, #spec },
#include "device.def"
#undef DEVICE
#undef DEVICE_BIT
};

/* Bits of the transport and the rings, which every device may have. */
#define OWN_BELOW 24
#define OWN_FROM 50

/* The longest name that stands there. */
static const struct device *device_at(const char *at, size_t left)
{
	const struct device *found = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(devices); i++) {
		size_t n = strlen(devices[i].name);

		if (n <= left && !memcmp(at, devices[i].name, n) &&
		    (!found || n > strlen(found->name)))
			found = &devices[i];
	}
	return found;
}

/* Words that a device's name follows where it is meant, and not a file's or a backend's. */
static const char *const before[] = {
	"Failed to load ", "-device ", "device '", "(device ", "\"driver\":\"",
	"\\\"driver\\\":\\\"",
};

/* @n: length of the name */
static bool meant(const char *text, const char *at, size_t n, size_t left)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(before); i++) {
		size_t len = strlen(before[i]);

		if ((size_t)(at - text) >= len && !memcmp(at - len, before[i], len))
			return true;
	}
	/* '0000:00:05.0/virtio-net', 0000:00:05.0/virtio-net-pci.rom */
	return at > text && at[-1] == '/' &&
	       ((n < left && at[n] == '\'') || (left - n >= 4 && !memcmp(at + n, "-pci", 4)));
}

static const struct device *device_next(const char **at, const char *text, const char *end)
{
	const char *p = *at;

	for (; p < end && (p = memchr(p, 'v', (size_t)(end - p))); p++) {
		const struct device *d = device_at(p, (size_t)(end - p));

		if (d && meant(text, p, strlen(d->name), (size_t)(end - p))) {
			*at = p + 1;
			return d;
		}
	}
	*at = end;
	return NULL;
}

const struct device *device_within(const char *text, size_t n, bool last)
{
	const struct device *found = NULL, *d;
	const char *at = text;

	while ((d = device_next(&at, text, text + n))) {
		found = d;
		if (!last)
			break;
	}
	return found;
}

bool device_is_net(const struct device *d)
{
	return d == &devices[0];
}

const char *device_bit(const struct device *d, unsigned int bit)
{
	size_t i;

	if (bit >= OWN_BELOW && bit < OWN_FROM)
		return bit_spec(bit);
	for (i = 0; i < ARRAY_LENGTH(device_bits); i++)
		if (device_bits[i].bit == bit && !strcmp(device_bits[i].about, d->about))
			return device_bits[i].spec;
	return "?";
}
