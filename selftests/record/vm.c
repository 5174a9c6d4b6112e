// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vm.c - the record of a virtual machine
 */
#include "kselftest_harness.h"

#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "host_fixture.h"
#include "record/vm.h"

FIXTURE(vm) {
	struct tapcompat_caps caps;
	struct tapcompat_vm_options options;
	struct tapcompat_vm *vm;
	struct tapcompat_check *check;
	struct tapcompat_error error;
};

FIXTURE_SETUP(vm)
{
	host_full(&self->caps, "node1");
	self->options.size = sizeof(self->options);
	self->options.strict = 1;
	self->options.caps = &self->caps;
}

FIXTURE_TEARDOWN(vm)
{
	tapcompat_check_free(self->check);
	tapcompat_vm_free(self->vm);
}

static void request(struct _test_data_vm *self, enum tapcompat_policy policy, const char *list)
{
	self->options.requested[policy] = host_mask(list);
}

static int make(struct _test_data_vm *self)
{
	tapcompat_check_free(self->check);
	tapcompat_vm_free(self->vm);
	memset(&self->error, 0, sizeof(self->error));
	return tapcompat_vm_new(&self->options, &self->vm, &self->check, &self->error);
}

static int parse(struct _test_data_vm *self, const char *text)
{
	tapcompat_vm_free(self->vm);
	memset(&self->error, 0, sizeof(self->error));
	return tapcompat_vm_parse(text, strlen(text), "vm.json", &self->vm, &self->error);
}

/* The exit status of check --vm. */
static int checked(struct _test_data_vm *self, unsigned int flags)
{
	tapcompat_check_free(self->check);
	self->check = tapcompat_vm_check(self->vm, &self->caps, TAPCOMPAT_TAP, flags);
	return self->check ? tapcompat_check_exit(self->check) : -1;
}

static bool effective(struct _test_data_vm *self, const char *list)
{
	struct tapcompat_mask is = tapcompat_vm_effective(self->vm), ought = host_mask(list);

	return mask_equal(&is, &ought);
}

static bool requested(struct _test_data_vm *self, enum tapcompat_policy policy, const char *list)
{
	struct tapcompat_mask is = tapcompat_vm_requested(self->vm, policy);
	struct tapcompat_mask ought = host_mask(list);

	return mask_equal(&is, &ought);
}

/* ---- Creating ---- */

TEST_F(vm, options)
{
	request(self, TAPCOMPAT_POLICY_REQUIRE, "csum");
	self->options.size = offsetof(struct tapcompat_vm_options, offer);
	EXPECT_EQ(-EINVAL, make(self));
	self->options.size = sizeof(self->options);
	self->options.caps = NULL;
	EXPECT_EQ(-EINVAL, make(self));
	self->options.caps = &self->caps;
	self->options.backend = TAPCOMPAT_BACKENDS;
	EXPECT_EQ(-EINVAL, make(self));
	EXPECT_EQ(NULL, self->vm);
	EXPECT_EQ(NULL, self->check);
	EXPECT_STREQ("forbid", tapcompat_policy_name(TAPCOMPAT_POLICY_FORBID));
	EXPECT_STREQ("?", tapcompat_policy_name(TAPCOMPAT_POLICIES));
}

/* What the host lacks or emulates, the features of each policy, and the result. */
static const struct {
	const char *lacks, *emulates, *force, *require, *optional, *disable, *forbid;
	int strict, ret, exit;
	const char *gets, *says;
} policies[] = {
	{ "", "", "", "csum,host_uso", "", "", "", 1, 0, 0, "csum,host_uso", "" },
	{ "", "", "", "csum", "host_uso", "", "", 1, 0, 0, "csum,host_uso", "" },
	{ "host_uso", "", "", "csum", "host_uso", "", "", 1, 0, 0, "csum", "" },
	{ "host_uso", "", "", "csum,host_uso", "", "", "", 1, -ENODATA, 1, NULL,
	  "a required feature is missing" },
	{ "host_uso", "", "", "csum,host_uso", "", "", "", 0, 0, 1, "csum", "" },
	{ "", "", "", "csum", "", "host_uso", "", 1, 0, 0, "csum", "" },
	/* Forced: native if the kernel has it, else emulated. */
	{ "", "", "csum,host_uso", "", "", "", "", 1, 0, 0, "csum,host_uso", "" },
	{ "", "host_uso", "csum,host_uso", "", "", "", "", 1, 0, 0, "csum,host_uso", "" },
	{ "host_uso", "", "csum,host_uso", "", "", "", "", 1, -ENODATA, 1, NULL,
	  "a required feature is missing" },
	{ "", "host_uso", "", "csum,host_uso", "", "", "", 1, -ENODATA, 1, NULL,
	  "a required feature is missing" },
	{ "", "host_uso", "", "csum", "host_uso", "", "", 1, 0, 0, "csum", "" },
	/* Forbidden: fails if QEMU would offer it, strict or not. */
	{ "", "", "", "csum", "", "", "host_uso", 1, -ENODATA, 1, NULL,
	  "host_uso is forbidden" },
	{ "", "", "", "csum", "", "", "host_uso", 0, -ENODATA, 1, NULL,
	  "host_uso is forbidden" },
	{ "host_uso", "", "", "csum", "", "", "host_uso", 1, 0, 0, "csum", "" },
	{ "", "", "", "csum", "", "", "packed", 1, 0, 0, "csum", "" },
	/* J11: contradictions. */
	{ "", "", "", "csum", "csum", "", "", 1, -EINVAL, 0, NULL,
	  "csum has two policies, require and optional" },
	{ "", "", "csum", "", "", "", "csum", 1, -EINVAL, 0, NULL,
	  "csum has two policies, force and forbid" },
	{ "", "", "", "host_uso", "", "csum", "", 1, -EINVAL, 0, NULL,
	  "host_uso needs csum, which is disabled or forbidden" },
	{ "", "", "", "", "host_uso", "", "csum", 1, -EINVAL, 0, NULL,
	  "host_uso needs csum, which is disabled or forbidden" },
};

TEST_F(vm, policies)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		host_full(&self->caps, "node1");
		if (*policies[i].lacks)
			host_set_all(&self->caps, policies[i].lacks, TAPCOMPAT_ABSENT);
		if (*policies[i].emulates)
			host_set_all(&self->caps, policies[i].emulates, TAPCOMPAT_EMULATED);
		request(self, TAPCOMPAT_POLICY_FORCE, policies[i].force);
		request(self, TAPCOMPAT_POLICY_REQUIRE, policies[i].require);
		request(self, TAPCOMPAT_POLICY_OPTIONAL, policies[i].optional);
		request(self, TAPCOMPAT_POLICY_DISABLE, policies[i].disable);
		request(self, TAPCOMPAT_POLICY_FORBID, policies[i].forbid);
		self->options.strict = policies[i].strict;
		EXPECT_EQ(policies[i].ret, make(self)) {
			TH_LOG("case %zu: %s", i, self->error.text);
		}
		EXPECT_NE(NULL, strstr(self->error.text, policies[i].says)) {
			TH_LOG("case %zu: %s", i, self->error.text);
		}
		if (self->check)
			EXPECT_EQ(policies[i].exit, tapcompat_check_exit(self->check));
		EXPECT_EQ(!policies[i].ret, !!self->vm);
		if (!self->vm)
			continue;
		EXPECT_TRUE(effective(self, policies[i].gets)) {
			TH_LOG("case %zu", i);
		}
		EXPECT_EQ(policies[i].strict, tapcompat_vm_strict(self->vm));
		EXPECT_TRUE(requested(self, TAPCOMPAT_POLICY_REQUIRE, policies[i].require));
		EXPECT_TRUE(requested(self, TAPCOMPAT_POLICY_OPTIONAL, policies[i].optional));
		EXPECT_TRUE(requested(self, TAPCOMPAT_POLICY_FORBID, policies[i].forbid));
		EXPECT_TRUE(requested(self, TAPCOMPAT_POLICIES, ""));
	}
}

/* Emulated features are listed, and may be emulated on the destination, too. */
TEST_F(vm, emulated)
{
	struct tapcompat_mask uso = host_mask("host_uso");
	char *text;

	host_set_all(&self->caps, "host_uso", TAPCOMPAT_EMULATED);
	request(self, TAPCOMPAT_POLICY_FORCE, "csum,host_uso");
	ASSERT_EQ(0, make(self));
	EXPECT_TRUE(mask_equal(&uso, &self->vm->emulated));
	text = tapcompat_vm_json(self->vm, 0);
	EXPECT_NE(NULL, strstr(text, "\"emulated\":[\"host_uso\"]"));
	ASSERT_EQ(0, parse(self, text));
	free(text);
	EXPECT_TRUE(mask_equal(&uso, &self->vm->emulated));
	EXPECT_EQ(0, checked(self, 0));
	host_set_all(&self->caps, "host_uso", TAPCOMPAT_ABSENT);
	EXPECT_EQ(1, checked(self, 0));
	host_set_all(&self->caps, "csum", TAPCOMPAT_UNKNOWN);
	EXPECT_EQ(1, checked(self, 0));
	host_set_all(&self->caps, "host_uso", TAPCOMPAT_NATIVE);
	EXPECT_EQ(3, checked(self, 0));
}

/* A record made without required features blocks migration. */
TEST_F(vm, non_strict)
{
	host_set_all(&self->caps, "host_uso", TAPCOMPAT_ABSENT);
	request(self, TAPCOMPAT_POLICY_REQUIRE, "csum,host_uso");
	self->options.strict = 0;
	ASSERT_EQ(0, make(self));
	EXPECT_EQ(1, checked(self, 0));
	EXPECT_NE(NULL, strstr(self->check->refusal, "--allow-non-strict"));
	EXPECT_STREQ("", self->check->start);
	EXPECT_EQ(0, checked(self, TAPCOMPAT_CHECK_NON_STRICT));
	EXPECT_NE('\0', self->check->start[0]);
	/* Restarted on a host that has the feature, it is strict. */
	host_full(&self->caps, "node2");
	self->options.strict = 1;
	tapcompat_check_free(self->check);
	EXPECT_EQ(0, tapcompat_vm_update(self->vm, &self->options, &self->check, &self->error));
	EXPECT_TRUE(effective(self, "csum,host_uso"));
	EXPECT_EQ(0, checked(self, 0));
}

TEST_F(vm, size)
{
	static struct tapcompat_offer offer;
	const struct tapcompat_feature *f;
	char *text;

	for_each_feature(f) {
		tapcompat_mask_set(&self->options.requested[TAPCOMPAT_POLICY_OPTIONAL], f->bit);
		offer.property[feature_index(f)] = (struct offer_property){
			.exists = true, .on = true, .by_default = true,
		};
	}
	strcpy(offer.qemu, "11.1.3 (Debian 1:11.1.3+ds-1)");
	strcpy(offer.machine, "pc-q35-11.1");
	offer_conclude(&offer, &self->caps);
	self->options.offer = &offer;
	ASSERT_EQ(0, make(self)) {
		TH_LOG("%s", self->error.text);
	}
	text = tapcompat_vm_json(self->vm, 0);
	EXPECT_NE(NULL, strstr(text, "\"host_tunnel_csum\":\"optional\""));
	EXPECT_GT(2048, strlen(text)) {
		TH_LOG("%zu: %s", strlen(text), text);
	}
	free(text);
}

/* ---- Reading ---- */

/* Written by the first version; must remain readable. */
static const char frozen[] =
	"{\"schema\":\"tapcompat-vm\",\"version\":1,\"strict\":true,\"requested\":{"
	"\"csum\":\"require\",\"guest_csum\":\"optional\",\"guest_tso4\":\"optional\","
	"\"packed\":\"forbid\",\"queue_reset\":\"disable\",\"host_uso\":\"force\"},"
	"\"backend\":\"tap\",\"device\":\"host_uso=on,queue_reset=off\",\"effective\":{"
	"\"mask\":\"0x100000000000083\",\"features\":[\"csum\",\"guest_csum\",\"guest_tso4\","
	"\"host_uso\"]},\"emulated\":[\"host_uso\"]}";

TEST_F(vm, frozen_record)
{
	char *text;

	ASSERT_EQ(0, parse(self, frozen)) {
		TH_LOG("%s", self->error.text);
	}
	EXPECT_EQ(0x100000000000083, tapcompat_vm_effective(self->vm).word[0]);
	EXPECT_EQ(0, tapcompat_vm_effective(self->vm).word[1]);
	EXPECT_EQ(0x1, tapcompat_vm_requested(self->vm, TAPCOMPAT_POLICY_REQUIRE).word[0]);
	EXPECT_EQ(0x82, tapcompat_vm_requested(self->vm, TAPCOMPAT_POLICY_OPTIONAL).word[0]);
	EXPECT_EQ(1ull << 34, tapcompat_vm_requested(self->vm, TAPCOMPAT_POLICY_FORBID).word[0]);
	EXPECT_EQ(1ull << 40, tapcompat_vm_requested(self->vm, TAPCOMPAT_POLICY_DISABLE).word[0]);
	EXPECT_EQ(1ull << 56, tapcompat_vm_requested(self->vm, TAPCOMPAT_POLICY_FORCE).word[0]);
	EXPECT_EQ(1ull << 56, self->vm->emulated.word[0]);
	EXPECT_EQ(TAPCOMPAT_TAP, tapcompat_vm_backend(self->vm));
	EXPECT_EQ(1, tapcompat_vm_strict(self->vm));
	/* Written back unchanged. */
	text = tapcompat_vm_json(self->vm, 0);
	EXPECT_STREQ(frozen, text);
	free(text);
}

/* The record with one part of it replaced by another. */
static int with(struct _test_data_vm *self, const char *part, const char *other)
{
	const char *at = strstr(frozen, part);
	char text[4096];

	if (!at)
		abort();
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - frozen), frozen, other,
		 at + strlen(part));
	return parse(self, text);
}

/* Each error names its place. */
static const struct {
	const char *part, *other, *says;
} faults[] = {
	/* J1 */
	{ "\"tap\"", "\"tap\",\"x\":[[[[[[[[0]]]]]]]]", "nested deeper than 8" },
	/* J2 */
	{ "\"strict\":true", "\"strict\":true,\"strict\":true", "line 1, column" },
	{ "\"strict\":true", "\"strict\":true,\"stric\\u0074\":true", "line 1, column" },
	{ "\"csum\":\"require\"", "\"csum\":\"require\",\"csum\":\"forbid\"",
	  "line 1, column" },
	{ "\"csum\":\"require\"", "\"csum\":\"require\",\"\\u0063sum\":\"forbid\"",
	  "line 1, column" },
	{ "\"csum\":\"require\"", "\"csum\":\"require\",\"CSUM\":\"forbid\"",
	  "requested: csum is listed twice" },
	{ "\"csum\":\"require\"", "\"csum\":\"require\",\"VIRTIO_NET_F_CSUM\":\"require\"",
	  "requested: csum is listed twice" },
	/* J3 */
	{ "\"version\":1", "\"version\":9223372036854775808", "line 1, column" },
	{ "\"version\":1", "\"version\":18446744073709551617", "line 1, column" },
	{ "\"version\":1", "\"version\":4294967297", "version is 4294967297" },
	{ "\"version\":1", "\"version\":-1", "version is -1" },
	{ "\"version\":1", "\"version\":1.0", "version is a real number" },
	{ "\"version\":1", "\"version\":1e400", "line 1, column" },
	{ "\"0x100000000000083\"", "131", "effective: mask is an integer" },
	{ "\"0x100000000000083\"", "\"\"", "effective: mask is \"\"" },
	{ "\"0x100000000000083\"", "\"100000000000083\"", "effective: mask is" },
	{ "\"0x100000000000083\"", "\"0x0000000000000000000100000000000083\"",
	  "effective: mask is" },
	{ "\"0x100000000000083\"", "\"0x1 00000000000083\"", "effective: mask is" },
	/* J4 */
	{ "\"version\":1", "\"version\":2", "version is 2" },
	{ "\"version\":1", "\"version\":0", "version is 0" },
	{ "\"version\":1,", "", "version is missing" },
	{ "\"version\":1", "\"version\":\"1\"", "version is a string" },
	{ "\"version\":1", "\"version\":null", "version is null" },
	{ "tapcompat-vm", "tapcompat-capabilities", "schema is \"tapcompat-cap" },
	{ "\"schema\":\"tapcompat-vm\",", "", "schema is missing" },
	/* J5 */
	{ "\"tap\"", "\"t\\u0000p\"", "line 1, column" },
	{ "\"csum\":\"require\"", "\"csu\\u0000\":\"require\"", "line 1, column" },
	/* J6 */
	{ "\"tap\"", "\"\xff\"", "line 1, column" },
	{ "\"tap\"", "\"\xc0\xaf\"", "line 1, column" },
	{ "\"tap\"", "\"\\ud800\"", "line 1, column" },
	{ "{\"schema", "\xef\xbb\xbf{\"schema", "line 1, column" },
	/* J7 */
	{ "\"tap\"", "7,\"\\u001b[31m\":1", "backend is an integer" },
	{ "\"csum\":\"require\"", "\"\\u001b[31m\\u202e\":1",
	  "requested: \\x1b[31m\\xe2\\x80\\xae is not a string" },
	/* J11 */
	{ "\"features\":[\"csum\",", "\"features\":[",
	  "effective: mask and features contradict each other: csum" },
	{ "\"0x100000000000083\"", "\"0x83\"",
	  "effective: mask and features contradict each other: host_uso" },
	/* Types and shapes. */
	{ "\"strict\":true", "\"strict\":1", "strict is an integer" },
	{ "\"strict\":true", "\"strict\":\"true\"", "strict is a string" },
	{ "\"strict\":true,", "", "strict is missing" },
	{ "\"requested\":{", "\"wanted\":{", "requested is missing" },
	{ "\"csum\":\"require\"", "\"csum\":true", "requested: csum is not a string" },
	{ "\"effective\":{", "\"defective\":{", "effective is missing" },
	{ "\"mask\":", "\"task\":", "effective: mask is missing" },
	{ "\"features\":", "\"creatures\":", "effective: features is missing" },
	{ "[\"csum\",", "[1,", "effective.features[0]: it is not a string" },
	{ "\"emulated\":[\"host_uso\"]", "\"emulated\":{}", "emulated is an object" },
	{ "\"emulated\":[\"host_uso\"]", "\"emulated\":[[]]", "emulated[0]: it is not a string" },
	{ ",\"emulated\":[\"host_uso\"]", "", "emulated is missing" },
	{ "]}", "]", "line 1, column" },
	{ "{\"schema\"", "[{\"schema\"", "line 1, column" },
};

TEST_F(vm, bad_records_J)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		EXPECT_EQ(-EINVAL, with(self, faults[i].part, faults[i].other)) {
			TH_LOG("case %zu: %s", i, faults[i].other);
		}
		EXPECT_EQ(NULL, self->vm);
		EXPECT_TRUE(!strncmp(self->error.text, "vm.json: ", 9) &&
			    strstr(self->error.text, faults[i].says)) {
			TH_LOG("case %zu: %s", i, self->error.text);
		}
		EXPECT_EQ(NULL, strpbrk(self->error.text, "\033\xe2\n"));
	}
}

TEST_F(vm, sizes_and_depths_J1_J5_J10)
{
	static char text[2 << 20];
	size_t n, used;

	memset(text, '[', sizeof(text));
	for (n = 9; n <= 1000000; n *= 10) {
		EXPECT_EQ(-EINVAL, tapcompat_vm_parse(text, n, "x", &self->vm, &self->error));
		EXPECT_NE(NULL, strstr(self->error.text, "nested deeper than 8"));
		EXPECT_EQ(NULL, self->vm);
	}
	/* 10^6 values in less than 1 MiB. */
	memset(text, ',', 1000000);
	memcpy(text, "{\"x\":[", 6);
	EXPECT_EQ(-EINVAL, tapcompat_vm_parse(text, 1000000, "x", &self->vm, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "more than 65536 values"));
	memset(text, ' ', sizeof(text));
	EXPECT_EQ(-EINVAL, tapcompat_vm_parse(text, sizeof(text), "x", &self->vm, &self->error));
	EXPECT_NE(NULL, strstr(self->error.text, "larger than 1 MiB"));
	EXPECT_EQ(-EINVAL, tapcompat_vm_parse("", 0, "x", &self->vm, &self->error));
	EXPECT_EQ(-EINVAL, tapcompat_vm_parse("null", 4, "x", &self->vm, &self->error));
	EXPECT_EQ(-EINVAL, tapcompat_vm_parse(frozen, sizeof(frozen), "x", &self->vm,
					      &self->error)); /* trailing NUL */
	EXPECT_EQ(-EINVAL, tapcompat_vm_parse("{}", 2, "x", &self->vm, NULL));
	/* Many unknown optional features are accepted and kept. */
	used = (size_t)sprintf(text, "{\"schema\":\"tapcompat-vm\",\"version\":1,\"strict\":true,"
			       "\"emulated\":[],\"effective\":{\"mask\":\"0x0\",\"features\":[]},"
			       "\"requested\":{");
	for (n = 0; n < 30000; n++)
		used += (size_t)sprintf(text + used, "%s\"f%zu\":\"optional\"", n ? "," : "", n);
	used += (size_t)sprintf(text + used, "}}");
	EXPECT_EQ(0, tapcompat_vm_parse(text, used, "x", &self->vm, &self->error));
	EXPECT_EQ(0, checked(self, 0));
}

TEST_F(vm, files_J8)
{
	static const struct {
		const char *path;
		int ret;
		const char *says;
	} cases[] = {
		{ "/nonexistent", -ENOENT, "/nonexistent: No such file or directory" },
		{ "/", -EISDIR, "/: Is a directory" },
		{ "/dev/zero", -EINVAL, "/dev/zero: it is larger than 1 MiB" },
		{ "/dev/null", -EINVAL, "/dev/null: line" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].ret, tapcompat_vm_load(cases[i].path, &self->vm, &self->error));
		EXPECT_EQ(0, strncmp(cases[i].says, self->error.text, strlen(cases[i].says))) {
			TH_LOG("%s", self->error.text);
		}
		EXPECT_EQ(NULL, self->vm);
	}
}

/* ---- Later versions ---- */

/* J9: a record with unknown items is refused. */
TEST_F(vm, beyond_this_version_J9)
{
	static const struct {
		const char *part, *other;
		int exit;
		const char *says;
	} cases[] = {
		{ "\"csum\":\"require\"", "\"csum\":\"require\",\"later\":\"optional\"", 0, "" },
		{ "\"csum\":\"require\"", "\"csum\":\"require\",\"later\":\"require\"", 3,
		  "the feature 'later'" },
		{ "\"csum\":\"require\"", "\"csum\":\"require\",\"later\":\"forbid\"", 3,
		  "the feature 'later'" },
		{ "\"csum\":\"require\"", "\"csum\":\"prefer\"", 3, "the policy 'prefer'" },
		{ "\"csum\":\"require\"", "\"csum\":\"none\"", 3, "the policy 'none'" },
		{ "\"csum\":\"require\"", "\"csum\":\"\\u001b\"", 3, "the policy '\\x1b'" },
		{ "\"csum\":\"require\"", "\"csum\":\"REQUIRE\"", 3, "the policy 'REQUIRE'" },
		{ "\"0x100000000000083\"", "\"0x4000000000100000000000083\"", 3,
		  "the bits '0x4000000000000000000000000'" },
		{ "[\"csum\",", "[\"csum\",\"later\",", 3, "the feature 'later'" },
		{ "\"emulated\":[", "\"emulated\":[\"later\",", 3, "the feature 'later'" },
		{ "\"tap\"", "\"vduse\"", 3, "the backend 'vduse'" },
		{ "\"tap\"", "\"tap\",\"more\":{\"a\":[1]}", 0, "" },
	};
	struct tapcompat_error error;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int ret = with(self, cases[i].part, cases[i].other);

		ASSERT_EQ(0, ret);
		EXPECT_EQ(cases[i].exit, checked(self, 0)) {
			TH_LOG("case %zu: %s", i, self->check->refusal);
		}
		EXPECT_NE(NULL, strstr(self->check->refusal, cases[i].says)) {
			TH_LOG("case %zu: %s", i, self->check->refusal);
		}
		EXPECT_EQ(!cases[i].exit, !tapcompat_vm_unknown(self->vm));
		tapcompat_check_free(self->check);
		ret = tapcompat_vm_update(self->vm, &self->options, &self->check, &error);
		/* packed is forbidden and off by default */
		EXPECT_EQ(cases[i].exit ? -EOPNOTSUPP : 0, ret) {
			TH_LOG("case %zu: %s", i, error.text);
		}
	}
}

/* Unknown members survive at every level; "requested" never changes. */
TEST_F(vm, update_keeps)
{
	static const char newer[] =
		"{\"schema\":\"tapcompat-vm\",\"version\":1,\"first\":[1,{\"a\":null}],"
		"\"strict\":false,\"requested\":{\"csum\":\"require\",\"host_uso\":\"optional\","
		"\"later\":\"optional\",\"VIRTIO_NET_F_GUEST_CSUM\":\"optional\"},"
		"\"backend\":\"tap\",\"device\":\"old\",\"machine\":\"pc-1\",\"effective\":{"
		"\"inner\":{\"b\":\"\\u001b\"},\"mask\":\"0x1\",\"features\":[\"csum\"],"
		"\"model\":\"tapnet-v9\"},\"emulated\":[],\"last\":1.5}";
	char *before, *text;

	ASSERT_EQ(0, parse(self, newer));
	ASSERT_EQ(0, tapcompat_vm_update(self->vm, &self->options, NULL, &self->error));
	text = tapcompat_vm_json(self->vm, 0);
	EXPECT_NE(NULL, strstr(text, "\"first\":[1,{\"a\":null}]"));
	EXPECT_NE(NULL, strstr(text,
			"\"requested\":{\"csum\":\"require\",\"host_uso\":\"optional\","
			"\"later\":\"optional\",\"VIRTIO_NET_F_GUEST_CSUM\":\"optional\"}"));
	EXPECT_NE(NULL, strstr(text, "\"inner\":{\"b\":\"\\u001B\"}"));
	EXPECT_NE(NULL, strstr(text, "\"last\":1.5"));
	EXPECT_NE(NULL, strstr(text, "\"strict\":true"));
	EXPECT_NE(NULL, strstr(text,
			"\"mask\":\"0x100000000000003\",\"features\":[\"csum\",\"guest_csum\","
			"\"host_uso\"]"));
	/* Members of the previous start are removed. */
	EXPECT_EQ(NULL, strstr(text, "tapnet-v9"));
	EXPECT_EQ(NULL, strstr(text, "pc-1"));
	EXPECT_NE(NULL, strstr(text, "\"device\":\"host_tso4=off"));
	EXPECT_EQ(NULL, strchr(text, '\033'));
	/* On failure nothing changes. */
	before = text;
	host_set_all(&self->caps, "csum", TAPCOMPAT_ABSENT);
	EXPECT_EQ(-ENODATA, tapcompat_vm_update(self->vm, &self->options, &self->check,
						&self->error));
	text = tapcompat_vm_json(self->vm, 0);
	EXPECT_STREQ(before, text);
	EXPECT_TRUE(effective(self, "csum,guest_csum,host_uso"));
	free(text);
	free(before);
}

/* ---- Destinations ---- */

/* A host that accepts a new record accepts it in a check, forbidden features included. */
TEST_F(vm, forbidden)
{
	static const struct {
		const char *forbid;
		int ret;
	} cases[] = {
		{ "packed", 0 },	/* off by default on any host */
		{ "mq,rss", 0 },
		{ "guest_uso4", -ENODATA },
		{ "queue_reset", -ENODATA },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		request(self, TAPCOMPAT_POLICY_REQUIRE, "csum");
		request(self, TAPCOMPAT_POLICY_FORBID, cases[i].forbid);
		EXPECT_EQ(cases[i].ret, make(self)) {
			TH_LOG("%s: %s", cases[i].forbid, self->error.text);
		}
		if (self->vm)
			EXPECT_EQ(0, checked(self, 0)) {
				TH_LOG("%s: %s", cases[i].forbid, self->check->refusal);
			}
	}
	ASSERT_EQ(0, with(self, "packed", "guest_uso6"));
	EXPECT_EQ(1, checked(self, 0));
	EXPECT_NE(NULL, strstr(self->check->refusal, "guest_uso6 is forbidden"));
	EXPECT_STREQ("", self->check->start);
}

TEST_F(vm, destinations)
{
	static const struct {
		const char *list;
		enum tapcompat_state state;
		int exit;
		const char *start;
	} cases[] = {
		{ "csum", TAPCOMPAT_NATIVE, 0, "host_uso=on" },
		{ "host_uso", TAPCOMPAT_ABSENT, 1, "" },
		{ "host_uso", TAPCOMPAT_EMULATED, 0, "host_uso=on" },	/* forced */
		{ "csum", TAPCOMPAT_EMULATED, 1, "" },			/* required */
		{ "csum", TAPCOMPAT_UNKNOWN, 3, "" },
		{ "guest_uso4", TAPCOMPAT_ABSENT, 0, "host_uso=on" },	/* not acked */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		host_full(&self->caps, "node2");
		host_set(&self->caps, TAPCOMPAT_TAP, cases[i].list, cases[i].state);
		ASSERT_EQ(0, parse(self, frozen));
		EXPECT_EQ(cases[i].exit, checked(self, 0)) {
			TH_LOG("case %zu: %s", i, self->check->refusal);
		}
		EXPECT_NE(NULL, strstr(self->check->start, cases[i].start));
		EXPECT_EQ(!*cases[i].start, !self->check->start[0]) {
			TH_LOG("case %zu: %s", i, self->check->start);
		}
		/* The machine gains nothing there. */
		if (!cases[i].exit && i != 5)
			EXPECT_NE(NULL, strstr(self->check->start, "guest_uso4=off"));
	}
}

TEST_HARNESS_MAIN
