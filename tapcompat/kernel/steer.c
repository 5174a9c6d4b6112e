// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * steer.c - loading the steering program
 */
#include "steer.h"

#include <errno.h>
#include <stdarg.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "ground/answer.h"
#include "ground/text.h"
#include "steer.skel.h"

struct steer {
	struct steer_bpf skeleton;
};

static int steer_silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return 0;
}

static int steer_configure(struct steer_bpf *b, const struct steer_config *config)
{
	__u32 zero = 0;

	return bpf_map_update_elem(bpf_map__fd(b->maps.config), &zero, config, BPF_ANY) ?
		       -errno : 0;
}

int steer_load(struct steer **s, const struct steer_config *config, char *why, size_t size)
{
	struct steer_bpf *b;
	int ret;

	libbpf_set_print(steer_silent);
	b = steer_bpf__open();
	if (!b) {
		text_set(why, size, "cannot open the steering program: %s",
			 answer_errno(-errno));
		return -errno;
	}
	ret = steer_bpf__load(b);
	if (!ret)
		ret = steer_configure(b, config);
	if (ret) {
		text_set(why, size, "cannot load the steering program: bpf: %s",
			 answer_errno(ret));
		steer_bpf__destroy(b);
		return ret;
	}
	*s = (struct steer *)b;
	return 0;
}

int steer_program(const struct steer *s)
{
	return bpf_program__fd(s->skeleton.progs.steer);
}
