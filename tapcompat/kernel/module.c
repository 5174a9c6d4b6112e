// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * module.c - kernel modules, by libkmod
 */
#include "module.h"

#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"
#include "ground/answer.h"
#include "ground/bytes.h"
#include "ground/text.h"

/* Errors are returned; the log would only repeat them on stderr. */
static void kmod_silent(void *data, int priority, const char *file, int line,
			const char *fn, const char *format, va_list args)
{
	(void)data, (void)priority, (void)file, (void)line, (void)fn;
	(void)format, (void)args;
}

static struct kmod_ctx *kmod_context(void)
{
	const char *no_config = NULL;
	struct kmod_ctx *ctx = kmod_new(NULL, &no_config);

	if (ctx)
		kmod_set_log_fn(ctx, kmod_silent, NULL);
	return ctx;
}

/* The modules that a name resolves to, or NULL. */
static struct kmod_list *kmod_find(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL;

	if (!ctx || kmod_module_new_from_lookup(ctx, name, &list) < 0)
		return NULL;
	return list;
}

/*
 * Each module's name, and the driver that shows its presence if it has no entry in
 * /sys/module.
 */
static const struct {
	const char *name, *driver;
} modules[] = {
	[MODULE_TUN] = { "tun", "tun" },
	[MODULE_BRIDGE] = { "bridge", NULL },
	[MODULE_VXLAN] = { "vxlan", NULL },
	[MODULE_MACVTAP] = { "macvtap", "macvtap" },
	[MODULE_VHOST_NET] = { "vhost_net", "vhost-net" },
	[MODULE_VDPA] = { "vdpa", NULL },
};
_Static_assert(ARRAY_LENGTH(modules) == MODULES, "a name each");

/* Is it visibly loaded or built in? */
static bool module_visible(const char *module)
{
	char path[128];
	size_t i;

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	if (!access(path, F_OK))
		return true;
	for (i = 0; i < MODULES; i++)
		if (!strcmp(modules[i].name, module))
			return modules[i].driver && driver_registered(modules[i].driver);
	return false;
}

/* A kernel with module support has /proc/modules, if /proc is mounted. */
static bool modules_exist(void)
{
	return !access("/proc/modules", F_OK) || access("/proc/self", F_OK);
}

static bool index_exists(const struct kmod_ctx *ctx)
{
	char path[256];

	if (!ctx)
		return false;
	snprintf(path, sizeof(path), "%s/modules.dep.bin", kmod_get_dirname(ctx));
	return !access(path, R_OK);
}

static enum module_state index_state(struct kmod_ctx *ctx, const char *module)
{
	struct kmod_list *list = kmod_find(ctx, module), *i;
	enum module_state state = MODULE_READY;

	kmod_list_foreach(i, list) {
		struct kmod_module *mod = kmod_module_get_module(i);
		int init = kmod_module_get_initstate(mod);

		/* Without a file there is nothing to load. */
		if (init != KMOD_MODULE_BUILTIN && init != KMOD_MODULE_LIVE &&
		    kmod_module_get_path(mod))
			state = MODULE_LOADABLE;
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
	return state;
}

enum module_state module_state(const char *module)
{
	enum module_state state = MODULE_UNCERTAIN;
	struct kmod_ctx *ctx;

	if (!modules_exist() || module_visible(module))
		return MODULE_READY;
	ctx = kmod_context();
	if (index_exists(ctx))
		state = index_state(ctx, module);
	kmod_unref(ctx);
	return state;
}

int module_load(const char *module)
{
	struct kmod_ctx *ctx = kmod_context();
	struct kmod_list *list = kmod_find(ctx, module), *i;
	int ret = list ? 0 : -ENOENT;

	kmod_list_foreach(i, list) {
		struct kmod_module *mod = kmod_module_get_module(i);

		if (!ret)
			ret = kmod_module_probe_insert_module(mod, 0, NULL, NULL, NULL, NULL);
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
	kmod_unref(ctx);
	return ret > 0 ? -EPERM : ret;
}

/* Say what to do if a module may not be used. */
static void permit_explain(struct module_permit *p, const char *name, enum module_state state)
{
	if (state == MODULE_LOADABLE)
		text_set(p->why, sizeof(p->why),
			 "module %s is not loaded: run modprobe %s, or pass --load-modules", name,
			 name);
	else if (access("/proc/self", F_OK))
		text_set(p->why, sizeof(p->why),
			 "module %s cannot be detected without /proc: run mount -t proc "
			 "proc /proc", name);
	else
		text_set(p->why, sizeof(p->why),
			 "module %s is not visible, and without this kernel's /lib/modules "
			 "it is unknown whether it exists: --load-modules may load it",
			 name);
}

static void permit(struct module_permit *p, const char *name, bool load)
{
	enum module_state state = module_state(name);
	int ret;

	p->uncertain = state == MODULE_UNCERTAIN;
	if (state == MODULE_READY)
		return;
	if (!load) {
		permit_explain(p, name, state);
		return;
	}
	ret = module_load(name);
	/* Without a file here, the kernel may still load it by itself. */
	if (ret && state == MODULE_LOADABLE && module_state(name) != MODULE_READY)
		text_set(p->why, sizeof(p->why), "cannot load module %s: %s", name,
			 answer_errno(ret));
}

void modules_permit(struct module_permits *permits, unsigned int wanted, bool load)
{
	int i;

	memset(permits, 0, sizeof(*permits));
	for (i = 0; i < MODULES; i++)
		if (wanted >> i & 1)
			permit(&permits->of[i], modules[i].name, load);
}
