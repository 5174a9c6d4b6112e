// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lie.c - make the kernel of a test machine misreport a tap's offloads
 *
 * refuse=MASK	TUNSETOFFLOAD refuses these TUN_F bits, although they are supported
 * accept=MASK	TUNSETOFFLOAD accepts these TUN_F bits without effect
 * strip=TYPE	a tap never gets super-packets of this type whole
 * force=TYPE	a tap gets super-packets of this type that it has not enabled
 * corrupt=WHAT	how frames are corrupted: id, ttl, length, csum, payload, seq, lost
 * of=TYPE	of super-packets of this type: udp, tcp4, tcp6
 * where=PLACE	segments: when the kernel segments one; whole: when a tap's reader
 *		gets one
 * when=equal	only where all segments are of one length
 *
 * Implemented with kprobes, so the kernel itself is not modified.  Only for test
 * machines.
 */
#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>

static unsigned int refuse, accept;
static char *strip = "", *force = "", *corrupt = "", *of = "", *where = "segments", *when = "";

module_param(refuse, uint, 0);
module_param(accept, uint, 0);
module_param(strip, charp, 0);
module_param(force, charp, 0);
module_param(corrupt, charp, 0);
module_param(of, charp, 0);
module_param(where, charp, 0);
module_param(when, charp, 0);

/* The types by name, with their flags in the stack and in devices. */
static const struct lie_type {
	const char *name;
	unsigned int gso;
	netdev_features_t feature;
} lie_types[] = {
	{ "udp", SKB_GSO_UDP_L4, NETIF_F_GSO_UDP_L4 },
	{ "tcp4", SKB_GSO_TCPV4, NETIF_F_TSO },
	{ "tcp6", SKB_GSO_TCPV6, NETIF_F_TSO6 },
};

static const struct lie_type *lie_type(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lie_types); i++)
		if (!strcmp(lie_types[i].name, name))
			return &lie_types[i];
	return NULL;
}

/* ---- TUNSETOFFLOAD ---- */

static int ioctl_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	unsigned int cmd = regs->si;

	if (cmd != TUNSETOFFLOAD)
		return 1;
	*(bool *)ri->data = regs->dx & refuse;
	regs->dx &= ~(unsigned long)accept;
	return 0;
}

static int ioctl_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (*(bool *)ri->data)
		regs_set_return_value(regs, -EINVAL);
	return 0;
}

/* ---- Features of a tap's device ---- */

static int features_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	netdev_features_t features = regs_return_value(regs);

	if (lie_type(strip))
		features &= ~lie_type(strip)->feature;
	if (lie_type(force))
		features |= lie_type(force)->feature;
	regs_set_return_value(regs, features);
	return 0;
}

/* ---- Frames ---- */

static bool is_ip4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

static void *transport(struct sk_buff *skb)
{
	return skb_network_header(skb) + (is_ip4(skb) ? ip_hdr(skb)->ihl * 4 : 40);
}

static void corrupt_payload(struct sk_buff *skb)
{
	u8 last;

	if (skb_copy_bits(skb, skb->len - 1, &last, 1))
		return;
	last ^= 1;
	skb_store_bits(skb, skb->len - 1, &last, 1);
}

static void corrupt_ip(struct sk_buff *skb)
{
	if (!is_ip4(skb)) {
		ipv6_hdr(skb)->hop_limit--;
		return;
	}
	if (!strcmp(corrupt, "id"))
		ip_hdr(skb)->id ^= htons(0x5555);
	else
		ip_hdr(skb)->ttl--;
	ip_send_check(ip_hdr(skb));
}

static void corrupt_frame(struct sk_buff *skb)
{
	struct udphdr *udp = transport(skb);
	struct tcphdr *tcp = transport(skb);
	bool is_udp = !strcmp(of, "udp");

	if (!strcmp(corrupt, "payload"))
		corrupt_payload(skb);
	else if (!strcmp(corrupt, "id") || !strcmp(corrupt, "ttl"))
		corrupt_ip(skb);
	else if (!strcmp(corrupt, "length") && is_udp)
		udp->len = htons(ntohs(udp->len) + 1);
	else if (!strcmp(corrupt, "seq") && !is_udp)
		tcp->seq = htonl(ntohl(tcp->seq) + 1);
	else if (!strcmp(corrupt, "csum") && is_udp)
		udp->check ^= htons(0x0100);
	else if (!strcmp(corrupt, "csum"))
		tcp->check ^= htons(0x0100);
}

static bool all_equal(const struct sk_buff *segs)
{
	const struct sk_buff *skb;

	for (skb = segs; skb; skb = skb->next)
		if (skb->len != segs->len)
			return false;
	return true;
}

static void lose_last(struct sk_buff *segs)
{
	while (segs->next && segs->next->next)
		segs = segs->next;
	if (!segs->next)
		return;
	kfree_skb(segs->next);
	segs->next = NULL;
}

/* The kernel segments a super-packet: is it of the chosen type? */
static int segment_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct sk_buff *skb = (struct sk_buff *)regs->di;

	return !(skb_shinfo(skb)->gso_type & lie_type(of)->gso);
}

static int segment_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct sk_buff *segs = (struct sk_buff *)regs_return_value(regs), *skb;

	if (IS_ERR_OR_NULL(segs) || (!strcmp(when, "equal") && !all_equal(segs)))
		return 0;
	if (!strcmp(corrupt, "lost"))
		lose_last(segs);
	for (skb = segs; skb; skb = skb->next)
		corrupt_frame(skb);
	return 0;
}

/* A super-packet on its way to a tap's reader. */
static int whole_entry(struct kprobe *p, struct pt_regs *regs)
{
	struct sk_buff *skb = (struct sk_buff *)regs->di;

	if (skb_is_gso(skb) && skb_shinfo(skb)->gso_type & lie_type(of)->gso)
		corrupt_frame(skb);
	return 0;
}

static struct kretprobe ioctl_tun = {
	.kp.symbol_name = "tun_chr_ioctl", .entry_handler = ioctl_entry,
	.handler = ioctl_return, .data_size = sizeof(bool),
};

static struct kretprobe ioctl_macvtap = {
	.kp.symbol_name = "tap_ioctl", .entry_handler = ioctl_entry,
	.handler = ioctl_return, .data_size = sizeof(bool),
};

static struct kretprobe features = {
	.kp.symbol_name = "tun_net_fix_features", .handler = features_return,
};

static struct kretprobe segment = {
	.kp.symbol_name = "skb_mac_gso_segment", .entry_handler = segment_entry,
	.handler = segment_return,
};

static struct kprobe whole = {
	.symbol_name = "tun_net_xmit", .pre_handler = whole_entry,
};

static int __init lie_init(void)
{
	int ret = register_kretprobe(&ioctl_tun);

	if (!ret)
		ret = register_kretprobe(&ioctl_macvtap);
	if (!ret)
		ret = register_kretprobe(&features);
	if (!ret && lie_type(of))
		ret = strcmp(where, "whole") ? register_kretprobe(&segment) :
					       register_kprobe(&whole);
	return ret;
}

static void __exit lie_exit(void)
{
	if (lie_type(of) && strcmp(where, "whole"))
		unregister_kretprobe(&segment);
	else if (lie_type(of))
		unregister_kprobe(&whole);
	unregister_kretprobe(&features);
	unregister_kretprobe(&ioctl_macvtap);
	unregister_kretprobe(&ioctl_tun);
}

module_init(lie_init);
module_exit(lie_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Makes a test machine's kernel lie about a tap's offloads");
