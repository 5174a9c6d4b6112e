// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * transmit.c - send a guest's packets as frames on a tap
 */
#include "transmit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
	if (!outgoing_is_segmented(p))
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

void transmit_take(struct transmit *t, const struct iovec *iov, size_t pieces, uint16_t tag)
{
	struct transmit_packet *p = &t->packet;
	enum segment_drop reason;

	t->written = 0;
	t->error = 0;
	reason = outgoing_take(p, &t->port, iov, pieces, tag, &t->fragment_id);
	if (reason) {
		miss_halted(t);
		drop(t, reason);
		return;
	}
	if (is_halted(t)) {
		resume(t, p);
		return;
	}
	miss_halted(t);
	outgoing_count(p, t->stat);
}

void transmit_skip(struct transmit *t, uint16_t tag)
{
	t->packet.tag = tag;
	drop(t, STAT_DROP_CHAIN);
}

static void add_copy(struct transmit *t)
{
	struct batch_op *op = add(t, BATCH_WRITE);

	op->bytes = t->arena + t->arena_used;
	op->len = (uint32_t)outgoing_whole(&t->packet, &t->port, op->bytes);
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
	iov[n].iov_len = outgoing_head(p, &t->port, iov[n].iov_base);
	t->arena_used += iov[n++].iov_len;
	while ((run = pieces_next(&p->rest, SIZE_MAX)).iov_len)
		iov[n++] = run;
	op->iov = iov;
	op->len = n;
	t->pieces_used += n;
	mark_last(t);
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

	op->bytes = segment_place(t);
	op->len = (uint32_t)outgoing_segment(p, op->bytes);
	t->arena_used += op->len;
	if (p->next == p->plan.segments)
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
	if (outgoing_is_segmented(p))
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
		if (outgoing_is_segmented(p))
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
	t->halted.next = outgoing_is_segmented(p) ? p->next - t->batch.count : 0;
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
