/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * card.h - the section of a virtio-net device
 */
#ifndef TAPCOMPAT_STATE_CARD_H
#define TAPCOMPAT_STATE_CARD_H

#include "devices.h"
#include "state.h"

/**
 * card_take() - add a device to the state, if it is a network card
 * Return: 0, -ENOMEM, or -EBADMSG for more than STATE_CARDS
 */
int card_take(struct state *state, const struct device *device);

/**
 * card_read() - read a network card's section
 * @card: @path, @instance and @offset are set; the rest is set here
 */
void card_read(struct state_card *card, const uint8_t *data, size_t len);

#endif /* TAPCOMPAT_STATE_CARD_H */
