// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * outgoing.c - a packet of a guest on its way to a tap
 */
#include "outgoing.h"

#include <string.h>

#include "packet/csum.h"
#include "packet/vnet.h"

/* Sum the payload whose checksum must be complete in the first of several frames. */
static uint32_t sum_payload(struct pieces payload)
{
	struct iovec run;
	uint32_t sum = 0;
	size_t at = 0;

	while ((run = pieces_next(&payload, SIZE_MAX)).iov_len) {
		sum = csum_piece(run.iov_base, run.iov_len, at, sum);
		at += run.iov_len;
	}
	return sum;
}

static void begin_segments(struct transmit_packet *p, const struct transmit_port *port,
			   uint32_t *fragment_id)
{
	uint32_t sum = 0;

	p->payload = p->frame;
	pieces_skip(&p->payload, p->plan.header);
	if (p->plan.kind == SEGMENT_FRAGMENTS)
		sum = sum_payload(p->payload);
	segment_begin(&p->template, &p->plan, p->head, port->port_header, (*fragment_id)++, sum);
}

/* Copy the vnet header, which may be shorter than the longest one, and the head of the frame. */
static void take_pieces(struct transmit_packet *p, const struct transmit_port *port,
			const struct iovec *iov, size_t pieces)
{
	size_t i;

	p->frame = (struct pieces){ .iov = iov, .count = pieces };
	for (p->len = i = 0; i < pieces; i++)
		p->len += iov[i].iov_len;
	memset(p->header, 0, sizeof(p->header));
	p->len -= pieces_read(&p->frame, p->header, port->guest_header);
	p->rest = p->frame;
	p->head_len = pieces_read(&p->rest, p->head, sizeof(p->head));
}

enum segment_drop outgoing_take(struct transmit_packet *p, const struct transmit_port *port,
				const struct iovec *iov, size_t pieces, uint16_t tag,
				uint32_t *fragment_id)
{
	enum segment_drop reason;
	struct vnet h;

	p->busy = true;
	p->tag = tag;
	p->next = 0;
	take_pieces(p, port, iov, pieces);
	vnet_decode(&h, p->header, sizeof(p->header));
	reason = segment_plan(&p->plan, &h, p->head, p->len, &port->features);
	if (!reason) {
		p->super = h.gso_type;
		if (outgoing_is_segmented(p))
			begin_segments(p, port, fragment_id);
	}
	return reason;
}

void outgoing_count(const struct transmit_packet *p, struct stat_direction *stat)
{
	stat_count(&stat->count[STAT_PACKETS], 1);
	stat_count(&stat->count[STAT_BYTES], p->len);
	stat_count(&stat->count[STAT_SUPER], p->super);
	stat_count(&stat->count[STAT_WHOLE], p->plan.whole);
	stat_count(&stat->count[STAT_SEGMENTS], outgoing_is_segmented(p) ? p->plan.segments : 0);
}

size_t outgoing_head(const struct transmit_packet *p, const struct transmit_port *port,
		     uint8_t *out)
{
	if (port->port_header)
		vnet_encode(&p->plan.vnet, out, port->port_header);
	memcpy(out + port->port_header, p->head, p->head_len);
	return port->port_header + p->head_len;
}

size_t outgoing_whole(struct transmit_packet *p, const struct transmit_port *port, uint8_t *out)
{
	size_t len = outgoing_head(p, port, out);

	len += pieces_read(&p->rest, out + len, p->len - p->head_len);
	if (p->plan.kind == SEGMENT_CHECKSUM && p->plan.complete) {
		segment_checksum(&p->plan, out + port->port_header, p->len);
		memset(out, 0, port->port_header);
	}
	return len;
}

/* Copy payload and sum it in the same pass. */
static uint32_t copy_sum(struct pieces *payload, uint8_t *out, size_t len)
{
	const void *whole = pieces_run(payload, len);
	struct iovec run;
	uint32_t sum = 0;
	size_t at = 0;

	if (whole)
		return csum_copy(out, whole, len, 0, 0);
	while ((run = pieces_next(payload, len - at)).iov_len) {
		sum = csum_copy(out + at, run.iov_base, run.iov_len, at, sum);
		at += run.iov_len;
	}
	return sum;
}

size_t outgoing_segment(struct transmit_packet *p, uint8_t *out)
{
	uint32_t from, data = segment_range(&p->plan, p->next, &from);
	size_t head = segment_write(&p->template, p->next++, out);

	if (p->plan.complete)
		segment_complete_csum(&p->template, out, copy_sum(&p->payload, out + head, data));
	else
		pieces_read(&p->payload, out + head, data);
	return head + data;
}
