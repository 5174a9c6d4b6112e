// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nic.c - a network card: what else than its features must match in a migration
 */
#include "nic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ground/bytes.h"
#include "ground/text.h"
#include "machine.h"

/* ---- Values -------------------------------------------------------------- */

static bool read_number(const struct nic_row *row, const char *text, uint64_t *value)
{
	/* QEMU has -1 for a speed that is unknown. */
	if (row == &nic_table[NIC_SPEED] && !strcmp(text, "-1")) {
		*value = 0;
		return true;
	}
	if (!text[0] || strlen(text) > 10 || text[strspn(text, "0123456789")])
		return false;
	*value = strtoull(text, NULL, 10);
	return *value >= row->least && *value <= row->most;
}

static bool read_switch(const char *text, uint64_t *value)
{
	static const struct {
		const char *word;
		bool on;
	} words[] = {
		{ "on", true }, { "off", false }, { "yes", true }, { "no", false },
		{ "true", true }, { "false", false },
		/* <teaming type=…> and <model type=…> of libvirt */
		{ "persistent", true }, { "transient", false },
		{ "virtio-non-transitional", true }, { "virtio-transitional", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(words); i++)
		if (!strcmp(text, words[i].word)) {
			*value = words[i].on;
			return true;
		}
	return false;
}

static bool read_word(const char *text, uint64_t *value)
{
	const char *word;

	for (*value = 0; (word = nic_word(*value)); (*value)++)
		if (!strcmp(text, word))
			return true;
	*value = 0;
	return !text[0];
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return !at ? -1 : at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

static bool read_address(const char *text, uint64_t *value)
{
	unsigned int i;

	*value = 0;
	for (i = 0; i < 17; i++) {
		int digit = hex_digit(text[i]);

		if (i % 3 == 2 ? text[i] != ':' && text[i] != '-' : digit < 0)
			return false;
		if (i % 3 != 2)
			*value = *value << 4 | (uint64_t)digit;
	}
	return !text[17];
}

bool nic_read(struct nic *nic, unsigned int property, const char *text)
{
	const struct nic_row *row = &nic_table[property];
	uint64_t value = 0;
	bool valid = row->kind == NIC_NUMBER ? read_number(row, text, &value) :
		     row->kind == NIC_SWITCH ? read_switch(text, &value) :
		     row->kind == NIC_WORD ? read_word(text, &value) :
		     read_address(text, &value);

	if (valid)
		nic_set(nic, property, value);
	return valid;
}

const char *nic_value_text(unsigned int property, uint64_t value, char *text, size_t size)
{
	unsigned int i;

	text[0] = '\0';
	switch (nic_table[property].kind) {
	case NIC_NUMBER:
		text_set(text, size, "%llu", (unsigned long long)value);
		break;
	case NIC_SWITCH:
		text_set(text, size, "%s", value ? "on" : "off");
		break;
	case NIC_WORD:
		text_set(text, size, "%s", nic_word(value) ? nic_word(value) : "?");
		break;
	case NIC_ADDRESS:
		for (i = 0; i < 6; i++)
			text_add(text, size, "%s%02x", i ? ":" : "",
				 (unsigned int)(value >> (40 - 8 * i) & 0xff));
		break;
	}
	return text;
}

/* ---- Lists --------------------------------------------------------------- */

static int list_fault(struct tapcompat_error *error, const char *word, const char *what)
{
	char safe[64];

	if (error)
		text_set(error->text, sizeof(error->text), "'%s' %s",
			 text_escape(safe, sizeof(safe), word), what);
	return -EINVAL;
}

static int list_word(struct nic *nic, char *word, struct tapcompat_error *error)
{
	char *value = strchr(word, '=');
	enum nic_property p;

	if (!value)
		return list_fault(error, word, "has no value: give NAME=VALUE, such as "
				  "host-mtu=1450");
	*value = '\0';
	p = nic_find(word);
	*value = '=';
	if (p == NIC_PROPERTIES)
		return list_fault(error, word, "is no property of a network card that must match: "
				  "see tapcompat-vm(5)");
	return nic_read(nic, p, value + 1) ? 0 : list_fault(error, word, "is not a valid value");
}

int nic_parse(struct nic *nic, const char *list, struct tapcompat_error *error)
{
	char word[64];
	int ret = 0;

	while (*list && !ret) {
		size_t n = strcspn(list, ",");

		text_set(word, sizeof(word), "%.*s", (int)(n < 63 ? n : 63), list);
		ret = n > 63 ? list_fault(error, word, "is too long") :
		      n ? list_word(nic, word, error) : 0;
		list += n + (list[n] == ',');
	}
	return ret;
}

void nic_list(const struct nic *nic, char *text, size_t size)
{
	char value[NIC_VALUE];
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < NIC_PROPERTIES; i++)
		if (nic_knows(nic, i))
			text_add(text, size, "%s%s=%s", text[0] ? "," : "", nic_table[i].name,
				 nic_value_text(i, nic->value[i], value, sizeof(value)));
}

/* ---- Defaults and options ------------------------------------------------ */

/* Machine types before 6.1 have three vectors; those of distributions may be as old. */
static uint64_t default_vectors(const char *machine, uint64_t pairs)
{
	char release[16];

	if (machine_release(machine, release, sizeof(release))[0] && release_above("6.1", release))
		return 3;
	return nic_vectors(pairs);
}

void nic_complete(struct nic *nic, const char *machine)
{
	unsigned int i;

	for (i = 0; i < NIC_PROPERTIES; i++)
		/* QEMU decides on legacy by the slot, and libvirt makes up an address. */
		if (!nic_knows(nic, i) && i != NIC_VECTORS && i != NIC_DISABLE_LEGACY &&
		    i != NIC_MAC)
			nic_set(nic, i, nic_table[i].usual);
	if (!nic_knows(nic, NIC_VECTORS))
		nic_set(nic, NIC_VECTORS, default_vectors(machine, nic->value[NIC_QUEUE_PAIRS]));
}

/* QEMU's defaults need no option, and the address is not the card's type. */
static bool flag_needed(const struct nic *nic, unsigned int i, uint64_t most_tx)
{
	uint64_t pairs = nic_knows(nic, NIC_QUEUE_PAIRS) ? nic->value[NIC_QUEUE_PAIRS] : 1;

	if (!nic_knows(nic, i) || !nic_table[i].qemu[0] || i == NIC_MAC)
		return false;
	if (i == NIC_VECTORS)
		return pairs > 1 || nic->value[i] != nic_vectors(pairs);
	if (i == NIC_TX_QUEUE_SIZE && nic->value[i] > most_tx)
		return false;
	return nic->value[i] != nic_table[i].usual;
}

static void add_flag(char *text, size_t size, const char *name, const char *value)
{
	if (!text_option(text, name))
		text_add(text, size, "%s%s=%s", text[0] ? "," : "", name, value);
}

void nic_flags(const struct nic *nic, uint64_t most_tx, char *text, size_t size)
{
	char value[NIC_VALUE];
	struct nic full = *nic;
	unsigned int i;

	if (nic_knows(nic, NIC_QUEUE_PAIRS) && nic->value[NIC_QUEUE_PAIRS] > 1 &&
	    !nic_knows(nic, NIC_VECTORS))
		nic_set(&full, NIC_VECTORS, nic_vectors(nic->value[NIC_QUEUE_PAIRS]));
	for (i = 0; i < NIC_PROPERTIES; i++)
		if (flag_needed(&full, i, most_tx))
			add_flag(text, size, nic_table[i].qemu,
				 nic_value_text(i, full.value[i], value, sizeof(value)));
}

/* ---- Comparison ---------------------------------------------------------- */

/*
 * The card's configuration takes more than 8 bytes: a transitional card then has an I/O
 * region of 64 bytes, else of 32.
 */
static bool config_long(const struct nic *nic)
{
	static const unsigned int longer[] = { NIC_HOST_MTU, NIC_SPEED, NIC_DUPLEX };
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(longer); i++)
		if (nic_knows(nic, longer[i]) && nic->value[longer[i]])
			return true;
	return nic_knows(nic, NIC_QUEUE_PAIRS) && nic->value[NIC_QUEUE_PAIRS] > 1;
}

static bool config_grows(const struct nic *from, const struct nic *to, unsigned int property)
{
	bool modern = nic_knows(from, NIC_DISABLE_LEGACY) && from->value[NIC_DISABLE_LEGACY];

	return property != NIC_FAILOVER && !modern && !config_long(from) && config_long(to);
}

static void judge_bit(const struct nic *from, const struct nic *to, unsigned int i,
		      struct nic_difference *d)
{
	d->verdict = TAPCOMPAT_WARN;
	if (from->value[i] && to->value[i]) {
		text_set(d->why, sizeof(d->why), "a migration succeeds, and the guest finds the "
			 "new value when it next reads the configuration");
	} else if (from->value[i]) {
		d->verdict = TAPCOMPAT_FAIL;
		text_set(d->why, sizeof(d->why), "QEMU refuses the machine if its guest uses this "
			 "(bit %u): %s", nic_table[i].bit, nic_table[i].message);
	} else if (config_grows(from, to, i)) {
		d->verdict = TAPCOMPAT_FAIL;
		text_set(d->why, sizeof(d->why), "the configuration of the card becomes longer; "
			 "by the address of its I/O region, QEMU may refuse it: Bad config data");
	} else {
		text_set(d->why, sizeof(d->why), "a migration succeeds, and the guest gains it "
			 "when it restarts");
	}
}

/* Speed and duplex are one bit: either of them is enough. */
static bool bit_kept(const struct nic *to, unsigned int i)
{
	unsigned int other = i == NIC_SPEED ? NIC_DUPLEX : NIC_SPEED;

	return (i == NIC_SPEED || i == NIC_DUPLEX) && nic_knows(to, other) && to->value[other];
}

static void judge(const struct nic *from, const struct nic *to, unsigned int i,
		  struct nic_difference *d)
{
	const struct nic_row *row = &nic_table[i];

	*d = (struct nic_difference){ .row = row, .verdict = TAPCOMPAT_WARN };
	nic_value_text(i, from->value[i], d->from, sizeof(d->from));
	nic_value_text(i, to->value[i], d->to, sizeof(d->to));
	if (row->rule == NIC_EQUAL) {
		d->verdict = TAPCOMPAT_FAIL;
		text_set(d->why, sizeof(d->why), "QEMU refuses a migration between "
			 "these: %s", row->message);
	} else if (row->rule == NIC_RESET || bit_kept(to, i)) {
		text_set(d->why, sizeof(d->why), "a migration succeeds, and the guest finds the "
			 "new value when it restarts");
	} else {
		judge_bit(from, to, i, d);
	}
}

unsigned int nic_compare(const struct nic *from, const struct nic *to,
			 struct nic_difference list[NIC_PROPERTIES])
{
	unsigned int i, n = 0;

	for (i = 0; i < NIC_PROPERTIES; i++)
		if (nic_knows(from, i) && nic_knows(to, i) && from->value[i] != to->value[i])
			judge(from, to, i, &list[n++]);
	return n;
}
