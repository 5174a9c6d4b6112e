/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * toeplitz.h - the hash of virtio's RSS (virtio 1.3, 5.1.6.4.3)
 *
 * Separate because the steering program for BPF includes it as well.
 */
#ifndef TAPCOMPAT_PACKET_TOEPLITZ_H
#define TAPCOMPAT_PACKET_TOEPLITZ_H

#include <linux/types.h>

#define TOEPLITZ_KEY 40		/* bytes */
#define TOEPLITZ_INPUT 36	/* bytes: two IPv6 addresses and two ports */

/**
 * toeplitz() - hash @len bytes in packet order
 * @key: the key's bytes
 * @data: addresses, then ports, in network order
 * @len: at most TOEPLITZ_INPUT
 */
static inline __attribute__((always_inline)) __u32
toeplitz(const __u8 key[TOEPLITZ_KEY], const __u8 *data, unsigned int len)
{
	__u32 window = (__u32)key[0] << 24 | (__u32)key[1] << 16 | (__u32)key[2] << 8 | key[3];
	__u32 hash = 0;
	unsigned int i, bit;

	for (i = 0; i < TOEPLITZ_INPUT && i < len; i++) {
		for (bit = 0; bit < 8; bit++) {
			if (data[i] >> (7 - bit) & 1)
				hash ^= window;
			window = window << 1 | (key[i + 4] >> (7 - bit) & 1);
		}
	}
	return hash;
}

#endif /* TAPCOMPAT_PACKET_TOEPLITZ_H */
