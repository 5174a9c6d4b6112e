// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vhost.c - vhost-net's ioctls, answered by a device (Linux drivers/vhost/vhost.c, net.c)
 *
 * The table requests[] lists what a device answers.  Whether a frontend is given a device or
 * the kernel's vhost-net is decided by its first request: by then QEMU has set the offloads of
 * the tap that it is for.
 */
#include "shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/vhost.h>
#include <tapcompat_linux.h>

#include "feature/require.h"
#include "ground/bytes.h"
#include "ground/mask.h"
#include "table/feature.h"

/* Linux include/linux/miscdevice.h */
#define VHOST_NET_NODE makedev(10, 238)

/* What answers the requests of a frontend. */
enum answered_by { FRONTEND_UNDECIDED, FRONTEND_KERNEL, FRONTEND_DEVICE };

struct vhost_frontend {
	struct shim_file file;
	int fd;			/* the descriptor of the last request: it may have several */
	bool placeholder;
	enum answered_by answered_by;
	bool owned;
	struct tap *tap[DEVICE_RINGS];	/* attached ones */
	struct device *device;
};

/* An address in this process, from a request. */
static void *pointer_of(uint64_t address)
{
	void *p;

	memcpy(&p, &address, sizeof(p));
	return p;
}

static int kernel_ioctl(int fd, unsigned long request, void *arg)
{
	return syscall(SYS_ioctl, fd, request, arg) < 0 ? -errno : 0;
}

int vhost_placeholder(void)
{
	int fd;

	if (mask_empty(&shim_config()->emulate))
		return -ENOENT;
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

bool vhost_is_node(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISCHR(st.st_mode) && st.st_rdev == VHOST_NET_NODE;
}

int vhost_frontend_open(int fd, bool placeholder)
{
	struct vhost_frontend *fe = calloc(1, sizeof(*fe));
	int ret = fe ? 0 : -ENOMEM;

	if (fe) {
		fe->file = (struct shim_file){ .kind = SHIM_VHOST };
		fe->fd = fd;
		fe->placeholder = placeholder;
		ret = shim_remember(fd, &fe->file);
	}
	if (!ret)
		return 0;
	free(fe);
	shim_say(TAPCOMPAT_SHIM_WARNING, "vhost-net: cannot emulate it, so the request fails: %s",
		 strerror(-ret));
	return ret;
}

/* Attach a tap to a ring, in place of the one before; NULL: detach. */
static void set_tap(struct vhost_frontend *fe, unsigned int ring, struct tap *tap)
{
	bool device = fe->answered_by == FRONTEND_DEVICE;
	struct tap *before = fe->tap[ring];

	if (tap)
		shim_get(&tap->file);
	fe->tap[ring] = tap;
	if (tap && !device)
		shim_say(TAPCOMPAT_SHIM_DEBUG, "%s: the kernel's vhost-net is used: it has all "
			 "that was requested", tap->name);
	if (tap)
		tap_set_datapath(tap, device ? STAT_DEVICE : STAT_KERNEL);
	else if (before && fe->tap[!ring] != before)
		tap_set_datapath(before, tap_is_emulated(before) ? STAT_CALLER : STAT_KERNEL);
	if (before)
		shim_put(&before->file);
}

void vhost_frontend_free(struct vhost_frontend *fe)
{
	unsigned int i;

	if (fe->device)
		device_close(fe->device);
	for (i = 0; i < DEVICE_RINGS; i++)
		set_tap(fe, i, NULL);
	free(fe);
}

/* ---- The kernel or a device ---------------------------------------------------- */

/* What a device offers on this host. */
static struct tapcompat_mask offered(void)
{
	return mask_minus(device_features(), policy_hidden(&shim_config()->policy));
}

/* Features that QEMU enables by default, or that were listed, and that vhost-net lacks. */
static struct tapcompat_mask vhost_lacks(const struct vhost_frontend *fe)
{
	struct tapcompat_mask kernel = MASK_NONE;

	if (kernel_ioctl(fe->fd, VHOST_GET_FEATURES, &kernel.word[0]))
		return MASK_NONE;
	return policy_vhost(&shim_config()->policy, kernel).emulated;
}

/* Printed once: it is the same for every vhost-net. */
static void announce(const char *what, const char *names)
{
	static bool said;

	if (!__atomic_exchange_n(&said, true, __ATOMIC_RELAXED))
		shim_say(TAPCOMPAT_SHIM_INFO, what, names);
}

static bool needs_device(const struct vhost_frontend *fe)
{
	struct tapcompat_mask lacks;
	char names[448];

	if (fe->placeholder) {
		announce("this host has no vhost-net: emulating it%s", "");
		return true;
	}
	if (tap_latest_is_emulated())
		return true;
	lacks = vhost_lacks(fe);
	if (mask_empty(&lacks))
		return false;
	mask_names(&lacks, names, sizeof(names));
	announce("vhost-net: emulating what the kernel lacks: %s", names);
	return true;
}

static int decide(struct vhost_frontend *fe)
{
	int ret = 0;

	if (fe->answered_by == FRONTEND_UNDECIDED)
		fe->answered_by = needs_device(fe) ? FRONTEND_DEVICE : FRONTEND_KERNEL;
	if (fe->answered_by == FRONTEND_DEVICE && !fe->device)
		ret = device_open(&fe->device);
	return ret;
}

/* ---- Requests that a device answers -------------------------------------------- */

static int get_features(struct vhost_frontend *fe, void *arg)
{
	struct tapcompat_mask mask = offered();

	(void)fe;
	memcpy(arg, &mask.word[0], sizeof(mask.word[0]));
	return 0;
}

static int set_features(struct vhost_frontend *fe, void *arg)
{
	struct tapcompat_mask mask = MASK_NONE, lacks;

	memcpy(&mask.word[0], arg, sizeof(mask.word[0]));
	lacks = mask_minus(mask, offered());
	return mask_empty(&lacks) ? device_set_features(fe->device, &mask) : -EOPNOTSUPP;
}

/* A count, followed by that many 64-bit words. */
static int get_array(struct vhost_frontend *fe, void *arg)
{
	struct tapcompat_mask mask = offered();
	uint64_t count, i, *word = (uint64_t *)arg + 1;

	(void)fe;
	memcpy(&count, arg, sizeof(count));
	for (i = 0; i < count; i++)
		word[i] = i < ARRAY_LENGTH(mask.word) ? mask.word[i] : 0;
	return 0;
}

static int set_array(struct vhost_frontend *fe, void *arg)
{
	struct tapcompat_mask mask = MASK_NONE, lacks;
	uint64_t count, i, *word = (uint64_t *)arg + 1;

	memcpy(&count, arg, sizeof(count));
	for (i = 0; i < count; i++)
		if (i < ARRAY_LENGTH(mask.word))
			mask.word[i] = word[i];
		else if (word[i])
			return -EOPNOTSUPP;
	lacks = mask_minus(mask, offered());
	return mask_empty(&lacks) ? device_set_features(fe->device, &mask) : -EOPNOTSUPP;
}

/* May the kernel's vhost-net move the frames of a device? */
static bool may_use_kernel(const struct vhost_frontend *fe)
{
	enum tapcompat_shim_engine engine = shim_config()->engine;

	return !fe->placeholder &&
		(engine == TAPCOMPAT_SHIM_AUTO || engine == TAPCOMPAT_SHIM_VHOST);
}

static int use_kernel(struct vhost_frontend *fe)
{
	int ret = 0;

	if (may_use_kernel(fe))
		ret = device_use_vhost(fe->device, fe->fd, &shim_config()->masked);
	return shim_config()->engine == TAPCOMPAT_SHIM_VHOST ? ret : 0;
}

static int set_owner(struct vhost_frontend *fe, void *arg)
{
	int ret;

	(void)arg;
	if (fe->owned)
		return -EBUSY;
	ret = use_kernel(fe);
	if (!ret)
		ret = device_set_owner(fe->device);
	fe->owned = !ret;
	return ret;
}

static int detach(struct vhost_frontend *fe, unsigned int ring)
{
	int ret = device_detach(fe->device, ring);

	if (!ret)
		set_tap(fe, ring, NULL);
	return ret;
}

static int reset_owner(struct vhost_frontend *fe, void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < DEVICE_RINGS; i++)
		detach(fe, i);
	device_close(fe->device);
	fe->device = NULL;
	fe->owned = false;
	if (may_use_kernel(fe))
		kernel_ioctl(fe->fd, VHOST_RESET_OWNER, NULL);
	return device_open(&fe->device);
}

static int set_memory(struct vhost_frontend *fe, void *arg)
{
	const struct vhost_memory *table = arg;
	struct memory_region region[MEMORY_REGIONS];
	uint32_t i;

	if (table->padding)
		return -EOPNOTSUPP;
	if (table->nregions > MEMORY_REGIONS)
		return -E2BIG;
	for (i = 0; i < table->nregions; i++) {
		const struct vhost_memory_region *r = &table->regions[i];

		region[i] = (struct memory_region){
			.guest = r->guest_phys_addr, .user = r->userspace_addr,
			.size = r->memory_size, .host = pointer_of(r->userspace_addr),
		};
	}
	return device_set_memory(fe->device, region, table->nregions);
}

/* vhost is told no size, so the log is as large as the memory that it is in. */
static int set_log(struct vhost_frontend *fe, void *arg)
{
	uint64_t address;
	void *log;

	memcpy(&address, arg, sizeof(address));
	log = pointer_of(address);
	return device_set_log(fe->device, log, log ? mapping_room(log) : 0) ? -EFAULT : 0;
}

static int set_size(struct vhost_frontend *fe, void *arg)
{
	const struct vhost_vring_state *s = arg;

	return device_set_size(fe->device, s->index, s->num);
}

static int set_base(struct vhost_frontend *fe, void *arg)
{
	const struct vhost_vring_state *s = arg;

	return device_set_base(fe->device, s->index, s->num);
}

static int get_base(struct vhost_frontend *fe, void *arg)
{
	struct vhost_vring_state *s = arg;
	uint32_t base;
	int ret = device_get_base(fe->device, s->index, &base);

	if (!ret)
		s->num = base;
	return ret;
}

static int set_address(struct vhost_frontend *fe, void *arg)
{
	const struct vhost_vring_addr *a = arg;

	if (a->flags & ~(1u << VHOST_VRING_F_LOG))
		return -EOPNOTSUPP;
	return device_set_rings(fe->device, a->index, a->desc_user_addr, a->avail_user_addr,
				a->used_user_addr, a->flags, a->log_guest_addr);
}

static int set_kick(struct vhost_frontend *fe, void *arg)
{
	const struct vhost_vring_file *f = arg;

	return device_set_event(fe->device, f->index, DEVICE_KICK, f->fd);
}

static int set_call(struct vhost_frontend *fe, void *arg)
{
	const struct vhost_vring_file *f = arg;

	return device_set_event(fe->device, f->index, DEVICE_CALL, f->fd);
}

static int set_err(struct vhost_frontend *fe, void *arg)
{
	const struct vhost_vring_file *f = arg;

	return device_set_event(fe->device, f->index, DEVICE_ERR, f->fd);
}

/* Rings are little endian, as with virtio 1 on every machine. */
static int set_endian(struct vhost_frontend *fe, void *arg)
{
	const struct vhost_vring_state *s = arg;

	(void)fe;
	return s->num == VHOST_VRING_LITTLE_ENDIAN ? 0 : -EINVAL;
}

static int get_number(struct vhost_frontend *fe, void *arg)
{
	struct vhost_vring_state *s = arg;

	(void)fe;
	s->num = 0;
	return 0;
}

static int get_none(struct vhost_frontend *fe, void *arg)
{
	(void)fe;
	memset(arg, 0, sizeof(uint64_t));
	return 0;
}

static int set_none(struct vhost_frontend *fe, void *arg)
{
	uint64_t features;

	(void)fe;
	memcpy(&features, arg, sizeof(features));
	return features ? -EOPNOTSUPP : 0;
}

/* Busy polling and the eventfd of the log: the guest cannot tell whether they are used. */
static int take_hint(struct vhost_frontend *fe, void *arg)
{
	(void)fe, (void)arg;
	return 0;
}

/* Busy polling is the kernel's where it has the rings. */
static int set_busyloop(struct vhost_frontend *fe, void *arg)
{
	return may_use_kernel(fe) ? kernel_ioctl(fe->fd, VHOST_SET_VRING_BUSYLOOP_TIMEOUT, arg) : 0;
}

static int get_busyloop(struct vhost_frontend *fe, void *arg)
{
	return may_use_kernel(fe) ? kernel_ioctl(fe->fd, VHOST_GET_VRING_BUSYLOOP_TIMEOUT, arg) :
				    get_number(fe, arg);
}

/* Say once per tap why the kernel's vhost-net is not used. */
static void say_engine(const struct tap *tap, const struct device_port *port,
		       const struct device *d, int ret)
{
	if (port->vhost && d->split.refused && ret)
		shim_say(TAPCOMPAT_SHIM_WARNING, "%s: TAPCOMPAT_ENGINE=vhost, and vhost-net cannot "
			 "be used: %s", tap->name, d->split.refused);
	else if (port->vhost && d->split.refused)
		shim_say(TAPCOMPAT_SHIM_INFO, "%s: not by the kernel's vhost-net: %s", tap->name,
			 d->split.refused);
	else if (ret == -ENOSYS)
		shim_say(TAPCOMPAT_SHIM_WARNING, "%s: TAPCOMPAT_ENGINE=uring, and io_uring is not "
			 "available", tap->name);
}

static int set_backend(struct vhost_frontend *fe, void *arg)
{
	const struct vhost_vring_file *f = arg;
	struct device_port port;
	struct tap *tap;
	int ret;

	if (f->index >= DEVICE_RINGS)
		return -ENOBUFS;
	if (f->fd < 0)
		return detach(fe, f->index);
	ret = tap_meet(f->fd, &tap);
	if (ret)
		return ret;
	if (!tap)
		return -ENOTSOCK;
	ret = tap_port(tap, f->fd, &port);
	if (!ret) {
		ret = device_attach(fe->device, f->index, &port);
		say_engine(tap, &port, fe->device, ret);
	}
	/* On failure the tap that was attached before is detached too. */
	set_tap(fe, f->index, ret ? NULL : tap);
	return ret;
}

static const struct request {
	unsigned long number;
	int (*answer)(struct vhost_frontend *fe, void *arg);	/* NULL: the kernel's */
	bool unowned;		/* allowed before VHOST_SET_OWNER */
} requests[] = {
	{ VHOST_GET_FEATURES, get_features, true },
	{ VHOST_SET_FEATURES, set_features, false },
	{ TAPCOMPAT_VHOST_GET_FEATURES_ARRAY, get_array, true },
	{ TAPCOMPAT_VHOST_SET_FEATURES_ARRAY, set_array, false },
	{ VHOST_SET_OWNER, set_owner, true },
	{ VHOST_RESET_OWNER, reset_owner, false },
	{ VHOST_SET_MEM_TABLE, set_memory, false },
	{ VHOST_SET_LOG_BASE, set_log, false },
	{ VHOST_SET_LOG_FD, take_hint, false },
	{ VHOST_SET_VRING_NUM, set_size, false },
	{ VHOST_SET_VRING_BASE, set_base, false },
	{ VHOST_GET_VRING_BASE, get_base, false },
	{ VHOST_SET_VRING_ADDR, set_address, false },
	{ VHOST_SET_VRING_KICK, set_kick, false },
	{ VHOST_SET_VRING_CALL, set_call, false },
	{ VHOST_SET_VRING_ERR, set_err, false },
	{ VHOST_SET_VRING_ENDIAN, set_endian, false },
	{ VHOST_GET_VRING_ENDIAN, get_number, false },
	{ VHOST_SET_VRING_BUSYLOOP_TIMEOUT, set_busyloop, false },
	{ VHOST_GET_VRING_BUSYLOOP_TIMEOUT, get_busyloop, false },
	{ VHOST_GET_BACKEND_FEATURES, get_none, true },
	{ VHOST_SET_BACKEND_FEATURES, set_none, true },
	{ VHOST_NET_SET_BACKEND, set_backend, false },
	/* Threads of the kernel's, for the rings that it has. */
	{ TAPCOMPAT_VHOST_NEW_WORKER, NULL, false },
	{ TAPCOMPAT_VHOST_FREE_WORKER, NULL, false },
	{ TAPCOMPAT_VHOST_ATTACH_VRING_WORKER, NULL, false },
	{ TAPCOMPAT_VHOST_GET_VRING_WORKER, NULL, false },
};

static int answer(struct vhost_frontend *fe, unsigned long number, void *arg)
{
	size_t i;

	for (i = 0; i < ARRAY_LENGTH(requests); i++) {
		const struct request *r = &requests[i];

		if (r->number != number)
			continue;
		if (!arg && _IOC_DIR(number) != _IOC_NONE)
			return -EFAULT;
		if (!fe->owned && !r->unowned)
			return -EPERM;
		if (r->answer)
			return r->answer(fe, arg);
		return may_use_kernel(fe) ? kernel_ioctl(fe->fd, number, arg) : -ENOTTY;
	}
	return -ENOTTY;
}

/* ---- Requests to the kernel's vhost-net ----------------------------------------- */

/* The kernel's features without those that are masked. */
static int kernel_features(const struct vhost_frontend *fe, void *arg)
{
	int ret = kernel_ioctl(fe->fd, VHOST_GET_FEATURES, arg);
	uint64_t *word = arg;

	if (!ret)
		word[0] &= ~shim_config()->masked.word[0];
	return ret;
}

static int kernel_array(const struct vhost_frontend *fe, void *arg)
{
	int ret = kernel_ioctl(fe->fd, TAPCOMPAT_VHOST_GET_FEATURES_ARRAY, arg);
	const struct tapcompat_mask *masked = &shim_config()->masked;
	uint64_t *count = arg, i;

	for (i = 0; !ret && i < *count && i < ARRAY_LENGTH(masked->word); i++)
		count[1 + i] &= ~masked->word[i];
	return ret;
}

/* The kernel's vhost-net cannot emulate: for an emulated tap, QEMU has to go without it. */
static int kernel_backend(struct vhost_frontend *fe, void *arg)
{
	const struct vhost_vring_file *f = arg;
	struct tap *tap = NULL;
	int ret = f->fd < 0 ? 0 : tap_meet(f->fd, &tap);

	if (ret)
		return ret;
	if (tap && tap_is_emulated(tap)) {
		shim_say(TAPCOMPAT_SHIM_WARNING, "%s: this vhost-net was opened before its tap, or "
			 "for another one: QEMU will move the packets itself, more slowly; open "
			 "each vhost-net after its tap", tap->name);
		return -EOPNOTSUPP;
	}
	ret = kernel_ioctl(fe->fd, VHOST_NET_SET_BACKEND, arg);
	if (!ret && f->index < DEVICE_RINGS)
		set_tap(fe, f->index, tap);
	return ret;
}

int vhost_frontend_ioctl(struct vhost_frontend *fe, int fd, unsigned long request, void *arg,
			 bool *handled)
{
	int ret;

	*handled = true;
	fe->fd = fd;
	ret = decide(fe);
	if (ret)
		return ret;
	if (fe->answered_by == FRONTEND_DEVICE)
		return answer(fe, request, arg);
	if (request == VHOST_GET_FEATURES && arg)
		return kernel_features(fe, arg);
	if (request == TAPCOMPAT_VHOST_GET_FEATURES_ARRAY && arg)
		return kernel_array(fe, arg);
	if (request == VHOST_NET_SET_BACKEND && arg)
		return kernel_backend(fe, arg);
	*handled = false;
	return 0;
}
