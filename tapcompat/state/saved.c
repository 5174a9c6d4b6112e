// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * saved.c - what is around QEMU's stream: libvirt's save image
 *
 * Decompression is the work of the format's own program, in a child: no shell, a clean
 * environment, an address space of its own that is bounded, and its output is a pipe that
 * is read no further than needed.
 */
#include "saved.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/bytes.h"
#include "ground/text.h"

#define MAGIC_LEN 16
#define MAGIC_SAVED "LibvirtQemudSave"
#define MAGIC_PARTIAL "LibvirtQemudPart"
#define HEADER_LEN 92
#define HEADER_VERSIONS 3	/* 2, and 3 where the stream is mapped-ram */
#define DECOMPRESSOR_MEMORY (1ul << 30)

/* The words of the header after its magic, in its own byte order. */
enum header_word {
	HEADER_VERSION,
	HEADER_DATA_LEN,
	HEADER_RUNNING,
	HEADER_FORMAT,
	HEADER_COOKIE,
	HEADER_WORDS,
};

/* By the header's number; NULL where the stream is plain. */
static const char *const programs[] = {
	NULL, "gzip", "bzip2", "xz", "lzop", "zstd", NULL,
};

static uint32_t swap32(uint32_t v)
{
	return v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24;
}

static int header_read(struct input *in, uint32_t *word)
{
	uint32_t raw[(HEADER_LEN - MAGIC_LEN) / 4];
	unsigned int i;
	int ret = input_get(in, raw, sizeof(raw));

	if (ret)
		return ret;
	/* The host's order; the version tells another host's. */
	for (i = 0; i < HEADER_WORDS; i++)
		word[i] = raw[HEADER_VERSION] > 0xffff ? swap32(raw[i]) : raw[i];
	if (!word[HEADER_VERSION] || word[HEADER_VERSION] > HEADER_VERSIONS)
		return input_fail(in, -EOPNOTSUPP, MAGIC_LEN, "version %u of libvirt's save image "
				  "is not known", word[HEADER_VERSION]);
	if (word[HEADER_FORMAT] >= ARRAY_LENGTH(programs))
		return input_fail(in, -EOPNOTSUPP, MAGIC_LEN, "format %u of libvirt's save image "
				  "is not known", word[HEADER_FORMAT]);
	if (!word[HEADER_DATA_LEN] || word[HEADER_DATA_LEN] > STATE_XML)
		return input_fail(in, -EBADMSG, MAGIC_LEN, "%u bytes of XML",
				  word[HEADER_DATA_LEN]);
	return 0;
}

/* The XML, up to its NUL; a cookie and padding may follow it. */
static int xml_read(struct input *in, uint32_t len, struct state *state)
{
	int ret;

	state->xml = malloc(len + 1);
	if (!state->xml)
		return input_fail(in, -ENOMEM, input_at(in), "out of memory");
	ret = input_get(in, state->xml, len);
	state->xml[ret ? 0 : len] = '\0';
	return ret;
}

/* Never returns. */
static void decompressor_child(const char *program, int from, int to, pid_t parent)
{
	/* Nothing of what these programs take options from. */
	static char locale[] = "LC_ALL=C", decompress[] = "-dc";
	char *const environment[] = { locale, NULL };
	const struct rlimit memory = { DECOMPRESSOR_MEMORY, DECOMPRESSOR_MEMORY };
	char name[16];
	char *const argv[] = { name, decompress, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	text_set(name, sizeof(name), "%s", program);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* They may be standard descriptors themselves, where those were closed. */
	from = fcntl(from, F_DUPFD_CLOEXEC, 3);
	to = fcntl(to, F_DUPFD_CLOEXEC, 3);
	if (getppid() == parent && null >= 0 && dup2(from, STDIN_FILENO) >= 0 &&
	    dup2(to, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0 &&
	    !setrlimit(RLIMIT_AS, &memory))
		execvpe(program, argv, environment);
	_exit(errno == ENOENT ? 127 : 126);
}

/* What was read ahead is the decompressor's: it is fed from the file's own position. */
static int decompressor_start(struct saved *saved, const char *program)
{
	struct input *in = &saved->in;
	uint64_t at = input_at(in);
	pid_t parent = getpid();
	int both[2];

	if (!in->seekable || lseek(in->fd, (off_t)at, SEEK_SET) < 0)
		return input_fail(in, -ESPIPE, at, "a compressed image is read from a file only, "
				  "not from a pipe");
	if (pipe2(both, O_CLOEXEC))
		return input_fail(in, -errno, at, "no pipe: %s", strerror(errno));
	saved->pid = fork();
	if (saved->pid == 0)
		decompressor_child(program, in->fd, both[1], parent);
	close(both[1]);
	saved->pipe = both[0];
	if (saved->pid < 0) {
		saved->pid = 0;
		return input_fail(in, -errno, at, "%s cannot be started: %s", program,
				  strerror(errno));
	}
	saved->program = program;
	in->fd = both[0];
	in->seekable = false;
	in->at = in->used = 0;
	in->offset = 0;
	text_add(in->name, sizeof(in->name), " (decompressed)");
	return 0;
}

static int saved_header(struct saved *saved, struct state *state)
{
	uint32_t word[HEADER_WORDS];
	int ret = header_read(&saved->in, word);

	if (!ret)
		ret = xml_read(&saved->in, word[HEADER_DATA_LEN], state);
	if (ret)
		return ret;
	state->format = STATE_SAVE_IMAGE;
	state->running = word[HEADER_RUNNING];
	if (!programs[word[HEADER_FORMAT]])
		return 0;
	state->compression = programs[word[HEADER_FORMAT]];
	return decompressor_start(saved, state->compression);
}

int saved_open(struct saved *saved, int fd, const char *name, long end, struct state *state,
	       struct tapcompat_error *error)
{
	struct input *in = &saved->in;
	const uint8_t *magic;
	int ret;

	*saved = (struct saved){ .pipe = -1 };
	ret = input_open(in, fd, name, end, error);
	if (!ret)
		ret = input_peek(in, &magic, MAGIC_LEN);
	if (ret)
		return ret;
	if (!memcmp(magic, MAGIC_PARTIAL, MAGIC_LEN))
		return input_fail(in, -ENODATA, 0, "libvirt has not finished this save image, or "
				  "was ended while it did");
	if (memcmp(magic, MAGIC_SAVED, MAGIC_LEN))
		return 0;
	ret = input_skip(in, MAGIC_LEN);
	return ret ? ret : saved_header(saved, state);
}

/* Why it ended, if it did so by itself. */
static int decompressor_end(struct saved *saved, int ret)
{
	int status = 0;

	if (!saved->pid)
		return ret;
	/* It may still be about to end by itself after the end of its output. */
	if (ret != -ENODATA)
		kill(saved->pid, SIGKILL);
	while (waitpid(saved->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (ret != -ENODATA || (WIFEXITED(status) && !WEXITSTATUS(status)))
		return ret;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return input_fail(&saved->in, -ENOENT, 0, "it is compressed, and %s is not "
				  "installed", saved->program);
	return input_fail(&saved->in, -EBADMSG, saved->in.offset, "%s cannot decompress it: it is "
			  "cut or damaged", saved->program);
}

int saved_close(struct saved *saved, int ret)
{
	if (saved->pipe >= 0)
		close(saved->pipe);
	ret = decompressor_end(saved, ret);
	input_close(&saved->in);
	return ret;
}
