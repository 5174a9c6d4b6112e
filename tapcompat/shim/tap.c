// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tap.c - known taps: met by their first ioctl, found again by every descriptor they have
 */
#include "shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <linux/kcmp.h>

#include "feature/require.h"
#include "ground/mask.h"
#include "ground/text.h"

#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY 1027	/* Linux 6.10 */
#endif

static pthread_mutex_t meeting = PTHREAD_MUTEX_INITIALIZER;

/* The tap that was met last; no user of it. */
static struct tap *latest;
static pthread_mutex_t latest_lock = PTHREAD_MUTEX_INITIALIZER;

int tap_ioctl(int fd, unsigned long request, unsigned long arg)
{
	long ret = syscall(SYS_ioctl, fd, request, arg);

	return ret < 0 ? -errno : (int)ret;
}

/* ---- Counters --------------------------------------------------------------- */

/* Created by the first tap, for the life of the process.  Under the lock of meetings. */
static struct stat_page *stat_page_get(void)
{
	static struct stat_page *page, unlisted = { .ports = STAT_PORTS };
	static int fd = -1;

	if (!page)
		page = stat_create(&fd);
	if (!page) {
		shim_say(TAPCOMPAT_SHIM_WARNING, "cannot create the memory file for counters: "
			 "tapcompat stat will not find this process");
		page = &unlisted;
	}
	return page;
}

static struct stat_port *open_stat(const struct tap *tap)
{
	const char *name = tap->interface->id.name;
	struct stat_port *port = stat_port(stat_page_get());

	memset(port, 0, sizeof(*port));
	memcpy(port->name, name, strnlen(name, sizeof(port->name)));
	port->queue = tap->queue;
	port->native = tap->native;
	port->emulated = tap->interface->needed;
	port->datapath = STAT_KERNEL;
	return port;
}

/* ---- The same as before? ---------------------------------------------------- */

/* Are two descriptors of this process duplicates of each other? */
static bool is_same_file(int a, int b)
{
	long pid = syscall(SYS_getpid);

	return syscall(SYS_fcntl, a, F_DUPFD_QUERY, b) == 1 ||
	       !syscall(SYS_kcmp, pid, pid, KCMP_FILE, a, b);
}

/*
 * The tap that a descriptor is known as.  If it was closed where the shim did not see it and
 * reused since, it is forgotten here.
 * @id: NULL: the interface was deleted, which is no reason to forget it
 */
static struct tap *find_known(int fd, const struct interface_id *id)
{
	struct tap *tap = shim_tap(fd);

	if (!tap || (shim_is_current(fd, &tap->file) &&
		     (!id || interface_refresh(tap->interface, id))))
		return tap;
	shim_forget(fd);
	return NULL;
}

/* Is a descriptor still the tap that it is known as, and a queue of the interface @id, if any? */
static bool is_still(int fd, const struct interface_id *id)
{
	struct interface_id now;

	return shim_tap(fd) && !interface_identify(fd, &now) && find_known(fd, &now) &&
	       (!id || interface_is_same(&now, id));
}

/*
 * Look among the known taps for one that this descriptor is a duplicate of, else for one that
 * is a queue of the same interface.
 * Return: with one more user, or NULL
 */
static struct tap *find_related(int fd, const struct interface_id *id, bool *duplicate)
{
	struct shim_file *file, *related = NULL;
	int other;

	*duplicate = false;
	for (other = 0; !*duplicate && (file = shim_next(&other)); other++) {
		bool tap = other != fd && file->kind == SHIM_TAP;

		*duplicate = tap && is_same_file(fd, other) && is_still(other, NULL);
		if (*duplicate && related)
			shim_put(related);
		if (*duplicate || (tap && !related && is_still(other, id)))
			related = file;
		else
			shim_put(file);
	}
	return (struct tap *)related;
}

/* ---- A new one ---------------------------------------------------------------- */

/* A queue of @interface, or of an interface that is new as well. */
static int tap_new(int fd, const struct interface_id *id, struct interface *interface,
		   struct tap **out)
{
	struct tap *tap = calloc(1, sizeof(*tap));
	int ret = -ENOMEM;

	if (!tap)
		return ret;
	tap->interface = interface_get(interface, id);
	if (!tap->interface)
		goto err;
	tap->file = (struct shim_file){ .kind = SHIM_TAP };
	tap->vnet = id->flags & IFF_VNET_HDR;
	text_escape(tap->name, sizeof(tap->name), id->name);
	ret = tap_learn(tap, fd, id);
	if (ret)
		goto err_interface;
	pthread_mutex_init(&tap->lock, NULL);
	tap->queue = interface_number(tap->interface);
	tap->stat = open_stat(tap);
	*out = tap;
	return 0;

err_interface:
	interface_put(tap->interface);
err:
	free(tap);
	return ret;
}

/* With one more user, whether it is new or not. */
static int find_or_create(int fd, const struct interface_id *id, struct tap **tap)
{
	bool duplicate;
	struct tap *related = find_related(fd, id, &duplicate);
	int ret;

	if (duplicate) {
		*tap = related;
		return 0;
	}
	ret = tap_new(fd, id, related ? related->interface : NULL, tap);
	if (!ret)
		shim_get(&(*tap)->file);
	if (related)
		shim_put(&related->file);
	return ret;
}

static void set_latest(struct tap *tap)
{
	pthread_mutex_lock(&latest_lock);
	latest = tap;
	pthread_mutex_unlock(&latest_lock);
}

static int remember(int fd, const struct interface_id *id, struct tap **tap)
{
	char name[4 * IFNAMSIZ];
	int ret = find_or_create(fd, id, tap);

	if (!ret) {
		ret = shim_remember(fd, &(*tap)->file);
		if (!ret)
			set_latest(*tap);
		shim_put(&(*tap)->file);
	}
	if (!ret)
		return 0;
	text_escape(name, sizeof(name), id->name);
	shim_say(TAPCOMPAT_SHIM_WARNING, "%s: cannot emulate offloads, so the request fails: %s",
		 name, strerror(-ret));
	*tap = NULL;
	return ret;
}

int tap_meet(int fd, struct tap **tap)
{
	struct interface_id id;
	int error = interface_identify(fd, &id), ret = 0;

	pthread_mutex_lock(&meeting);
	*tap = find_known(fd, error ? NULL : &id);
	if (!*tap && !error)
		ret = remember(fd, &id, tap);
	pthread_mutex_unlock(&meeting);
	return ret;
}

bool tap_latest_is_emulated(void)
{
	bool emulated;

	pthread_mutex_lock(&latest_lock);
	emulated = latest && tap_is_emulated(latest);
	pthread_mutex_unlock(&latest_lock);
	return emulated;
}

void tap_free(struct tap *tap)
{
	pthread_mutex_lock(&latest_lock);
	if (latest == tap)
		latest = NULL;
	pthread_mutex_unlock(&latest_lock);
	tap_write_end(tap);
	tap->stat->datapath = STAT_NOBODY;
	interface_release(tap->interface, tap->queue);
	interface_put(tap->interface);
	pthread_mutex_destroy(&tap->lock);
	free(tap);
}

/* ---- In use --------------------------------------------------------------------- */

static void announce(struct tap *tap)
{
	char names[448];

	if (tap->interface->announced || !tap_is_emulated(tap))
		return;
	tap->interface->announced = true;
	mask_names(&tap->interface->needed, names, sizeof(names));
	shim_say(TAPCOMPAT_SHIM_INFO, "%s: emulating what the kernel lacks: %s", tap->name, names);
}

void tap_set_datapath(struct tap *tap, enum stat_datapath datapath)
{
	announce(tap);
	tap->stat->datapath = datapath;
}

int tap_port(struct tap *tap, int fd, struct device_port *port)
{
	struct tapcompat_mask have = mask_or(tap->native, tap->emulated);
	enum tapcompat_shim_engine engine = shim_config()->engine;
	int size = 0, flags = fcntl(fd, F_GETFL), ret = 0;

	if (flags < 0)
		return -errno;
	if (tap->vnet)
		ret = tap_ioctl(fd, TUNGETVNETHDRSZ, (unsigned long)&size);
	/* Neither io_uring nor a turn of the device may block on the tap. */
	if (!ret && !(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		ret = -errno;
	*port = (struct device_port){
		.fd = fd, .tap = tap, .header = (unsigned int)size,
		.features = { segment_features(&have), segment_features(&tap->native) },
		.offload = &tap->interface->offload, .stat = tap->stat,
		.vhost = engine == TAPCOMPAT_SHIM_AUTO || engine == TAPCOMPAT_SHIM_VHOST,
		.uring = engine == TAPCOMPAT_SHIM_AUTO || engine == TAPCOMPAT_SHIM_URING,
		.forced = engine != TAPCOMPAT_SHIM_AUTO,
	};
	return ret;
}
