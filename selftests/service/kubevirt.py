#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kubevirt.py PAGE		the manifests of a page, as JSON: a list
# kubevirt.py PAGE TYPES	are their fields those of KubeVirt's API?  TYPES are the
#				declarations of the npm package @kubevirt-ui-ext/kubevirt-api
import json
import re
import sys

import yaml

KINDS = {
    "KubeVirt": "V1KubeVirt",
    "VirtualMachine": "V1VirtualMachine",
}
CONFIG_MAP = {"apiVersion", "kind", "metadata", "data"}


def manifests(page):
    text = open(page).read()
    for block in re.findall(r"^\.\. code-block:: yaml\n\n((?:    .*\n|\n)+)", text, re.M):
        yield yaml.safe_load(re.sub(r"^    ", "", block, flags=re.M))


def read_types(path):
    types = {}
    for name, body in re.findall(r"^interface (\w+) \{\n(.*?)^\}", open(path).read(),
                                 re.M | re.S):
        fields = re.findall(r"^    '?([\w$-]+)'?(\??): (\{\n(?:        .*\n)*    \}|.+);$", body,
                            re.M)
        # The generator of the declarations puts "_" in front of reserved words.
        types[name] = {field.lstrip("_"): (kind, not optional)
                       for field, optional, kind in fields}
    return types


def check(types, kind, value, place):
    array = re.fullmatch(r"Array<(.+)>", kind)
    if array:
        assert isinstance(value, list), f"{place} is not a list"
        for i, one in enumerate(value):
            check(types, array.group(1), one, f"{place}[{i}]")
    elif kind in types and types[kind]:
        assert isinstance(value, dict), f"{place} is not an object"
        for field in value:
            assert field in types[kind], f"{place}.{field} is no field of {kind}"
            check(types, types[kind][field][0], value[field], f"{place}.{field}")
        for field, (_, needed) in types[kind].items():
            assert not needed or field in value, f"{place}.{field} is missing"
    elif kind in ("string", "boolean", "number"):
        wanted = {"string": str, "boolean": bool, "number": (int, float)}[kind]
        assert isinstance(value, wanted), f"{place} is not a {kind}"
    elif re.match(r"\{\s*\[key: string\]: string;", kind):
        assert all(isinstance(v, str) for v in value.values()), f"{place} has other values"


def check_hooks(vm):
    """The annotation is JSON of its own: struct HookSidecar in KubeVirt's pkg/hooks."""
    annotations = vm["spec"]["template"]["metadata"]["annotations"]
    for hook in json.loads(annotations["hooks.kubevirt.io/hookSidecars"]):
        assert set(hook) <= {"image", "imagePullPolicy", "command", "args", "configMap", "pvc"}
        assert set(hook["configMap"]) == {"name", "key", "hookPath"}
        assert hook["configMap"]["hookPath"] == "/usr/bin/onDefineDomain"


def main():
    found = list(manifests(sys.argv[1]))
    if len(sys.argv) == 2:
        json.dump(found, sys.stdout)
        return
    types = read_types(sys.argv[2])
    assert len(found) == 3 and "V1VirtualMachine" in types
    for one in found:
        if one["kind"] == "ConfigMap":
            assert set(one) == CONFIG_MAP and one["apiVersion"] == "v1"
            continue
        assert one["apiVersion"] == "kubevirt.io/v1"
        check(types, KINDS[one["kind"]], one, one["kind"])
        if one["kind"] == "VirtualMachine":
            check_hooks(one)


main()
