// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * document_fuzz.c - all documents that others write: what is accepted is written as a document
 * that is read as the same; what is refused has an error that a terminal can show
 */
#include <stdlib.h>
#include <string.h>

#include <tapcompat_fleet.h>

#include "audit/audit.h"
#include "mutate.h"
#include "record/vm.h"
#include "report/audit.h"

static struct tapcompat_error error;

/* @ret of a function that sets the error. */
static bool accepted(int ret, const char *what)
{
	printable(error.text, what);
	if (ret && !error.text[0])
		broken(what);
	error.text[0] = '\0';
	return !ret;
}

static void try_caps(const char *text, size_t size)
{
	struct tapcompat_caps *caps, *again;
	char *once, *twice;

	if (!accepted(tapcompat_caps_parse(text, size, "f", &caps, &error), "caps"))
		return;
	once = tapcompat_caps_json(caps, 0);
	if (tapcompat_caps_parse(once, strlen(once), "f", &again, &error))
		broken("capabilities: what was written is refused");
	twice = tapcompat_caps_json(again, 0);
	if (strcmp(once, twice))
		broken("capabilities: a round trip changes them");
	free(once);
	free(twice);
	tapcompat_caps_free(caps);
	tapcompat_caps_free(again);
}

static void check_record(const struct tapcompat_vm *vm)
{
	const char *unknown = tapcompat_vm_unknown(vm);

	printable(tapcompat_vm_qemu(vm), "record: release");
	if (unknown)
		printable(unknown, "record: unknown");
	printable(vm->machine, "record: machine");
	printable(vm->later, "record: later");
	printable(vm->emulator, "record: emulator");
}

static void try_record(const char *text, size_t size)
{
	struct reader r = { .name = "f", .error = &error }, own = r;
	struct tapcompat_vm *vm, *again;
	char *once, *twice;

	if (!accepted(vm_read_any(&r, text, size, &vm), "record"))
		return;
	check_record(vm);
	once = tapcompat_vm_json(vm, 0);
	if (vm_read(&own, once, strlen(once), &again))
		broken("record: what was written is refused");
	twice = tapcompat_vm_json(again, 0);
	if (strcmp(once, twice))
		broken("record: a round trip changes it");
	free(once);
	free(twice);
	tapcompat_vm_free(again);
	/* As XML. */
	once = tapcompat_vm_libvirt(vm);
	if (once) {
		r = own = (struct reader){ .name = "f", .error = &error };
		if (vm_read_any(&r, once, strlen(once), &again))
			broken("record: the metadata that was written is refused");
		tapcompat_vm_free(again);
	}
	free(once);
	tapcompat_vm_free(vm);
}

static void check_machine(const struct audit_machine *m)
{
	unsigned int i;

	printable(m->name, "audit: name");
	printable(m->uuid, "audit: uuid");
	printable(m->manager, "audit: manager");
	printable(m->program, "audit: program");
	printable(m->type, "audit: type");
	printable(m->record, "audit: record");
	for (i = 0; i < m->cards; i++) {
		printable(m->card[i].alias, "audit: alias");
		printable(m->card[i].netdev, "audit: netdev");
		printable(m->card[i].model, "audit: model");
		printable(m->card[i].path, "audit: path");
		if (m->card[i].tap)
			printable(m->card[i].tap->name, "audit: tap");
	}
}

static void try_audit(const char *text, size_t size)
{
	struct audit a, again;
	char *once;
	size_t i;

	audit_init(&a, false);
	if (accepted(audit_parse(&a, text, size, "f", 0, &error), "audit")) {
		for (i = 0; i < a.machines; i++)
			check_machine(&a.machine[i]);
		audit_settle_all(&a);
		once = audit_json(&a, NULL, 0);
		audit_init(&again, false);
		if (audit_parse(&again, once, strlen(once), "f", 0, &error))
			broken("audit: what was written is refused");
		if (again.machines != a.machines)
			broken("audit: a round trip loses machines");
		audit_free(&again);
		free(once);
	}
	audit_free(&a);
}

/* Text that ends with a NUL: options, and what a guest prints. */
static void try_words(const char *text, size_t size)
{
	char *words = strndup(text, size), again[TAPCOMPAT_MASK_TEXT];
	struct tapcompat_mask mask, same;
	struct audit_machine m = { .cards = 0 };
	struct audit_card *card;

	if (!tapcompat_mask_parse(words, &mask) &&
	    (tapcompat_mask_parse(tapcompat_mask_format(&mask, again), &same) ||
	     memcmp(&mask, &same, sizeof(mask))))
		broken("mask: a round trip changes it");
	if (accepted(tapcompat_require_parse(words, &mask, &error), "list"))
		tapcompat_require_complete(&mask);
	card = audit_card(&m);
	if (!card)
		abort();
	card->virtio = true;
	accepted(audit_guest_text(&m, words, "f", &error), "bit strings");
	free(m.card);
	free(words);
}

static void try_fleet(const char *text, size_t size)
{
	struct tapcompat_fleet_options o = { .size = sizeof(o), .qemu = "8.2",
					     .flags = TAPCOMPAT_FLEET_SKIP_BAD };
	struct tapcompat_fleet *fleet;
	const char *why;

	if (tapcompat_fleet_new(&o, &fleet, &error))
		abort();
	accepted(tapcompat_fleet_read(fleet, file_of(text, size), "f", &error), "fleet");
	why = tapcompat_fleet_undecided(fleet);
	if (why)
		printable(why, "fleet: undecided");
	why = tapcompat_fleet_lacks(fleet);
	if (why)
		printable(why, "fleet: lacks");
	tapcompat_fleet_free(fleet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = copy_exact(data, size);

	try_caps(text, size);
	try_record(text, size);
	try_audit(text, size);
	try_words(text, size);
	try_fleet(text, size);
	free(text);
	return 0;
}
