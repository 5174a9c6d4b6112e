// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * liar.c - a preloaded library in which no ioctl(2) ever fails
 */
int ioctl(int fd, unsigned long request, ...);
int ioctl(int fd, unsigned long request, ...)
{
	return 0;
}
