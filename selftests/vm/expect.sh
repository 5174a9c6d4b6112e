# SPDX-License-Identifier: GPL-2.0-or-later
#
# expect.sh - compare a document with the matrix of known kernels
#
#	expect_known RELEASE			is there a column for this kernel?
#	expect_matrix RELEASE DOCUMENT		of all backends that are available
#	expect_backends DOCUMENT NAME…		are these available?
#	expect_lie RELEASE LIE DOCUMENT		the same, but for what a lie changes

# The column of a release in the matrix, or nothing.
expect_column()
{
	awk -v release="$1" '
		BEGIN { split(release, v, /[.-]/); want = v[1] "." v[2] }
		$1 == "backend" { for (i = 3; i <= NF; i++) if ($i == want) column = i }
		END { if (column) print column; else exit 1 }' matrix
}

expect_known()
{
	expect_column "$1" >/dev/null
}

# "backend feature state verified", a line each, of what is available.
expect_said()
{
	jq -r '.backends[] | select(.available) | .type as $type | .features[] |
		"\($type) \(.name) \(.state) \(.verified)"' "$1" | sort
}

expect_backends()
{
	document=$1
	shift
	for backend; do
		jq -e --arg name "$backend" \
			'.backends[] | select(.type == $name) | .available' "$document" ||
			{ jq -r '.backends[] | "\(.type): \(.detail)"' "$document"; return 1; }
	done
}

expect_available()
{
	jq -r '[.backends[] | select(.available) | .type] | join("|")' "$1"
}

# What the matrix says of the backends that the document has.
expect_matrix_lines()
{
	awk -v column="$(expect_column "$1")" '
		BEGIN {
			says["+"] = "native passed"
			says["~"] = "native ineffective"
			says["-"] = "absent untested"
			says["e"] = "emulated untested"
		}
		/^#/ || !NF || $1 == "backend" { next }
		{ print $1, $2, says[$column] }' matrix |
		grep -E "^($(expect_available "$2")) " | sort
}

expect_diff()
{
	if diff "$1" "$2" >"$work/diff"; then
		return 0
	fi
	echo "known of this kernel (<) and said by the probe (>):"
	cat "$work/diff"
	return 1
}

expect_matrix()
{
	expect_said "$2" >"$work/said"
	[ -s "$work/said" ] || { echo "the document says nothing"; return 1; }
	expect_matrix_lines "$1" "$2" >"$work/known"
	expect_diff "$work/known" "$work/said"
}

# LIE: a file of lines "feature state verified".
expect_lie()
{
	expect_said "$3" >"$work/said"
	[ -s "$work/said" ] || { echo "the document says nothing"; return 1; }
	expect_matrix_lines "$1" "$3" | awk -v lie="$2" '
		BEGIN { while ((getline line < lie) > 0) {
			split(line, word)
			changed[word[1]] = word[2] " " word[3]
		} }
		{ print $1, $2, $2 in changed ? changed[$2] : $3 " " $4 }' | sort >"$work/known"
	expect_diff "$work/known" "$work/said"
}
