// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sink.c - taps that frames are sent to
 */
#include "sink.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <linux/pkt_cls.h>

#include "bench.h"
#include "ground/bytes.h"
#include "kernel/link.h"
#include "kernel/netns.h"
#include "kernel/tap.h"
#include "packets.h"

#define NAME "bench"

static const uint8_t sink_mac[6] = SINK_MAC, sender_mac[6] = SENDER_MAC;
static const uint8_t sink_address[4] = SINK_ADDRESS, sender_address[4] = SENDER_ADDRESS;

/* A new link sends IPv6 frames, into our queues. */
static void no_ipv6(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/all/disable_ipv6", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1", 1) < 0)
		perror("disable_ipv6");
	if (fd >= 0)
		close(fd);
}

void sink_enter(void)
{
	char why[160];

	if (netns_enter(why, sizeof(why))) {
		fprintf(stderr, "%s: %s\n", program_invocation_short_name, why);
		exit(1);
	}
	no_ipv6();
}

static int drop_all(int index)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = TC_ACT_SHOT },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = index, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts);
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "drop", "GPL", program,
			       ARRAY_LENGTH(program), NULL), ret;

	if (fd < 0)
		return -errno;
	opts.prog_fd = fd;
	ret = bpf_tc_hook_create(&hook);
	if (!ret)
		ret = bpf_tc_attach(&hook, &opts);
	close(fd);
	return ret;
}

/* Never read, so it fills up. */
static int bind_socket(int *fd)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(SINK_PORT) };
	int room = 4096;

	*fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memcpy(&at.sin_addr, sink_address, sizeof(sink_address));
	setsockopt(*fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return bind(*fd, (struct sockaddr *)&at, sizeof(at)) ? -errno : 0;
}

static int configure(struct sink *s, struct nl_sock *nl, enum sink_kind kind)
{
	int ret = link_set(nl, NAME, sink_mac, NULL);

	if (!ret && kind == SINK_DROP)
		return drop_all(link_index(nl, NAME));
	if (!ret)
		ret = link_address(nl, NAME, 4, sink_address, 24);
	if (!ret)
		ret = link_neighbour(nl, NAME, 4, sender_address, sender_mac);
	return ret ? ret : bind_socket(&s->socket);
}

static int open_tap(int *fd, bool multi_queue)
{
	int ret;

	*fd = tap_open(NAME, multi_queue);
	if (*fd < 0)
		return *fd;
	ret = tap_header(*fd, HEADER);
	return ret ? ret : tap_offload(*fd, TUN_F_CSUM);
}

void sink_open(struct sink *s, enum sink_kind kind, unsigned int queues)
{
	struct nl_sock *nl = NULL;
	unsigned int i;
	int ret = 0;

	*s = (struct sink){ { -1, -1 }, -1 };
	for (i = 0; !ret && i < queues; i++)
		ret = open_tap(&s->fd[i], queues > 1);
	if (!ret)
		ret = links_open(&nl);
	if (!ret)
		ret = configure(s, nl, kind);
	if (ret)
		bench_die("tap", ret);
	links_close(nl);
}

/* A tap exists until its last user, such as a ring being closed, is gone. */
void sink_close(struct sink *s)
{
	struct nl_sock *nl;
	unsigned int i;

	if (!links_open(&nl)) {
		link_delete(nl, NAME);
		links_close(nl);
	}
	for (i = 0; i < SINK_QUEUES; i++)
		if (s->fd[i] >= 0)
			close(s->fd[i]);
	if (s->socket >= 0)
		close(s->socket);
}

int sink_sender(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(SINK_PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 16 << 20;

	memcpy(&to.sin_addr, sender_address, sizeof(sender_address));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		bench_die("socket", errno);
	return fd;
}
