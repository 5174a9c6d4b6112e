// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * module.c - kernel modules, by libkmod
 */
#include "module.h"

#include <errno.h>

#include <libkmod.h>

#include "ground/text.h"

/* Errors come back as results; the log would only repeat them on stderr. */
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

/* The modules that a name stands for, or NULL. */
static struct kmod_list *kmod_find(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL;

	if (!ctx || kmod_module_new_from_lookup(ctx, name, &list) < 0)
		return NULL;
	return list;
}

enum module_state module_state(const char *module)
{
	struct kmod_ctx *ctx = kmod_context();
	struct kmod_list *list = kmod_find(ctx, module), *i;
	enum module_state state = MODULE_READY;

	kmod_list_foreach(i, list) {
		struct kmod_module *mod = kmod_module_get_module(i);
		int init = kmod_module_get_initstate(mod);

		/* Without a file there is nothing that could be loaded. */
		if (init != KMOD_MODULE_BUILTIN && init != KMOD_MODULE_LIVE &&
		    kmod_module_get_path(mod))
			state = MODULE_LOADABLE;
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
	kmod_unref(ctx);
	return state;
}

int module_permit(const char *module, bool load, char *why, size_t size)
{
	if (load || module_state(module) == MODULE_READY)
		return 0;
	text_set(why, size, "the module %s is not loaded: modprobe %s, or --load-modules",
		 module, module);
	return -ENODEV;
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
