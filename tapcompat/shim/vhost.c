// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vhost.c - the ioctl door in front of a device (Linux drivers/vhost/vhost.c, net.c)
 *
 * One table has what is answered.  A door is undecided until the first request: by then
 * the tap that it is for has been asked for its offloads.
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

enum side { UNDECIDED, ASIDE, OURS };

struct vhost_frontend {
	int fd;
	bool placeholder;
	enum side side;
	bool owned;
	struct tap *tap[DEVICE_RINGS];	/* that are attached */
	struct device *device;
};

/* An address of this process, as a frontend says it. */
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

struct vhost_frontend *vhost_frontend_open(int fd, bool placeholder)
{
	struct vhost_frontend *fe = calloc(1, sizeof(*fe));

	if (fe) {
		fe->fd = fd;
		fe->placeholder = placeholder;
	}
	return fe;
}

static void carry(struct vhost_frontend *fe, unsigned int ring, struct tap *tap)
{
	struct tap *before = fe->tap[ring];

	fe->tap[ring] = tap ? tap_get(tap) : NULL;
	if (tap && fe->side != OURS)
		shim_say(TAPCOMPAT_SHIM_DEBUG, "%s: vhost-net has all that was asked for, and is "
			 "left alone", tap->name);
	if (tap)
		tap_set_datapath(tap, fe->side == OURS ? STAT_DEVICE : STAT_KERNEL);
	else if (before && fe->tap[!ring] != before)
		tap_set_datapath(before, tap_needs_us(before) ? STAT_CALLER : STAT_KERNEL);
	if (before)
		tap_put(before);
}

void vhost_frontend_close(struct vhost_frontend *fe)
{
	unsigned int i;

	if (fe->device)
		device_close(fe->device);
	for (i = 0; i < DEVICE_RINGS; i++)
		carry(fe, i, NULL);
	free(fe);
}

/* ---- Whose it is ------------------------------------------------------------- */

/* What a device of our own offers here. */
static struct tapcompat_mask offered(void)
{
	return mask_minus(device_features(), policy_hidden(&shim_config()->policy));
}

/* What is to be emulated because this vhost-net lacks it. */
static struct tapcompat_mask vhost_lacks(const struct vhost_frontend *fe)
{
	struct tapcompat_mask kernel = MASK_NONE;

	if (kernel_ioctl(fe->fd, VHOST_GET_FEATURES, &kernel.word[0]))
		return MASK_NONE;
	return policy_vhost(&shim_config()->policy, kernel).emulated;
}

/* What holds for one vhost-net holds for all: it is said once. */
static void announce(const char *what, const char *names)
{
	static bool said;

	if (!__atomic_exchange_n(&said, true, __ATOMIC_RELAXED))
		shim_say(TAPCOMPAT_SHIM_INFO, what, names);
}

static bool is_ours(const struct vhost_frontend *fe)
{
	const struct tap *tap = tap_latest();
	struct tapcompat_mask lacks;
	char names[448];

	if (fe->placeholder) {
		announce("there is no vhost-net: tapcompat moves the packets%s", "");
		return true;
	}
	if (tap && tap_needs_us(tap))
		return true;
	lacks = vhost_lacks(fe);
	if (mask_empty(&lacks))
		return false;
	mask_names(&lacks, names, sizeof(names));
	announce("vhost-net lacks, and tapcompat emulates, %s", names);
	return true;
}

static int decide(struct vhost_frontend *fe)
{
	int ret = 0;

	if (fe->side == UNDECIDED)
		fe->side = is_ours(fe) ? OURS : ASIDE;
	if (fe->side == OURS && !fe->device)
		ret = device_open(&fe->device);
	return ret;
}

/* ---- What is answered ---------------------------------------------------------- */

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

/* A count, and as many words of 64 bits. */
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

static int set_owner(struct vhost_frontend *fe, void *arg)
{
	(void)arg;
	if (fe->owned)
		return -EBUSY;
	fe->owned = true;
	return 0;
}

static int detach(struct vhost_frontend *fe, unsigned int ring)
{
	int ret = device_detach(fe->device, ring);

	if (!ret)
		carry(fe, ring, NULL);
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

/* vhost is told no size: the log is as large as the memory table makes it. */
static int set_log(struct vhost_frontend *fe, void *arg)
{
	uint64_t address;

	memcpy(&address, arg, sizeof(address));
	return device_set_log(fe->device, pointer_of(address), UINT64_MAX);
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

/* Rings are little endian here as those of virtio 1 are everywhere. */
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

/* Hints that change nothing a guest could see: how long to spin, whom to tell of the log. */
static int take_hint(struct vhost_frontend *fe, void *arg)
{
	(void)fe, (void)arg;
	return 0;
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
	tap = tap_meet(f->fd);
	if (!tap)
		return -ENOTSOCK;
	ret = tap_port(tap, &port);
	if (!ret)
		ret = device_attach(fe->device, f->index, &port);
	/* One that was attached before is no longer. */
	carry(fe, f->index, ret ? NULL : tap);
	return ret;
}

static const struct request {
	unsigned long number;
	int (*answer)(struct vhost_frontend *fe, void *arg);
	bool anyone;		/* also before VHOST_SET_OWNER */
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
	{ VHOST_SET_VRING_BUSYLOOP_TIMEOUT, take_hint, false },
	{ VHOST_GET_VRING_BUSYLOOP_TIMEOUT, get_number, false },
	{ VHOST_GET_BACKEND_FEATURES, get_none, true },
	{ VHOST_SET_BACKEND_FEATURES, set_none, true },
	{ VHOST_NET_SET_BACKEND, set_backend, false },
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
		return fe->owned || r->anyone ? r->answer(fe, arg) : -EPERM;
	}
	return -ENOTTY;
}

/* ---- Aside --------------------------------------------------------------------- */

/* The kernel's device, less what is to be absent. */
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

/* A tap of which more was promised than the kernel can keep. */
static int kernel_backend(struct vhost_frontend *fe, void *arg)
{
	const struct vhost_vring_file *f = arg;
	struct tap *tap = f->fd < 0 ? NULL : tap_meet(f->fd);
	int ret;

	if (tap && tap_needs_us(tap)) {
		shim_say(TAPCOMPAT_SHIM_WARNING, "%s: this vhost-net was opened for another tap; "
			 "QEMU will move the packets itself, more slowly: open each vhost-net "
			 "behind its tap", tap->name);
		return -EOPNOTSUPP;
	}
	ret = kernel_ioctl(fe->fd, VHOST_NET_SET_BACKEND, arg);
	if (!ret && f->index < DEVICE_RINGS)
		carry(fe, f->index, tap);
	return ret;
}

int vhost_frontend_ioctl(struct vhost_frontend *fe, unsigned long request, void *arg, bool *handled)
{
	int ret = decide(fe);

	*handled = true;
	if (ret)
		return ret;
	if (fe->side == OURS)
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
