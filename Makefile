# Shale. `make help` lists the targets.
#
# SAN=asan|ubsan|tsan builds everything with that sanitizer in a directory of its own (fuzz, coverage: tests/*/build.mk).

VERSION   := 1.0.0
ABI       := 1
PREFIX    ?= /usr/local
LIBDIR    ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR    ?= $(PREFIX)/bin
MANDIR    ?= $(PREFIX)/share/man
DATADIR   ?= $(PREFIX)/share
DESTDIR   ?=
SAN       ?=
JOBS      ?= $(shell nproc 2>/dev/null || echo 2)
CXX       ?= g++
CC        ?= gcc
ifeq ($(origin CXX),default)
CXX := g++
endif
ifeq ($(origin CC),default)
CC := gcc
endif

BUILD := build$(if $(SAN),-$(SAN))
# g++ 12 reports overlapping copies where std::string has none (GCC bug 105329), hence -Wno-restrict.
WARN  := -Wall -Wextra -Wconversion -Wshadow -Werror $(if $(findstring clang,$(CXX)),,-Wno-restrict)
HARD  := -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2 -U_GLIBCXX_ASSERTIONS
ifeq ($(shell uname -m),x86_64)
HARD  += -fcf-protection=full
endif
SAN_asan  := -fsanitize=address,undefined -fno-sanitize-recover=all -DSHALE_DEBUG
SAN_ubsan := -fsanitize=undefined -fno-sanitize-recover=all -DSHALE_DEBUG
# That fences are not understood is known: what they order is atomic word by word (lib/base/racy.h), so nothing is reported for want of them.
SAN_tsan  := -fsanitize=thread -DSHALE_DEBUG $(if $(findstring clang,$(CXX)),,-Wno-tsan)
SAN_coverage := -O0 --coverage -fprofile-update=atomic
SAN_fuzz  := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DSHALE_DEBUG -w
SANFLAGS  := $(if $(SAN),-O1 -fno-omit-frame-pointer $(SAN_$(SAN)),-O2 $(HARD))
# Paths of the build machine stay out of the objects: two builds in different directories are the same bytes.
REPRO := -ffile-prefix-map=$(CURDIR)=.
CFLAGS_ALL   := -std=c11 -g $(SANFLAGS) $(WARN) $(REPRO) -Iinclude $(CFLAGS)
CXXFLAGS_ALL := -std=c++20 -g $(SANFLAGS) $(WARN) $(REPRO) -pthread -Ilib -Iinclude $(CXXFLAGS)
LIBFLAGS     := -fPIC -fvisibility=hidden -fvisibility-inlines-hidden -fno-semantic-interposition
LDLIBS_LIB   := -lleveldb -lzstd -lsodium -pthread
HARDEN_LINK  := -Wl,-z,now,-z,relro,-z,noexecstack
LDSHARED     := -shared -Wl,-soname,libshale.so.$(ABI) -Wl,--version-script=lib/abi/shale.map \
                $(HARDEN_LINK) -Wl,-z,nodelete $(if $(SAN),,-Wl,-z,defs) -Wl,--as-needed

# Sorted: the order of the objects is part of what is built.
LIB_SRC := $(sort $(wildcard lib/*/*.cc))
LIB_OBJ := $(LIB_SRC:%.cc=$(BUILD)/%.o)
SO      := $(BUILD)/libshale.so.$(VERSION)
LIBA    := $(BUILD)/libshale.a
TOOL_OBJ := $(patsubst %.cc,$(BUILD)/%.o,$(sort $(wildcard tools/*.cc)))
DEMO_OBJ := $(patsubst %.cc,$(BUILD)/%.o,$(wildcard tools/demo/*.cc))
BENCH_OBJ := $(patsubst %.cc,$(BUILD)/%.o,$(wildcard bench/*.cc))
TRACE_OBJ := $(patsubst %.cc,$(BUILD)/%.o,$(wildcard bench/traces/*.cc))
CACHE_OBJ := $(patsubst %.cc,$(BUILD)/%.o,$(wildcard bench/cache/*.cc))

.PHONY: all deps deps-test deps-bench test check check-quick lint asan ubsan tsan demo bench bench-load bench-memory bench-cache bench-traces install uninstall clean help \
        format compile_commands.json abi-symbols test-crash tests-bin package bench-bindings sbom
.DEFAULT_GOAL := all

ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),all)),)
MAKEFLAGS += -j$(JOBS)
endif

all: $(SO) $(LIBA) $(BUILD)/shale $(BUILD)/shale.pc ## build library, command and pkg-config file

deps: ; @.ci/deps build
deps-test: ; @.ci/deps test

# ---- library ---------------------------------------------------------------------------------------------------------

$(BUILD)/lib/%.o: lib/%.cc | deps
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(LIBFLAGS) -MMD -MP -c $< -o $@

$(SO): $(LIB_OBJ) lib/abi/shale.map
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(LDSHARED) $(LIB_OBJ) $(LDLIBS_LIB) -o $@
	@ln -sf $(@F) $(BUILD)/libshale.so.$(ABI)
	@ln -sf $(@F) $(BUILD)/libshale.so

$(LIBA): $(LIB_OBJ)
	@rm -f $@
	$(Q)ar rcsD $@ $(LIB_OBJ)

$(BUILD)/shale.pc: pkgconfig/shale.pc.in Makefile
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@VERSION@|$(VERSION)|' $< > $@

# ---- the shale command and the demo: see only shale.h ------------------------------------------------------------------

$(BUILD)/tools/%.o: tools/%.cc | deps
	@mkdir -p $(@D)
	$(Q)$(CXX) $(filter-out -Ilib,$(CXXFLAGS_ALL)) -Itools -MMD -MP -c $< -o $@

# The HTTP library was built with these words, which change its classes.
HTTP_FLAGS := -DCPPHTTPLIB_OPENSSL_SUPPORT -DCPPHTTPLIB_ZLIB_SUPPORT -DCPPHTTPLIB_BROTLI_SUPPORT -Wno-deprecated-declarations
$(BUILD)/tools/metrics_http.o: CXXFLAGS_ALL += $(HTTP_FLAGS)
LDLIBS_TOOL := $(HARDEN_LINK) -lshale -lcpp-httplib -lncurses
$(BUILD)/shale: $(TOOL_OBJ) $(SO)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(TOOL_OBJ) -L$(BUILD) $(LDLIBS_TOOL) -Wl,-rpath,'$$ORIGIN' -o $@

DEMO_SHARED := $(BUILD)/tools/progress_bar.o $(BUILD)/tools/cli_text.o
$(BUILD)/shale-demo: $(DEMO_OBJ) $(DEMO_SHARED) $(SO)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(DEMO_OBJ) $(DEMO_SHARED) -L$(BUILD) -lshale -Wl,-rpath,'$$ORIGIN' -o $@

demo: $(BUILD)/shale-demo ## load this machine's package database, show what a store does, kill it, prove nothing was lost
	@$(BUILD)/shale-demo

# ---- tests -------------------------------------------------------------------------------------------------------------

UNIT_TESTS := $(patsubst %.cc,$(BUILD)/%,$(wildcard tests/base/*_test.cc tests/cache/*_test.cc tests/store/*_test.cc \
                tests/engine/*_test.cc tests/linear/*_test.cc tests/order/*_test.cc tests/abi/*_test.cc tests/model/*_test.cc tests/crash/*_test.cc))
C_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/abi/*_test.c))
ALL_TESTS := $(UNIT_TESTS) $(C_TESTS)

$(BUILD)/tests/%.o: tests/%.cc | deps-test
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_ALL) -Itests -I. -MMD -MP -c $< -o $@

# What tests share: every file of tests/ that is not a test itself.
KIT := $(BUILD)/tests/libkit.a
$(KIT): $(patsubst %.cc,$(BUILD)/%.o,$(filter-out %_test.cc tests/fault/%,$(wildcard tests/*/*.cc)))
	@rm -f $@
	$(Q)ar rcsD $@ $^

$(UNIT_TESTS): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(KIT) $(LIBA)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $< $(KIT) $(LIBA) $(LDLIBS_LIB) -lcmocka -o $@

$(C_TESTS): $(BUILD)/tests/%: tests/%.c $(SO) | deps-test
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -Itests -MMD -MP $< -L$(BUILD) -lshale -Wl,-rpath,'$$ORIGIN/../..' -lcmocka -ldl -pthread -o $@

# Each binding brings its own rules: a target with the name of the language, one that packs it (added to PACKAGES), one that
# builds its tests (added to TEST_BUILDS) and one that measures it (added to BINDING_BENCHES).
TEST_BUILDS :=
PACKAGES :=
BINDING_BENCHES :=
include $(sort $(wildcard bindings/*/build.mk examples/build.mk tests/*/build.mk bench/*/build.mk))

tests-bin: all $(ALL_TESTS) $(BUILD)/shale-demo $(if $(SAN),,$(TEST_BUILDS))

package: $(PACKAGES) ## jar, gem and Go module

bench-bindings: $(BINDING_BENCHES) ## cost of a call from each language beside the same call from C

test: deps-test ## install what is missing and run every test; ends with one line "N passed, N failed"
	@$(MAKE) --no-print-directory tests-bin
	@tests/run all

check-quick: deps-test ## lint and the quick tests only
	@$(MAKE) --no-print-directory tests-bin
	@tests/run quick

lint: deps-test ## folder law, style, clang's thread-safety analysis
	@tests/lint/run

asan ubsan tsan: deps-test ## run the tests under a sanitizer
	@$(MAKE) --no-print-directory SAN=$@ tests-bin
	@SAN=$@ tests/run sanitizer

test-crash: deps-test ## kill -9 cycles: make test-crash CYCLES=1000
	@$(MAKE) --no-print-directory $(BUILD)/tests/crash/crash_test
	@CYCLES=$(or $(CYCLES),1000) $(BUILD)/tests/crash/crash_test

# ---- benchmarks --------------------------------------------------------------------------------------------------------

$(BUILD)/bench/%.o: bench/%.cc | deps
	@mkdir -p $(@D)
	$(Q)$(CXX) $(filter-out -Ilib,$(CXXFLAGS_ALL)) -Ibench -MMD -MP -c $< -o $@

$(BUILD)/shale_bench: $(BENCH_OBJ) $(SO)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(BENCH_OBJ) -L$(BUILD) -lshale -lleveldb -Wl,-rpath,'$$ORIGIN' -o $@

bench: $(BUILD)/shale_bench ## Shale beside one LevelDB and 64 LevelDBs: make bench BENCH_ARGS='--rounds 5'
	@$(BUILD)/shale_bench $(BENCH_ARGS)

bench-load: $(BUILD)/shale_bench ## sorted rows into a fresh store: one by one, in groups, in atomic batches
	@$(BUILD)/shale_bench load $(BENCH_ARGS)

bench-memory: $(BUILD)/shale_bench ## the memory tier alone, and the memory of an idle store
	@$(BUILD)/shale_bench memory $(BENCH_ARGS)
	@$(BUILD)/shale_bench idle

$(BUILD)/trace_bench: $(TRACE_OBJ) $(BUILD)/bench/bench_report.o $(BUILD)/bench/process_stats.o $(BUILD)/bench/shale_handle.o $(SO)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(filter %.o,$^) -L$(BUILD) -lshale -Wl,-rpath,'$$ORIGIN' -o $@

$(CACHE_OBJ): | deps-bench
deps-bench: ; @.ci/deps bench

BENCH_KIT := $(addprefix $(BUILD)/bench/,bench_report.o phase.o process_stats.o shale_handle.o)
$(BUILD)/cache_bench: $(CACHE_OBJ) $(BENCH_KIT) $(SO)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(filter %.o,$^) -L$(BUILD) -lshale -ltbb -Wl,-rpath,'$$ORIGIN' -o $@

bench-cache: $(BUILD)/cache_bench ## the memory tier beside std::unordered_map and oneTBB: make bench-cache CACHE_ARGS='--rounds 7'
	@.ci/deps callgrind || echo "instructions will not be counted: valgrind cannot be installed here"
	@$(BUILD)/cache_bench $(CACHE_ARGS)

TRACES ?= ../shared/traces
bench-traces: $(BUILD)/trace_bench ## hit ratios of every policy over recorded traces: make bench-traces TRACES=directory
	@.ci/deps bench
	@mkdir -p $(BUILD)/traces
	@$(BUILD)/trace_bench --csv $(BUILD)/traces/hit_ratio.csv --plot $(BUILD)/traces/hit_ratio.dat $(TRACE_ARGS) $(TRACES)
	@! grep -q '^#trace' $(BUILD)/traces/hit_ratio.dat || { \
	  gnuplot -e "data='$(BUILD)/traces/hit_ratio.dat'; picture='$(BUILD)/traces/hit_ratio.svg'" bench/traces/hit_ratio.gp && \
	  echo && echo "picture: $(BUILD)/traces/hit_ratio.svg"; }

# ---- install -----------------------------------------------------------------------------------------------------------

install: all ## install below PREFIX (default /usr/local), staged in DESTDIR
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/shale $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 \
	  $(DESTDIR)$(DATADIR)/bash-completion/completions $(DESTDIR)$(DATADIR)/zsh/site-functions \
	  $(DESTDIR)$(DATADIR)/fish/vendor_completions.d
	install -m 755 $(SO) $(DESTDIR)$(LIBDIR)/
	ln -sf libshale.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libshale.so.$(ABI)
	ln -sf libshale.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libshale.so
	install -m 644 $(LIBA) $(DESTDIR)$(LIBDIR)/
	install -m 644 include/shale/shale.h $(DESTDIR)$(INCLUDEDIR)/shale/
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@VERSION@|$(VERSION)|' \
	  pkgconfig/shale.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/shale.pc
	$(CXX) $(CXXFLAGS_ALL) $(TOOL_OBJ) -L$(BUILD) $(LDLIBS_TOOL) -o $(DESTDIR)$(BINDIR)/shale
	install -m 644 tools/shale.1 $(DESTDIR)$(MANDIR)/man1/
	install -m 644 tools/completions/shale.bash $(DESTDIR)$(DATADIR)/bash-completion/completions/shale
	install -m 644 tools/completions/_shale $(DESTDIR)$(DATADIR)/zsh/site-functions/
	install -m 644 tools/completions/shale.fish $(DESTDIR)$(DATADIR)/fish/vendor_completions.d/
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" -eq 0 ]; then ldconfig; fi

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(LIBDIR)/libshale.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libshale.so.$(ABI) $(DESTDIR)$(LIBDIR)/libshale.so \
	  $(DESTDIR)$(LIBDIR)/libshale.a $(DESTDIR)$(LIBDIR)/pkgconfig/shale.pc $(DESTDIR)$(BINDIR)/shale \
	  $(DESTDIR)$(INCLUDEDIR)/shale/shale.h $(DESTDIR)$(MANDIR)/man1/shale.1 \
	  $(DESTDIR)$(DATADIR)/bash-completion/completions/shale $(DESTDIR)$(DATADIR)/zsh/site-functions/_shale \
	  $(DESTDIR)$(DATADIR)/fish/vendor_completions.d/shale.fish
	-rmdir $(DESTDIR)$(INCLUDEDIR)/shale 2>/dev/null

# ---- the rest ----------------------------------------------------------------------------------------------------------

format: ## clang-format over the code of library, tools, tests and benchmarks
	clang-format -i $$(git ls-files '*.cc' '*.h' '*.c')

compile_commands.json: ## for editors and clang tools
	@{ echo '['; sep=''; for f in $(LIB_SRC); do \
	  printf '%s{"directory":"%s","file":"%s","command":"%s"}' "$$sep" '$(CURDIR)' "$$f" '$(CXX) $(CXXFLAGS_ALL) $(LIBFLAGS) -c '"$$f"; \
	  sep=',\n'; done; echo; echo ']'; } > $@

sbom: all ## what Shale is made of, as SPDX: build/shale.spdx.json
	@.ci/sbom $(BUILD) $(VERSION) > $(BUILD)/shale.spdx.json && echo $(BUILD)/shale.spdx.json

clean: ## remove everything that was built
	rm -rf build build-asan build-ubsan build-tsan build-fuzz build-coverage compile_commands.json

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z A-Z_.-]*:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

-include $(LIB_OBJ:.o=.d) $(TOOL_OBJ:.o=.d) $(DEMO_OBJ:.o=.d) $(BENCH_OBJ:.o=.d) $(TRACE_OBJ:.o=.d) $(CACHE_OBJ:.o=.d) $(wildcard $(BUILD)/tests/*/*.d)

ifneq ($(V),1)
Q = @echo "  $(notdir $@)";
endif
