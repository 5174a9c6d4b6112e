// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nic_qmp.c - the network cards of a running QEMU
 *
 * Only properties are read.  x-query-virtio-status, which would tell more, makes some
 * releases abort.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tapcompat_nic.h>

#include "feature/nic_choose.h"
#include "ground/text.h"
#include "qmp.h"

#define PATH 128
#define GREET_MS 5000

static json_t *get(struct qmp *q, const char *path, const char *property, int *ret)
{
	json_t *value = NULL;

	if (!*ret)
		*ret = qmp_execute(q, "qom-get", json_pack("{s:s,s:s}", "path", path, "property",
							   property), &value);
	return value;
}

static void read_property(struct qmp *q, const char *path, unsigned int i, struct nic *nic,
			  int *ret)
{
	json_t *value = get(q, path, nic_table[i].qemu, ret);
	char text[64] = "?";

	if (json_is_integer(value))
		text_set(text, sizeof(text), "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		text_set(text, sizeof(text), "%s", json_is_true(value) ? "on" : "off");
	else if (json_is_string(value))
		text_set(text, sizeof(text), "%s", json_string_value(value));
	nic_read(nic, i, text);
	json_decref(value);
}

/* "info network" has a line for each queue of a netdev: " \ NAME: index=1,type=tap,..." */
static unsigned int count_queues(const char *text, const char *netdev)
{
	char begin[PATH];
	unsigned int n = 0;

	text_set(begin, sizeof(begin), " \\ %s: index=", netdev);
	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		n += !strncmp(text, begin, strlen(begin));
	}
	return n;
}

static void read_pairs(struct qmp *q, const char *path, struct nic *nic, int *ret)
{
	json_t *netdev = get(q, path, "netdev", ret), *text = NULL;
	unsigned int n;

	if (!*ret)
		*ret = qmp_execute(q, "human-monitor-command",
				   json_pack("{s:s}", "command-line", "info network"), &text);
	if (!*ret && json_is_string(netdev) && json_is_string(text)) {
		n = count_queues(json_string_value(text), json_string_value(netdev));
		if (n)
			nic_set(nic, NIC_QUEUE_PAIRS, n);
	}
	json_decref(netdev);
	json_decref(text);
}

static void read_card(struct qmp *q, const char *path, struct nic *nic, int *ret)
{
	unsigned int i;

	for (i = 0; i < NIC_PROPERTIES && !*ret; i++)
		if (nic_table[i].qemu[0])
			read_property(q, path, i, nic, ret);
	read_pairs(q, path, nic, ret);
}

/* All cards of a container, which have an id in one of the two. */
static void read_container(struct qmp *q, const char *container, struct nic_card *cards,
			   unsigned int *n, int *ret)
{
	json_t *list = NULL, *entry;
	char path[PATH];
	size_t i;

	if (!*ret)
		*ret = qmp_execute(q, "qom-list", json_pack("{s:s}", "path", container), &list);
	json_array_foreach(list, i, entry) {
		const char *type = json_string_value(json_object_get(entry, "type"));
		const char *name = json_string_value(json_object_get(entry, "name"));

		if (!type || !name || *n == NIC_CARDS ||
		    strncmp(type, "child<virtio-net-pci", strlen("child<virtio-net-pci")))
			continue;
		text_set(path, sizeof(path), "%s/%s", container, name);
		if (!strchr(name, '['))
			text_escape(cards[*n].id, sizeof(cards[*n].id), name);
		read_card(q, path, &cards[*n].nic, ret);
		(*n)++;
	}
	json_decref(list);
}

static int read_cards(const char *path, struct nic_card *cards, unsigned int *n,
		      struct tapcompat_error *error)
{
	char why[384], safe[128];
	struct qmp q;
	int ret = qmp_connect(&q, path, -1, GREET_MS, QMP_PATIENCE * 1000);

	*n = 0;
	if (ret == -ETIMEDOUT) {
		text_set(why, sizeof(why), "it does not greet: it hangs, or another program such "
			 "as libvirt is connected");
	} else {
		if (!ret)
			read_container(&q, "/machine/peripheral", cards, n, &ret);
		if (!ret)
			read_container(&q, "/machine/peripheral-anon", cards, n, &ret);
		if (ret)
			qmp_explain(&q, ret, why, sizeof(why));
	}
	qmp_stop(&q);
	if (ret && error)
		text_set(error->text, sizeof(error->text), "%s: %s",
			 text_escape(safe, sizeof(safe), path), why);
	return ret;
}

int tapcompat_nic_of_qmp(const char *path, const char *which, char *text, size_t size,
			 struct tapcompat_error *error)
{
	struct nic_card *cards = calloc(NIC_CARDS, sizeof(*cards));
	const struct nic_card *card = NULL;
	unsigned int n;
	int ret = cards ? read_cards(path, cards, &n, error) : -ENOMEM;

	if (!cards && error)
		text_set(error->text, sizeof(error->text), "out of memory");
	if (!ret)
		card = nic_choose(cards, n, which, error);
	if (card)
		nic_list(&card->nic, text, size);
	else if (!ret)
		ret = -ENODEV;
	free(cards);
	return ret;
}
