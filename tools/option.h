/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * option.h - options of commands, as tables
 *
 * A row says all of an option: its name, its argument, its help, and which member of the
 * command's request it sets and how.  getopt_long(3)'s table, the parsing and the help text
 * are made from the rows.  Tables that several commands share are groups of options, each
 * for a part of the request.
 */
#ifndef TAPCOMPAT_TOOLS_OPTION_H
#define TAPCOMPAT_TOOLS_OPTION_H

#include <stdbool.h>
#include <stddef.h>

struct output;
struct option_use;

/* The word at an index, NULL behind the last one. */
typedef const char *option_words(unsigned int index);

/**
 * struct command_option - an option; a row without a name ends a table
 * @name: without the dashes
 * @argument: its argument as the help has it; NULL: it takes none
 * @help: any length, broken into lines when it is printed; NULL: the help omits it
 * @set: read the argument; EXIT_YES, or EXIT_USAGE after a message
 * @offset: of the member that @set sets
 * @given: of a bool that is set as well; 0: there is none
 * @words: of option_word() and option_word_set()
 * @bit: of option_bit()
 * @letter: its short form, or '\0'
 */
struct command_option {
	const char *name, *argument, *help;
	int (*set)(const struct option_use *use);
	size_t offset, given;
	option_words *words;
	unsigned int bit;
	char letter;
};

/* Options of a part of the request, which begins at @offset. */
struct option_group {
	const struct command_option *rows;
	size_t offset;
};

/* An option on the command line, for @set. */
struct option_use {
	const struct output *out;
	const char *command;
	const struct command_option *option;
	const char *text;	/* the argument, or NULL */
	void *member;
};

/* The offset of a member of a request; does not compile unless the member is of @type. */
#define OPTION_MEMBER(type, request, member) \
	(offsetof(request, member) + 0 * sizeof(char[__builtin_types_compatible_p( \
		type, __typeof__(((request *)0)->member)) ? 1 : -1]))

/* How an option sets a member: the rest of a row behind its help. */
#define OPTION_FLAG(request, member) \
	.set = option_flag, .offset = OPTION_MEMBER(bool, request, member)
#define OPTION_BIT(request, member, flag) \
	.set = option_bit, .offset = OPTION_MEMBER(unsigned int, request, member), .bit = (flag)
#define OPTION_TEXT(request, member) \
	.set = option_text, .offset = OPTION_MEMBER(const char *, request, member)
#define OPTION_TEXT_FILLED(request, member) \
	.set = option_text_filled, .offset = OPTION_MEMBER(const char *, request, member)
#define OPTION_ON_OFF(request, member) \
	.set = option_on_off, .offset = OPTION_MEMBER(int, request, member)
#define OPTION_FEATURES(request, member) \
	.set = option_features, .offset = OPTION_MEMBER(struct tapcompat_mask, request, member)
#define OPTION_EXCLUSION(request, member) \
	.set = option_exclusion, .offset = OPTION_MEMBER(struct tapcompat_mask, request, member)
#define OPTION_MASK(request, member) \
	.set = option_mask, .offset = OPTION_MEMBER(struct tapcompat_mask, request, member)
#define OPTION_MODEL(request, member) \
	.set = option_model, \
	.offset = OPTION_MEMBER(const struct tapcompat_model *, request, member)
#define OPTION_WORD(request, member, list) \
	.set = option_word, .offset = OPTION_MEMBER(unsigned int, request, member), \
	.words = (list)
#define OPTION_WORD_SET(request, member, list) \
	.set = option_word_set, .offset = OPTION_MEMBER(unsigned int, request, member), \
	.words = (list)

int option_flag(const struct option_use *use);		/* bool: true */
int option_bit(const struct option_use *use);		/* unsigned int: a bit is set */
int option_text(const struct option_use *use);		/* const char * */
int option_text_filled(const struct option_use *use);	/* the same, not empty */
int option_on_off(const struct option_use *use);	/* int: 1 or 0 */
int option_features(const struct option_use *use);	/* struct tapcompat_mask: added */
int option_exclusion(const struct option_use *use);	/* struct tapcompat_mask: added */
int option_mask(const struct option_use *use);		/* struct tapcompat_mask, as 0x... */
int option_model(const struct option_use *use);		/* const struct tapcompat_model * */
int option_word(const struct option_use *use);		/* unsigned int: its index */
int option_word_set(const struct option_use *use);	/* unsigned int: 1 << its index is set */

const char *option_backend_word(unsigned int index);

/**
 * struct options - what a command line may have, and what it sets
 * @out: how errors are reported
 * @command: its name, for messages; NULL: in front of one
 * @groups: up to one without rows
 * @request: what the options set; its first member is a struct output
 * @program: options end at the first operand
 */
struct options {
	const struct output *out;
	const char *command;
	const struct option_group *groups;
	void *request;
	bool program;
};

/**
 * options_parse() - read the options of a command line
 * Return: EXIT_YES, with optind at the first operand; or EXIT_USAGE after a message
 */
int options_parse(const struct options *options, int argc, char **argv);

/**
 * options_help() - print the lines of the help that are about options
 */
void options_help(const struct option_group *groups);

/* -j, -p, -q and -h, of a struct output. */
extern const struct command_option output_options[];

#endif /* TAPCOMPAT_TOOLS_OPTION_H */
