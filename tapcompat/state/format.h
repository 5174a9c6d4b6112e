/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * format.h - constants of QEMU's migration stream
 */
#ifndef TAPCOMPAT_STATE_FORMAT_H
#define TAPCOMPAT_STATE_FORMAT_H

#define STREAM_MAGIC 0x5145564d		/* "QEVM" */
#define STREAM_VERSION 3
#define MULTIFD_MAGIC 0x11223344	/* first word of another channel */
#define QCOW2_MAGIC 0x514649fb

/* The byte before a section, a command and so on. */
enum stream_type {
	STREAM_END = 0x00,
	STREAM_SECTION_START = 0x01,
	STREAM_SECTION_PART = 0x02,
	STREAM_SECTION_END = 0x03,
	STREAM_SECTION_FULL = 0x04,
	STREAM_SUBSECTION = 0x05,
	STREAM_DESCRIPTION = 0x06,
	STREAM_CONFIGURATION = 0x07,
	STREAM_COMMAND = 0x08,
	STREAM_FOOTER = 0x7e,
};

#define STREAM_FOOTER_LEN 5	/* the type and the section's number */

/* Low bits of a word of the section "ram". */
enum ram_flag {
	RAM_ZERO = 0x02,
	RAM_SIZE = 0x04,
	RAM_PAGE = 0x08,
	RAM_END = 0x10,
	RAM_CONTINUE = 0x20,
	RAM_XBZRLE = 0x40,
	RAM_HOOK = 0x80,
	RAM_COMPRESSED = 0x100,
	RAM_FLUSH = 0x200,
	RAM_FLAGS = 0x3ff,
};

#endif /* TAPCOMPAT_STATE_FORMAT_H */
