/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * against.h - where can machines go?
 *
 * Hosts that provide the same and run the same release of Linux are one place.  Of machines
 * only counts are kept, so that a fleet of any size is judged in bounded memory.
 */
#ifndef TAPCOMPAT_AUDIT_AGAINST_H
#define TAPCOMPAT_AUDIT_AGAINST_H

#include "audit.h"
#include "feature/provided.h"

#define AGAINST_PLACES 4096
#define AGAINST_CURES 6

enum audit_go {
	AUDIT_CAN_GO,
	AUDIT_GO_UNKNOWN,
	AUDIT_CANNOT_GO,
};

struct audit_verdict {
	enum audit_go go;
	struct tapcompat_mask lacks;	/* held, and the host lacks them */
	struct tapcompat_mask doubtful;	/* held, and unknown on the host */
	struct tapcompat_mask unsure;	/* lacking or unknown there, and unknown on the card */
	struct tapcompat_mask corrupts;	/* held, and the host corrupts their frames */
	const char *reason;		/* it is unknown for another reason, or NULL */
};

/* A place, and the machines that were judged against it. */
struct audit_place {
	char name[264], kernel[AUDIT_WORD], release[24];
	unsigned long hosts;
	enum tapcompat_availability availability[TAPCOMPAT_BACKENDS];
	struct provided provided[TAPCOMPAT_BACKENDS];
	struct tapcompat_caps *caps;	/* of the first of its hosts */
	unsigned long can, cannot, unknown, corrupted;
	unsigned long lacks[128];	/* machines, by a feature that they hold */
	unsigned long unsure[128];	/* machines that may hold it */
};

struct against {
	bool emulated;			/* emulated features count */
	unsigned long machines, documents;
	unsigned long held[128], maybe[128];	/* machines, by feature */
	unsigned long hosts;
	size_t places, room;
	struct audit_place *place;
};

void against_free(struct against *g);

/**
 * against_host() - add a host
 * @caps: taken over, whatever is returned
 * Return: 0, -ENOMEM, or -E2BIG: too many different ones
 */
int against_host(struct against *g, struct tapcompat_caps *caps);

/**
 * against_card() - can a card go there?
 */
struct audit_verdict against_card(const struct audit_place *p, const struct audit_card *card);

/**
 * against_machine() - the worst of its cards; what they lack is added up
 */
struct audit_verdict against_machine(const struct audit_place *p, const struct audit_machine *m);

/**
 * against_count() - judge all machines of an audit, and keep the counts only
 */
void against_count(struct against *g, const struct audit *a);

/**
 * against_read() - the same, of documents from a descriptor, each on its line
 * @skip_bad: go on behind a bad document; @complain gets its message
 * Return: 0, -EINVAL, -ENOMEM or another negative errno
 */
int against_read(struct against *g, int fd, const char *name, bool skip_bad,
		 void (*complain)(const char *text), struct tapcompat_error *error);

/**
 * against_cures() - what would help
 * @m: in whose words
 * @cure: set to strings to be freed with free()
 * Return: how many there are
 */
unsigned int against_cures(const struct audit_place *p, const struct audit_machine *m,
			   struct tapcompat_mask lacks, char *cure[AGAINST_CURES]);

/* Such as "node1 (Linux 6.1.0)", or "12 hosts with Linux 6.1 (such as node1)" */
void against_name(const struct audit_place *p, char *text, size_t size);

const char *audit_go_name(enum audit_go go);

#endif /* TAPCOMPAT_AUDIT_AGAINST_H */
