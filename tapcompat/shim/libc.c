// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libc.c - the functions of libc through which QEMU uses taps and vhost-net
 *
 * These are the library's only exported symbols (shim.map).  Each one checks whether the
 * descriptor is a tap or vhost-net that the shim knows; the work of all others is done by
 * libc's function of that name.
 */
/* With it, libc's headers define inline functions of the same names. */
#undef _FORTIFY_SOURCE

#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <linux/vhost.h>

#include "ground/mask.h"

#define VHOST_NODE "/dev/vhost-net"

/* libc's function, looked up at its first use: constructors of other libraries run earlier. */
#define NEXT(name) ({ \
	static __typeof__(&(name)) next_; \
	__typeof__(&(name)) f_ = __atomic_load_n(&next_, __ATOMIC_RELAXED); \
	if (!f_) { \
		f_ = (__typeof__(&(name)))dlsym(RTLD_NEXT, #name); \
		__atomic_store_n(&next_, f_, __ATOMIC_RELAXED); \
	} \
	f_; })

static int result(int ret)
{
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}

/* A forked child: the taps and their threads and rings are those of its parent. */
static bool inert;

/*
 * Has it asked what taps of this kernel can do?  QEMU does before it creates one; a script
 * that creates one for QEMU does not.
 */
static bool opens_taps;

/* Is there anything to emulate or to hide? */
static bool active(void)
{
	const struct shim_config *config = shim_config();

	return !inert && (!mask_empty(&config->emulate) || !mask_empty(&config->masked)) &&
	       shim_is_owner();
}

/* ---- open(2) -------------------------------------------------------------------- */

/* @fd: of /dev/vhost-net, or -1 with errno */
static int opened_vhost(int fd)
{
	bool placeholder = fd < 0;
	int ret, error = errno;

	if (placeholder)
		fd = vhost_placeholder();
	if (fd < 0) {
		errno = error;
		return -1;
	}
	ret = vhost_frontend_open(fd, placeholder);
	if (!ret)
		return fd;
	NEXT(close)(fd);
	return result(ret);
}

/* @fd: as libc's open(2) returned it; a number that is still in the table was closed unseen */
static int opened(const char *path, int fd)
{
	shim_forget(fd);
	return path && !strcmp(path, VHOST_NODE) && active() ? opened_vhost(fd) : fd;
}

static mode_t mode_of(int flags, va_list args)
{
	return shim_open_has_mode(flags) ? va_arg(args, mode_t) : 0;
}

#define OPEN(name) \
	int name(const char *path, int flags, ...) \
	{ \
		va_list args; \
		mode_t mode; \
		va_start(args, flags); \
		mode = mode_of(flags, args); \
		va_end(args); \
		return opened(path, NEXT(name)(path, flags, mode)); \
	}

#define OPENAT(name) \
	int name(int directory, const char *path, int flags, ...) \
	{ \
		va_list args; \
		mode_t mode; \
		va_start(args, flags); \
		mode = mode_of(flags, args); \
		va_end(args); \
		return opened(path, NEXT(name)(directory, path, flags, mode)); \
	}

/* Called by programs that were built with _FORTIFY_SOURCE. */
#define OPEN_2(name) \
	int name(const char *path, int flags); \
	int name(const char *path, int flags) \
	{ \
		return opened(path, NEXT(name)(path, flags)); \
	}

#define OPENAT_2(name) \
	int name(int directory, const char *path, int flags); \
	int name(int directory, const char *path, int flags) \
	{ \
		return opened(path, NEXT(name)(directory, path, flags)); \
	}

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
OPEN_2(__open_2)
OPEN_2(__open64_2)
OPENAT_2(__openat_2)
OPENAT_2(__openat64_2)

/* ---- close(2), dup(2) ------------------------------------------------------------ */

/* Before it is closed: another thread may get the same number right after. */
int close(int fd)
{
	shim_forget(fd);
	return NEXT(close)(fd);
}

int fclose(FILE *file)
{
	int before = errno, fd = fileno(file);

	/* A stream in memory has no descriptor, which is no error of fclose(3). */
	errno = before;
	shim_forget(fd);
	return NEXT(fclose)(file);
}

int close_range(unsigned int first, unsigned int last, int flags)
{
	/*
	 * Before, as the range may have the shim's own descriptors too.  Other flags close
	 * nothing, or only in a table of the caller's own.
	 */
	if (!flags && first <= last)
		shim_forget_range(first, last);
	return NEXT(close_range)(first, last, flags);
}

void closefrom(int first)
{
	shim_forget_range(first < 0 ? 0 : (unsigned int)first, ~0u);
	NEXT(closefrom)(first);
}

/* @to: as libc returned it.  A duplicate that cannot be followed is not given out. */
static int duplicated(int from, int to)
{
	int ret = to < 0 ? 0 : shim_follow(from, to);

	if (!ret)
		return to;
	NEXT(close)(to);
	return result(ret);
}

int dup(int fd)
{
	return duplicated(fd, NEXT(dup)(fd));
}

int dup2(int from, int to)
{
	return duplicated(from, NEXT(dup2)(from, to));
}

int dup3(int from, int to, int flags)
{
	return duplicated(from, NEXT(dup3)(from, to, flags));
}

#define FCNTL(name) \
	int name(int fd, int command, ...) \
	{ \
		va_list args; \
		void *arg; \
		int ret; \
		va_start(args, command); \
		arg = va_arg(args, void *); \
		va_end(args); \
		ret = NEXT(name)(fd, command, arg); \
		return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? \
			duplicated(fd, ret) : ret; \
	}

FCNTL(fcntl)
FCNTL(fcntl64)

/* ---- ioctl(2) -------------------------------------------------------------------- */

static int vhost_request(int fd, unsigned long request, void *arg, bool *handled)
{
	struct shim_file *file = shim_take(fd);
	int ret = 0;

	*handled = false;
	if (file && !shim_is_current(fd, file)) {
		shim_put(file);
		shim_forget(fd);
		file = NULL;
	}
	if (!file && vhost_is_node(fd)) {
		ret = vhost_frontend_open(fd, false);
		file = ret ? NULL : shim_take(fd);
	}
	*handled = ret != 0;
	if (file && file->kind == SHIM_VHOST)
		ret = vhost_frontend_ioctl((struct vhost_frontend *)file, fd, request, arg,
					   handled);
	if (file)
		shim_put(file);
	return ret;
}

static int offload_request(int fd, void *arg, bool *handled)
{
	struct tap *tap;
	int ret = tap_meet(fd, &tap);

	*handled = ret || (tap && tap->vnet);
	return ret || !*handled ? ret : tap_set_offload(tap, fd, (unsigned long)(uintptr_t)arg);
}

int ioctl(int fd, unsigned long request, ...)
{
	bool handled = false;
	va_list args;
	void *arg;
	int ret = 0;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (request == TUNGETFEATURES)
		__atomic_store_n(&opens_taps, true, __ATOMIC_RELAXED);
	/* The kernel uses 32 bits of it, and some callers pass a signed int. */
	request &= 0xffffffff;
	if (request == TUNSETOFFLOAD && active())
		ret = offload_request(fd, arg, &handled);
	else if (_IOC_TYPE(request) == VHOST_VIRTIO && active())
		ret = vhost_request(fd, request, arg, &handled);
	if (handled)
		return result(ret);
	ret = NEXT(ioctl)(fd, request, arg);
	if (request == TUNSETVNETHDRSZ && shim_tap(fd))
		tap_header_changed(shim_tap(fd));
	return ret;
}

/* ---- read(2), write(2) -------------------------------------------------------------- */

/* A tap whose frames may have to be converted, or are counted. */
static struct tap *emulated_tap(int fd)
{
	struct tap *tap = shim_tap(fd);

	return tap && tap_is_emulated(tap) ? tap : NULL;
}

/* The same, for writing: if the number was closed unseen and reused, the data is not a frame. */
static struct tap *writable_tap(int fd)
{
	struct tap *tap = emulated_tap(fd);

	if (!tap || shim_check(fd, &tap->file))
		return tap;
	shim_forget(fd);
	return NULL;
}

static ssize_t counted(int fd, ssize_t n)
{
	struct tap *tap = emulated_tap(fd);

	if (tap)
		tap_count_read(tap, n);
	return n;
}

ssize_t read(int fd, void *buffer, size_t size)
{
	return counted(fd, NEXT(read)(fd, buffer, size));
}

ssize_t readv(int fd, const struct iovec *iov, int count)
{
	return counted(fd, NEXT(readv)(fd, iov, count));
}

static ssize_t written(ssize_t ret)
{
	if (ret >= 0)
		return ret;
	errno = (int)-ret;
	return -1;
}

ssize_t write(int fd, const void *buffer, size_t size)
{
	struct iovec iov = { (void *)buffer, size };
	struct tap *tap = writable_tap(fd);

	return tap ? written(tap_write(tap, fd, &iov, 1)) : NEXT(write)(fd, buffer, size);
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
	struct tap *tap = writable_tap(fd);

	return tap ? written(tap_write(tap, fd, iov, count)) : NEXT(writev)(fd, iov, count);
}

/* ---- fork(2) -------------------------------------------------------------------------- */

/*
 * A process that forks before it has taps, to become a daemon, continues in the child, and a
 * script may start QEMU in one.  A child of a QEMU that opens taps is a script for a tap, which
 * gets no shim.  QEMU's own environment stays, for it may execute itself again.
 */
static void child(void)
{
	shim_own();
	inert |= shim_abandon();
	if (inert || __atomic_load_n(&opens_taps, __ATOMIC_RELAXED))
		shim_leave_environment(environ);
}

__attribute__((constructor)) static void start(void)
{
	shim_own();
	pthread_atfork(NULL, NULL, child);
	shim_config();
}
