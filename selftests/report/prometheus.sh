#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prometheus.sh - metrics, alerts and dashboard by Prometheus' own tools
. ../ktap.sh

top=$(cd ../.. && pwd)
tapcompat=$top/build/tapcompat
old=$top/selftests/documents/linux-6.1.json
new=$top/selftests/documents/linux-6.12.json
rules=$top/packaging/prometheus/tapcompat.rules.yml
board=$top/packaging/prometheus/tapcompat.dashboard.json
promtool=$top/build/prometheus/usr/bin/promtool
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetched()
{
	"$top/scripts/debian-fetch" own prometheus "$top/build/prometheus" &&
		"$top/scripts/debian-fetch" own prometheus-node-exporter \
			"$top/build/prometheus-node-exporter"
}

# metrics DOCUMENT: promtool has nothing to say
metrics()
{
	"$tapcompat" probe --caps="$1" --format=prometheus >"$work/metrics" &&
		"$promtool" check metrics <"$work/metrics" >"$work/said" 2>&1 &&
		[ ! -s "$work/said" ] || { cat "$work/said"; return 1; }
}

bad_metrics()
{
	metrics "$old" && sed 's/"tap"} /"tap} /' "$work/metrics" | "$promtool" check metrics
}

hostile_kernel()
{
	jq '.host.kernel = "6.1 \"x\" \\ y"' "$old" >"$work/hostile.json" &&
		metrics "$work/hostile.json"
}

# An alert on frames must tell both apart.
two_values()
{
	jq '(.backends[] | select(.type == "vhost-net") | .features[] |
		select(.name == "host_uso")) |= (.state = "absent" | .verified = "failed") |
		(.backends[] | select(.type == "vhost-net") | .native) |= "0x10c001023040ff83"' \
		"$new" >"$work/broken.json"
	"$tapcompat" probe --caps="$work/broken.json" --format=prometheus \
		--backend=vhost-net >"$work/broken" &&
		grep -qxF 'tapcompat_feature_verified{feature="host_uso",result="failed"} 1' \
			"$work/broken" &&
		grep -qxF 'tapcompat_feature_verified{feature="host_uso",result="ineffective"} 0' \
			"$work/broken" && metrics "$old" &&
		grep -qxF 'tapcompat_feature_verified{feature="guest_ufo",result="failed"} 0' \
			"$work/metrics" &&
		grep -qxF 'tapcompat_feature_verified{feature="guest_ufo",result="ineffective"} 1' \
			"$work/metrics"
}

# The names in the rules and the dashboard are those that are written.
names_exist()
{
	metrics "$new" && grep -ohE 'tapcompat_[a-z_]+' "$rules" "$board" | sort -u >"$work/used" &&
		[ "$(wc -l <"$work/used")" -ge 4 ] || return
	while read -r name; do
		grep -q "^# TYPE $name gauge" "$work/metrics" || { echo "$name"; return 1; }
	done <"$work/used"
}

dashboard()
{
	./consumers.py dashboard "$board" "$work/queries.json" &&
		"$promtool" check rules "$work/queries.json"
}

served()
{
	mkdir -p "$work/d" && "$tapcompat" probe --caps="$work/hostile.json" --format=prometheus \
		--output="$work/d/tapcompat.prom" && timeout 100 ./consumers.py served \
		"$top/build/prometheus-node-exporter/usr/bin/prometheus-node-exporter" "$work/d"
}

ktap_plan 10
ktap "promtool and node_exporter are fetched" fetched
ktap "metrics of Linux 6.1" metrics "$old"
ktap "metrics of Linux 6.12" metrics "$new"
ktap "a kernel's name with quotes" hostile_kernel
ktap_not "promtool notices malformed metrics" bad_metrics
ktap "corrupted and harmless are two values" two_values
ktap "the names in rules and dashboard exist" names_exist
ktap "the rules raise the alerts that they should" eval '"$promtool" check rules "$rules" &&
	"$promtool" test rules rules.test.yml'
ktap "a dashboard whose queries parse" dashboard
ktap "node_exporter serves the samples" served
ktap_end
