// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * table.c - which descriptors are taps, and which are vhost-nets
 *
 * Every read and write of the process looks a descriptor up, without a lock.  Changes are
 * made under one, by the thread that opens, duplicates or closes the descriptor.  An ioctl
 * on a vhost-net keeps what it uses until it returns.  Reads and writes do not, for the sake of
 * their cost: a process must not close a tap in one thread while another one writes to it.
 *
 * Only the process that the table belongs to changes it.  A vfork(2) child runs in the memory
 * of its parent with descriptors of its own: what it closes is still open in the parent.
 */
#include "shim.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct shim_file **chunks[SHIM_CHUNKS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int top;	/* one above the highest descriptor that was ever entered */
static pid_t owner;

/* Look a descriptor up; takes no lock. */
static struct shim_file *shim_find(int fd)
{
	struct shim_file **chunk;

	if (fd < 0)
		return NULL;
	chunk = __atomic_load_n(&chunks[(unsigned int)fd >> SHIM_CHUNK_BITS],
				__ATOMIC_ACQUIRE);
	return chunk ? __atomic_load_n(&chunk[(unsigned int)fd % SHIM_CHUNK],
				       __ATOMIC_ACQUIRE) : NULL;
}

bool shim_is_owner(void)
{
	return syscall(SYS_getpid) == owner;
}

void shim_own(void)
{
	owner = (pid_t)syscall(SYS_getpid);
	/* A forked child does not have the thread that may have held it. */
	pthread_mutex_init(&lock, NULL);
}

void shim_get(struct shim_file *file)
{
	__atomic_add_fetch(&file->users, 1, __ATOMIC_RELAXED);
}

void shim_put(struct shim_file *file)
{
	if (__atomic_sub_fetch(&file->users, 1, __ATOMIC_ACQ_REL))
		return;
	/* It is the first member of both. */
	if (file->kind == SHIM_TAP)
		tap_free((struct tap *)file);
	else
		vhost_frontend_free((struct vhost_frontend *)file);
}

struct tap *shim_tap(int fd)
{
	struct shim_file *file = shim_find(fd);

	return file && file->kind == SHIM_TAP ? (struct tap *)file : NULL;
}

bool shim_is_current(int fd, const struct shim_file *file)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_ino == file->ino && st.st_dev == file->dev &&
	       st.st_rdev == file->rdev;
}

bool shim_check(int fd, struct shim_file *file)
{
	struct timespec now = { 0 };
	uint64_t mark;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	mark = (uint64_t)fd << 32 | (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
	if (__atomic_load_n(&file->checked, __ATOMIC_RELAXED) == mark)
		return true;
	if (!shim_is_current(fd, file))
		return false;
	__atomic_store_n(&file->checked, mark, __ATOMIC_RELAXED);
	return true;
}

/* ---- Changes ----------------------------------------------------------------- */

/* The place of a descriptor; NULL: no memory.  Mapped, as calloc(3) might touch all of it. */
static struct shim_file **place_of(unsigned int fd)
{
	struct shim_file ***chunk = &chunks[fd >> SHIM_CHUNK_BITS];
	void *p;

	if (!*chunk) {
		p = mmap(NULL, SHIM_CHUNK * sizeof(void *), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			return NULL;
		__atomic_store_n(chunk, p, __ATOMIC_RELEASE);
	}
	return &(*chunk)[fd % SHIM_CHUNK];
}

/* Under the lock; what was there before still has this user. */
static int enter(int fd, struct shim_file *file, struct shim_file **before)
{
	struct shim_file **place = place_of((unsigned int)fd);

	if (!place)
		return -ENOMEM;
	if (top <= (unsigned int)fd)
		top = (unsigned int)fd + 1;
	shim_get(file);
	*before = *place;
	__atomic_store_n(place, file, __ATOMIC_RELEASE);
	return 0;
}

/* Under the lock; returns what was there before, which still has this user. */
static struct shim_file *take_out(unsigned int fd)
{
	struct shim_file *file = shim_find((int)fd);

	if (file)
		__atomic_store_n(place_of(fd), NULL, __ATOMIC_RELEASE);
	return file;
}

int shim_remember(int fd, struct shim_file *file)
{
	struct shim_file *before = NULL;
	struct stat st;
	int ret;

	if (fstat(fd, &st))
		return -errno;
	file->dev = st.st_dev;
	file->rdev = st.st_rdev;
	file->ino = st.st_ino;
	pthread_mutex_lock(&lock);
	ret = enter(fd, file, &before);
	pthread_mutex_unlock(&lock);
	if (before)
		shim_put(before);
	return ret;
}

/* May the table be changed?  If not, the caller's descriptor is not what the table says. */
static bool may_change(struct shim_file *file)
{
	if (shim_is_owner())
		return true;
	if (file)
		__atomic_store_n(&file->checked, 0, __ATOMIC_RELAXED);
	return false;
}

struct shim_file *shim_take(int fd)
{
	struct shim_file *file = shim_find(fd);

	if (!file)
		return NULL;
	pthread_mutex_lock(&lock);
	file = shim_find(fd);
	if (file)
		shim_get(file);
	pthread_mutex_unlock(&lock);
	return file;
}

void shim_forget(int fd)
{
	struct shim_file *file = shim_find(fd);

	if (!file || !may_change(file))
		return;
	pthread_mutex_lock(&lock);
	file = take_out((unsigned int)fd);
	pthread_mutex_unlock(&lock);
	if (file)
		shim_put(file);
}

int shim_follow(int from, int to)
{
	struct shim_file *file, *before = NULL;
	int ret = 0;

	if (from == to || (!shim_find(from) && !shim_find(to)) || !may_change(shim_find(to)))
		return 0;
	pthread_mutex_lock(&lock);
	file = shim_find(from);
	if (file && shim_is_current(from, file))
		ret = enter(to, file, &before);
	else
		before = take_out((unsigned int)to);
	pthread_mutex_unlock(&lock);
	if (before)
		shim_put(before);
	return ret;
}

/* ---- All of them --------------------------------------------------------------- */

struct shim_file *shim_next(int *fd)
{
	struct shim_file *file = NULL;

	pthread_mutex_lock(&lock);
	for (; (unsigned int)*fd < top; ++*fd) {
		file = shim_find(*fd);
		if (file)
			break;
	}
	if (file)
		shim_get(file);
	pthread_mutex_unlock(&lock);
	return file;
}

void shim_forget_range(unsigned int first, unsigned int last)
{
	struct shim_file *file;
	int fd = (int)first;

	if (first >= top)
		return;
	/* As may_change() of each. */
	for (; !shim_is_owner() && (file = shim_next(&fd)) && (unsigned int)fd <= last; fd++) {
		__atomic_store_n(&file->checked, 0, __ATOMIC_RELAXED);
		shim_put(file);
	}
	if (!shim_is_owner())
		return;
	for (; (file = shim_next(&fd)) && (unsigned int)fd <= last; fd++) {
		shim_forget(fd);
		shim_put(file);
	}
	if (file)
		shim_put(file);
}

bool shim_abandon(void)
{
	bool any = false;
	unsigned int fd;

	for (fd = 0; fd < top; fd++)
		any |= !!take_out(fd);
	top = 0;
	return any;
}
