/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bit.h - names for all bits of a mask
 */
#ifndef TAPCOMPAT_TABLE_BIT_H
#define TAPCOMPAT_TABLE_BIT_H

#include "feature.h"

/**
 * feature_of_bit() - the row of a bit
 * Return: NULL if there is none
 */
const struct tapcompat_feature *feature_of_bit(unsigned int bit);

/**
 * bit_spec() - the specification's name of any bit
 * Return: "?" if it is unknown
 */
const char *bit_spec(unsigned int bit);

#define BIT_NAME 48

/**
 * bit_name() - any bit in a list of features: QEMU's name, else the specification's, else
 *	such as "bit 71"
 * @text: BIT_NAME bytes, used if there is no name
 */
const char *bit_name(unsigned int bit, char *text);

/* All bits that have a name. */
struct tapcompat_mask bits_named(void);

#endif /* TAPCOMPAT_TABLE_BIT_H */
