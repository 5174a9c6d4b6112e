// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * owner.c - the device's thread is like the thread that owns it, not like a vCPU's
 *
 * QEMU sends VHOST_SET_OWNER in its main thread and VHOST_NET_SET_BACKEND in the vCPU thread
 * that sets DRIVER_OK.  libvirt pins vCPU threads (vcpupin), gives them real-time policies
 * (vcpusched) and cgroups of their own; the network must not share any of these.
 */
#include "kselftest_harness.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "frontend_fixture.h"
#include "ground/bytes.h"
#include "ring/vring.h"

#define BUFFERS (2 * VRING_BYTES)
#define MEMORY (BUFFERS + VRING_SIZE * 2048)

/* A frontend whose requests come from two threads. */
struct vcpu {
	int fd, tap;
	int cpu;
	bool computes;		/* until told not to */
	int policy;
	const char *cgroup;	/* its file of threads, or NULL */
	int ret;
};

static bool stop_computing;

static int request(int fd, unsigned long number, const void *arg)
{
	return ioctl(fd, number, arg) ? -errno : 0;
}

static int ring_set(int fd, unsigned int ring, uint64_t at, int kick)
{
	struct vhost_vring_state size = { ring, VRING_SIZE }, base = { ring, 0 };
	struct vhost_vring_addr addr = {
		.index = ring, .desc_user_addr = at, .avail_user_addr = at + VRING_AVAIL,
		.used_user_addr = at + VRING_USED,
	};
	struct vhost_vring_file file = { ring, kick };
	int ret = request(fd, VHOST_SET_VRING_NUM, &size);

	if (!ret)
		ret = request(fd, VHOST_SET_VRING_BASE, &base);
	if (!ret)
		ret = request(fd, VHOST_SET_VRING_ADDR, &addr);
	return ret ? ret : request(fd, VHOST_SET_VRING_KICK, &file);
}

/* All that QEMU's main thread does. */
static int main_thread(int fd, uint8_t *memory, const int kick[2])
{
	uint64_t features = MOST_FEATURES & ~(1ull << VIRTIO_RING_F_EVENT_IDX);
	uint64_t at = (uintptr_t)memory;
	struct {
		struct vhost_memory head;
		struct vhost_memory_region region;
	} table = { .head.nregions = 1, .region = { at, MEMORY, at, 0 } };
	int ret = request(fd, VHOST_SET_OWNER, NULL);

	if (!ret)
		ret = request(fd, VHOST_SET_FEATURES, &features);
	if (!ret)
		ret = request(fd, VHOST_SET_MEM_TABLE, &table);
	if (!ret)
		ret = ring_set(fd, VHOST_RX, at, kick[0]);
	return ret ? ret : ring_set(fd, VHOST_TX, at + VRING_BYTES, kick[1]);
}

static int vcpu_restrict(const struct vcpu *v)
{
	struct sched_param priority = { .sched_priority = v->policy == SCHED_FIFO ? 1 : 0 };
	cpu_set_t cpus;
	FILE *f;

	CPU_ZERO(&cpus);
	CPU_SET(v->cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) ||
	    sched_setscheduler(0, v->policy, &priority))
		return -errno;
	f = v->cgroup ? fopen(v->cgroup, "w") : NULL;
	if (f)
		fprintf(f, "%d\n", gettid());
	return f && fclose(f) ? -errno : 0;
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *v = arg;
	unsigned int ring;

	v->ret = vcpu_restrict(v);
	for (ring = 0; !v->ret && ring < VHOST_RINGS; ring++) {
		struct vhost_vring_file backend = { ring, v->tap };

		v->ret = request(v->fd, VHOST_NET_SET_BACKEND, &backend);
	}
	while (!v->ret && v->computes && !__atomic_load_n(&stop_computing, __ATOMIC_RELAXED))
		;
	return NULL;
}

/* The device's thread, by its name; 0: there is none. */
static pid_t worker_of_process(void)
{
	DIR *tasks = opendir("/proc/self/task");
	char path[300], name[32] = "";
	struct dirent *e;
	pid_t found = 0;
	FILE *f;

	while (tasks && !found && (e = readdir(tasks))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", e->d_name);
		f = fopen(path, "r");
		if (f && fgets(name, sizeof(name), f) && !strcmp(name, "tapcompat\n"))
			found = (pid_t)atoi(e->d_name);
		if (f)
			fclose(f);
	}
	if (tasks)
		closedir(tasks);
	return found;
}

static void cgroup_of(pid_t tid, char *text, size_t size)
{
	char path[64];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/self/task/%d/cgroup", (int)tid);
	f = fopen(path, "r");
	n = f ? fread(text, 1, size - 1, f) : 0;
	text[n] = '\0';
	if (f)
		fclose(f);
}

/* A cgroup that single threads can be put into, of either version; false: there can be none. */
static bool cgroup_make(char *dir, char *threads, size_t size)
{
	static const struct { const char *root, *threads; } kinds[] = {
		{ "/sys/fs/cgroup/cpu", "tasks" },
		{ "/sys/fs/cgroup", "cgroup.threads" },
		{ "/sys/fs/cgroup/unified", "cgroup.threads" },
	};
	char type[300];
	size_t i;
	FILE *f;

	for (i = 0; i < ARRAY_LENGTH(kinds); i++) {
		snprintf(dir, 64, "%s/tapcompat-%d", kinds[i].root, (int)getpid());
		if (mkdir(dir, 0755))
			continue;
		snprintf(type, sizeof(type), "%s/cgroup.type", dir);
		f = access(type, F_OK) ? NULL : fopen(type, "w");
		if (f)
			fputs("threaded\n", f);
		if (f)
			fclose(f);
		snprintf(threads, size, "%s/%s", dir, kinds[i].threads);
		if (!access(threads, W_OK))
			return true;
		rmdir(dir);
	}
	return false;
}

FIXTURE(owner) {
	FIXTURE_SKIP;
	struct frontend d;
	struct vcpu vcpu;
	pthread_t thread;
	int kick[VHOST_RINGS];
	uint8_t *memory;
	struct vring_driver tx;
};

FIXTURE_SETUP(owner)
{
	memset(&self->d, 0, sizeof(self->d));
	NETNS_OR_SKIP();
	if (access("/dev/net/tun", R_OK | W_OK))
		SKIP_TEST("there is no /dev/net/tun");
	stop_computing = false;
	ASSERT_EQ(0, frontend_tap(&self->d));
	self->vcpu = (struct vcpu){ .tap = self->d.tap };
	self->vcpu.fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->vcpu.fd);
	self->kick[0] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	self->kick[1] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	self->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	ASSERT_NE(MAP_FAILED, self->memory);
	vring_reset(&self->tx, self->memory + VRING_BYTES);
	ASSERT_EQ(0, main_thread(self->vcpu.fd, self->memory, self->kick));
}

FIXTURE_TEARDOWN(owner)
{
	if (self->skip)
		return;
	close(self->vcpu.fd);
	munmap(self->memory, MEMORY);
	links_close(self->d.nl);
	close(self->d.tap);
}

/* Let the vCPU start the device; it goes on as long as it computes. */
#define VCPU_START(self) \
	ASSERT_EQ(0, pthread_create(&(self)->thread, NULL, vcpu_thread, &(self)->vcpu))

TEST_F(owner, affinity_and_policy)
{
	cpu_set_t here, there;
	pid_t worker;

	NEEDS(self);
	ASSERT_EQ(0, sched_getaffinity(0, sizeof(here), &here));
	if (CPU_COUNT(&here) < 2)
		SKIP_TEST("there is one CPU only");
	while (!CPU_ISSET(self->vcpu.cpu, &here))
		self->vcpu.cpu++;
	self->vcpu.policy = SCHED_BATCH;
	VCPU_START(self);
	ASSERT_EQ(0, pthread_join(self->thread, NULL));
	ASSERT_EQ(0, self->vcpu.ret);
	worker = worker_of_process();
	ASSERT_NE(0, worker);
	ASSERT_EQ(0, sched_getaffinity(worker, sizeof(there), &there));
	EXPECT_TRUE(CPU_EQUAL(&here, &there));
	EXPECT_EQ(SCHED_OTHER, sched_getscheduler(worker));
}

TEST_F(owner, cgroup)
{
	char dir[64], threads[128], here[4096], there[4096];
	pid_t worker;

	NEEDS(self);
	if (!cgroup_make(dir, threads, sizeof(threads)))
		SKIP_TEST("no cgroup can be made for a thread");
	self->vcpu.cgroup = threads;
	VCPU_START(self);
	ASSERT_EQ(0, pthread_join(self->thread, NULL));
	EXPECT_EQ(0, self->vcpu.ret);
	worker = worker_of_process();
	EXPECT_NE(0, worker);
	cgroup_of(gettid(), here, sizeof(here));
	cgroup_of(worker, there, sizeof(there));
	EXPECT_LT(0, strlen(here));
	EXPECT_STREQ(here, there);
	close(self->vcpu.fd);
	EXPECT_EQ(0, rmdir(dir));
}

/* A program that closes all its descriptors does not wait for the thread for ever. */
TEST_F(owner, all_is_closed)
{
	NEEDS(self);
	ASSERT_NE(0, worker_of_process());
	alarm(20);
	EXPECT_EQ(0, close_range(3, ~0u, 0));
	alarm(0);
	EXPECT_EQ(0, worker_of_process());
}

/* Nor does one that closes those of the device first. */
TEST_F(owner, its_own_are_closed)
{
	NEEDS(self);
	ASSERT_NE(0, worker_of_process());
	alarm(20);
	EXPECT_EQ(0, close_range((unsigned int)self->vcpu.fd + 1, ~0u, 0));
	EXPECT_EQ(0, close(self->vcpu.fd));
	alarm(0);
	EXPECT_EQ(0, worker_of_process());
}

/* Packets leave while a pinned vCPU with a real-time policy computes and never sleeps. */
TEST_F(owner, realtime_guest)
{
	uint64_t at = (uintptr_t)self->memory + BUFFERS;
	unsigned int i, waited;
	cpu_set_t cpus, own;

	NEEDS(self);
	ASSERT_EQ(0, sched_getaffinity(0, sizeof(cpus), &cpus));
	if (CPU_COUNT(&cpus) < 2)
		SKIP_TEST("there is one CPU only");
	while (!CPU_ISSET(self->vcpu.cpu, &cpus))
		self->vcpu.cpu++;
	self->vcpu.policy = SCHED_FIFO;
	self->vcpu.computes = true;
	VCPU_START(self);
	usleep(50000);
	if (self->vcpu.ret == -EPERM)
		SKIP_TEST("no real-time policy is permitted");
	/* Only this thread keeps away from the vCPU's CPU; its network must do so by itself. */
	own = cpus;
	CPU_CLR(self->vcpu.cpu, &own);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(own), &own));
	for (i = 0; i < VRING_SIZE; i++) {
		vring_describe(&self->tx.desc[i], at + i * 2048, VNET_MERGEABLE + 60, 0, 0);
		vring_publish(&self->tx, (uint16_t)i, false);
		eventfd_write(self->kick[1], 1);
	}
	for (waited = 0; waited < 400 && vring_used_index(&self->tx) != VRING_SIZE; waited++)
		usleep(1000);
	EXPECT_EQ(VRING_SIZE, vring_used_index(&self->tx));
	__atomic_store_n(&stop_computing, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, pthread_join(self->thread, NULL));
	EXPECT_EQ(0, self->vcpu.ret);
}

TEST_HARNESS_MAIN
