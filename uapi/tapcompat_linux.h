/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tapcompat_linux.h - constants of Linux and virtio that older system headers
 * lack
 *
 * Include it after the system's linux/if_tun.h, linux/virtio_net.h and
 * linux/vhost.h: constants defined there are not redefined.  The values are ABI.
 */
#ifndef TAPCOMPAT_LINUX_H
#define TAPCOMPAT_LINUX_H

#include <linux/types.h>
#include <sys/ioctl.h>

/* TUNSETOFFLOAD: UDP segmentation (Linux 6.2), UDP tunnels (Linux 6.17). */
#ifndef TUN_F_USO4
#define TUN_F_USO4			0x20
#endif
#ifndef TUN_F_USO6
#define TUN_F_USO6			0x40
#endif
#ifndef TUN_F_UDP_TUNNEL_GSO
#define TUN_F_UDP_TUNNEL_GSO		0x080
#endif
#ifndef TUN_F_UDP_TUNNEL_GSO_CSUM
#define TUN_F_UDP_TUNNEL_GSO_CSUM	0x100
#endif

/* The vnet header's gso_type and flags. */
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4	5
#endif
#ifndef VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4
#define VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4	0x20
#endif
#ifndef VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV6
#define VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV6	0x40
#endif
#ifndef VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM
#define VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM	8
#endif

/*
 * vhost's features beyond bit 63 (Linux 6.17): a count of 64-bit words, then
 * the words.
 */
struct tapcompat_vhost_features {
	__u64 count;
	__u64 word[2];
};

#define TAPCOMPAT_VHOST_GET_FEATURES_ARRAY _IOR(0xaf, 0x83, __u64)
#define TAPCOMPAT_VHOST_SET_FEATURES_ARRAY _IOW(0xaf, 0x83, __u64)

/* Linux 6.5: the kernel's threads of a vhost; each has two 32-bit numbers, or one. */
#define TAPCOMPAT_VHOST_NEW_WORKER _IOR(0xaf, 0x08, __u32)
#define TAPCOMPAT_VHOST_FREE_WORKER _IOW(0xaf, 0x09, __u32)
#define TAPCOMPAT_VHOST_ATTACH_VRING_WORKER _IOW(0xaf, 0x15, __u64)
#define TAPCOMPAT_VHOST_GET_VRING_WORKER _IOWR(0xaf, 0x16, __u64)

#endif /* TAPCOMPAT_LINUX_H */
