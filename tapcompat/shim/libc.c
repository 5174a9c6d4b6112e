// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libc.c - the functions of libc that QEMU reaches taps and vhost-net by
 *
 * These are the library's only symbols.  Each looks whether the descriptor is one of ours
 * and otherwise does what libc does, by libc's own function behind this library.
 */
/* Its headers would put functions of their own in the place of those that are defined here. */
#undef _FORTIFY_SOURCE

#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <linux/vhost.h>

#include "ground/mask.h"

#define VHOST_NODE "/dev/vhost-net"

/* libc's own, found when it is first needed: other libraries' constructors come before ours. */
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

/* The taps are a parent's, with its threads and what io_uring has mapped for it. */
static bool inert;

/* With nothing to emulate and nothing to hide there is nothing to do. */
static bool active(void)
{
	const struct shim_config *config = shim_config();

	return !inert && (!mask_empty(&config->emulate) || !mask_empty(&config->masked));
}

/* ---- open(2) -------------------------------------------------------------------- */

/* @fd: what libc's open(2) came to */
static int opened(const char *path, int fd)
{
	bool placeholder = fd < 0;
	int error = errno;
	struct vhost_frontend *fe;

	if (!path || strcmp(path, VHOST_NODE) || !active())
		return fd;
	if (placeholder)
		fd = vhost_placeholder();
	fe = fd < 0 ? NULL : vhost_frontend_open(fd, placeholder);
	if (fe && !shim_remember(fd, (struct shim_entry){ .kind = SHIM_VHOST, .vhost = fe }))
		return fd;
	if (fe)
		vhost_frontend_close(fe);
	if (placeholder && fd >= 0)
		NEXT(close)(fd);
	errno = error;
	return placeholder ? -1 : fd;
}

static mode_t mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
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

/* What a build with _FORTIFY_SOURCE calls. */
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

int close(int fd)
{
	shim_forget(fd);
	return NEXT(close)(fd);
}

/* ---- ioctl(2) -------------------------------------------------------------------- */

static int vhost_request(int fd, unsigned long request, void *arg, bool *handled)
{
	struct shim_entry *e = shim_find(fd);

	*handled = false;
	if (!e && vhost_is_node(fd)) {
		struct vhost_frontend *fe = vhost_frontend_open(fd, false);

		if (!fe)
			return 0;
		if (shim_remember(fd, (struct shim_entry){ .kind = SHIM_VHOST, .vhost = fe })) {
			vhost_frontend_close(fe);
			return 0;
		}
		e = shim_find(fd);
	}
	return e && e->kind == SHIM_VHOST ?
		vhost_frontend_ioctl(e->vhost, request, arg, handled) : 0;
}

static int tap_request(int fd, unsigned long request, void *arg, bool *handled)
{
	struct tap *tap = request == TUNSETOFFLOAD ? tap_meet(fd) : shim_tap(fd);

	*handled = request == TUNSETOFFLOAD && tap && tap->vnet;
	return *handled ? tap_set_offload(tap, (unsigned long)(uintptr_t)arg) : 0;
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
	/* Some callers pass it as a signed int. */
	request &= 0xffffffff;
	if (request == TUNSETOFFLOAD && active())
		ret = tap_request(fd, request, arg, &handled);
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

/* A tap whose frames we have to look at. */
static struct tap *watched(int fd)
{
	struct tap *tap = shim_tap(fd);

	return tap && tap_needs_us(tap) ? tap : NULL;
}

static ssize_t counted(int fd, ssize_t n)
{
	struct tap *tap = watched(fd);

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
	struct tap *tap = watched(fd);

	return tap ? written(tap_write(tap, &iov, 1)) : NEXT(write)(fd, buffer, size);
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
	struct tap *tap = watched(fd);

	return tap ? written(tap_write(tap, iov, count)) : NEXT(writev)(fd, iov, count);
}

/* ---- fork(2) -------------------------------------------------------------------------- */

/* Who forks before there is a tap, to be a daemon, is QEMU itself. */
static void child(void)
{
	inert |= shim_abandon();
}

__attribute__((constructor)) static void start(void)
{
	pthread_atfork(NULL, NULL, child);
	shim_config();
}
