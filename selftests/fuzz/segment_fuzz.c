// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * segment_fuzz.c - whatever a guest hands over: no byte out of range, and what is
 * made of it is right
 */
#include <stdio.h>
#include <stdlib.h>

#include "segment_fixture.h"
#include "segment_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct segment_check check;

static void broken(const char *what)
{
	fprintf(stderr, "segment: %s\n", what);
	abort();
}

/* From memory that ends where the snapshot does. */
static enum segment_drop plan_exactly(struct segment_plan *plan, const struct row_packet *p)
{
	size_t bound = p->len < SEGMENT_HEAD ? p->len : SEGMENT_HEAD;
	uint8_t *head = malloc(bound ? bound : 1);
	enum segment_drop drop;

	memcpy(head, p->frame, bound);
	drop = segment_plan(plan, &p->h, head, p->len, &p->features);
	free(head);
	return drop;
}

/* With its checksum, what it covers sums up to the complement of what was there. */
static void check_checksum(const struct segment_plan *plan, const struct row_packet *p)
{
	size_t start = plan->vnet.csum_start, at = start + plan->vnet.csum_offset;
	uint8_t *frame = malloc(p->len);
	uint16_t was = get_be16(p->frame + at), sum;

	memcpy(frame, p->frame, p->len);
	segment_checksum(plan, frame, p->len);
	sum = slow_sum(frame + start, p->len - start, 0);
	if (slow_add(sum, was) % 0xffff)
		broken("checksum of one frame");
	free(frame);
}

static void check_bounds(const struct segment_plan *plan, const struct row_packet *p)
{
	size_t header = plan->header + IP6_FRAGMENT_LEN, from_all = 0;
	uint32_t n, from;

	if (plan->header > SEGMENT_HEAD || plan->header > p->len)
		broken("headers beyond the snapshot");
	if (plan->segments > 1 && !plan->whole && plan->kind == SEGMENT_UDP &&
	    plan->segments > SEGMENT_UDP_MAX)
		broken("too many datagrams");
	for (n = 0; n < plan->segments; n++)
		from_all += header + segment_range(plan, n, &from);
	if (from_all > 2 * p->len + (SEGMENT_HEADERS_FREE + 1) * header +
		       plan->segments * (size_t)IP6_FRAGMENT_LEN)
		broken("more bytes than one packet may cost");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct input in;
	struct segment_plan plan;
	enum segment_drop drop;

	if (!input_read(&in, data, size))
		return 0;
	drop = plan_exactly(&plan, &in.packet);
	if (drop)
		return drop < SEGMENT_DROPS && segment_drop_name(drop) ? 0 : (broken("reason"), 0);
	check_bounds(&plan, &in.packet);
	if (plan.kind == SEGMENT_CHECKSUM)
		check_checksum(&plan, &in.packet);
	if (plan.kind > SEGMENT_CHECKSUM && !plan.whole &&
	    !check_plan(&check, &plan, in.packet.frame, in.vnet_size))
		broken(check.why);
	return 0;
}
