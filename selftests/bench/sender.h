/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sender.h - what the stack of a guest does with one large send, with USO and without it
 *
 * Measured with this machine's kernel and a device that drops everything.
 */
#ifndef BENCH_SENDER_H
#define BENCH_SENDER_H

#include <stdbool.h>

/**
 * sender_open() - a socket whose sends of many datagrams go to such a device
 * @number: below 16, of the device: its name and its network
 * @uso: the device takes a super-packet; else the stack segments it
 * Return: connected; exits on failure
 */
int sender_open(unsigned int number, bool uso);

/**
 * sender_send() - one super-packet's payload
 */
void sender_send(int fd);

#endif /* BENCH_SENDER_H */
