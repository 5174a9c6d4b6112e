// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * text_seeds.c - texts to start from: text_seeds NAME DIRECTORY
 *
 * selftests/documents is read beside those of document and stream.
 */
#include <stdio.h>
#include <string.h>

#define OURS "xmlns:t='http://tapcompat.io/xmlns/libvirt/domain/1.0'"
#define QEMU "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'"
#define CARD "<interface type='bridge'><source bridge='br0'/><target dev='tap0'/>" \
	"<model type='virtio'/><driver name='vhost' queues='2'><host csum='off'/>" \
	"<guest tso4='on'/></driver><alias name='ua-net0'/></interface>"
#define RECORD "{\"schema\":\"tapcompat-vm\",\"version\":1,\"strict\":true,\"requested" \
	"\":{\"csum\":\"require\",\"host_uso\":\"optional\"},\"backend\":\"tap\"" \
	",\"qemu\":\"8.2\",\"device\":\"host_tso4=off,host_tso6=off,host_ecn=of" \
	"f,host_ufo=off,host_uso=on,guest_csum=off,guest_tso4=off,guest_tso6=of" \
	"f,guest_ecn=off,guest_ufo=off,guest_uso4=off,guest_uso6=off,mrg_rxbuf=" \
	"off,indirect_desc=off,event_idx=off,queue_reset=off,ctrl_guest_offload" \
	"s=off\",\"effective\":{\"mask\":\"0x100000000000001\",\"features\":[\"" \
	"csum\",\"host_uso\"]},\"emulated\":[]}"
#define AUDIT "{\"schema\":\"tapcompat-audit\",\"version\":1,\"host\":{\"name\":\"n1\"," \
	"\"kernel\":\"6.1\",\"machine\":\"x86_64\"},\"audited-at\":\"2026-11-21T12:00:00Z\"," \
	"\"machines\":[{\"name\":\"web\",\"pid\":7,\"state\":\"running\",\"cards\":[{" \
	"\"alias\":\"net0\",\"backend\":\"tap\",\"virtio\":true,\"tap\":\"tap0\"," \
	"\"mask\":\"0x1\",\"known\":\"0x81\",\"evidence\":[{\"source\":\"record\"," \
	"\"held\":\"0x1\",\"not-held\":\"0x80\",\"detail\":\"f\"}]}]}]}"
#define GREETING "{\"QMP\":{\"version\":{\"qemu\":{\"major\":10,\"minor\":0,\"micro\":2}}," \
	"\"capabilities\":[]}}\n{\"return\":{}}\n"

static const struct {
	const char *fuzzer, *text;
	size_t len;		/* 0: up to the NUL */
} seeds[] = {
	{ "document", "0x407f83", 0 },
	{ "document", "csum,guest_tso4:host_uso", 0 },
	{ "document", "1110010011111111111101010000110010000000000000000000000000000000\n", 0 },
	{ "document", RECORD, 0 },
	{ "document", "<t:net " OURS " model='tapnet-v1'>" RECORD "</t:net>", 0 },
	{ "document", "<net allow-emulated='yes'><![CDATA[" RECORD "]]></net>", 0 },
	{ "document", "<domain type='kvm'><name>g</name><metadata><t:net " OURS ">" RECORD
	  "</t:net></metadata><devices><emulator>/q</emulator>" CARD "</devices></domain>", 0 },
	{ "document", AUDIT, 0 },
	{ "stream", AUDIT "\n" RECORD "{}\n{\n\"a\": [\n{\n\"b\": 1\n}\n]\n}{\"c\":2}\n", 0 },
	{ "stream", "{\"a\":\"}{\"}{\"b\":2}\n{\"broken\":\n{\"a\":1}\n", 0 },
	{ "domain", "<domain type='kvm'><os><type machine='pc-q35-8.2'>hvm</type></os><devices>"
	  CARD "</devices></domain>", 0 },
	{ "domain", "<domain type='kvm' " QEMU ">\n<devices>\n" CARD "\n<interface type='direct'>"
	  "<model type='virtio-transitional'/></interface></devices>\n<qemu:override>"
	  "<qemu:device alias='ua-net0'><qemu:frontend><qemu:property name='csum' type='bool' "
	  "value='true'/></qemu:frontend></qemu:device></qemu:override></domain>", 0 },
	{ "domain", "<domain " QEMU "><!-- a --><devices><interface type='network'><model "
	  "type='virtio'/></interface></devices><qemu:commandline><qemu:arg value='-device'/>"
	  "<qemu:arg value='virtio-net-pci,netdev=n0,csum=off'/></qemu:commandline></domain>", 0 },
	{ "qmp", "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"query-commands\",\"id\":1}"
	  "{\"execute\":\"query-qmp-schema\"}{\"execute\":\"query-version\"}", 0 },
	{ "qmp", "{\"execute\":\"qmp_capabilities\"}{\"execute\":\"query-tap-models\"}"
	  "{\"execute\":\"query-tap\",\"arguments\":{\"verify\":false}}"
	  "{\"execute\":\"quit\"}", 0 },
	{ "qmp", "{\"execute\":\"qmp_capabilities\"}{\"execute\":\"query-tap-comparison\","
	  "\"arguments\":{\"model-a\":\"tapnet-v1\",\"model-b\":\"tapnet-v2\"}}"
	  "{\"execute\":\"query-tap-baseline\",\"arguments\":{\"hosts\":[{\"schema\":"
	  "\"tapcompat-capabilities\",\"version\":1}]}}", 0 },
	{ "qmp", "{\"execute\":\n]\n\xff{\"execute\":\"\x1b\"}\n", 0 },
	{ "qmp", "Q" GREETING "{\"return\":{\"status\":\"running\"}}\n", 0 },
	{ "qmp", "Q" GREETING "{\"event\":\"STOP\",\"timestamp\":{\"seconds\":1,"
	  "\"microseconds\":2}}\n"
	  "{\"error\":{\"class\":\"GenericError\",\"desc\":\"\\u001b[31mno\"}}\n", 0 },
	{ "acl", "# a\nallow br0\ndeny br1\n\n allow\tall \ninclude /etc/qemu/a.conf\n", 0 },
	{ "acl", "deny all\ndeny br0\nallow br0\n", 0 },
#define COMMAND "\3qemu-system-x86_64\0-name\0guest=web,debug-threads=on\0-uuid\0" \
	"00000000-0000-0000-0000-000000000001\0-machine\0pc-q35-8.2,accel=kvm\0-netdev\0" \
	"tap,id=n0,fds=3:4,vhost=on,vhostfds=5\0-device\0" \
	"virtio-net-pci,netdev=n0,id=net0,mac=52:54:00:00:00:01,csum=off,mq=on\0"
	{ "command", COMMAND, sizeof(COMMAND) - 1 },
#define JSON "\2q\0-netdev\0{\"type\":\"tap\",\"fd\":\"3\",\"id\":\"n0\"}\0-device\0" \
	"{\"driver\":\"virtio-net-pci\",\"netdev\":\"n0\",\"id\":\"net0\",\"host_mtu\":9000}\0" \
	"-global\0virtio-net-pci.csum=off\0-nic\0tap,model=virtio,ifname=a\0-readconfig\0f\0"
	{ "command", JSON, sizeof(JSON) - 1 },
	{ "stat",
	  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0tap0",
	  44 },
};

static int write_seed(const char *directory, unsigned int number, const char *text, size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%04u", directory, number);
	f = fopen(path, "we");
	if (!f || fwrite(text, 1, len, f) != len)
		return -1;
	return fclose(f);
}

int main(int argc, char **argv)
{
	unsigned int i, n = 0;

	for (i = 0; argc == 3 && i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		if (strcmp(seeds[i].fuzzer, argv[1]))
			continue;
		n++;
		if (write_seed(argv[2], i, seeds[i].text,
			       seeds[i].len ? seeds[i].len : strlen(seeds[i].text))) {
			perror(argv[2]);
			return 1;
		}
	}
	return !n;
}
