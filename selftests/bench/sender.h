/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sender.h - what the stack of a guest does with one large send, with USO and without it
 *
 * Played by this machine's own kernel on a device that throws away what it is given.
 */
#ifndef BENCH_SENDER_H
#define BENCH_SENDER_H

#include <stdbool.h>

/**
 * sender_open() - a socket whose sends of many datagrams go to such a device
 * @number: below 16, of the device: its name and its network
 * @uso: the device takes a super-packet; else the stack segments it
 * Return: connected; ends the program where there can be none
 */
int sender_open(unsigned int number, bool uso);

/**
 * sender_send() - one super-packet's payload
 */
void sender_send(int fd);

#endif /* BENCH_SENDER_H */
