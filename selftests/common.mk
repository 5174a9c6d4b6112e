# SPDX-License-Identifier: GPL-2.0-or-later
#
# common.mk - what the topics' Makefiles share; include it before ../lib.mk

top := $(abspath ../..)
B := $(top)/build$(if $(SANITIZE),/sanitize)
ARCHIVE := $(B)/libtapcompat.a

OUTPUT ?= $(B)/selftests/$(notdir $(CURDIR))
PACKAGES := libnl-route-3.0 libnl-genl-3.0 libbpf jansson libcap-ng libkmod libxml-2.0 libseccomp

CFLAGS += -std=gnu11 -O1 -g -Wall -Wextra -Wno-unused-parameter -D_GNU_SOURCE= -I$(top)/uapi \
	-I$(top)/tapcompat -I$(top)/selftests $(shell pkg-config --cflags $(PACKAGES))
CFLAGS += -ffile-prefix-map=$(top)=. $(if $(SANITIZE),-fsanitize=address -fsanitize=undefined)
# The shared liburing 2.3 lacks two functions that its header has.
LDLIBS += $(shell pkg-config --libs $(PACKAGES)) -l:liburing.a -ldl

# Installed, a program finds its libraries, and they theirs, in a directory beside its own.
ifneq ($(TEST_LIBRARIES),no)
LDFLAGS += -Wl,--disable-new-dtags,-rpath,'$$ORIGIN/../lib'
endif

# The harness reports a test that has failed by a comparison of unlike signs.
CFLAGS += -Wno-sign-compare -Wno-clobbered

# Preloaded: the allocation numbered FAIL_AT fails.
$(OUTPUT)/failmalloc.so: ../failmalloc.c
	$(CC) -std=gnu11 -O1 -Wall -Wextra -fPIC -shared $< -o $@

$(OUTPUT)/uname.so: ../uname.c
	$(CC) -std=gnu11 -O1 -Wall -Wextra -fPIC -shared $< -o $@

ifneq ($(V),1)
.SILENT:
endif
