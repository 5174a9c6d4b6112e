// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * steer.c - the steering program in the kernel hashes as the library does
 */
#include "kselftest_harness.h"
#include "netns_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <seccomp.h>

#include "kernel/steer.h"
#include "packet/flow.h"
#include "packet/packet.h"

FIXTURE(steer) {
	FIXTURE_SKIP;
	struct steer_config config;
	struct steer *s;
};

FIXTURE_SETUP(steer)
{
	char why[160];
	size_t i;
	int ret;

	for (i = 0; i < TOEPLITZ_KEY; i++)
		self->config.key[i] = (__u8)(i * 29 + 7);
	for (i = 0; i < STEER_TABLE; i++)
		self->config.queue[i] = (__u16)(1000 + i);
	self->config.other = 7;
	NETNS_OR_SKIP();
	ret = steer_load(&self->s, &self->config, why, sizeof(why));
	if (ret == -ENOSYS)
		SKIP_TEST("this kernel has no BPF");
	ASSERT_EQ(0, ret) {
		TH_LOG("%s", why);
	}
}

FIXTURE_TEARDOWN(steer)
{
}

/* Run the program on a frame, without a tap. */
static int run(struct steer *s, const void *frame, size_t len)
{
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame, .data_size_in = (__u32)len,
		    .repeat = 1);

	return bpf_prog_test_run_opts(steer_program(s), &o) ? -errno : (int)o.retval;
}

TEST_F(steer, as_the_library)
{
	static const uint8_t families[] = { 4, 6 }, protos[] = { IPPROTO_UDP, IPPROTO_TCP };
	uint8_t frame[256], input[TOEPLITZ_INPUT];
	unsigned int i;

	NEEDS(self);
	for (i = 0; i < 64; i++) {
		struct flow f = {
			.ip = { .family = families[i & 1], .ttl = 9,
				.src = { (uint8_t)i, 1, 2 }, .dst = { 5, 6, (uint8_t)(i * 3) } },
			.proto = protos[i >> 1 & 1], .payload = 20,
			.sport = (uint16_t)(i * 1031), .dport = (uint16_t)(i * 77 + 1),
		};
		unsigned int n = f.ip.family == 4 ? 4 : 16;
		struct packet p;
		struct vnet h;
		size_t len = flow_build(&f, frame, &h);

		ASSERT_EQ(0, packet_parse(frame, len, 0, &p));
		memcpy(input, f.ip.src, n);
		memcpy(input + n, f.ip.dst, n);
		memcpy(input + 2 * n, frame + p.l4, 4);
		EXPECT_EQ(steer_queue(&self->config, input, 2 * n + 4),
			  run(self->s, frame, len));
	}
}

/* Fragments have no ports to hash; frames other than IP have no input. */
TEST_F(steer, without_ports_and_without_ip)
{
	struct flow f = { .ip = { .family = 4, .src = { 1 }, .dst = { 2 } },
			  .proto = IPPROTO_UDP, .payload = 20 };
	uint8_t frame[256], input[TOEPLITZ_INPUT] = { 0 };
	struct vnet h;
	size_t len = flow_build(&f, frame, &h);

	NEEDS(self);
	frame[20] = 0x20;
	input[0] = 1;
	input[4] = 2;
	EXPECT_EQ(steer_queue(&self->config, input, 8), run(self->s, frame, len));
	frame[12] = 0x08, frame[13] = 0x06;
	EXPECT_EQ(7, run(self->s, frame, len));
}

TEST(refused)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	struct steer_config config = { .other = 0 };
	struct steer *s = NULL;
	char why[160] = "";

	ASSERT_EQ(0, seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(bpf), 0));
	ASSERT_EQ(0, seccomp_load(ctx));
	EXPECT_EQ(-EPERM, steer_load(&s, &config, why, sizeof(why)));
	EXPECT_NE(NULL, strstr(why, "EPERM"));
}

TEST_HARNESS_MAIN
