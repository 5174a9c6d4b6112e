// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * transmit.c - send a guest's packets as frames on a tap
 */
#include "transmit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packet/csum.h"
#include "packet/vnet.h"

/* Longer frames are sent by reference: above this a copy costs more than an iovec. */
#define COPY_MAX 4096

#define CACHE_LINE 64u		/* bytes; matters for speed only */

#define PIECES_POOL (2ul * TRANSMIT_PIECES)

int transmit_open(struct transmit *t, int fd, const struct transmit_port *port,
		  struct stat_direction *stat, bool uring)
{
	struct iovec area = { .iov_len = TRANSMIT_ARENA };

	memset(t, 0, sizeof(*t));
	t->port = *port;
	t->stat = stat;
	t->arena = aligned_alloc(4096, TRANSMIT_ARENA);
	t->pieces = calloc(PIECES_POOL, sizeof(*t->pieces));
	if (!t->arena || !t->pieces) {
		transmit_close(t);
		return -ENOMEM;
	}
	area.iov_base = t->arena;
	batch_open(&t->batch, fd, area, uring);
	return 0;
}

void transmit_close(struct transmit *t)
{
	batch_close(&t->batch);
	free(t->arena);
	free(t->pieces);
	t->arena = NULL;
	t->pieces = NULL;
}

static void count(struct transmit *t, enum stat_counter counter, uint64_t n)
{
	stat_count(&t->stat->count[counter], n);
}

static void finish(struct transmit *t, uint16_t tag)
{
	t->finished[t->finished_count++] = tag;
}

/* Mark the operation added last as the last one of its packet. */
static void mark_last(struct transmit *t)
{
	unsigned int i = t->batch.count - 1;

	t->mark[i].tag = t->packet.tag;
	t->mark[i].last = true;
	t->packet.busy = false;
}

static struct batch_op *add(struct transmit *t, enum batch_kind kind)
{
	t->mark[t->batch.count].last = false;
	return batch_add(&t->batch, kind);
}

/* Finish a packet without writing it, in its order among the others. */
static void drop(struct transmit *t, unsigned int reason)
{
	struct batch_op *op = add(t, BATCH_WRITE);

	op->done = true;
	op->result = 0;
	stat_count(&t->stat->drop[reason], 1);
	mark_last(t);
}

/* Finish packets in order, up to the first operation that is not done. */
static void retire(struct transmit *t)
{
	unsigned int i;

	for (i = 0; i < t->batch.count && t->batch.op[i].done; i++) {
		int result = t->batch.op[i].result;

		if (result < 0) {
			t->error = result;
			stat_count(&t->stat->drop[STAT_DROP_KERNEL], 1);
		} else if (result > 0) {
			t->written++;
			count(t, STAT_FRAMES, 1);
		}
		if (t->mark[i].last)
			finish(t, t->mark[i].tag);
	}
	batch_trim(&t->batch, i);
	memmove(t->mark, t->mark + i, t->batch.count * sizeof(t->mark[0]));
}

bool transmit_flush(struct transmit *t)
{
	count(t, STAT_BATCHES, batch_run(&t->batch));
	retire(t);
	if (t->batch.count)
		return false;
	t->arena_used = t->pieces_used = 0;
	return true;
}

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

static void begin_segments(struct transmit *t, struct transmit_packet *p)
{
	uint32_t sum = 0;

	p->payload = p->frame;
	pieces_skip(&p->payload, p->plan.header);
	if (p->plan.kind == SEGMENT_FRAGMENTS)
		sum = sum_payload(p->payload);
	segment_begin(&p->template, &p->plan, p->head, t->port.port_header, t->fragment_id++, sum);
}

static bool is_segmented(const struct segment_plan *plan)
{
	return plan->kind > SEGMENT_CHECKSUM && !plan->whole;
}

static bool is_halted(const struct transmit *t)
{
	const struct transmit_packet *p = &t->packet, *halted = &t->halted;

	return halted->busy && p->len == halted->len && halted->next < p->plan.segments &&
		!memcmp(p->header, halted->header, sizeof(p->header)) &&
		!memcmp(p->head, halted->head, p->head_len);
}

/* Resume a packet where it stopped, with the IP ids that its other segments have. */
static void resume(struct transmit *t, struct transmit_packet *p)
{
	uint32_t from;

	t->halted.busy = false;
	if (!is_segmented(&p->plan))
		return;
	p->template = t->halted.template;
	p->next = t->halted.next;
	segment_range(&p->plan, p->next, &from);
	pieces_skip(&p->payload, from);
}

/* The caller came with another packet: drop the rest of the halted one. */
static void miss_halted(struct transmit *t)
{
	if (t->halted.busy)
		stat_count(&t->stat->drop[STAT_DROP_FULL],
			   t->halted.plan.segments - t->halted.next);
	t->halted.busy = false;
}

void transmit_set_port(struct transmit *t, const struct transmit_port *port)
{
	miss_halted(t);
	t->port = *port;
}

static void count_packet(struct transmit *t, const struct transmit_packet *p, bool super)
{
	count(t, STAT_PACKETS, 1);
	count(t, STAT_BYTES, p->len);
	count(t, STAT_SUPER, super);
	count(t, STAT_WHOLE, p->plan.whole);
	count(t, STAT_SEGMENTS, is_segmented(&p->plan) ? p->plan.segments : 0);
}

/* Copy the vnet header, which may be shorter than the longest one, and the head of the frame. */
static void take_pieces(struct transmit *t, const struct iovec *iov, size_t pieces)
{
	struct transmit_packet *p = &t->packet;
	size_t i;

	p->frame = (struct pieces){ .iov = iov, .count = pieces };
	for (p->len = i = 0; i < pieces; i++)
		p->len += iov[i].iov_len;
	memset(p->header, 0, sizeof(p->header));
	p->len -= pieces_read(&p->frame, p->header, t->port.guest_header);
	p->rest = p->frame;
	p->head_len = pieces_read(&p->rest, p->head, sizeof(p->head));
}

void transmit_take(struct transmit *t, const struct iovec *iov, size_t pieces, uint16_t tag)
{
	struct transmit_packet *p = &t->packet;
	enum segment_drop reason;
	struct vnet h;

	p->busy = true;
	p->tag = tag;
	p->next = 0;
	t->written = 0;
	t->error = 0;
	take_pieces(t, iov, pieces);
	vnet_decode(&h, p->header, sizeof(p->header));
	reason = segment_plan(&p->plan, &h, p->head, p->len, &t->port.features);
	if (reason) {
		miss_halted(t);
		drop(t, reason);
		return;
	}
	if (is_segmented(&p->plan))
		begin_segments(t, p);
	if (is_halted(t)) {
		resume(t, p);
		return;
	}
	miss_halted(t);
	count_packet(t, p, h.gso_type);
}

void transmit_skip(struct transmit *t, uint16_t tag)
{
	t->packet.tag = tag;
	drop(t, STAT_DROP_CHAIN);
}

/* Write a new vnet header and the head that was checked; the rest of the frame follows. */
static size_t put_head(struct transmit *t, uint8_t *out)
{
	const struct transmit_packet *p = &t->packet;

	if (t->port.port_header)
		vnet_encode(&p->plan.vnet, out, t->port.port_header);
	memcpy(out + t->port.port_header, p->head, p->head_len);
	return t->port.port_header + p->head_len;
}

static void add_copy(struct transmit *t)
{
	struct transmit_packet *p = &t->packet;
	struct batch_op *op = add(t, BATCH_WRITE);

	op->bytes = t->arena + t->arena_used;
	op->len = (uint32_t)put_head(t, op->bytes);
	op->len += (uint32_t)pieces_read(&p->rest, op->bytes + op->len, p->len - p->head_len);
	if (p->plan.kind == SEGMENT_CHECKSUM && p->plan.complete) {
		segment_checksum(&p->plan, op->bytes + t->port.port_header, p->len);
		memset(op->bytes, 0, t->port.port_header);
	}
	t->arena_used += op->len;
	mark_last(t);
}

static void add_reference(struct transmit *t)
{
	struct transmit_packet *p = &t->packet;
	struct iovec *iov = t->pieces + t->pieces_used, run;
	struct batch_op *op = add(t, BATCH_WRITEV);
	uint32_t n = 0;

	iov[n].iov_base = t->arena + t->arena_used;
	iov[n].iov_len = put_head(t, iov[n].iov_base);
	t->arena_used += iov[n++].iov_len;
	while ((run = pieces_next(&p->rest, SIZE_MAX)).iov_len)
		iov[n++] = run;
	op->iov = iov;
	op->len = n;
	t->pieces_used += n;
	mark_last(t);
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

/* Copying to the start of a cache line is fastest. */
static uint8_t *segment_place(struct transmit *t)
{
	size_t head = t->port.port_header + t->packet.plan.header;

	t->arena_used += -(t->arena_used + head) & (CACHE_LINE - 1);
	return t->arena + t->arena_used;
}

static void add_segment(struct transmit *t)
{
	struct transmit_packet *p = &t->packet;
	struct batch_op *op = add(t, BATCH_WRITE);
	uint32_t from, data = segment_range(&p->plan, p->next, &from);
	uint8_t *out = segment_place(t);
	size_t head = segment_write(&p->template, p->next, out);

	if (p->plan.complete)
		segment_complete_csum(&p->template, out, copy_sum(&p->payload, out + head, data));
	else
		pieces_read(&p->payload, out + head, data);
	op->bytes = out;
	op->len = (uint32_t)head + data;
	t->arena_used += op->len;
	if (++p->next == p->plan.segments)
		mark_last(t);
}

static bool by_reference(const struct transmit_packet *p)
{
	return p->len > COPY_MAX && !(p->plan.kind == SEGMENT_CHECKSUM && p->plan.complete) &&
		p->frame.count < TRANSMIT_PIECES;
}

static bool has_room(const struct transmit *t)
{
	const struct transmit_packet *p = &t->packet;
	size_t need = CACHE_LINE + SEGMENT_WRITE_MAX;

	if (t->batch.count == BATCH_MAX)
		return false;
	if (is_segmented(&p->plan))
		need += p->plan.mss;
	else if (!by_reference(p))
		need += p->len;
	else if (t->pieces_used + p->frame.count + 1 > PIECES_POOL)
		return false;
	return need <= TRANSMIT_ARENA - t->arena_used;
}

bool transmit_go(struct transmit *t)
{
	struct transmit_packet *p = &t->packet;

	while (p->busy) {
		if (!has_room(t) && !transmit_flush(t))
			return false;
		if (is_segmented(&p->plan))
			add_segment(t);
		else if (by_reference(p))
			add_reference(t);
		else
			add_copy(t);
	}
	return t->batch.count < BATCH_MAX || transmit_flush(t);
}

void transmit_halt(struct transmit *t)
{
	struct transmit_packet *p = &t->packet;

	t->halted = *p;
	t->halted.busy = true;
	t->halted.next = is_segmented(&p->plan) ? p->next - t->batch.count : 0;
	batch_trim(&t->batch, t->batch.count);
	p->busy = false;
	t->arena_used = t->pieces_used = 0;
}

void transmit_abandon(struct transmit *t)
{
	unsigned int i;

	for (i = 0; i < t->batch.count; i++)
		if (!t->batch.op[i].done) {
			stat_count(&t->stat->drop[STAT_DROP_FULL], 1);
			t->batch.op[i].done = true;
			t->batch.op[i].result = 0;
		}
	retire(t);
	if (t->packet.busy) {
		stat_count(&t->stat->drop[STAT_DROP_FULL],
			   t->packet.plan.segments - t->packet.next);
		finish(t, t->packet.tag);
	}
	t->packet.busy = false;
	t->arena_used = t->pieces_used = 0;
}
