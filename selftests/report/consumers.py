#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# consumers.py served EXPORTER DIRECTORY - does this prometheus-node-exporter serve all samples
#	of DIRECTORY/tapcompat.prom, on loopback?
# consumers.py dashboard FILE RULES - check a Grafana dashboard's structure, and write its
#	queries as recording rules, for promtool
import json
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fetch(url, process):
    """Retried until it listens."""
    end = time.monotonic() + 60
    while True:
        try:
            return LOCAL.open(url, timeout=30).read().decode()
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.1)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def samples(text):
    """Prometheus orders labels by their names."""
    lines = [line for line in text.splitlines() if line.startswith("tapcompat_")]
    split = [re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line) for line in lines]
    return {(m[1], tuple(sorted(re.findall(r'\w+="(?:[^"\\]|\\.)*"', m[2] or ""))), float(m[3]))
            for m in split}


def served(exporter, directory):
    port = free_port()
    with subprocess.Popen([exporter, f"--web.listen-address=127.0.0.1:{port}",
                           "--collector.disable-defaults", "--collector.textfile",
                           f"--collector.textfile.directory={directory}"],
                          stderr=subprocess.DEVNULL) as process:
        try:
            text = fetch(f"http://127.0.0.1:{port}/metrics", process)
        finally:
            process.terminate()
    want = samples(pathlib.Path(directory, "tapcompat.prom").read_text(encoding="utf-8"))
    assert want, "no samples"
    assert "node_textfile_scrape_error 0" in text, "it could not be read"
    assert samples(text) == want, samples(text) ^ want


def queries(board):
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$instance", ".*")


def dashboard(path, rules):
    """Grafana is in no Debian package: what its documentation of the model requires."""
    board = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    panels = board["panels"]
    assert board["title"] and board["uid"] and board["schemaVersion"] >= 36
    assert len({p["id"] for p in panels}) == len(panels), "ids of panels"
    assert {v["name"] for v in board["templating"]["list"]} == {"datasource", "instance"}
    cells = [(x, y) for p in panels for g in [p["gridPos"]]
             for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])]
    assert len(set(cells)) == len(cells) and max(x for x, _ in cells) < 24, "overlaps"
    assert all(p["datasource"] == {"type": "prometheus", "uid": "${datasource}"} for p in panels)
    # JSON is YAML.
    pathlib.Path(rules).write_text(json.dumps({"groups": [{"name": "dashboard", "rules": [
        {"record": f"panel_{i}", "expr": q} for i, q in enumerate(queries(board))]}]}),
        encoding="utf-8")


{"served": served, "dashboard": dashboard}[sys.argv[1]](*sys.argv[2:])
