#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bindings.py - python/tapcompat.py against the program, which uses the same library
import ctypes
import errno
import gc
import json
import pathlib
import resource
import subprocess
import unittest

import tapcompat

TOP = pathlib.Path(__file__).resolve().parents[2]
OLD = str(TOP / "selftests/documents/linux-6.1.json")
NEW = str(TOP / "selftests/documents/linux-6.12.json")
HELD, ALLOWED = "0x1c0010130afffaf", "0x10179bfffef"


def program(*arguments):
    """The document that tapcompat -j prints."""
    return json.loads(subprocess.run([TOP / "build/tapcompat", "-j", *arguments], check=False,
                                     stdout=subprocess.PIPE).stdout)


class Bindings(unittest.TestCase):
    def test_version(self):
        said = subprocess.check_output([TOP / "build/tapcompat", "--version"], text=True)
        self.assertEqual(said, f"tapcompat {tapcompat.version()}\n")

    def test_load_and_parse(self):
        caps = tapcompat.load(NEW)
        self.assertEqual(caps.document["host"]["name"], "linux-6.12")
        again = tapcompat.parse(json.dumps(caps.document))
        self.assertEqual(again.document, caps.document)

    def test_errors_have_text_and_number(self):
        with self.assertRaisesRegex(tapcompat.Error, "no-such-file") as caught:
            tapcompat.load("no-such-file")
        self.assertEqual(caught.exception.errno, errno.ENOENT)
        with self.assertRaisesRegex(tapcompat.Error, "mine: line 1, column 9") as caught:
            tapcompat.parse("{nonsense", name="mine")
        self.assertEqual(caught.exception.errno, errno.EINVAL)

    def test_wrong_arguments_do_not_reach_c(self):
        caps = tapcompat.load(NEW)
        for call in (lambda: tapcompat.check(NEW, "tap", []), lambda: tapcompat.load(None),
                     lambda: tapcompat.explain(HELD, host=NEW)):
            self.assertRaises(TypeError, call)
        for call in (lambda: tapcompat.check(caps, "bridge", []), lambda: tapcompat.load("a\0b"),
                     lambda: tapcompat.check(caps, "tap", "csum\0mq"),
                     lambda: tapcompat.baseline([caps], "xml")):
            self.assertRaises(ValueError, call)
        for call in (lambda: tapcompat.check(caps, "tap", ["usb"]),
                     lambda: tapcompat.explain("1"), lambda: tapcompat.explain(1 << 128),
                     lambda: tapcompat.explain(-1)):
            self.assertRaises(tapcompat.Error, call)

    def test_check(self):
        for path, status in ((OLD, 1), (NEW, 0)):
            answer = tapcompat.check(tapcompat.load(path), "tap", ["host_uso", "guest_uso4"])
            self.assertEqual(answer["exit"], status)
            self.assertEqual(answer["missing"] == "0x0", status == 0)
        emulated = tapcompat.check(tapcompat.load(OLD), "tap", "host_uso", allow_emulated=True)
        self.assertEqual(emulated["exit"], 0)

    def test_compare(self):
        want = program("compare", OLD, NEW)
        self.assertEqual(tapcompat.compare(OLD, NEW), want)
        by_caps = tapcompat.compare(tapcompat.load(OLD), tapcompat.load(NEW))
        self.assertEqual(by_caps["result"], want["result"])
        self.assertEqual(tapcompat.compare("tapnet-v2", "tapnet-v1")["result"], "superset")
        self.assertEqual(tapcompat.compare(0x3, "0x3")["result"], "identical")
        document = tapcompat.load(OLD).document
        document["backends"] = [b for b in document["backends"] if b["type"] == "tap"]
        tap_only = tapcompat.parse(json.dumps(document))
        with self.assertRaises(tapcompat.Error) as caught:
            tapcompat.compare(tap_only, NEW, backends=["vhost-net"])
        self.assertEqual(caught.exception.errno, errno.ENODATA)

    def test_baseline(self):
        hosts = [tapcompat.load(OLD), NEW]
        self.assertEqual(tapcompat.baseline(hosts), program("baseline", OLD, NEW))
        options = tapcompat.baseline(hosts, "qemu", qemu="8.2", without=["csum"])
        self.assertRegex(options, "^-device virtio-net-pci,.*csum=off.*host_uso=off")
        self.assertIn("'web1'", tapcompat.baseline(hosts, "virt-xml", qemu="8.2", guest="web1"))
        landing = tapcompat.baseline(hosts, qemu="8.2", acked=HELD)["landing"]
        self.assertEqual(landing, program("baseline", "--qemu-version=8.2", f"--holds={HELD}",
                                          OLD, NEW)["landing"])
        with self.assertRaises(tapcompat.Error):
            tapcompat.baseline(hosts, backends=["vhost-vdpa"])
        with self.assertRaises(tapcompat.Error) as caught:
            tapcompat.baseline(["no-such-file"])
        self.assertEqual(caught.exception.errno, errno.ENOENT)

    def test_explain(self):
        want = program("explain", HELD, ALLOWED)
        self.assertEqual(tapcompat.explain(HELD, ALLOWED), want)
        self.assertEqual(tapcompat.explain(int(HELD, 16), int(ALLOWED, 16)), want)
        host = tapcompat.explain(HELD, ALLOWED, host=tapcompat.load(OLD), qemu="8.2",
                                 machine="pc-q35-8.2")
        self.assertNotEqual(host, want)

    def test_explain_log(self):
        path = TOP / "selftests/explain/cases/proxmox-task.log"
        answer = tapcompat.explain_log(path.read_bytes())
        self.assertEqual(len(answer["explanations"]), 1)
        self.assertEqual(answer["explanations"][0]["missing"], "0x1c0000000000000")
        self.assertEqual(tapcompat.explain_log("nothing\n")["explanations"], [])

    def test_probe(self):
        try:
            caps = tapcompat.probe(backends=["tap"], verify=False)
        except tapcompat.Error as error:
            self.skipTest(str(error))
        self.assertEqual([b["type"] for b in caps.document["backends"]], ["tap"])

    def test_memory(self):
        """Objects and texts are released."""
        def work(times):
            for _ in range(times):
                caps = tapcompat.load(NEW)
                tapcompat.check(caps, "tap", ["csum"])
                tapcompat.baseline([caps, OLD])
                tapcompat.explain(HELD, ALLOWED)
            gc.collect()
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        before = work(50)
        self.assertLess(work(500) - before, 2048)

    def test_names(self):
        lib = ctypes.CDLL(tapcompat._lib._name)
        for function, names in ((lib.tapcompat_backend_name, tapcompat.BACKENDS),
                                (lib.tapcompat_format_name, tapcompat.FORMATS)):
            function.restype = ctypes.c_char_p
            self.assertEqual([function(i).decode() for i in range(len(names) + 1)],
                             [*names, "?"])

    def test_structs(self):
        """Sizes and places of members, by the compiler."""
        asserts = ["#include <tapcompat_fleet.h>\n"]
        for kind in (tapcompat.Mask, tapcompat.ErrorText, tapcompat.ProbeOptions,
                     tapcompat.FleetOptions, tapcompat.ExplainOptions):
            name = kind.__doc__
            asserts.append(f"_Static_assert(sizeof({name}) == {ctypes.sizeof(kind)}, \"\");\n")
            asserts += [f"_Static_assert(offsetof({name}, {member}) == "
                        f"{getattr(kind, member).offset}, \"{member}\");\n"
                        for member, _ in kind._fields_]
        subprocess.run(["cc", "-xc", "-fsyntax-only", "-I", TOP / "uapi", "-"], check=True,
                       input="".join(asserts), text=True)


if __name__ == "__main__":
    unittest.main()
