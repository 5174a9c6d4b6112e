// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rival.c - the kernel's vhost-net between a guest's transmit ring and a tap
 */
#include "rival.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#include "bench.h"

#define TX 1			/* vhost-net's number of the transmit ring */

static int set_memory(const struct rival *r, const struct guest *g)
{
	struct vhost_memory *table = bench_take(sizeof(*table) + sizeof(table->regions[0]));
	int ret;

	table->nregions = 1;
	table->regions[0] = (struct vhost_memory_region){
		.guest_phys_addr = GUEST_BASE, .memory_size = g->size,
		.userspace_addr = (uintptr_t)g->memory,
	};
	ret = ioctl(r->fd, VHOST_SET_MEM_TABLE, table);
	free(table);
	return ret;
}

static int set_ring(const struct rival *r, const struct guest_queue *q, int tap)
{
	struct vhost_vring_state size = { TX, q->size }, base = { TX, 0 };
	struct vhost_vring_file kick = { TX, q->kick }, call = { TX, q->call }, file = { TX, tap };
	struct vhost_vring_addr at = {
		.index = TX, .desc_user_addr = (uintptr_t)q->desc,
		.avail_user_addr = (uintptr_t)q->avail, .used_user_addr = (uintptr_t)q->used,
	};

	return ioctl(r->fd, VHOST_SET_VRING_NUM, &size) ||
		ioctl(r->fd, VHOST_SET_VRING_BASE, &base) ||
		ioctl(r->fd, VHOST_SET_VRING_ADDR, &at) ||
		ioctl(r->fd, VHOST_SET_VRING_KICK, &kick) ||
		ioctl(r->fd, VHOST_SET_VRING_CALL, &call) ||
		ioctl(r->fd, VHOST_NET_SET_BACKEND, &file);
}

static bool is_named(const char *directory, const char *name)
{
	char path[64], comm[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/comm", directory);
	f = fopen(path, "re");
	if (f && !fgets(comm, sizeof(comm), f))
		comm[0] = '\0';
	if (f)
		fclose(f);
	comm[strcspn(comm, "\n")] = '\0';
	return !strcmp(comm, name);
}

/* Up to Linux 6.3 they are kernel threads, later threads of our process. */
static void find_threads(struct rival *r)
{
	unsigned int n = 0;
	char name[32];
	glob_t found;
	size_t i;

	snprintf(name, sizeof(name), "vhost-%d", getpid());
	if (glob("/proc/[0-9]*", GLOB_NOSORT, NULL, &found))
		return;
	for (i = 0; n < RIVAL_THREADS && i < found.gl_pathc; i++)
		if (is_named(found.gl_pathv[i], name))
			sscanf(found.gl_pathv[i], "/proc/%d", &r->thread[n++]);
	globfree(&found);
}

/* They do not inherit them. */
static void share_processors(const struct rival *r)
{
	cpu_set_t set;
	unsigned int i;

	sched_getaffinity(0, sizeof(set), &set);
	for (i = 0; i < RIVAL_THREADS && r->thread[i]; i++)
		if (sched_setaffinity(r->thread[i], sizeof(set), &set))
			perror("together: vhost-net's processors");
}

int rival_open(struct rival *r, struct guest *g, int tap)
{
	uint64_t features = 1ull << VIRTIO_F_VERSION_1 | 1ull << VIRTIO_NET_F_MRG_RXBUF |
		1ull << VIRTIO_RING_F_INDIRECT_DESC | 1ull << VIRTIO_RING_F_EVENT_IDX;

	memset(r, 0, sizeof(*r));
	r->fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
	if (r->fd < 0)
		return -errno;
	if (ioctl(r->fd, VHOST_SET_OWNER) || ioctl(r->fd, VHOST_SET_FEATURES, &features) ||
	    set_memory(r, g) || set_ring(r, &g->queue[GUEST_TX], tap)) {
		int ret = -errno;

		close(r->fd);
		return ret;
	}
	find_threads(r);
	share_processors(r);
	return 0;
}

void rival_close(struct rival *r)
{
	close(r->fd);
}

static uint64_t thread_cpu(int thread)
{
	char path[64];
	uint64_t ns = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", thread);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%" SCNu64, &ns) != 1)
		perror(path);
	if (f)
		fclose(f);
	return ns;
}

uint64_t rival_cpu(const struct rival *r)
{
	uint64_t ns = 0;
	unsigned int i;

	for (i = 0; i < RIVAL_THREADS && r->thread[i]; i++)
		ns += thread_cpu(r->thread[i]);
	return ns;
}
