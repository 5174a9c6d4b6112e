// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream.c - streams of QEMU: RAM, devices, damage, and a guest that lies
 */
#include "kselftest_harness.h"

#include "state_fixture.h"

static struct bytes real, b;

static const char *const names[] = { "7.2", "10.0", "11.1" };

static void start(const char *machine)
{
	b.len = 0;
	add(&b, "QEVM\0\0\0\3", 8);
	add_be(&b, 7, 1);
	add_be(&b, strlen(machine), 4);
	add(&b, machine, strlen(machine));
}

/* A page of the guest's in which there is all that a section has, and a whole one. */
static void add_lie(void)
{
	size_t end = b.len + 4096;

	while (b.len + 256 < end) {
		add_footer(&b, 2);
		add_be(&b, 3, 1);
		add_be(&b, 2, 4);
		add_be(&b, 0x10, 8);
		add_footer(&b, 2);
		add_head(&b, 4, 99, "0000:00:09.0/virtio-net", 11);
		add(&b, real.data + find(&real, "virtio-net", 0) + 18, 16);
		add_footer(&b, 99);
		add_be(&b, 0, 1);
		add_be(&b, 6, 1);
		add_be(&b, 2, 4);
		add(&b, "{}", 2);
	}
	while (b.len < end)
		add_be(&b, 0, 1);
}

/* The list of blocks, then pages of all kinds, in three sections. */
static void add_ram(void)
{
	add_head(&b, 1, 2, "ram", 4);
	add_be(&b, 0x3000 | 4, 8);
	add_text(&b, "pc.ram");
	add_be(&b, 0x2000, 8);
	add_text(&b, "pc.bios");
	add_be(&b, 0x1000, 8);
	add_be(&b, 0x10, 8);
	add_footer(&b, 2);
	add_be(&b, 2, 1);
	add_be(&b, 2, 4);
	add_be(&b, 0x08, 8);
	add_text(&b, "pc.ram");
	add_lie();
	add_be(&b, 0x1000 | 0x20 | 0x02, 8);
	add_be(&b, 0, 1);
	add_be(&b, 0x200, 8);
	add_be(&b, 0x1000 | 0x20 | 0x40, 8);
	add_be(&b, 1, 1);
	add_be(&b, 11, 2);
	add(&b, "\x7e\0\0\0\2\4\0\0\0\1\7", 11);
	add_be(&b, 0x100 | 0x20, 8);
	add_be(&b, 5, 4);
	add(&b, "\x7e\0\0\0\2", 5);
	add_be(&b, 0x10, 8);
	add_footer(&b, 2);
	add_be(&b, 8, 1);
	add_be(&b, 11, 2);
	add_be(&b, 3, 2);
	add(&b, "\x7e\x04\x04", 3);
	add_be(&b, 3, 1);
	add_be(&b, 2, 4);
	add_be(&b, 0x10, 8);
	add_footer(&b, 2);
}

/* The real devices, with the description that follows them after RAM. */
static void add_devices(void)
{
	const char *json = "{\"page_size\": 4096, \"devices\": []}";

	add(&b, real.data + 8, real.len - 8);
	add_be(&b, 6, 1);
	add_be(&b, strlen(json), 4);
	add(&b, json, strlen(json));
}

TEST(real_states)
{
	struct tapcompat_error error;
	struct state *s;
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(names); i++) {
		load(&b, names[i]);
		ASSERT_EQ(0, read_state(&b, &s, &error)) TH_LOG("%s", error.text);
		EXPECT_TRUE(as_guest(s, names[i])) TH_LOG("%s", names[i]);
		EXPECT_EQ(STATE_STREAM, s->format);
		EXPECT_STREQ("", s->machine);
		EXPECT_EQ(NULL, s->xml);
		state_free(s);
	}
}

/* What else a card's section has. */
TEST(more_than_features)
{
	struct state *s;

	load(&b, "11.1");
	ASSERT_EQ(0, read_state(&b, &s, NULL));
	EXPECT_STREQ("0000:00:02.0", s->card[0].path);
	EXPECT_EQ(15, s->card[0].status);
	EXPECT_EQ(2, s->card[0].queue_pairs_max);
	EXPECT_EQ(1, s->card[0].queue_pairs);
	EXPECT_TRUE(s->card[0].vnet_hdr);
	EXPECT_TRUE(s->card[0].ufo);
	EXPECT_TRUE(s->card[0].offloads_known);
	EXPECT_EQ(0xc0000000000782, s->card[0].offloads.word[0]);
	EXPECT_STREQ("0000:00:01.0:00.0", s->card[1].path);
	EXPECT_EQ(1024, s->card[1].rx_ring);
	EXPECT_EQ(1024, s->card[1].rx_ring_default);
	EXPECT_EQ(256, s->card[1].tx_ring);
	EXPECT_EQ(1, s->card[1].queue_pairs_max);
	EXPECT_EQ(7, s->card[2].status);
	EXPECT_FALSE(s->card[3].vnet_hdr);
	state_free(s);
}

TEST(mmio_without_guest)
{
	struct state *s;

	load(&b, "mmio");
	ASSERT_EQ(0, read_state(&b, &s, NULL));
	ASSERT_EQ(2, s->cards);
	EXPECT_STREQ("virtio-mmio@00000000feb02e00", s->card[0].path);
	EXPECT_TRUE(s->card[0].known);
	EXPECT_FALSE(s->card[0].driver);
	EXPECT_TRUE(mask_empty(&s->card[0].acked));
	EXPECT_EQ(256, s->card[0].rx_ring);
	EXPECT_EQ(0x0a, s->card[1].mac[5]);
	state_free(s);
}

/* Sections in the guest's pages are nothing. */
TEST(after_ram)
{
	struct tapcompat_error error;
	struct state *s;

	load(&real, "10.0");
	start("pc-q35-10.0");
	add_ram();
	add_devices();
	ASSERT_EQ(0, read_state(&b, &s, &error)) TH_LOG("%s", error.text);
	EXPECT_TRUE(as_guest(s, "10.0"));
	EXPECT_STREQ("pc-q35-10.0", s->machine);
	state_free(s);
}

/* The same, where pages have places of their own. */
TEST(mapped_ram)
{
	struct tapcompat_error error;
	struct state *s;
	size_t at;

	load(&real, "11.1");
	start("pc-q35-11.1");
	add_be(&b, 5, 1);
	add_text(&b, "configuration/capabilities");
	add_be(&b, 1, 4);
	add_be(&b, 1, 4);
	add_text(&b, "mapped-ram");
	add_head(&b, 1, 2, "ram", 4);
	add_be(&b, 0x2000 | 4, 8);
	add_text(&b, "pc.ram");
	add_be(&b, 0x1000, 8);
	add_be(&b, 1, 4);
	add_be(&b, 0x1000, 8);
	add_be(&b, b.len + 16, 8);
	add_be(&b, 0x1000, 8);
	while (b.len < 0x1000)
		add_be(&b, 0x7e, 1);
	add_lie();
	/* A block without pages. */
	add_text(&b, "shared");
	add_be(&b, 0x1000, 8);
	at = b.len;
	add_be(&b, 1, 4);
	add_be(&b, 0x1000, 8);
	add_be(&b, 0, 16);
	add_be(&b, 0x10, 8);
	add_footer(&b, 2);
	add_be(&b, 3, 1);
	add_be(&b, 2, 4);
	add_be(&b, 0x10, 8);
	add_footer(&b, 2);
	add_devices();
	ASSERT_EQ(0, read_state(&b, &s, &error)) TH_LOG("%s", error.text);
	EXPECT_TRUE(as_guest(s, "11.1"));
	state_free(s);
	/* Pages before their own head. */
	put_be32(b.data + at + 12 + 8 + 4, 0x20);
	EXPECT_EQ(-EBADMSG, read_state(&b, &s, &error));
	EXPECT_EQ(NULL, s);
}

/* Put into a device's own bytes what looks like its end, and all of another machine. */
static void forge(uint32_t id, size_t at, uint32_t hidden)
{
	static struct bytes lie;

	lie.len = 0;
	add_footer(&lie, id);
	add_card(&lie, &real, 77);
	add_head(&lie, 4, hidden, "globalstate", 1);
	memcpy(b.data + at, lie.data, lie.len);
}

/* A guest that has the bytes of a disk's or a network card's buffer cannot lie with them. */
TEST(forged_section)
{
	struct tapcompat_error error;
	struct state *s;
	size_t at;

	load(&real, "11.1");
	b = real;
	/* A section with much of the guest's own, before the cards. */
	at = find(&b, "0000:00:02.0/virtio-net", 0) - 6;
	{
		static uint8_t room[0x10000];
		static struct bytes head;

		head.len = 0;
		add_head(&head, 4, 500, "0000:00:08.0/e1000", 2);
		add(&head, room, sizeof(room));
		add_footer(&head, 500);
		insert(&b, at, head.data, head.len);
	}
	ASSERT_EQ(0, read_state(&b, &s, &error)) TH_LOG("%s", error.text);
	EXPECT_TRUE(as_guest(s, "11.1"));
	state_free(s);
	/* Hides the rest up to the last section, or up to its own real end. */
	forge(500, at + 200, 47);
	EXPECT_EQ(-EBADMSG, read_state(&b, &s, &error));
	EXPECT_NE(NULL, strstr(error.text, "0000:00:08.0/e1000"));
	EXPECT_NE(NULL, strstr(error.text, "could end at"));
	EXPECT_EQ(NULL, s);
	forge(500, at + 200, 500);
	EXPECT_EQ(-EBADMSG, read_state(&b, &s, &error));
}

/* Volumes are longer than what is in them. */
TEST(rest_of_a_volume)
{
	struct tapcompat_error error;
	struct state *s;
	size_t end;

	load(&real, "10.0");
	start("pc-q35-10.0+pve0");
	add_ram();
	add_devices();
	end = b.len;
	while (b.len < end + 0x20000)
		add_be(&b, 0x7e0000017e04007e, 8);
	ASSERT_EQ(0, read_state(&b, &s, &error)) TH_LOG("%s", error.text);
	EXPECT_TRUE(as_guest(s, "10.0"));
	state_free(s);
	/* An older state after it: which of them is it? */
	add(&b, real.data + 8, real.len - 8);
	EXPECT_EQ(-EBADMSG, read_state(&b, &s, &error));
}

/* Cut anywhere, it is an error, and says where. */
TEST(cut)
{
	struct tapcompat_error error;
	struct state *s;
	size_t len, whole;

	load(&real, "7.2");
	start("pc-q35-7.2");
	add_ram();
	add(&b, real.data + 8, real.len - 8);
	whole = b.len;
	for (len = 0; len < whole; len += len < 9000 ? 1 : 997) {
		b.len = len;
		error.text[0] = '\0';
		if (read_state(&b, &s, &error) >= 0 || s)
			break;
		if (!strstr(error.text, "a\\x1bfile: at offset "))
			break;
	}
	EXPECT_GE(len, whole) TH_LOG("cut to %zu: %s", len, error.text);
	b.len = whole;
	ASSERT_EQ(0, read_state(&b, &s, &error)) TH_LOG("%s", error.text);
	state_free(s);
}

/* Any byte changed: an answer or an error, in bounded time. */
TEST(damaged)
{
	struct state *s;
	size_t i;

	load(&real, "11.1");
	start("pc-q35-11.1");
	add_ram();
	add(&b, real.data + 8, real.len - 8);
	for (i = 0; i < b.len; i += i < 6000 ? 1 : 499) {
		b.data[i] ^= 0x80;
		if (!read_state(&b, &s, NULL))
			state_free(s);
		b.data[i] ^= 0x80;
	}
}

static int verdict(struct tapcompat_error *error)
{
	struct state *s;
	int ret = read_state(&b, &s, error);

	state_free(s);
	return ret;
}

/* What is no state, and what is not read, says so. */
TEST(refused)
{
	struct tapcompat_error error;

	b.len = 0;
	EXPECT_EQ(-ENOMSG, verdict(&error));
	add(&b, "#!/bin/sh\necho no state\n", 24);
	EXPECT_EQ(-ENOMSG, verdict(&error));
	b.len = 0;
	add(&b, "QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\0", 16);
	EXPECT_EQ(-EOPNOTSUPP, verdict(&error));
	EXPECT_NE(NULL, strstr(error.text, "qcow2"));
	b.len = 0;
	add(&b, "\x11\x22\x33\x44\0\0\0\1\0\0\0\0\0\0\0\0", 16);
	EXPECT_EQ(-EOPNOTSUPP, verdict(&error));
	EXPECT_NE(NULL, strstr(error.text, "multifd"));
	start("pc");
	add_head(&b, 1, 3, "0000:00:07.0/vfio", 1);
	add_be(&b, 0, 64);
	EXPECT_EQ(-EOPNOTSUPP, verdict(&error));
	EXPECT_NE(NULL, strstr(error.text, "0000:00:07.0/vfio"));
	start("pc-q35-7.2");
	b.data[7] = 4;
	EXPECT_EQ(-EOPNOTSUPP, verdict(&error));
	start("a\033[31m type");
	add_be(&b, 0x55, 1);
	EXPECT_EQ(-EBADMSG, verdict(&error));
	start("a name that is far longer than any name of a machine type in any QEMU ever");
	EXPECT_EQ(-EBADMSG, verdict(&error));
}

/* A pipe that says nothing more. */
TEST(silence)
{
	const struct state_options options = { .seconds = 1 };
	struct tapcompat_error error;
	struct state *s;
	int both[2];

	ASSERT_EQ(0, pipe(both));
	start("pc");
	ASSERT_EQ(b.len, write(both[1], b.data, b.len));
	EXPECT_EQ(-ETIMEDOUT, state_read(both[0], "pipe", &options, &s, &error));
	EXPECT_EQ(NULL, s);
	close(both[0]);
	close(both[1]);
}

TEST(from_a_path)
{
	struct tapcompat_error error;
	struct state *s;

	ASSERT_EQ(0, state_load(SAMPLES "/10.0.state", NULL, &s, &error));
	EXPECT_TRUE(as_guest(s, "10.0"));
	state_free(s);
	EXPECT_EQ(-ENOENT, state_load("/nonexistent\n", NULL, &s, &error));
	EXPECT_STREQ("/nonexistent\\x0a: No such file or directory", error.text);
	EXPECT_EQ(-EISDIR, state_load("/", NULL, &s, &error));
	EXPECT_EQ(-ENOMSG, state_load("/dev/null", NULL, &s, &error));
}

TEST_HARNESS_MAIN
