#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# native.sh - the probe of the running kernel matches the matrix
. ../ktap.sh
. ./expect.sh

tapcompat=../../build/tapcompat
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ktap_plan 3
release=$(uname -r)
$tapcompat probe -j >"$work/document" 2>"$work/err"
status=$?
if [ $status = 3 ]; then
	ktap_skip "the running kernel can be probed" "$(cat "$work/err")"
else
	ktap "the running kernel can be probed" [ $status = 0 ]
fi
if [ $status != 0 ]; then
	ktap_skip "the running kernel matches the matrix" "it could not be probed"
elif ! expect_known "$release"; then
	ktap_skip "the running kernel matches the matrix" "Linux $release is not in the matrix"
else
	ktap "the running kernel matches the matrix" expect_matrix "$release" "$work/document"
fi
# The comparison can fail.
sed 's/"state":"native"/"state":"absent"/' "$work/document" >"$work/corrupted"
if expect_known "$release" && grep -q native "$work/document"; then
	ktap_not "another answer would be detected" expect_matrix "$release" "$work/corrupted"
else
	ktap_skip "another answer would be detected" "there is no answer to corrupt"
fi
ktap_end
