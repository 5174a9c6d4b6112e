#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kubevirt.sh - the hook onDefineDomain, as KubeVirt's sidecar-shim calls it
. ../ktap.sh

build=$(realpath ../../build)
tapcompat=$(realpath "../../build${SANITIZE:+/sanitize}/tapcompat")
page=$(realpath ../../Documentation/kubevirt.rst)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
package=@kubevirt-ui-ext/kubevirt-api version=1.7.0

# vmi [ANNOTATIONS]: as JSON, nested as deep as real ones
vmi()
{
	jq -cn --argjson annotations "${1:-"{}"}" '{apiVersion: "kubevirt.io/v1",
		kind: "VirtualMachineInstance", metadata: {name: "web1", annotations: $annotations},
		spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {
			nodeSelectorTerms: [{matchExpressions: [{key: "a", operator: "In",
				values: ["b"]}]}]}}}}}'
}

# As KubeVirt marshals it: no element is empty in one tag.
cat >"$work/domain" <<'EOF'
<domain type="kvm" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
  <name>default_web1</name>
  <memory unit="b">1073741824</memory>
  <os>
    <type arch="x86_64" machine="q35">hvm</type>
    <smbios mode="sysinfo"></smbios>
  </os>
  <metadata>
    <kubevirt xmlns="http://kubevirt.io"><uid></uid></kubevirt>
  </metadata>
  <devices>
    <interface type="ethernet">
      <source></source>
      <target dev="tap0" managed="no"></target>
      <model type="virtio-non-transitional"></model>
      <mac address="02:00:00:00:00:01"></mac>
      <driver name="vhost"></driver>
      <alias name="ua-default"></alias>
      <rom enabled="no"></rom>
    </interface>
    <interface type="ethernet">
      <source></source>
      <model type="e1000"></model>
      <alias name="ua-second"></alias>
    </interface>
  </devices>
</domain>
EOF
printf %s "$(cat "$work/domain")" >"$work/unterminated"
mv "$work/unterminated" "$work/domain"

# hook STATUS ANNOTATIONS [OPTION...]
hook()
{
	expect=$1 annotations=$2
	shift 2
	status "$expect" "$tapcompat" domain --kubevirt "$@" --vmi "$(vmi "$annotations")" \
		--domain "$(cat "$work/domain")"
}

holds()
{
	hook 0 '{"tapcompat.io/model": "tapnet-v1"}' --qemu-version=9.1 &&
		! diff "$work/domain" "$work/out" | grep '^<' &&
		says "<qemu:device alias='ua-default'>" \
			"name='host_uso' type='bool' value='false'" &&
		! grep -E "alias='ua-second'|tunnel" "$work/out" && cp "$work/out" "$work/once" &&
		status 0 "$tapcompat" domain --kubevirt --model=tapnet-v1 --qemu-version=9.1 \
			--vmi "$(vmi)" --domain "$(cat "$work/once")" &&
		diff "$work/once" "$work/out" && sed -i /kubevirt/d "$work/once" &&
		virt-xml-validate "$work/once" domain
}

annotations()
{
	hook 0 '{"tapcompat.io/model": "tapnet-v1", "tapcompat.io/qemu-version": "10.2"}' &&
		says host_tunnel &&
		hook 0 '{"tapcompat.io/model": "tapnet-v1", "tapcompat.io/qemu-version": "10.2"}' \
			--qemu-version=8.2 && ! grep tunnel "$work/out" &&
		hook 0 '{"tapcompat.io/model": "tapnet-v1"}' --model=tapnet-v2 --qemu-version=8.2 &&
		says "name='queue_reset' type='bool' value='true'"
}

# Then KubeVirt does not start the machine.
failures()
{
	hook 2 '{}' && says "'web1' has no annotation tapcompat.io/model" && silent &&
		hook 2 '{"tapcompat.io/model": "tapnet"}' && says "use tapnet-v" && silent &&
		hook 2 '{"tapcompat.io/model": "tapnet-v99"}' && silent &&
		hook 2 '{"tapcompat.io/model": 1}' && says "not a string" && silent &&
		hook 2 '[]' && says "annotations are not an object" && silent &&
		hook 2 '{"tapcompat.io/model": "tapnet-v1", "tapcompat.io/qemu-version": "x"}' &&
		silent && hook 3 '{"tapcompat.io/model": "tapnet-v1"}' &&
		says "domain's QEMU is unknown" && silent &&
		hook 1 '{"tapcompat.io/model": "tapnet-v2"}' --qemu-version=7.2 && silent || return
	for bad in '' '{' '[]' '{"metadata": 1}' '{"a": 1, "a": 2}'; do
		status 2 "$tapcompat" domain --kubevirt --model=tapnet-v1 --vmi "$bad" \
			--domain "$(cat "$work/domain")" && says "the VMI:" && silent || return
	done
	status 2 "$tapcompat" domain --kubevirt --model=tapnet-v1 --vmi "$(vmi)" &&
		status 2 "$tapcompat" domain --model=tapnet-v1 --vmi "$(vmi)" \
			--domain "$(cat "$work/domain")" && says "given together" &&
		status 2 "$tapcompat" domain --kubevirt --model=tapnet-v1 --vmi "$(vmi)" \
			--domain "" && silent
}

# The script and the annotations of the page, as sidecar-shim runs them
page_runs()
{
	./kubevirt.py "$page" >"$work/manifests" && mkdir -p "$work/bin" &&
		jq -r '.[] | select(.kind == "ConfigMap") | .data.onDefineDomain' \
			"$work/manifests" >"$work/bin/onDefineDomain" || return
	chmod +x "$work/bin/onDefineDomain"
	ln -sf "$tapcompat" "$work/bin/tapcompat"
	given=$(jq -c '.[] | select(.kind == "VirtualMachine") |
		.spec.template.metadata.annotations' "$work/manifests")
	PATH=$work/bin:$PATH onDefineDomain --vmi "$(vmi "$given")" \
		--domain "$(cat "$work/domain")" >"$work/out" 2>"$work/err" &&
		says "<qemu:device alias='ua-default'>" || { cat "$work/err"; return 1; }
	# The label in its affinity is one that the probe writes.
	label=$(jq -r '.. | .matchExpressions? // empty | .[].key' "$work/manifests")
	"$tapcompat" probe --format=nfd --caps=../documents/linux-6.12.json |
		grep -qx "$label=true"
}

# The declarations of KubeVirt's API, of npm
types()
{
	if [ ! -e "$build/kubevirt/$version.d.ts" ]; then
		mkdir -p "$build/kubevirt" && (cd "$work" &&
			timeout 60 npm pack "$package@$version" >/dev/null 2>"$work/npm") || return
		tar -xzOf "$work"/kubevirt-ui-ext-*.tgz package/dist/kubevirt/index.d.ts \
			>"$build/kubevirt/new" &&
			mv "$build/kubevirt/new" "$build/kubevirt/$version.d.ts"
	fi
}

manifests()
{
	./kubevirt.py "${1:-$page}" "$build/kubevirt/$version.d.ts"
}

changed()
{
	sed "$1" "$page" >"$work/page"
	! cmp -s "$page" "$work/page" || return 0
	manifests "$work/page"
}

ktap_plan 9
ktap "a domain as KubeVirt passes it" holds
ktap "annotations of the VMI" annotations
ktap "what fails" failures
ktap "the page's script, annotations and label" page_runs
if ! command -v npm >/dev/null || ! types; then
	for name in "manifests have KubeVirt's fields" "a wrong field" "a wrong type" \
			"a missing field" "an annotation that is no string"; do
		ktap_skip "$name" "no npm package $package: $(tail -n1 "$work/npm" 2>/dev/null)"
	done
else
	ktap "manifests have KubeVirt's fields" manifests
	ktap_not "a wrong field" changed 's/nodeSelectorTerms/nodeSelectors/'
	ktap_not "a wrong type" changed 's/runStrategy: Always/runStrategy: true/'
	ktap_not "a missing field" changed 's/operator: In//'
	ktap_not "an annotation that is no string" changed 's/model: tapnet-v1/model: 1/'
fi
ktap_end
