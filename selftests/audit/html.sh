#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# html.sh - the page of audit --format=html, as text and in a browser; tables and metrics
. ../ktap.sh

build=$(cd ../.. && pwd)/build
tapcompat=$build/tapcompat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Names that break out of text and attributes, control characters, and overrides of direction
python3 - >"$work/audit.json" <<'END'
import json
names = ["plain", "<script>document.title='run'</script>", "\"'><img src=x onerror=alert(1)>",
         "a\x1b[31m\x07b\x7f", "txt\u202egpj\u2066", "&lt;b&gt;", "</script><b>"]
uso, every = "0x01c001013867ffa7", "0x" + "f" * 32
masks = ["0x000000013867ffa7"] + [uso] * (len(names) - 1)
print(json.dumps({"schema": "tapcompat-audit", "version": 1,
    "host": {"name": "<b>host", "kernel": "6.12.1"}, "audited-at": "2026-01-01T00:00:00Z",
    "not-seen": [], "taps": [],
    "machines": [{"name": n, "state": "running", "cards": [{"alias": n, "backend": "vhost-net",
        "virtio": True, "mask": m, "known": every, "evidence": [], "nic": {}}]}
        for n, m in zip(names, masks)]}))
END

page()
{
	"$tapcompat" audit "$work/audit.json" --against=../documents/linux-6.1.json \
		--format=html >"$work/page.html"
	[ $? = 1 ] || { echo "exit status: 1 expected"; return 1; }
}

# Only the elements that the page itself has; nothing is loaded; the hashes fit
parse()
{
	python3 - "$work/page.html" <<'END'
import base64, collections, hashlib, html.parser, re, sys
text = open(sys.argv[1], newline="").read()
ours = set("html head meta title style body h1 h2 ul li p label input select option div table "
           "thead tbody tr th td bdi b br script".split())
count = collections.Counter()
class Page(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs):
        count[tag] += 1
        assert tag in ours, tag
        for name, value in attrs:
            assert name not in ("src", "href", "style") and not name.startswith("on"), name
Page().feed(text)
assert count["script"] == 1 and count["style"] == 1, count
assert count["tr"] == 1 + 7 + 1 + 7, count
assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)
for tag in "script", "style":
    body = re.search("<%s>(.*?)</%s>" % (tag, tag), text, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    assert "%s-src 'sha256-%s'" % (tag, digest) in text, (tag, digest)
assert "default-src 'none'" in text and "unsafe" not in text
END
}

# browse HASH: the page behind its script
browse()
{
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--user-data-dir="$work/browser" --dump-dom "file://$work/page.html$1" \
		2>"$work/errors" || { cat "$work/errors"; return 1; }
}

sorted()
{
	browse "#sort=hosts.0.down&filter=LINUX" >"$work/none" &&
		browse "#sort=hosts.0.down" >"$work/down" &&
		browse "#sort=hosts.0&verdict=can-go" >"$work/up" || return
	python3 - "$work" <<'END'
import re, sys
def rows(name):
    text = open(sys.argv[1] + "/" + name).read()
    assert 'class="js"' in text, "the script did not run"
    assert "<title>tapcompat audit</title>" in text and "<img" not in text
    table = re.search('<table id="hosts">.*?<tbody>(.*?)</tbody>', text, re.S).group(1)
    return [(re.search("<bdi>(.*?)</bdi>", r).group(1), "hidden" in r.split(">")[0])
            for r in re.findall("<tr.*?</tr>", table, re.S)]
down, up, none = rows("down"), rows("up"), rows("none")
assert [n for n, _ in down] == [n for n, _ in up][::-1], (down, up)
assert not any(h for _, h in down), down
assert [n for n, h in up if not h] == ["plain"], up
assert all(h for _, h in none), none
END
}

refused()
{
	"$tapcompat" audit "$work/audit.json" --format=html --json >/dev/null 2>&1
	[ $? = 2 ] || return
	"$tapcompat" audit - --format=html <"$work/audit.json" >/dev/null 2>&1
	[ $? = 2 ]
}

# A file has no colours; cards that are equal are one column; a terminal gets no foreign bytes.
table()
{
	"$tapcompat" audit "$work/audit.json" --table --against=../documents/linux-6.1.json \
		>"$work/table"
	[ $? = 1 ] && grep -q "^group 1: 1 card: plain$" "$work/table" &&
		grep -q "^group 2: 6 cards: .* and 2 more$" "$work/table" &&
		grep -q "^host_uso  *\.   +$" "$work/table" &&
		grep -q "^can go  *+   -  to linux-6.1 " "$work/table" &&
		! LC_ALL=C grep -q "[^ -~]" "$work/table" || { cat "$work/table"; return 1; }
	TERM=xterm script -qec "'$tapcompat' audit '$work/audit.json' --table" /dev/null \
		</dev/null | grep -q "$(printf '\033')\[32m+"
	[ $? = 0 ] || return
	"$tapcompat" audit "$work/audit.json" --table --json >/dev/null 2>&1
	[ $? = 2 ]
}

metrics()
{
	"$tapcompat" audit "$work/audit.json" --format=prometheus \
		--against=../documents/linux-6.1.json >"$work/metrics"
	[ $? = 1 ] && grep -qx "tapcompat_audit_machines 7" "$work/metrics" &&
		grep -q '{feature="host_uso",state="held"} 6$' "$work/metrics" &&
		grep -q '{feature="host_uso",state="not-held"} 1$' "$work/metrics" &&
		grep -q '_machines{host="linux-6.1 .*",verdict="cannot-go"} 6$' "$work/metrics" &&
		grep -q ',verdict="can-go"} 1$' "$work/metrics" &&
		grep -q ',verdict="corrupts"} 0$' "$work/metrics" ||
		{ cat "$work/metrics"; return 1; }
}

hosts()
{
	cd ../documents || return
	"$tapcompat" baseline linux-6.1.json linux-6.12.json --table >"$work/hosts" &&
		grep -q "^group 2: 1 host: linux-6.12$" "$work/hosts" &&
		grep -q "^host_uso  *e   +$" "$work/hosts" &&
		! LC_ALL=C grep -q "[^ -~]" "$work/hosts" || { cat "$work/hosts"; return 1; }
	"$tapcompat" baseline linux-6.1.json --table --json >/dev/null 2>&1
	[ $? = 2 ]
}

ktap_plan 7
ktap "a page with verdicts" page
ktap "hostile names are text, and nothing is loaded" parse
if command -v chromium >/dev/null; then
	ktap "sorted and filtered by the URL in a browser" sorted
else
	ktap_skip "sorted and filtered by the URL in a browser" "there is no chromium"
fi
ktap "not of standard input, nor with --json" refused
ktap "equal cards are one column of the table" table
ktap "metrics of machines by feature and verdict" metrics
ktap "baseline: hosts and features as a matrix" hosts
ktap_end
