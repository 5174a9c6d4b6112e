// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * steer.bpf.c - virtio's RSS as a tap's steering program
 *
 * The tap runs it on each frame towards the reader; the result selects the queue.
 */
#include <linux/bpf.h>
#include <linux/in.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "steer_config.h"

#define ETH_LEN 14
#define IP6_LEN 40
#define FRAGMENT 0x3fff		/* IPv4: more fragments, or an offset */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct steer_config);
} config SEC(".maps");

/* The hash input: addresses, then ports if there are any. */
struct input {
	__u8 byte[TOEPLITZ_INPUT];
	__u32 len;
};

/* Bytes at an offset from the Ethernet header. */
static __always_inline long load(struct __sk_buff *skb, __u32 at, void *to, __u32 n)
{
	return bpf_skb_load_bytes_relative(skb, at, to, n, BPF_HDR_START_MAC);
}

static __always_inline int has_ports(__u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP;
}

static __always_inline int input_ip4(struct __sk_buff *skb, struct input *in)
{
	__u8 ip[20];
	__u32 len;

	if (load(skb, ETH_LEN, ip, sizeof(ip)))
		return -1;
	__builtin_memcpy(in->byte, ip + 12, 8);
	in->len = 8;
	len = (ip[0] & 0xf) * 4;
	if (!has_ports(ip[9]) || ((ip[6] << 8 | ip[7]) & FRAGMENT))
		return 0;
	if (load(skb, ETH_LEN + len, in->byte + 8, 4))
		return -1;
	in->len = 12;
	return 0;
}

static __always_inline int input_ip6(struct __sk_buff *skb, struct input *in)
{
	__u8 proto;

	if (load(skb, ETH_LEN + 6, &proto, 1) ||
	    load(skb, ETH_LEN + 8, in->byte, 32))
		return -1;
	in->len = 32;
	if (!has_ports(proto))
		return 0;
	if (load(skb, ETH_LEN + IP6_LEN, in->byte + 32, 4))
		return -1;
	in->len = 36;
	return 0;
}

SEC("socket")
int steer(struct __sk_buff *skb)
{
	struct input in = {};
	struct steer_config *c;
	__u32 zero = 0, hash;
	__u16 ethertype;
	int ret = -1;

	c = bpf_map_lookup_elem(&config, &zero);
	if (!c || load(skb, 12, &ethertype, 2))
		return 0;
	if (ethertype == bpf_htons(0x0800))
		ret = input_ip4(skb, &in);
	else if (ethertype == bpf_htons(0x86dd))
		ret = input_ip6(skb, &in);
	if (ret)
		return c->other;
	hash = toeplitz(c->key, in.byte, in.len);
	return c->queue[hash % STEER_TABLE];
}

char steer_license[] SEC("license") = "LGPL-2.1-or-later";
