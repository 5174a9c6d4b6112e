/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bit.h - names for all bits of a mask
 */
#ifndef TAPCOMPAT_TABLE_BIT_H
#define TAPCOMPAT_TABLE_BIT_H

#include "feature.h"

/* Who decides a bit of bit.def. */
enum bit_owner {
	BIT_QEMU_ON,	/* QEMU, and it is on unless told otherwise */
	BIT_QEMU_OFF,	/* QEMU, and it has to be asked for */
	BIT_SPEC,	/* it is in the specification, and in no QEMU that is known */
};

/* A bit that is no feature of the table. */
struct bit {
	const char *spec;
	unsigned int bit;
	enum bit_owner owner;
	const char *has, *lacks;	/* properties of QEMU's device, or "" */
};

/* Whose mask it is: two bits mean another thing to vhost than to QEMU. */
enum bit_mask {
	BIT_OF_DEVICE,
	BIT_OF_BACKEND,
};

/**
 * feature_of_bit() - the row of a bit
 * Return: NULL if there is none
 */
const struct tapcompat_feature *feature_of_bit(unsigned int bit);

/**
 * bit_other() - the row of a bit in bit.def
 * Return: NULL where there is none
 */
const struct bit *bit_other(unsigned int bit);

/**
 * bit_spec() - the specification's name of any bit
 * Return: "?" if it is unknown
 */
const char *bit_spec(unsigned int bit);

/**
 * bit_spec_in() - the same, in some mask
 */
const char *bit_spec_in(unsigned int bit, enum bit_mask mask);

#define BIT_NAME 48

/**
 * bit_name() - any bit in a list of features: QEMU's name, else the specification's, else
 *	such as "bit 71"
 * @text: BIT_NAME bytes, used if there is no name
 */
const char *bit_name(unsigned int bit, char *text);

/* All bits that have a name and that QEMU may have. */
struct tapcompat_mask bits_named(void);

/* All that QEMU's device has on unless told otherwise; all that it has to be told. */
struct tapcompat_mask bits_by_default(void);
struct tapcompat_mask bits_by_option(void);

#endif /* TAPCOMPAT_TABLE_BIT_H */
