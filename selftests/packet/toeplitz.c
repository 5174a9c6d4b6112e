// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * toeplitz.c - the hash against the published verification suite
 *
 * The vectors are the ones that Microsoft publishes for receive side scaling,
 * which virtio's hash follows.
 */
#include "kselftest_harness.h"

#include <arpa/inet.h>
#include <string.h>

#include "packet/toeplitz.h"

static const __u8 key[TOEPLITZ_KEY] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static const struct vector {
	int family;
	const char *src, *dst;
	__u16 sport, dport;
	__u32 addresses, ports;
} vectors[] = {
	{ AF_INET, "66.9.149.187", "161.142.100.80", 2794, 1766, 0x323e8fc2, 0x51ccc178 },
	{ AF_INET, "199.92.111.2", "65.69.140.83", 14230, 4739, 0xd718262a, 0xc626b0ea },
	{ AF_INET, "24.19.198.95", "12.22.207.184", 12898, 38024, 0xd2d0a5de, 0x5c2b394a },
	{ AF_INET, "38.27.205.30", "209.142.163.6", 48228, 2217, 0x82989176, 0xafc7327f },
	{ AF_INET, "153.39.163.191", "202.188.127.2", 44251, 1303, 0x5d1809c5, 0x10e828a2 },
	{ AF_INET6, "3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766, 0x2cc18cd5,
	  0x40207d3d },
	{ AF_INET6, "3ffe:501:8::260:97ff:fe40:efab", "ff02::1", 14230, 4739, 0x0f0c461c,
	  0xdde51bbf },
	{ AF_INET6, "3ffe:1900:4545:3:200:f8ff:fe21:67cf", "fe80::200:f8ff:fe21:67cf", 44251,
	  38024, 0x4b61e985, 0x02d1feef },
};

TEST(verification_suite)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		const struct vector *v = &vectors[i];
		unsigned int n = v->family == AF_INET ? 4 : 16;
		__u8 input[TOEPLITZ_INPUT];
		__u16 port;

		ASSERT_EQ(1, inet_pton(v->family, v->src, input));
		ASSERT_EQ(1, inet_pton(v->family, v->dst, input + n));
		port = htons(v->sport);
		memcpy(input + 2 * n, &port, 2);
		port = htons(v->dport);
		memcpy(input + 2 * n + 2, &port, 2);
		EXPECT_EQ(v->addresses, toeplitz(key, input, 2 * n));
		EXPECT_EQ(v->ports, toeplitz(key, input, 2 * n + 4));
	}
}

TEST_HARNESS_MAIN
