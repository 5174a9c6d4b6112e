// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tap.c - the offloads of a tap, as QEMU is told of them, and QEMU's own writes
 */
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "feature/require.h"
#include "ground/answer.h"
#include "ground/mask.h"
#include "ground/text.h"
#include "packet/vnet.h"
#include "table/feature.h"

/* Linux Documentation/admin-guide/devices.txt: /dev/net/tun; other taps are macvtaps. */
#define TUN_NODE makedev(10, 200)

enum tap_driver { DRIVER_TUN, DRIVER_MACVTAP, DRIVERS };

/* What each driver of this kernel has: asked once, by the first tap there is. */
static struct {
	bool known;
	struct tapcompat_mask native;
} drivers[DRIVERS];

static pthread_mutex_t meeting = PTHREAD_MUTEX_INITIALIZER;
static struct interface *interfaces;
static struct tap *latest;
static struct stat_page *page;

/* To the kernel itself: ioctl(2) of this process is ours. */
static int tap_ioctl(int fd, unsigned long request, unsigned long arg)
{
	return syscall(SYS_ioctl, fd, request, arg) < 0 ? -errno : 0;
}

static bool is_tap_row(const struct tapcompat_feature *f)
{
	return f->layers & TAPCOMPAT_LAYER_TAP && f->tun_flags;
}

/* ---- Sets of flags, by the table ------------------------------------------- */

static uint32_t flags_of(const struct tapcompat_mask *mask)
{
	const struct tapcompat_feature *f;
	uint32_t flags = 0;

	for_each_feature(f)
		if (is_tap_row(f) && tapcompat_mask_test(mask, f->bit))
			flags |= f->tun_flags;
	return flags;
}

/* Those that say this feature, and not what it needs. */
static uint32_t own_flags(const struct tapcompat_feature *f)
{
	return f->tun_flags & ~flags_of(&f->needs) & ~flags_of(&f->needs_any);
}

/* Is all that a feature needs among @flags? */
static bool flags_satisfied(const struct tapcompat_feature *f, uint32_t flags)
{
	const struct tapcompat_feature *other;
	bool any = mask_empty(&f->needs_any);

	for_each_feature(other) {
		uint32_t own = is_tap_row(other) ? own_flags(other) : 0;

		if (tapcompat_mask_test(&f->needs, other->bit) && (own & ~flags))
			return false;
		if (tapcompat_mask_test(&f->needs_any, other->bit) && own && !(own & ~flags))
			any = true;
	}
	return any;
}

/*
 * Whether it is what a kernel would take that has what the tap is said to have.  Both
 * directions may go by one flag: then it is enough if one of them is there, unless the other
 * is to be hidden, for which there is no other way.
 */
static bool flags_valid(const struct tap *tap, uint32_t flags)
{
	struct tapcompat_mask have = mask_or(tap->native, tap->emulated);
	const struct tapcompat_feature *f;
	uint32_t left = flags;

	for_each_feature(f) {
		uint32_t own = is_tap_row(f) ? own_flags(f) : 0;

		if (!(own & flags))
			continue;
		if ((own & ~flags) || !flags_satisfied(f, flags) ||
		    tapcompat_mask_test(&tap->hidden, f->bit))
			return false;
		if (tapcompat_mask_test(&have, f->bit))
			left &= ~own;
	}
	return !left;
}

/* What the kernel is told: frames in a form that it has not, it may not deliver. */
static uint32_t kernel_flags(const struct tapcompat_mask *native, uint32_t flags)
{
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (is_tap_row(f) && f->direction == TAPCOMPAT_RECEIVES &&
		    (!tapcompat_mask_test(native, f->bit) || !flags_satisfied(f, flags)))
			flags &= ~own_flags(f);
	return flags;
}

/* ---- A tap ------------------------------------------------------------------ */

static int learn(int fd, enum tap_driver driver)
{
	const struct tapcompat_feature *f;

	if (drivers[driver].known)
		return 0;
	for_each_feature(f) {
		int ret = is_tap_row(f) ? tap_ioctl(fd, TUNSETOFFLOAD, f->tun_flags) : -EINVAL;

		if (!ret)
			tapcompat_mask_set(&drivers[driver].native, f->bit);
		else if (answer_of(ASKED_TUN, ret) == ANSWER_UNKNOWN)
			return ret;
	}
	drivers[driver].known = true;
	return tap_ioctl(fd, TUNSETOFFLOAD, 0);
}

static enum tap_driver driver_of(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_rdev == TUN_NODE ? DRIVER_TUN : DRIVER_MACVTAP;
}

static struct interface *interface_get(const char *name)
{
	struct interface *i;

	for (i = interfaces; i; i = i->next)
		if (!strncmp(i->name, name, sizeof(i->name))) {
			i->users++;
			return i;
		}
	i = calloc(1, sizeof(*i));
	if (!i)
		return NULL;
	memcpy(i->name, name, strnlen(name, sizeof(i->name) - 1));
	i->users = 1;
	i->next = interfaces;
	interfaces = i;
	return i;
}

static void interface_put(struct interface *i)
{
	struct interface **p = &interfaces;

	if (--i->users)
		return;
	while (*p != i)
		p = &(*p)->next;
	*p = i->next;
	free(i);
}

/* In which queue of its interface this descriptor is. */
static uint32_t count_queues(const char *name)
{
	uint32_t i, n = 0;

	for (i = 0; i < page->ports; i++)
		if (page->port[i].datapath && !strncmp(page->port[i].name, name,
						      sizeof(page->port[i].name)))
			n++;
	return n;
}

static struct stat_port *open_stat(const char *name)
{
	static struct stat_page hidden;
	struct stat_port *port;
	static int fd = -1;
	uint32_t queue;

	if (!page)
		page = stat_create(&fd);
	if (!page) {
		shim_say(TAPCOMPAT_SHIM_WARNING, "nothing can be counted: tapcompat stat will "
			 "find nothing");
		hidden.ports = STAT_PORTS;
		page = &hidden;
	}
	queue = count_queues(name);
	port = stat_port(page);
	memset(port, 0, sizeof(*port));
	memcpy(port->name, name, strnlen(name, sizeof(port->name)));
	port->queue = queue;
	port->datapath = STAT_KERNEL;
	return port;
}

static void set_features(struct tap *tap, enum tap_driver driver)
{
	const struct shim_config *config = shim_config();
	const struct tapcompat_feature *f;

	tap->native = mask_minus(drivers[driver].native, config->masked);
	tap->hidden = mask_minus(config->masked, config->emulate);
	for_each_feature(f)
		if (is_tap_row(f) && tapcompat_mask_test(&config->emulate, f->bit) &&
		    !tapcompat_mask_test(&tap->native, f->bit))
			tapcompat_mask_set(&tap->emulated, f->bit);
}

static void tap_fill(struct tap *tap, int fd, const struct ifreq *ifr)
{
	tap->users = 1;
	tap->fd = fd;
	pthread_mutex_init(&tap->lock, NULL);
	tap->vnet = ifr->ifr_flags & IFF_VNET_HDR;
	text_escape(tap->name, sizeof(tap->name), ifr->ifr_name);
	set_features(tap, driver_of(fd));
	tap->stat = open_stat(ifr->ifr_name);
	tap->stat->native = tap->native;
	tap->stat->emulated = tap->interface->needed;
}

/* Under the lock */
static struct tap *tap_new(int fd, const struct ifreq *ifr)
{
	struct tap *tap = calloc(1, sizeof(*tap));

	if (!tap)
		return NULL;
	tap->interface = interface_get(ifr->ifr_name);
	if (!tap->interface)
		goto err;
	if (ifr->ifr_flags & IFF_VNET_HDR && learn(fd, driver_of(fd)))
		goto err_interface;
	tap_fill(tap, fd, ifr);
	if (!shim_remember(fd, (struct shim_entry){ .kind = SHIM_TAP, .tap = tap }))
		return tap;
	tap->stat->datapath = STAT_NOBODY;
err_interface:
	interface_put(tap->interface);
err:
	free(tap);
	return NULL;
}

struct tap *tap_meet(int fd)
{
	struct tap *tap = shim_tap(fd);
	struct ifreq ifr = { 0 };

	if (tap || tap_ioctl(fd, TUNGETIFF, (unsigned long)&ifr))
		return tap;
	ifr.ifr_name[sizeof(ifr.ifr_name) - 1] = '\0';
	pthread_mutex_lock(&meeting);
	tap = tap_new(fd, &ifr);
	if (tap)
		latest = tap;
	pthread_mutex_unlock(&meeting);
	return tap;
}

struct tap *tap_latest(void)
{
	return latest;
}

struct tap *tap_get(struct tap *tap)
{
	__atomic_add_fetch(&tap->users, 1, __ATOMIC_RELAXED);
	return tap;
}

void tap_put(struct tap *tap)
{
	if (__atomic_sub_fetch(&tap->users, 1, __ATOMIC_ACQ_REL))
		return;
	if (tap->transmit)
		transmit_close(tap->transmit);
	free(tap->transmit);
	pthread_mutex_lock(&meeting);
	if (latest == tap)
		latest = NULL;
	interface_put(tap->interface);
	tap->stat->datapath = STAT_NOBODY;
	pthread_mutex_unlock(&meeting);
	pthread_mutex_destroy(&tap->lock);
	free(tap);
}

/*
 * Was it asked for?  What a guest sends is not in each case, and whoever had the kernel's
 * own masked wants it kept from the kernel.
 */
static bool is_asked(const struct tap *tap, const struct tapcompat_feature *f)
{
	return !(f->tun_flags & ~tap->interface->asked) ||
	       (f->direction == TAPCOMPAT_SENDS &&
		tapcompat_mask_test(&shim_config()->masked, f->bit));
}

/* All that was asked for and the kernel has not. */
static struct tapcompat_mask needed(const struct tap *tap)
{
	struct tapcompat_mask mask = MASK_NONE;
	const struct tapcompat_feature *f;

	for_each_feature(f)
		if (tapcompat_mask_test(&tap->emulated, f->bit) && is_asked(tap, f))
			tapcompat_mask_set(&mask, f->bit);
	return mask;
}

bool tap_needs_us(const struct tap *tap)
{
	return !mask_empty(&tap->interface->needed);
}

static void announce(struct tap *tap)
{
	char names[448];

	if (tap->interface->announced || !tap_needs_us(tap))
		return;
	tap->interface->announced = true;
	mask_names(&tap->interface->needed, names, sizeof(names));
	shim_say(TAPCOMPAT_SHIM_INFO, "%s: the kernel lacks, and tapcompat emulates, %s",
		 tap->name, names);
}

/* Frames in a form that was just switched on may come before the ioctl has returned. */
int tap_set_offload(struct tap *tap, unsigned long flags)
{
	struct interface *i = tap->interface;
	uint32_t wanted = (uint32_t)flags, before = i->offload;
	int ret;

	i->asked |= wanted;
	tap->stat->emulated = i->needed = needed(tap);
	if (flags > UINT32_MAX || !flags_valid(tap, wanted))
		return -EINVAL;
	__atomic_store_n(&i->offload, before | wanted, __ATOMIC_RELAXED);
	ret = tap_ioctl(tap->fd, TUNSETOFFLOAD, kernel_flags(&tap->native, wanted));
	__atomic_store_n(&i->offload, ret ? before : wanted, __ATOMIC_RELAXED);
	return ret;
}

void tap_set_datapath(struct tap *tap, enum stat_datapath datapath)
{
	announce(tap);
	tap->stat->datapath = datapath;
}

int tap_port(struct tap *tap, struct device_port *port)
{
	struct tapcompat_mask have = mask_or(tap->native, tap->emulated);
	int size = 0, flags = fcntl(tap->fd, F_GETFL), ret = 0;

	if (flags < 0)
		return -errno;
	if (tap->vnet)
		ret = tap_ioctl(tap->fd, TUNGETVNETHDRSZ, (unsigned long)&size);
	/* Neither io_uring nor a turn of ours may wait for the tap. */
	if (!ret && !(flags & O_NONBLOCK) && fcntl(tap->fd, F_SETFL, flags | O_NONBLOCK))
		ret = -errno;
	*port = (struct device_port){
		.fd = tap->fd, .tap = tap, .header = (unsigned int)size,
		.features = { segment_features(&have), segment_features(&tap->native) },
		.offload = &tap->interface->offload, .stat = tap->stat, .uring = true,
	};
	return ret;
}

/* ---- QEMU's own writes -------------------------------------------------------- */

static struct transmit *open_transmit(struct tap *tap, const struct transmit_port *port)
{
	struct transmit *t = calloc(1, sizeof(*t));

	if (!t || transmit_open(t, tap->fd, port, &tap->stat->way[STAT_TRANSMIT], true)) {
		free(t);
		return NULL;
	}
	tap->stat->engine = t->batch.uring ? STAT_IO_URING : STAT_CALL_EACH;
	return t;
}

/* The header's size may have changed since the last packet. */
static struct transmit *prepare_transmit(struct tap *tap, int *ret)
{
	struct device_port port;
	struct transmit_port own;

	if (tap->transmit && tap->header_known)
		return tap->transmit;
	*ret = tap_port(tap, &port);
	if (*ret)
		return NULL;
	own = (struct transmit_port){ port.features, port.header, port.header };
	if (!tap->transmit)
		tap->transmit = open_transmit(tap, &own);
	if (!tap->transmit) {
		*ret = -ENOMEM;
		return NULL;
	}
	transmit_set_port(tap->transmit, &own);
	tap->header_known = true;
	/* QEMU announces a guest that has moved here by itself, whoever moves packets. */
	if (tap->stat->datapath != STAT_DEVICE)
		tap_set_datapath(tap, STAT_CALLER);
	return tap->transmit;
}

static size_t bytes_of(const struct iovec *iov, int count)
{
	size_t sum = 0;

	while (count--)
		sum += iov++->iov_len;
	return sum;
}

/* What the tap has no room for, QEMU comes with again when it has. */
static ssize_t write_packet(struct transmit *t, const struct iovec *iov, int count)
{
	bool done;

	transmit_take(t, iov, (size_t)count, 0);
	done = transmit_go(t) && transmit_flush(t);
	t->finished_count = 0;
	if (!done) {
		transmit_halt(t);
		return -EAGAIN;
	}
	return !t->written && t->error ? t->error : (ssize_t)bytes_of(iov, count);
}

ssize_t tap_write(struct tap *tap, const struct iovec *iov, int count)
{
	struct transmit *t;
	ssize_t written = 0;
	int ret = 0;

	if (count < 0 || count > TRANSMIT_PIECES)
		return -EINVAL;
	pthread_mutex_lock(&tap->lock);
	t = prepare_transmit(tap, &ret);
	if (t) {
		t->stat = tap->stat->datapath == STAT_DEVICE ? &tap->aside :
							      &tap->stat->way[STAT_TRANSMIT];
		written = write_packet(t, iov, count);
	}
	pthread_mutex_unlock(&tap->lock);
	return t ? written : ret;
}

void tap_header_changed(struct tap *tap)
{
	pthread_mutex_lock(&tap->lock);
	tap->header_known = false;
	pthread_mutex_unlock(&tap->lock);
}

void tap_count_read(struct tap *tap, ssize_t bytes)
{
	struct stat_direction *way = &tap->stat->way[STAT_RECEIVE];

	if (bytes <= 0 || tap->stat->datapath != STAT_CALLER)
		return;
	stat_count(&way->count[STAT_PACKETS], 1);
	stat_count(&way->count[STAT_BYTES], (uint64_t)bytes);
}
