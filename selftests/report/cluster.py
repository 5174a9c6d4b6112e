#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cluster.py FORMAT BACKEND DOCUMENT FILE - check FILE against the format's rules
# and against the document that it was made from
import datetime
import json
import pathlib
import re
import subprocess
import sys

import yaml

form, backend, document, path = sys.argv[1:]
text = open(path, encoding="utf-8").read()
caps = json.load(open(document))
backends = {b["type"]: b for b in caps["backends"]}
rows = {k: {f["name"]: f for f in b.get("features", [])} for k, b in backends.items()}
provided = {n for n, f in rows[backend].items()
         if f["state"] == "native" and f["verified"] != "failed"}
faults = []


def hold(true, what):
    if not true:
        faults.append(what)


def no_twins(things, what):
    hold(len(things) == len(set(things)), f"{what}: something is there twice")


NOTHING = "69691905"  # FNV-1a over 16 zeros: of an unavailable backend


def fingerprint():
    """The same as of a baseline over that backend of this host alone."""
    program = pathlib.Path(__file__).resolve().parents[2] / "build/tapcompat"
    said = subprocess.run([program, "baseline", "-j", f"--backend={backend}", document],
                          capture_output=True, check=False).stdout
    return json.loads(said).get("fingerprint", NOTHING)


def nfd_directive(line, options):
    key, _, value = line.removeprefix("# +").partition("=")
    if key == "expiry-time":
        options["expiry"] = datetime.datetime.strptime(
            value.strip(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    elif key in ("no-label", "no-feature"):
        options[key] = True
    else:
        hold(False, f"unknown directive: {line}")


def nfd_read(now):
    """
    Labels and raw features as NFD reads them: the rules of parseFeatureFile() and
    parseDirectives() in its source/local/local.go, written again, since NFD itself is in no
    Debian package.  "no-label" and "no-feature" are valid for the next feature only, and an
    expiry time for all that follow.
    """
    labels, raw = {}, {}
    options = {"expiry": now}
    for line in map(str.strip, text.split("\n")):
        if line.startswith("#"):
            if line.startswith("# +"):
                nfd_directive(line, options)
        elif line and options["expiry"] >= now:
            name, equals, value = line.partition("=")
            hold(name not in raw, f"twice: {line}")
            for skip, target in (("no-feature", raw), ("no-label", labels)):
                if options.pop(skip, False):
                    target.pop(name, None)
                else:
                    target[name] = value if equals else "true"
    return labels, raw


def nfd():
    word = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
    prefix = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"
    hold(len(text) <= 65536, "over 64 KiB")
    labels, raw = nfd_read(datetime.datetime.now(datetime.timezone.utc))
    for name, value in labels.items():
        hold(re.fullmatch(rf"{prefix}/{word}", name), f"no label: {name}")
        hold(re.fullmatch(word, value), f"no value of a label: {name}={value}")
    hold(labels.items() <= raw.items(), "a label that is no feature")
    hold(set(raw) - set(labels) == {"tapcompat.io/net.mask", "tapcompat.io/net.backend"},
         f"not labels: {set(raw) - set(labels)}")
    for feature in set().union(*rows.values()):
        want = "true" if feature in provided else None
        for name in ("tapcompat.io/net." + feature.replace("_", "-"),
                     "net-feature.tapcompat.io/" + feature):
            hold(labels.get(name) == want, f"{name} is {labels.get(name)}, not {want}")
    hold(len([n for n in labels if n.startswith("net-feature.")]) == len(provided), "features")
    hold(raw.get("tapcompat.io/net.mask") == backends[backend]["native"], "the mask")
    hold(raw.get("tapcompat.io/net.backend") == backend, "the backend")
    hold(labels.get("tapcompat.io/net.fingerprint") == fingerprint(),
         "the fingerprint")
    best = labels.get("tapcompat.io/net.model")
    hold(best is None or labels.get("net-model.tapcompat.io/" + best) == "true", "the model")


LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
METRIC = r"[a-zA-Z_:][a-zA-Z0-9_:]*"


def prometheus_samples():
    helped, typed, samples = [], [], {}
    last = None
    hold(text.endswith("\n") and not text.endswith("\n\n"), "no newline at the end")
    for line in text[:-1].split("\n"):
        if m := re.fullmatch(rf"# HELP ({METRIC}) (.+)", line):
            helped.append(m[1])
        elif m := re.fullmatch(rf"# TYPE ({METRIC}) (gauge|counter|untyped)", line):
            typed.append(m[1])
            hold(helped[-1:] == typed[-1:], f"TYPE without its HELP: {line}")
            last = m[1]
        elif m := re.fullmatch(rf"({METRIC})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9]+)", line):
            labels = re.findall(LABEL, m[2] or "")
            no_twins([k for k, _ in labels], line)
            hold(m[1] == last, f"a sample outside of its metric: {line}")
            key = (m[1], frozenset(labels))
            hold(key not in samples, f"twice: {line}")
            samples[key] = int(line.rsplit(" ", 1)[1])
        else:
            hold(False, f"no line of the format: {line}")
    no_twins(helped, "HELP")
    no_twins(typed, "TYPE")
    return samples


def word(kind, feature):
    f = rows.get(kind, {}).get(feature)
    if f is None or f["state"] == "unknown":
        return None
    return int(f["state"] == "native" or f["verified"] == "failed")


def verified(feature):
    f = rows[backend].get(feature, {"verified": "untested"})
    return {"passed": 1, "failed": 0, "ineffective": 0}.get(f["verified"])


def prometheus():
    samples = prometheus_samples()
    want = {}
    for feature in set().union(*rows.values()):
        for layer, value in (("tap", word("tap", feature)), ("vhost", word("vhost-net", feature)),
                             ("behaviour", verified(feature))):
            if value is not None:
                want[feature, layer] = value
    seen = {(dict(k)["feature"], dict(k)["layer"]): v for (name, k), v in samples.items()
            if name == "tapcompat_feature_supported"}
    hold(seen == want, f"samples differ: {sorted(set(seen.items()) ^ set(want.items()))}")
    results = {(dict(k)["feature"], dict(k)["result"]): v for (name, k), v in samples.items()
               if name == "tapcompat_feature_verified"}
    hold(results == {(n, r): int(f["verified"] == r) for n, f in rows[backend].items()
                     if f["verified"] != "untested" for r in ("passed", "ineffective", "failed")},
         "results of verification differ")
    info = [dict(k) for (name, k), v in samples.items() if name == "tapcompat_info" and v == 1]
    hold(len(info) == 1, "tapcompat_info")
    kernel = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], info[0]["kernel"])
    hold(kernel == caps["host"]["kernel"], f"kernel is {kernel}")
    hold(info[0]["backend"] == backend, "the backend")
    hold(info[0]["fingerprint"] == fingerprint(), "the fingerprint")
    hold(("tapcompat_probe_timestamp_seconds", frozenset()) in samples, "no time")


def nova():
    o = yaml.safe_load(text)
    hold(set(o) == {"meta", "providers"} and o["meta"] == {"schema_version": "1.0"}, "meta")
    hold(len(o["providers"]) == 1, "providers")
    provider = o["providers"][0]
    hold(set(provider) == {"identification", "traits"}, "the provider's members")
    hold(provider["identification"] == {"uuid": "$COMPUTE_NODE"}, "identification")
    hold(set(provider["traits"]) == {"additional"}, "traits")
    traits = provider["traits"]["additional"]
    no_twins(traits, "traits")
    for trait in traits:
        hold(re.fullmatch(r"[A-Z0-9_]{1,255}", trait) and trait.startswith("CUSTOM_NET_"), trait)
    features = {"CUSTOM_NET_" + n.upper() for n in provided}
    hold(features <= set(traits), f"missing: {features - set(traits)}")
    hold(all(re.fullmatch(r"CUSTOM_NET_TAPNET_V[0-9]+", t) for t in set(traits) - features),
         f"more: {set(traits) - features}")


{"nfd": nfd, "prometheus": prometheus, "nova": nova}[form]()
for fault in faults:
    print(fault)
sys.exit(bool(faults))
