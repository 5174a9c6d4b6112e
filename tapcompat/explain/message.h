/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * message.h - the table of messages
 */
#ifndef TAPCOMPAT_EXPLAIN_MESSAGE_H
#define TAPCOMPAT_EXPLAIN_MESSAGE_H

#include <stddef.h>

enum message_shape {
	SHAPE_REFUSED, SHAPE_BACKEND, SHAPE_PROPERTY, SHAPE_UFO, SHAPE_DEVICE, SHAPE_PLAIN,
};

/* Which error means what depends on the message. */
enum message_id {
	MESSAGE_refused, MESSAGE_backend, MESSAGE_backend_hdr, MESSAGE_ufo, MESSAGE_vnet_hdr,
	MESSAGE_offload, MESSAGE_tungetiff, MESSAGE_tunsetiff, MESSAGE_tun_node, MESSAGE_helper,
	MESSAGE_helper_fd, MESSAGE_helper_acl, MESSAGE_helper_privilege, MESSAGE_helper_bridge,
	MESSAGE_vhost_start, MESSAGE_vhost_init, MESSAGE_ebpf, MESSAGE_xdp, MESSAGE_config,
	MESSAGE_rom, MESSAGE_ring_index, MESSAGE_queues, MESSAGE_config_length, MESSAGE_property,
};

struct message {
	enum message_id id;
	enum message_shape shape;
	const char *by, *anchor, *with, *says, *cure, *libvirt, *more;
};

struct message_error {
	enum message_id id;
	const char *text, *name, *says, *cure;
};

/**
 * message_at() - the rows of the table
 * Return: NULL behind the last one
 */
const struct message *message_at(unsigned int index);

/**
 * message_found() - which row is it, of those with the same anchor?
 * @at: where the anchor stands; @n: bytes from there on
 * Return: NULL where what has to be with it is not
 */
const struct message *message_found(const struct message *m, const char *at, size_t n);

/**
 * message_error() - the error that follows a message
 * @text: the message from its anchor on
 * Return: NULL where there is none, or none that is known
 */
const struct message_error *message_error(enum message_id id, const char *text, size_t n);

#endif /* TAPCOMPAT_EXPLAIN_MESSAGE_H */
