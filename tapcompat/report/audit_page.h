/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * audit_page.h - style and script of the page of audit_html.c, and their hashes
 *
 * A hash is base64 of the SHA-256 of the text: a browser ignores text whose hash is another,
 * and selftests/audit/html.sh compares both.
 */
#ifndef TAPCOMPAT_REPORT_AUDIT_PAGE_H
#define TAPCOMPAT_REPORT_AUDIT_PAGE_H

#define AUDIT_STYLE_HASH "sha256-tIB5lGfQIP/AjuUnw3DmQNBreSYG4AQZze3PzKDFxeM="
#define AUDIT_STYLE \
	":root{--ok:#d8f0d8;--bad:#f8d4d4;--odd:#f6ebc4;--line:#bbb}\n" \
	"@media(prefers-color-scheme:dark){\n" \
	":root{--ok:#1d4a25;--bad:#692626;--odd:#574a16;--line:#555}}\n" \
	"body{font:14px/1.4 sans-serif;margin:1.5em;color:CanvasText;background:Canvas}\n" \
	"div{overflow-x:auto}\n" \
	"table{border-collapse:collapse}\n" \
	"th,td{border:1px solid var(--line);padding:.2em .5em}\n" \
	"th,td{text-align:left;vertical-align:top}\n" \
	"#features th:nth-child(n+4){writing-mode:vertical-rl;vertical-align:bottom}\n" \
	"#features td:nth-child(n+4){font-size:80%;white-space:nowrap}\n" \
	"#features td:nth-child(3){white-space:nowrap}\n" \
	"#hosts td{min-width:9em;max-width:26em}\n" \
	"bdi{overflow-wrap:anywhere}\n" \
	".held,.can-go{background:var(--ok)}\n" \
	".cannot-go{background:var(--bad)}\n" \
	".corrupts,.unknown{background:var(--odd)}\n" \
	".not-held{opacity:.6}\n" \
	".js th{cursor:pointer}\n" \
	"label{margin-right:1em}\n"

#define AUDIT_SCRIPT_HASH "sha256-jo/cZbooXKuhdYitDfYkx++FuI3x4/Hl3eXIrpcD7Jw="
#define AUDIT_SCRIPT \
	"'use strict';\n" \
	"const get = id => document.getElementById(id);\n" \
	"const text = get('text'), verdict = get('verdict');\n" \
	"let sort = '';\n" \
	"const has = row => row.getElementsByClassName(verdict.value).length > 0;\n" \
	"const matches = (row, wanted) => row.textContent.toLowerCase().includes(wanted);\n" \
	"const show = () => {\n" \
	"\tconst wanted = text.value.toLowerCase();\n" \
	"\tfor (const table of document.querySelectorAll('table')) {\n" \
	"\t\tconst body = table.tBodies[0], rows = [...body.rows];\n" \
	"\t\tconst [id, column, down] = sort.split('.');\n" \
	"\t\tconst key = row => row.cells[column].textContent;\n" \
	"\t\tif (id === table.id && rows.length && rows[0].cells[column])\n" \
	"\t\t\trows.sort((a, b) => (down ? -1 : 1) *\n" \
	"\t\t\t\tkey(a).localeCompare(key(b), 'en', { numeric: true }));\n" \
	"\t\tbody.append(...rows);\n" \
	"\t\tconst offered = verdict.value && rows.some(has);\n" \
	"\t\tfor (const row of rows)\n" \
	"\t\t\trow.hidden = !matches(row, wanted) || offered && !has(row);\n" \
	"\t}\n" \
	"};\n" \
	"const read = () => {\n" \
	"\tconst hash = new URLSearchParams(location.hash.slice(1));\n" \
	"\tsort = hash.get('sort') || '';\n" \
	"\ttext.value = hash.get('filter') || '';\n" \
	"\tverdict.value = hash.get('verdict') || '';\n" \
	"\tshow();\n" \
	"};\n" \
	"const write = () => {\n" \
	"\tconst now = { sort, filter: text.value, verdict: verdict.value };\n" \
	"\tlocation.hash = new URLSearchParams(now);\n" \
	"};\n" \
	"const choose = up => {\n" \
	"\tsort = sort === up ? up + '.down' : up;\n" \
	"\twrite();\n" \
	"};\n" \
	"for (const table of document.querySelectorAll('table'))\n" \
	"\t[...table.tHead.rows[0].cells].forEach((cell, i) =>\n" \
	"\t\tcell.addEventListener('click', () => choose(table.id + '.' + i)));\n" \
	"text.addEventListener('change', write);\n" \
	"verdict.addEventListener('change', write);\n" \
	"addEventListener('hashchange', read);\n" \
	"document.body.className = 'js';\n" \
	"get('tools').hidden = false;\n" \
	"read();\n"

#endif /* TAPCOMPAT_REPORT_AUDIT_PAGE_H */
