#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cluster.sh - probe --format: files for schedulers, and how they are written
. ../ktap.sh

top=$(cd ../.. && pwd)
tapcompat=$top/build/tapcompat
old=$top/selftests/documents/linux-6.1.json
new=$top/selftests/documents/linux-6.12.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# holds FORMAT BACKEND DOCUMENT [OPTION…]
holds()
{
	format=$1 backend=$2 document=$3
	shift 3
	status 0 "$tapcompat" probe --caps="$document" --format="$format" "$@" &&
		./cluster.py "$format" "$backend" "$document" "$work/out"
}

# Errors that only a parser of the format detects.
corrupted()
{
	"$tapcompat" probe --caps="$new" --format="$1" | sed "$2" >"$work/corrupted"
	./cluster.py "$1" vhost-net "$new" "$work/corrupted"
}

lines()
{
	"$tapcompat" probe --caps="$1" --format="$2" >"$work/lines"
	shift 2
	for line; do
		grep -qxF -e "$line" "$work/lines" || { echo "no: $line"; return 1; }
	done
}

lacks()
{
	! "$tapcompat" probe --caps="$1" --format="$2" | grep -i "$3"
}

known_hosts()
{
	lines "$old" nfd tapcompat.io/net.model=tapnet-v1 tapcompat.io/net.csum=true \
		tapcompat.io/net.fingerprint=169f3273 net-model.tapcompat.io/tapnet-v1=true \
		net-feature.tapcompat.io/host_tso4=true &&
		lines "$new" nfd tapcompat.io/net.model=tapnet-v2 \
			tapcompat.io/net.host-uso=true net-model.tapcompat.io/tapnet-v1=true \
			net-model.tapcompat.io/tapnet-v2=true \
			net-feature.tapcompat.io/host_uso=true &&
		lines "$old" nova '        - CUSTOM_NET_TAPNET_V1' &&
		lines "$new" nova '        - CUSTOM_NET_TAPNET_V2' \
			'        - CUSTOM_NET_HOST_USO' &&
		lines "$old" prometheus \
			'tapcompat_feature_supported{feature="host_uso",layer="tap"} 0' \
			'tapcompat_feature_supported{feature="guest_ufo",layer="vhost"} 1' \
			'tapcompat_feature_supported{feature="guest_ufo",layer="behaviour"} 0' &&
		lacks "$old" nfd 'uso\|tapnet-v2' && lacks "$old" nova 'uso\|tapnet_v2' &&
		lacks "$old" prometheus 'uso.*behaviour'
}

# A tap does not decide ring features: QEMU provides them, and models include them.
one_backend()
{
	holds nfd tap "$new" --backend=tap &&
		grep -qx 'tapcompat.io/net.backend=tap' "$work/out" &&
		grep -q 'net-model.tapcompat.io/tapnet-v2' "$work/out" &&
		! grep mrg-rxbuf "$work/out" && holds prometheus macvtap "$new" --backend=macvtap
}

# edit FILTER: the newer host, changed
edit()
{
	jq "$1" "$new" >"$work/edited"
}

accepted_and_corrupted()
{
	edit '(.backends[] | select(.type == "vhost-net" or .type == "tap")) |= (
		(.features[] | select(.name == "host_uso")) |=
			(.state = "absent" | .verified = "failed") |
		.native = if .type == "tap" then "0xc0000000407f83" else "0x10c001023040ff83" end)'
	holds nfd vhost-net "$work/edited" && holds prometheus vhost-net "$work/edited" &&
		grep -qF '{feature="host_uso",layer="tap"} 1' "$work/out" &&
		grep -qF '{feature="host_uso",layer="behaviour"} 0' "$work/out" &&
		holds nova vhost-net "$work/edited" && ! grep HOST_USO "$work/out"
}

# made_on TIME EXPIRY: labels for two days from then on
made_on()
{
	edit ".\"probed-at\" = \"$1\""
	status 0 "$tapcompat" probe --caps="$work/edited" --format=nfd --expire-days=2 &&
		[ "$(head -n1 "$work/out")" = "# +expiry-time=$2" ]
}

expires()
{
	made_on 2199-12-30T12:00:00Z 2200-01-01T12:00:00Z &&
		./cluster.py nfd vhost-net "$work/edited" "$work/out" &&
		made_on 2001-09-09T01:46:40Z 2001-09-11T01:46:40Z &&
		! ./cluster.py nfd vhost-net "$work/edited" "$work/out" >"$work/err" &&
		grep -q 'net.host-uso is None, not true' "$work/err"
}

no_time_of_probe()
{
	edit 'del(."probed-at")'
	status 2 "$tapcompat" probe --caps="$work/edited" --format=nfd --expire-days=2 &&
		grep -q 'does not say when the host was probed' "$work/err"
}

foreign_kernel()
{
	edit '.host.kernel = "6.1 \"x\" \\ y"'
	holds prometheus vhost-net "$work/edited"
}

gone='.backends |= map(if .type == "vhost-net" then
	{type, available: false, state: $state, detail: "of some reason"} else . end)'

falls_back()
{
	jq --arg state absent "$gone" "$new" >"$work/edited"
	holds nfd tap "$work/edited" &&
		status 0 "$tapcompat" probe --caps="$work/edited" --format=prometheus &&
		grep -qxF 'tapcompat_feature_supported{feature="csum",layer="vhost"} 0' "$work/out"
}

gives_nothing()
{
	jq --arg state absent "$gone" "$new" >"$work/edited"
	status 0 "$tapcompat" probe --caps="$work/edited" --format=nfd --backend=vhost-net &&
		! grep -q =true "$work/out" &&
		status 0 "$tapcompat" probe --caps="$work/edited" --format=nova \
			--backend=vhost-net && grep -q 'additional: \[\]$' "$work/out"
}

undecided()
{
	jq --arg state unknown "$gone" "$new" >"$work/edited"
	echo old >"$work/file"
	status 3 "$tapcompat" probe --caps="$work/edited" --format=nfd --output="$work/file" &&
		[ "$(cat "$work/file")" = old ] && [ ! -s "$work/out" ] &&
		grep -q 'vhost-net: unknown: of some reason' "$work/err" &&
		status 3 "$tapcompat" probe --caps="$work/edited" --format=nfd \
			--backend=vhost-net && [ ! -s "$work/out" ]
}

refused()
{
	for arguments in "--format=x" "--format=" "--format=nfd -j" "-p --format=nfd" \
			"--output=x" "--caps=$new" "--format=nfd --output=" \
			"--format=nfd --caps=$new --no-verify" \
			"--format=nfd --caps=$new --load-modules" \
			"--format=nfd --backend=tap --backend=macvtap" \
			"--format=nova --expire-days=1" "--format=nfd --expire-days=0" \
			"--format=nfd --expire-days=1d" "--format=nfd --expire-days=10000" \
			"--format=nfd --expire-days=" "-j --expire-days=1" \
			"--format=nfd --backend=vhost-vdpa" "--format=nfd --caps=/dev/null"; do
		# shellcheck disable=SC2086
		status 2 "$tapcompat" probe $arguments && [ -s "$work/err" ] || {
			echo "$arguments"
			return 1
		}
	done
}

# write DIRECTORY [OPTION…]: the newer host, into DIRECTORY/tapcompat
write()
{
	directory=$1
	shift
	"$tapcompat" probe --caps="$new" --format=nfd --output="$directory/tapcompat" "$@"
}

# alone DIRECTORY: it contains only the one file
alone()
{
	[ "$(ls -A "$1")" = tapcompat ] || { ls -A "$1"; return 1; }
}

replaces()
{
	mkdir "$work/d" && echo old >"$work/d/tapcompat" && chmod 600 "$work/d/tapcompat" &&
		(umask 077 && status 0 write "$work/d") && [ ! -s "$work/out" ] &&
		"$tapcompat" probe --caps="$new" --format=nfd | cmp - "$work/d/tapcompat" &&
		[ "$(stat -c %a "$work/d/tapcompat")" = 644 ] && alone "$work/d"
}

in_this_directory()
{
	(cd "$work/d" && rm tapcompat && "$tapcompat" probe --caps="$new" --format=nova \
		--output=tapcompat && grep -q '^meta:' tapcompat) && alone "$work/d"
}

to_stdout()
{
	"$tapcompat" probe --caps="$new" --format=nfd >"$work/one"
	status 0 "$tapcompat" probe --caps="$new" --format=nfd --output=- &&
		cmp "$work/one" "$work/out"
}

# unharmed DIRECTORY ERROR COMMAND…: it fails with ERROR, and the old file is unchanged
unharmed()
{
	directory=$1 error=$2
	shift 2
	echo old >"$directory/tapcompat"
	status 3 "$@" && grep -q "$directory/tapcompat could not be written: $error" "$work/err" &&
		[ "$(cat "$directory/tapcompat")" = old ] && alone "$directory"
}

limit()
{
	(ulimit -f 1 && write "$1")
}

too_large()
{
	unharmed "$work/d" 'File too large' limit "$work/d"
}

no_directory()
{
	status 3 write "$work/nowhere" && grep -q 'No such file or directory' "$work/err"
}

# A device, a directory and a link are not replaced by a file.
no_file()
{
	mkdir "$work/e" && mkfifo "$work/e/tapcompat" && status 3 write "$work/e" &&
		[ -p "$work/e/tapcompat" ] && rm "$work/e/tapcompat" &&
		ln -s /dev/null "$work/e/tapcompat" && status 3 write "$work/e" &&
		[ -L "$work/e/tapcompat" ] && rm "$work/e/tapcompat" &&
		mkdir "$work/e/tapcompat" && status 3 write "$work/e" && alone "$work/e"
}

# A file left by a kill must not have a name that is read.
hidden_until_whole()
{
	mkdir "$work/f"
	strace -f -e trace=openat,rename -o "$work/trace" "$tapcompat" probe --caps="$new" \
		--format=prometheus --output="$work/f/tapcompat.prom" || return
	grep -q "rename(\"$work/f/\.[A-Za-z0-9.]*\", \"$work/f/tapcompat.prom\")" "$work/trace" &&
		grep -q "$work/f/\..*O_CREAT" "$work/trace" &&
		! grep "$work/f/[^.].*O_CREAT" "$work/trace"
}

# Runs in a mount namespace of its own.
on_mounts()
{
	mkdir "$work/m"
	mount -t tmpfs -o size=16k,nr_inodes=16 tmpfs "$work/m" || return
	echo old >"$work/m/tapcompat"
	dd if=/dev/zero of="$work/m/fill" bs=1k 2>"$work/err"
	rm "$work/m/fill" && dd if=/dev/zero of="$work/m/.fill" bs=4k 2>"$work/err"
	status 3 write "$work/m" && grep -q 'No space left' "$work/err" &&
		rm "$work/m/.fill" && alone "$work/m" && [ "$(cat "$work/m/tapcompat")" = old ] &&
		mount -o remount,ro "$work/m" && status 3 write "$work/m" &&
		grep -q 'Read-only file system' "$work/err" && alone "$work/m" &&
		[ "$(cat "$work/m/tapcompat")" = old ]
}

if [ "${1:-}" = on_mounts ]; then
	work=$2
	trap - EXIT
	on_mounts
	exit
fi

document_of_here()
{
	status 0 "$tapcompat" probe -j --no-verify --output="$work/here.json" &&
		[ ! -s "$work/out" ] && ../build/schema.py capabilities "$work/here.json"
}

this_host()
{
	status 0 "$tapcompat" probe --format=nfd --no-verify --backend=tap \
		--output="$work/here" && ./cluster.py nfd tap "$work/here.json" "$work/here"
}

ktap_plan 29
for format in nfd prometheus nova; do
	ktap "$format of Linux 6.1 holds" holds $format vhost-net "$old"
	ktap "$format of Linux 6.12 holds" holds $format vhost-net "$new"
done
ktap_not "an invalid label is detected" corrupted nfd '3s/=/ /'
ktap_not "a missing feature is detected" corrupted nfd /host-uso/d
ktap_not "a duplicate sample is detected" corrupted prometheus '4p'
ktap_not "a wrong sample is detected" corrupted prometheus '/host_uso/s/1$/0/'
ktap_not "an invalid trait is detected" corrupted nova 's/HOST_USO/host-uso/'
ktap "both kernels: the known features" known_hosts
ktap "one backend" one_backend
ktap "a failed feature has no label" accepted_and_corrupted
ktap "labels expire" expires
ktap "no expiry without the time of the probe" no_time_of_probe
ktap "the kernel's name is escaped" foreign_kernel
ktap "without vhost-net: features of the tap" falls_back
ktap "an unavailable backend has no features" gives_nothing
ktap "undecided features are not written" undecided
ktap "options that contradict each other" refused
ktap "a file is replaced, world-readable" replaces
ktap "a file in the current directory" in_this_directory
ktap "- is standard output" to_stdout
ktap "a file size limit leaves the old file" too_large
ktap "a missing directory, a target that is not a file" eval 'no_directory && no_file'
ktap "hidden until complete" hidden_until_whole
if unshare -m true 2>/dev/null; then
	ktap "a full disk, a read-only one" unshare -m "$0" on_mounts "$work"
else
	ktap_skip "a full disk, a read-only one" "no mount namespace can be made"
fi
if "$tapcompat" probe --no-verify --backend=tap >/dev/null 2>&1; then
	ktap "this host, by file" eval 'document_of_here && this_host'
else
	ktap_skip "this host, by file" "it cannot be probed"
fi
ktap_end
