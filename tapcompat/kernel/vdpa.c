// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vdpa.c - the vDPA devices of the host, by libnl-genl-3
 */
#include "vdpa.h"

#include <errno.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <string.h>

#include <linux/vdpa.h>
#include <linux/virtio_ids.h>

#include "ground/text.h"

/* One parsed netlink message. */
struct vdpa_message {
	struct nlattr *attr[VDPA_ATTR_MAX + 1];
	struct caps_backend *b;
};

static const char *message_string(const struct vdpa_message *m, int type)
{
	return m->attr[type] ? nla_get_string(m->attr[type]) : "";
}

/* "bus/name" or "name", as vdpa(8) names a management device. */
static void message_parent(const struct vdpa_message *m, char *name)
{
	const char *bus = message_string(m, VDPA_ATTR_MGMTDEV_BUS_NAME);
	char text[2 * CAPS_NAME];

	snprintf(text, sizeof(text), "%s%s%s", bus, *bus ? "/" : "",
		 message_string(m, VDPA_ATTR_MGMTDEV_DEV_NAME));
	text_escape(name, CAPS_NAME, text);
}

/* 0 means that the device does not report its features. */
static void message_features(const struct vdpa_message *m, int type, struct caps_vdpa *v)
{
	v->features = m->attr[type] ? nla_get_u64(m->attr[type]) : 0;
	v->has_features = v->features != 0;
}

static void vdpa_manager(const struct vdpa_message *m)
{
	struct caps_backend *b = m->b;
	uint64_t classes = 0;

	if (m->attr[VDPA_ATTR_MGMTDEV_SUPPORTED_CLASSES])
		classes = nla_get_u64(m->attr[VDPA_ATTR_MGMTDEV_SUPPORTED_CLASSES]);
	if (!(classes >> VIRTIO_ID_NET & 1))
		return;
	if (b->managers == CAPS_VDPA) {
		b->unlisted++;
		return;
	}
	message_parent(m, b->manager[b->managers].name);
	message_features(m, VDPA_ATTR_DEV_SUPPORTED_FEATURES, &b->manager[b->managers]);
	b->managers++;
}

static void vdpa_device(const struct vdpa_message *m)
{
	struct caps_backend *b = m->b;
	struct caps_vdpa *v;

	if (!m->attr[VDPA_ATTR_DEV_ID] ||
	    nla_get_u32(m->attr[VDPA_ATTR_DEV_ID]) != VIRTIO_ID_NET)
		return;
	if (b->devices == CAPS_VDPA) {
		b->unlisted++;
		return;
	}
	v = &b->device[b->devices];
	text_escape(v->name, sizeof(v->name), message_string(m, VDPA_ATTR_DEV_NAME));
	message_parent(m, v->parent);
	b->devices++;
}

/* A device's features are reported with its configuration. */
static void vdpa_config(const struct vdpa_message *m)
{
	struct caps_backend *b = m->b;
	char name[CAPS_NAME];
	unsigned int i;

	text_escape(name, sizeof(name), message_string(m, VDPA_ATTR_DEV_NAME));
	for (i = 0; i < b->devices; i++)
		if (!strcmp(b->device[i].name, name))
			message_features(m, VDPA_ATTR_DEV_FEATURES, &b->device[i]);
}

static const struct vdpa_dump {
	uint8_t command;
	void (*take)(const struct vdpa_message *m);
} vdpa_dumps[] = {
	{ VDPA_CMD_MGMTDEV_GET, vdpa_manager },
	{ VDPA_CMD_DEV_GET, vdpa_device },
	{ VDPA_CMD_DEV_CONFIG_GET, vdpa_config },
};

struct vdpa_reader {
	const struct vdpa_dump *dump;
	struct caps_backend *b;
};

static int vdpa_take(struct nl_msg *msg, void *arg)
{
	const struct vdpa_reader *r = arg;
	struct vdpa_message m = { .b = r->b };

	if (!genlmsg_parse(nlmsg_hdr(msg), 0, m.attr, VDPA_ATTR_MAX, NULL))
		r->dump->take(&m);
	return NL_OK;
}

static int vdpa_dump(struct nl_sock *nl, int family, struct vdpa_reader *r)
{
	int ret;

	ret = nl_socket_modify_cb(nl, NL_CB_VALID, NL_CB_CUSTOM, vdpa_take, r);
	if (ret >= 0)
		ret = genl_send_simple(nl, family, r->dump->command, VDPA_GENL_VERSION,
				       NLM_F_DUMP);
	return ret < 0 ? ret : nl_recvmsgs_default(nl);
}

static int vdpa_error(int nle)
{
	switch (-nle) {
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_NOMEM:
		return -ENOMEM;
	}
	return nle < 0 ? -EIO : 0;
}

int vdpa_list(struct caps_backend *b)
{
	struct nl_sock *nl = nl_socket_alloc();
	int ret, family = 0;
	size_t i;

	if (!nl)
		return -ENOMEM;
	ret = genl_connect(nl);
	if (ret >= 0)
		ret = family = genl_ctrl_resolve(nl, VDPA_GENL_NAME);
	for (i = 0; ret >= 0 && i < sizeof(vdpa_dumps) / sizeof(vdpa_dumps[0]); i++) {
		struct vdpa_reader r = { &vdpa_dumps[i], b };

		ret = vdpa_dump(nl, family, &r);
	}
	nl_socket_free(nl);
	return vdpa_error(ret);
}
