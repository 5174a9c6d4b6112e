// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vdpa_device.c - run a command while there is a vDPA network device
 *
 * A VDUSE device, whose backend would be this process; it is not used, so nothing
 * has to respond.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/vdpa.h>
#include <linux/vduse.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#define NAME "tapcompat-test"

static int fail(const char *what)
{
	fprintf(stderr, "vdpa_device: %s: %s\n", what, strerror(errno));
	return 1;
}

static int create(int control)
{
	size_t config = sizeof(struct virtio_net_config);
	struct vduse_dev_config *dev = calloc(1, sizeof(*dev) + config);
	__u64 version = 0;
	int ret;

	if (!dev)
		return -1;
	strcpy(dev->name, NAME);
	dev->device_id = VIRTIO_ID_NET;
	dev->features = 1ull << VIRTIO_F_ACCESS_PLATFORM | 1ull << VIRTIO_F_VERSION_1 |
			1ull << VIRTIO_NET_F_CSUM | 1ull << VIRTIO_NET_F_HOST_TSO4;
	dev->vq_num = 2;
	dev->vq_align = 4096;
	dev->config_size = (__u32)config;
	ret = ioctl(control, VDUSE_SET_API_VERSION, &version);
	if (!ret)
		ret = ioctl(control, VDUSE_CREATE_DEV, dev);
	free(dev);
	return ret;
}

static int set_up_rings(int device)
{
	struct vduse_vq_config q = { .max_size = 256 };

	for (q.index = 0; q.index < 2; q.index++)
		if (ioctl(device, VDUSE_VQ_SETUP, &q))
			return -1;
	return 0;
}

/* vdpa dev add, vdpa dev del */
static int vdpa(int command)
{
	struct nl_sock *nl = nl_socket_alloc();
	struct nl_msg *msg = nlmsg_alloc();
	int ret = genl_connect(nl), family;

	if (ret)
		return ret;
	family = genl_ctrl_resolve(nl, VDPA_GENL_NAME);
	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_ACK, (uint8_t)command,
		    VDPA_GENL_VERSION);
	if (command == VDPA_CMD_DEV_NEW)
		nla_put_string(msg, VDPA_ATTR_MGMTDEV_DEV_NAME, "vduse");
	nla_put_string(msg, VDPA_ATTR_DEV_NAME, NAME);
	ret = nl_send_sync(nl, msg);
	nl_socket_free(nl);
	return ret;
}

int main(int argc, char **argv)
{
	int control = open("/dev/vduse/control", O_RDWR), device, status, ret;
	pid_t pid;

	(void)argc;
	if (control < 0 || create(control))
		return fail("/dev/vduse/control");
	device = open("/dev/vduse/" NAME, O_RDWR);
	if (device < 0 || set_up_rings(device))
		return fail("/dev/vduse/" NAME);
	ret = vdpa(VDPA_CMD_DEV_NEW);
	if (ret) {
		fprintf(stderr, "vdpa_device: dev add: %s\n", nl_geterror(ret));
		return 1;
	}
	pid = fork();
	if (pid == 0) {
		execv(argv[1], argv + 1);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	vdpa(VDPA_CMD_DEV_DEL);
	close(device);
	ioctl(control, VDUSE_DESTROY_DEV, NAME);
	return WEXITSTATUS(status);
}
