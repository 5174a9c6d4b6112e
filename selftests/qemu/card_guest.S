/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card_guest.S - a guest that is nothing but the driver of one network card
 *
 * A firmware of 64 KiB.  It acks all features of the virtio-net device in slot 2, sets up
 * one receive and one transmit ring with the sizes that the device offers, and writes '!' to
 * the debug port.  The device is driven through its configuration space, by the capability
 * VIRTIO_PCI_CAP_PCI_CFG.
 */
	.set DEVICE, 0x80001000		/* slot 2 of bus 0, for port 0xcf8 */
	.set WINDOW, 0x84		/* where QEMU puts the capability */
	.set RINGS, 0x100000		/* in RAM, 64 KiB for each */

	.code16
	.text

	.macro config reg, value
	movl	$(DEVICE + \reg), %eax
	movw	$0xcf8, %dx
	outl	%eax, %dx
	movl	\value, %eax
	movw	$0xcfc, %dx
	outl	%eax, %dx
	.endm

	/* A register of the common configuration. */
	.macro window at, size
	config	(WINDOW + 4), $4
	config	(WINDOW + 8), $\at
	config	(WINDOW + 12), $\size
	.endm

	.macro store at, size, value
	window	\at, \size
	config	(WINDOW + 16), \value
	.endm

	.macro load at, size
	window	\at, \size
	movl	$(DEVICE + WINDOW + 16), %eax
	movw	$0xcf8, %dx
	outl	%eax, %dx
	movw	$0xcfc, %dx
	inl	%dx, %eax
	.endm

	.macro ring number
	store	0x16, 2, $\number		/* queue_select */
	store	0x20, 4, $(RINGS + \number * 0x10000)
	store	0x28, 4, $(RINGS + \number * 0x10000 + 0x8000)
	store	0x30, 4, $(RINGS + \number * 0x10000 + 0xc000)
	store	0x1c, 2, $1			/* queue_enable */
	.endm

	.globl	start
start:
	cli
	/* Aligned to 32 bytes, not to 64: the size of the BAR shows in a migration. */
	config	0x10, $0xc020
	config	0x04, $7
	store	0x14, 1, $0			/* device_status */
	store	0x14, 1, $3
	xorl	%edi, %edi
features:
	store	0x00, 4, %edi			/* device_feature_select */
	load	0x04, 4
	movl	%eax, %esi
	store	0x08, 4, %edi			/* driver_feature_select */
	store	0x0c, 4, %esi
	incl	%edi
	cmpl	$2, %edi
	jne	features
	store	0x14, 1, $11
	ring	0
	ring	1
	store	0x14, 1, $15
	movb	$'!', %al
	outb	%al, $0xe9
halt:
	hlt
	jmp	halt

	.org	0xfff0
	ljmp	$0xf000, $0
	.org	0xffff
	.byte	0
