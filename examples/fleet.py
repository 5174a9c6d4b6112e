#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
fleet.py FEATURE DOCUMENT... - which hosts lack a feature, and which options of QEMU's
virtio-net let a virtual machine run on all of them

A document is the output of tapcompat probe -j on a host.
"""
import sys

import tapcompat


def main(feature, *paths):
    hosts = [tapcompat.load(path) for path in paths]
    for host in hosts:
        answer = tapcompat.check(host, "tap", [feature])
        word = "has" if answer["exit"] == 0 else "lacks"
        print(host.document["host"]["name"], word, feature)
    print(tapcompat.baseline(hosts, "qemu", qemu="8.2"), end="")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except tapcompat.Error as error:
        sys.exit(f"fleet.py: {error}")
