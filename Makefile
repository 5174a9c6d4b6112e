# SPDX-License-Identifier: GPL-2.0-or-later
#
# make			build
# make probe		install what the build needs, build, probe this host
# make check		install what the tests need, build, run every test
# make check-kernels KERNELS="package@suite …"
#			the tests in machines with other Debian kernels;
#			DOCUMENTS=DIRECTORY keeps what the probe says there
# make bench		how long a probe takes, a baseline beside jq, and the datapath
#			beside what the kernel does alone
# make bench-kernels	guest and host together, with our device and with vhost-net, in
#			machines with kernels without USO; KERNELS as above
# make fuzz		each fuzzer for FUZZ_SECONDS (60); FUZZ=NAME for one of them
# make mutants		does a test notice when a check is removed?  MUTANTS=REGEX for some;
#			make check has those that are marked as quick
# make hostile-rows	which test covers which row of the hostile inputs
# make lint		floors, function lengths, style, spelling, compilers, analysers
# make check-abi	is the library's interface that of the last release?
# make install DESTDIR= PREFIX=
# make package		Debian packages, below build/package/debian
# make check-distributions	both commands of README in minimal Debian 12 and 13 systems
#			below build/; DISTRIBUTIONS=, CLONES=, CHECK= as in the script
# make check-package	are they reproducible, and can they be installed, upgraded and purged?
#
# Variables: CC, CLANG, BPFTOOL, CFLAGS, V=1 to see commands, SANITIZE=1 for a
# build with AddressSanitizer and UBSan in a directory of its own.  For another
# architecture CC and PKG_CONFIG; HOSTCC is for what the build itself runs.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
LIBEXECDIR ?= $(PREFIX)/libexec
MANDIR ?= $(PREFIX)/share/man
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
PYTHONDIR ?= $(PREFIX)/lib/python3/dist-packages
SYSTEMDDIR ?= $(PREFIX)/lib/systemd/system
# systemd and AppArmor read only /etc, whichever of the usual prefixes it is.
SYSCONFDIR ?= $(if $(filter /usr /usr/local,$(PREFIX)),,$(PREFIX))/etc
APPARMORDIR ?= $(SYSCONFDIR)/apparmor.d

B := build$(if $(SANITIZE),/sanitize)

CC ?= cc
HOSTCC ?= cc
CLANG ?= clang
BPFTOOL ?= $(shell command -v bpftool || echo /usr/sbin/bpftool)
PKG_CONFIG ?= pkg-config
PACKAGES := libnl-route-3.0 libnl-genl-3.0 libbpf jansson libcap-ng libkmod libxml-2.0

CFLAGS ?= -O2 -g
# A distribution's flags may ask for more.
HARDEN := -fstack-protector-strong \
	$(if $(SANITIZE)$(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS)),,-D_FORTIFY_SOURCE=2)
# What is built does not depend on the directory.
REPRODUCE := -ffile-prefix-map=$(CURDIR)=.
SANITIZERS := -fsanitize=address -fsanitize=undefined -fno-sanitize-recover=undefined
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wundef
override CFLAGS += -std=gnu11 -D_GNU_SOURCE -fPIC -Iuapi -Itapcompat \
	-isystem $(B)/obj/tapcompat \
	$(CPPFLAGS) $(WARN) $(HARDEN) $(REPRODUCE) $(if $(SANITIZE),$(SANITIZERS))
# Asked only when something is built: a fresh machine has no pkg-config yet.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES)))$(PKG_LIBS)

VERSION := $(shell sed -n 's/^.define TAPCOMPAT_VERSION_[A-Z]* //p' uapi/tapcompat.h | paste -sd.)
SONAME := libtapcompat.so.0

# The QEMU that qemu-tapcompat starts.
QEMU ?= /usr/bin/qemu-system-$(shell $(CC) -dumpmachine | sed -E \
	's/-.*//; s/^i[3-6]86$$/i386/; s/^powerpc64(le)?$$/ppc64/; s/^armv?[0-9].*/arm/')

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

LIB_SOURCES := $(filter-out %.bpf.c tapcompat/device/% tapcompat/shim/%,$(wildcard tapcompat/*/*.c))
SHIM_SOURCES := $(wildcard tapcompat/device/*.c tapcompat/shim/*.c)
TOOL_SOURCES := $(wildcard tools/*.c)
HELPER_SOURCES := $(wildcard helper/*.c)
MANUAL_SOURCES := Documentation/man/features.c
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(B)/obj/%.o)
SHIM_OBJECTS := $(SHIM_SOURCES:%.c=$(B)/obj/%.o)
TOOL_OBJECTS := $(TOOL_SOURCES:%.c=$(B)/obj/%.o)
HELPER_OBJECTS := $(HELPER_SOURCES:%.c=$(B)/obj/%.o)
SKELETON := $(B)/obj/tapcompat/steer.skel.h

.PHONY: all
all: $(B)/tapcompat $(B)/tapcompat-helper $(B)/libtapcompat.so $(B)/libtapcompat-shim.so \
	$(B)/tapcompat-features.7

$(B)/obj/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(PKG_CFLAGS) -MMD -MP -c $< -o $@

$(B)/obj/tapcompat/kernel/steer.o: $(SKELETON)

$(B)/obj/%.bpf.o: %.bpf.c
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -O2 -g -Wall -Wextra -target bpf $(REPRODUCE) -Itapcompat \
		-I/usr/include/$(shell $(CC) -print-multiarch) -MMD -MP -c $< -o $@

$(SKELETON): $(B)/obj/tapcompat/kernel/steer.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen object $(<:.o=.linked) $<
	$(Q)$(BPFTOOL) gen skeleton $(<:.o=.linked) name steer_bpf > $@.new && mv $@.new $@

# Functions of a program may have the names of private ones: the library calls its own.
$(B)/$(SONAME): $(LIB_OBJECTS) tapcompat/libtapcompat.map
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs,-z,now \
		-Wl,-Bsymbolic-functions \
		-Wl,--version-script,tapcompat/libtapcompat.map $(LIB_OBJECTS) $(PKG_LIBS) -o $@

$(B)/libtapcompat.so: $(B)/$(SONAME)
	$(Q)ln -sf $(SONAME) $@

# The tests reach inside the library.
INSIDE_OBJECTS := $(LIB_OBJECTS) $(filter-out %/shim/libc.o,$(SHIM_OBJECTS))

$(B)/libtapcompat.a: $(INSIDE_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $(INSIDE_OBJECTS)

# Preloaded into a program that has libraries of its own: it brings what it uses along.
$(B)/libtapcompat-shim.so: $(B)/obj/tapcompat/shim/libc.o $(B)/libtapcompat.a \
		tapcompat/shim/shim.map
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(@F) -Wl,-z,defs,-z,now \
		-Wl,--version-script,tapcompat/shim/shim.map,--gc-sections $(filter-out %.map,$^) \
		-Wl,-Bstatic -luring -Wl,-Bdynamic -o $@

# $(1): where the program looks for the library
link_program = $(CC) $(CFLAGS) $(LDFLAGS) $(TOOL_OBJECTS) -L$(B) -ltapcompat -Wl,-z,now \
	$(if $(1),-Wl$(comma)-rpath$(comma)'$(1)') -o $@
comma := ,

$(B)/tapcompat: $(TOOL_OBJECTS) $(B)/libtapcompat.so
	$(call say,LD,$@)
	$(Q)$(call link_program,$$ORIGIN/.)

# Privileged programs link what they use and nothing else: from the archive, and
# few libraries.
HELPER_LIBS = $(shell $(PKG_CONFIG) --libs libnl-route-3.0 libcap-ng)

$(B)/tapcompat-helper: $(HELPER_OBJECTS) $(B)/libtapcompat.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -Wl,-z,now,--gc-sections,--wrap=ioctl $(HELPER_LIBS) \
		-o $@

# The table for people.  It runs on the machine that builds, which may be another one.
$(B)/obj/features: $(MANUAL_SOURCES) $(wildcard tapcompat/table/* tapcompat/ground/*) \
		uapi/tapcompat_feature.h
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -D_GNU_SOURCE -Iuapi -Itapcompat $(filter %.c,$^) -o $@

$(B)/tapcompat-features.7: $(B)/obj/features
	$(Q)$< > $@.new && mv $@.new $@

# Where the installed program looks for the library; empty: only where all programs do.
RPATH ?= $$ORIGIN/$(shell realpath -ms --relative-to="$(BINDIR)" "$(LIBDIR)")

# What depends on where it is put is made when it is put there.
TEMPLATES := tapcompat/libtapcompat.pc.in $(wildcard tools/*.in) \
	$(wildcard packaging/systemd/*.in packaging/apparmor/*.in)
PREFIXED := $(TEMPLATES:%.in=$(B)/prefixed/%)

.PHONY: $(B)/installed/tapcompat $(PREFIXED)
$(B)/installed/tapcompat: $(TOOL_OBJECTS) $(B)/libtapcompat.so
	$(Q)mkdir -p $(@D)
	$(Q)$(call link_program,$(RPATH))

$(PREFIXED): $(B)/prefixed/%: %.in
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@QEMU@|$(QEMU)|' \
		-e 's|@BINDIR@|$(BINDIR)|; s|@SYSCONFDIR@|$(SYSCONFDIR)|' \
		-e 's|@COMPLETIONDIR@|$(COMPLETIONDIR)|; s|@PACKAGES@|$(PACKAGES)|' \
		-e 's|@PC_LIBDIR@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|; s|@LIBDIR@|$(LIBDIR)|' \
		$< > $@

-include $(INSIDE_OBJECTS:.o=.d) $(B)/obj/tapcompat/shim/libc.d $(TOOL_OBJECTS:.o=.d) \
	$(HELPER_OBJECTS:.o=.d)
-include $(B)/obj/tapcompat/kernel/steer.bpf.d

.PHONY: probe
probe:
	$(Q)scripts/setup build
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(B)/tapcompat probe $(PROBE_FLAGS)

.PHONY: bench bench-kernels bench-programs
bench: all bench-programs
	$(Q)scripts/bench

bench-kernels:
	$(Q)scripts/setup check
	$(Q)$(MAKE) --no-print-directory bench-programs
	$(Q)$(if $(KERNELS),KERNELS="$(KERNELS)") scripts/bench-kernels

bench-programs: $(B)/libtapcompat.a
	$(Q)$(MAKE) --no-print-directory -C selftests/bench B=$(abspath $(B))

# Every compiler and analyser, all warnings being errors.
LINT_SOURCES := $(LIB_SOURCES) $(SHIM_SOURCES) $(TOOL_SOURCES) $(HELPER_SOURCES) $(MANUAL_SOURCES)
LINT_FLAGS = $(filter-out -O2 -g,$(CFLAGS)) $(PKG_CFLAGS)
lint_each = printf '%s\n' $(LINT_SOURCES) | xargs -P$$(nproc) -I{} sh -c

.PHONY: lint lint-house lint-spell lint-calls lint-gcc lint-clang lint-tidy lint-cppcheck
lint: lint-house lint-spell lint-calls lint-gcc lint-clang lint-tidy lint-cppcheck

lint-house:
	$(Q)scripts/check-floors
	$(Q)scripts/check-functions
	$(Q)scripts/check-style
	$(Q)scripts/hostile-rows --check

# Not misspelled: troff's bu and te, a variable upto, O_WRONLY, parts of words, and what tests
# misspell on purpose.
lint-spell:
	$(Q)git ls-files -co --exclude-standard ':!COPYING*' | \
		xargs codespell -q 2 -L bu,te,upto,wronly,versio,roperty,chekc

# Objects of files that are gone would be looked at too.
lint-calls: all $(B)/libtapcompat.a
	$(Q)cd $(B)/obj && find tapcompat tools helper -name '*.o' | while read -r object; do \
		[ -e "$(CURDIR)/$${object%.o}.c" ] || rm -f "$$object"; done
	$(Q)scripts/check-floors --calls $(B)/obj
	$(Q)scripts/check-globals $(B)/obj

# gcc 14 takes the standard descriptors that dup2 has replaced for descriptors that leak.
lint-gcc: $(SKELETON)
	$(Q)$(lint_each) 'gcc $(LINT_FLAGS) -O2 -Werror -fanalyzer \
		-Wno-analyzer-fd-leak -c {} -o /dev/null'

lint-clang: $(SKELETON)
	$(Q)$(lint_each) 'clang $(LINT_FLAGS) -O2 -Werror -c {} -o /dev/null'

# The skeleton is bpftool's, and so are its faults.
lint-tidy: $(SKELETON)
	$(Q)! $(lint_each) 'clang-tidy -quiet {} -- $(LINT_FLAGS) 2>/dev/null' | \
		grep -E '(warning|error):' | grep -v 'steer\.skel\.h'

lint-cppcheck: $(SKELETON)
	$(Q)cppcheck -q --error-exitcode=1 --inline-suppr --std=c11 -j$$(nproc) \
		--enable=warning,performance,portability -D_GNU_SOURCE -D__x86_64__ -Iuapi \
		-Itapcompat --suppress='*:$(B)/*' \
		--suppress=normalCheckLevelMaxBranches $(LINT_SOURCES)

# Everything: the tests print KTAP, the last line counts them.
.PHONY: check check-run
check:
	$(Q)scripts/setup check
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all
	$(Q)$(MAKE) --no-print-directory check-run

check-run: all
	$(Q)$(MAKE) --no-print-directory -C selftests run_tests 2>&1 | tee $(B)/check.log
	$(Q)scripts/ktap-summary $(B)/check.log

# Skipped (4) where the baseline is for another architecture.
.PHONY: check-abi
check-abi: all
	$(Q)scripts/check-abi || [ $$? = 4 ]

# The kernel matrix: KERNELS="linux-image-cloud-amd64@sid …"
.PHONY: check-kernels
check-kernels:
	$(Q)scripts/setup check
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(MAKE) --no-print-directory -C selftests TARGETS=vm TEST_PROGS=kernels.sh \
		$(if $(KERNELS),KERNELS="$(KERNELS)") $(if $(DOCUMENTS),DOCUMENTS=$(abspath \
		$(DOCUMENTS))) run_tests 2>&1 | tee $(B)/check-kernels.log
	$(Q)$(MAKE) --no-print-directory -C selftests TARGETS=nested run_tests 2>&1 | \
		tee -a $(B)/check-kernels.log
	$(Q)scripts/ktap-summary $(B)/check-kernels.log

# Debian packages, below build/package/debian.
.PHONY: package check-package
package:
	$(Q)scripts/setup package
	$(Q)scripts/package $(B)/package/debian
	$(Q)ls -1 $(B)/package/debian/*.deb

check-package:
	$(Q)scripts/setup package
	$(Q)$(MAKE) --no-print-directory -C selftests TARGETS=package run_tests 2>&1 | \
		tee $(B)/check-package.log
	$(Q)scripts/ktap-summary $(B)/check-package.log

.PHONY: check-distributions
check-distributions:
	$(Q)scripts/setup package
	$(Q)scripts/check-distributions

# What reads bytes of strangers, by libFuzzer, from the hostile rows on.
.PHONY: fuzz
fuzz:
	$(Q)scripts/setup check
	$(Q)$(MAKE) --no-print-directory -C selftests/fuzz fuzz

# Small faults, one after the other, in a copy below build/: selftests/mutants/table.
.PHONY: mutants
mutants:
	$(Q)scripts/setup check
	$(Q)$(MAKE) --no-print-directory all $(B)/libtapcompat.a
	$(Q)scripts/mutants '$(MUTANTS)'

.PHONY: hostile-rows
hostile-rows:
	$(Q)scripts/hostile-rows

# Where a path ends up, which may have blanks in it.
to = "$(DESTDIR)$(1)"

.PHONY: install
install: all $(B)/installed/tapcompat $(PREFIXED)
	install -d $(call to,$(BINDIR)) $(call to,$(LIBEXECDIR)) $(call to,$(LIBDIR)/pkgconfig) \
		$(call to,$(PREFIX)/include) $(call to,$(PREFIX)/share/tapcompat) \
		$(call to,$(MANDIR)/man1) $(call to,$(MANDIR)/man5) $(call to,$(MANDIR)/man7) \
		$(call to,$(MANDIR)/man8) $(call to,$(COMPLETIONDIR)) \
		$(call to,$(ZSHDIR)) $(call to,$(FISHDIR)) $(call to,$(SYSTEMDDIR)) \
		$(call to,$(PYTHONDIR)) \
		$(call to,$(APPARMORDIR)/abstractions/libvirt-qemu.d)
	install -m 755 $(B)/installed/tapcompat $(B)/prefixed/tools/qemu-tapcompat \
		$(call to,$(BINDIR)/)
	install -m 755 $(B)/tapcompat-helper $(call to,$(LIBEXECDIR)/)
	install -m 755 $(B)/$(SONAME) $(B)/libtapcompat-shim.so $(call to,$(LIBDIR)/)
	ln -sf $(SONAME) $(call to,$(LIBDIR)/libtapcompat.so)
	install -m 644 python/tapcompat.py $(call to,$(PYTHONDIR)/)
	install -m 644 $(B)/prefixed/tapcompat/libtapcompat.pc $(call to,$(LIBDIR)/pkgconfig/)
	install -m 644 uapi/tapcompat.h uapi/tapcompat_feature.h uapi/tapcompat_fleet.h \
		uapi/tapcompat_nic.h uapi/tapcompat_shim.h $(call to,$(PREFIX)/include/)
	install -m 644 uapi/*.schema.json packaging/prometheus/* \
		$(call to,$(PREFIX)/share/tapcompat/)
	install -m 644 Documentation/man/*.1 $(call to,$(MANDIR)/man1/)
	install -m 644 Documentation/man/*.5 $(call to,$(MANDIR)/man5/)
	install -m 644 Documentation/man/*.8 $(call to,$(MANDIR)/man8/)
	install -m 644 Documentation/man/*.7 $(B)/tapcompat-features.7 $(call to,$(MANDIR)/man7/)
	install -m 644 tools/tapcompat.bash-completion $(call to,$(COMPLETIONDIR)/tapcompat)
	install -m 644 $(B)/prefixed/tools/tapcompat.zsh-completion $(call to,$(ZSHDIR)/_tapcompat)
	install -m 644 $(B)/prefixed/tools/tapcompat.fish-completion \
		$(call to,$(FISHDIR)/tapcompat.fish)
	install -m 644 $(B)/prefixed/packaging/systemd/tapcompat-* $(call to,$(SYSTEMDDIR)/)
	install -m 644 $(B)/prefixed/packaging/apparmor/libvirt-qemu \
		$(call to,$(APPARMORDIR)/abstractions/libvirt-qemu.d/tapcompat)
	install -m 644 $(B)/prefixed/packaging/apparmor/libvirtd \
		$(call to,$(APPARMORDIR)/abstractions/tapcompat-libvirtd)

.PHONY: clean
clean:
	rm -rf build
