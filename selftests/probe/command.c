// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * command.c - the command line, as a table: arguments, exit code, what is said
 */
#include "kselftest_harness.h"

#include <jansson.h>
#include <pty.h>
#include <signal.h>

#include "run.h"

static struct run r;

#define USAGE "Usage: tapcompat [-j] [-p] [-q] COMMAND"
#define ERROR "{\"schema\":\"tapcompat-error\""

static const struct {
	const char *args[6];
	int status;
	const char *out, *err;	/* each begins so, or contains it behind a '*' */
} cases[] = {
	{ { NULL }, 2, "", USAGE },
	{ { "-j" }, 2, ERROR, "tapcompat: no command: try" },
	{ { "--help" }, 0, USAGE, "" },
	{ { "-h" }, 0, USAGE, "" },
	{ { "help" }, 0, USAGE, "" },
	{ { "help", "probe" }, 0, "Usage: tapcompat probe", "" },
	{ { "help", "prbe" }, 2, "", "*unknown command 'prbe': did you mean 'probe'?" },
	{ { "help", "probe", "x" }, 2, "", "*no further argument 'x'" },
	{ { "-j", "help", "nonsense" }, 2, ERROR, "tapcompat: unknown command 'nonsense': try" },
	{ { "--version" }, 0, "tapcompat 0.", "" },
	{ { "-V" }, 0, "tapcompat 0.", "" },
	{ { "--version=1" }, 2, "", "*option '--version=1' takes no value" },
	{ { "--nonsense", "probe" }, 2, "", "*'--nonsense' is not known: try tapcompat --help" },
	{ { "nonsense" }, 2, "", "tapcompat: unknown command 'nonsense': try" },
	{ { "chekc" }, 2, "", "tapcompat: unknown command 'chekc': did you mean 'check'?" },
	{ { "check", "--requre=csum" }, 2, "",
	  "*'--requre=csum' is not known: did you mean '--require'? Or try" },
	{ { "check", "--nonsense" }, 2, "", "*'--nonsense' is not known: try" },
	{ { "models", "tapnet-1" }, 2, "", "*'tapnet-1': did you mean 'tapnet-v1'? It must be" },
	{ { "check", "--require=hots_uso" }, 2, "",
	  "*unknown feature 'hots_uso': did you mean 'host_uso'? It must be one of csum," },
	{ { "nonsense", "-j" }, 2, ERROR, "tapcompat: unknown command" },
	{ { "-j", "nonsense" }, 2, ERROR, "tapcompat: unknown command" },
	{ { "\033[31mred" }, 2, "", "*unknown command '\\x1b[31mred'" },
	{ { "probe", "--help" }, 0, "Usage: tapcompat probe", "" },
	{ { "-q", "probe", "--help" }, 0, "Usage: tapcompat probe", "" },
	{ { "probe", "-h", "--nonsense" }, 2, "", "*--nonsense" },
	{ { "probe", "--nonsense" }, 2, "", "*probe: option '--nonsense' is not known: try" },
	{ { "probe", "-x" }, 2, "", "*'-x' is not known" },
	{ { "probe", "-j", "--nonsense" }, 2, ERROR, "*--nonsense" },
	{ { "-j", "probe", "--nonsense" }, 2, ERROR, "*--nonsense" },
	{ { "probe", "--nonsense", "-j" }, 2, ERROR, "*--nonsense" },
	{ { "probe", "-jx" }, 2, ERROR, "*'-x' is not known" },
	{ { "probe", "-p", "--nonsense" }, 2, "{\n  \"schema\": \"tapcompat-error\"", "*--non" },
	{ { "probe", "--json=1" }, 2, "", "*'--json=1' takes no value" },
	{ { "probe", "extra" }, 2, "", "*no argument 'extra'" },
	{ { "probe", "--", "extra" }, 2, "", "*no argument 'extra'" },
	{ { "probe", "--backend" }, 2, "", "*'--backend' needs a value" },
	{ { "probe", "--backend=" }, 2, "", "*unknown backend ''" },
	{ { "probe", "--backend=TAP" }, 2, "",
	  "*unknown backend 'TAP': did you mean 'tap'? It must be one of tap, macvtap," },
	{ { "probe", "--backend", "vhost" }, 2, "", "*unknown backend 'vhost'" },
	{ { "probe", "--backend=tap", "--backend=x" }, 2, "", "*unknown backend 'x'" },
	{ { "qmp", "--help" }, 0, "Usage: tapcompat qmp", "" },
	{ { "qmp", "extra" }, 2, "", "*no argument 'extra'" },
	{ { "qmp", "--socket" }, 2, "", "*'--socket' needs a value" },
	{ { "qmp", "-j", "--socket=" }, 2, ERROR, "*the path is empty" },
	{ { "check", "--vm=/nonexistent" }, 2, "", "*/nonexistent: No such" },
	{ { "check", "--vm=x", "--require=csum" }, 2, "", "*exclude each other" },
	{ { "check", "--require=csum", "--allow-non-strict" }, 2, "", "*give --vm=FILE" },
	{ { "models", "nonsense" }, 2, "", "*unknown model 'nonsense': must be one of tapnet-v1" },
	{ { "models", "tapnet", "extra" }, 2, "", "*no further argument 'extra'" },
	{ { "models", "-q" }, 0, "tapnet-v1\ntapnet-v2\n", "" },
	{ { "compare", "0x1" }, 2, "", "*two operands are needed, A and B" },
	{ { "compare", "0x1", "0x1" }, 0, "identical\n", "" },
	{ { "compare", "0x1", "0xg" }, 2, "", "*0xg: a mask is" },
	{ { "compare", "-q", "0x1", "0x3", "--error" }, 1, "subset\n", "" },
	{ { "compare", "--", "0x3", "0x1" }, 0, "superset\n", "" },
	{ { "compare", "0x1", "/nonexistent" }, 2, "", "*/nonexistent: No such" },
	{ { "baseline" }, 2, "", "*no hosts: give documents" },
	{ { "baseline", "/nonexistent" }, 2, "", "*/nonexistent: No such" },
	{ { "baseline", "--skip-bad", "/nonexistent" }, 2, "", "*no valid document" },
	{ { "baseline", "--format=x", "f" }, 2, "",
	  "*unknown format 'x': must be one of json, qemu" },
	{ { "baseline", "--backend=ebpf-rss", "f" }, 2, "", "*ebpf-rss is a part of the tap" },
	{ { "baseline", "--qemu-version=new", "f" }, 2, "", "*a release such as 8.2" },
	{ { "baseline", "--holds=56", "f" }, 2, "", "*not '56'" },
	{ { "baseline", "-j", "--format=qemu", "f" }, 2, ERROR, "*exclude each other" },
	{ { "explain", "zz" }, 2, "", "*'zz' is not a mask" },
	{ { "explain", "0x1", "0x1", "0x1" }, 2, "", "*there are 3 masks" },
	{ { "explain", "-q", "0x100000000000001" }, 0, "csum\nhost_uso\n", "" },
	{ { "record" }, 2, "", "*nothing is requested: give --require=LIST" },
	{ { "record", "--require=csum", "--disable=csum", "--caps=/dev/null" }, 2, "", "*" },
	{ { "record", "--update=x", "--require=csum" }, 2, "", "*keeps what was requested" },
	{ { "check", "--help" }, 0, "Usage: tapcompat check", "" },
	{ { "check" }, 2, "", "*nothing is required: give --require=LIST, --model=NAME or --vm" },
	{ { "check", "--require" }, 2, "", "*'--require' needs a value" },
	{ { "check", "--require=" }, 2, "", "*empty name" },
	{ { "--js", "check", "--require=" }, 2, ERROR, "*empty name" },
	{ { "check", "--require=nonsense" }, 2, "", "*unknown feature 'nonsense'" },
	{ { "check", "--model=tapnet-v0" }, 2, "", "*must be one of tapnet-v1, tapnet-v2" },
	{ { "check", "--model=tapnet", "--require=csum" }, 2, "", "*exclude each other" },
	{ { "check", "--require=csum", "--backend=x" }, 2, "", "*unknown backend 'x'" },
	{ { "check", "--require=csum", "--caps=/nonexistent" }, 2, "", "*/nonexistent: No such" },
	{ { "check", "--require=csum", "--caps=/dev/null" }, 2, "", "*/dev/null: line 1" },
	{ { "check", "--require=csum", "--caps=x", "--no-verify" }, 2, "", "*replaces that" },
	{ { "check", "--require=csum", "extra" }, 2, "", "*no argument 'extra'" },
	{ { "check", "--require=csum", "--machine=q35" }, 2, "", "*give --qemu=PATH" },
	{ { "check", "--require=csum", "--vhost=yes" }, 2, "", "*'on' or 'off', not 'yes'" },
	{ { "check", "--require=csum", "--qemu=x", "--backend=tap" }, 2, "", "*--vhost instead" },
	{ { "offer", "--help" }, 0, "Usage: tapcompat offer", "" },
	{ { "offer" }, 2, "", "*no QEMU: give --qemu=PATH" },
	{ { "offer", "--qemu" }, 2, "", "*'--qemu' needs a value" },
	{ { "offer", "--qemu=x", "--vhost=maybe" }, 2, "", "*'on' or 'off', not 'maybe'" },
	{ { "offer", "--qemu=x", "--caps=/nonexistent" }, 2, "", "*/nonexistent: No such" },
	{ { "offer", "--qemu=x", "--caps=x", "--load-modules" }, 2, "", "*replaces that" },
	{ { "offer", "--qemu=x", "extra" }, 2, "", "*no argument 'extra'" },
	{ { "probe", "--strict", "--no-verify" }, 2, "", "*--no-verify sends none" },
	{ { "probe", "--format=x" }, 2, "",
	  "*unknown format 'x': must be one of nfd, prometheus, nova" },
	{ { "probe", "--format=nfd", "-j" }, 2, ERROR, "*--format and -j or -p exclude" },
	{ { "probe", "--output=x" }, 2, "", "*--output needs --format or -j" },
	{ { "probe", "--format=nfd", "--caps=/nonexistent" }, 2, "", "*/nonexistent: No such" },
};

static bool says(const char *text, const char *want)
{
	if (!*want)
		return !*text;
	return *want == '*' ? strstr(text, want + 1) != NULL : !strncmp(text, want, strlen(want));
}

TEST(usage)
{
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *args[8] = { NULL };

		for (n = 0; n < 6; n++)
			args[n + 1] = cases[i].args[n];
		run(&r, args);
		EXPECT_EQ(cases[i].status, r.status) {
			TH_LOG("case %zu", i);
		}
		EXPECT_TRUE(says(r.out, cases[i].out)) {
			TH_LOG("case %zu: stdout: %s", i, r.out);
		}
		EXPECT_TRUE(says(r.err, cases[i].err)) {
			TH_LOG("case %zu: stderr: %s", i, r.err);
		}
	}
}

/* A message is one line, and an error in JSON says the same. */
TEST(errors_in_json)
{
	json_error_t e;
	json_t *o, *error;

	RUN(&r, "probe", "-j", "--backend=\033[31m");
	ASSERT_EQ(2, r.status);
	o = json_loads(r.out, JSON_REJECT_DUPLICATES, &e);
	ASSERT_NE(NULL, o);
	error = json_object_get(o, "error");
	EXPECT_EQ(2, json_integer_value(json_object_get(error, "exit")));
	EXPECT_TRUE(json_is_string(json_object_get(error, "desc")));
	EXPECT_EQ(r.err + strlen(r.err) - 1, strchr(r.err, '\n'));
	json_decref(o);
}

TEST(values_in_both_forms)
{
	RUN(&r, "probe", "--no-verify", "-j", "--backend=vhost-vdpa");
	EXPECT_NE(NULL, strstr(r.out, "\"type\":\"vhost-vdpa\""));
	EXPECT_EQ(NULL, strstr(r.out, "\"type\":\"tap\""));
	RUN(&r, "probe", "--no-verify", "-j", "--backend", "vhost-vdpa", "--backend", "tap");
	if (r.status == 3)
		SKIP(return, "nothing can be probed here");
	EXPECT_NE(NULL, strstr(r.out, "\"type\":\"vhost-vdpa\""));
	EXPECT_NE(NULL, strstr(r.out, "\"type\":\"tap\""));
	EXPECT_EQ(NULL, strstr(r.out, "\"type\":\"macvtap\""));
}

TEST(quiet_is_a_part_of_the_table)
{
	char *line, *rest;
	struct run *all = calloc(1, sizeof(*all));

	RUN(all, "probe", "--no-verify");
	if (all->status == 3)
		SKIP(return, "nothing can be probed here");
	RUN(&r, "probe", "--no-verify", "-q");
	EXPECT_EQ(0, r.status);
	for (line = strtok_r(r.out, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		EXPECT_TRUE(strstr(all->out, line) || !strcmp(line, "  all native"));
	free(all);
}

TEST(no_colour_in_a_pipe)
{
	RUN(&r, "probe", "--no-verify");
	EXPECT_EQ(NULL, strchr(r.out, '\033'));
	EXPECT_EQ(NULL, strchr(r.err, '\033'));
	EXPECT_EQ(NULL, strstr(r.out, " \n"));
}

/* Start the program on a terminal. */
static pid_t on_terminal(int *master, const char *term, const char *no_colour, const char *flag)
{
	pid_t pid = forkpty(master, NULL, NULL, NULL);

	if (pid == 0) {
		setenv("NO_COLOR", no_colour, 1);
		setenv("TERM", term, 1);
		execl(run_tapcompat(), "tapcompat", "probe", "--no-verify", flag, NULL);
		_exit(127);
	}
	return pid;
}

/* What it writes there until it ends. */
static void read_terminal(pid_t pid, int master, char *text, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size - 1 && (n = read(master, text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	waitpid(pid, NULL, 0);
	close(master);
}

TEST(colour_on_a_terminal)
{
	int master;
	pid_t pid = on_terminal(&master, "xterm", "", NULL);

	read_terminal(pid, master, r.out, sizeof(r.out));
	EXPECT_NE(NULL, strstr(r.out, "\033[1mtap\033[0m"));
	pid = on_terminal(&master, "xterm", "1", NULL);
	read_terminal(pid, master, r.out, sizeof(r.out));
	EXPECT_EQ(NULL, strstr(r.out, "\033[1m"));
	pid = on_terminal(&master, "dumb", "", NULL);
	read_terminal(pid, master, r.out, sizeof(r.out));
	EXPECT_EQ(NULL, strchr(r.out, '\033'));
	EXPECT_NE(NULL, strstr(r.out, "tap"));
}

/* The probe's own process, once it exists. */
static pid_t child_of(pid_t pid)
{
	char path[64], text[32];
	int i;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	for (i = 0; i < 20000; i++) {
		FILE *f = fopen(path, "r");
		bool got = f && fgets(text, sizeof(text), f);

		if (f)
			fclose(f);
		if (got)
			return atoi(text);
		usleep(100);
	}
	return 0;
}

/* What a probe that takes a second writes to a terminal. */
static bool slow_probe(const char *flag)
{
	int master;
	pid_t pid = on_terminal(&master, "xterm", "", flag), child = child_of(pid);
	bool slowed = child > 0 && !kill(child, SIGSTOP);

	usleep(900000);
	if (slowed)
		kill(child, SIGCONT);
	read_terminal(pid, master, r.out, sizeof(r.out));
	return slowed;
}

/* Progress is shown, and removed at the end. */
TEST(progress_on_a_terminal)
{
	char *said, *wiped;

	ASSERT_TRUE(slow_probe(NULL));
	said = strstr(r.out, "probing ");
	ASSERT_NE(NULL, said);
	wiped = strstr(said, "\r\033[K");
	ASSERT_NE(NULL, wiped);
	EXPECT_NE(NULL, strstr(wiped, ": Linux "));
}

/* With -j, stdout is JSON and nothing else, also where stderr is the same terminal. */
TEST(no_progress_beside_json)
{
	json_error_t e;
	json_t *o;

	ASSERT_TRUE(slow_probe("-j"));
	o = json_loads(r.out, 0, &e);
	EXPECT_NE(NULL, o) {
		TH_LOG("%s: %s", e.text, r.out);
	}
	json_decref(o);
	EXPECT_EQ(NULL, strchr(r.out, '\033'));
}

TEST_HARNESS_MAIN
