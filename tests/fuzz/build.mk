# The fuzz targets: over their corpora in every test run, with what built everything else; and with libFuzzer, by
# make fuzz SECONDS=30, with clang, its address and undefined-behaviour sanitizers and a build directory of its own.
# What is found is a file; put into tests/fuzz/corpus/TARGET it is tried again for ever.
FUZZ_OBJ := $(patsubst %.cc,$(BUILD)/%.o,$(filter-out tests/fuzz/replay_test.cc tests/fuzz/libfuzzer_main.cc, \
              $(wildcard tests/fuzz/*.cc))) $(BUILD)/tools/cli_rows.o $(BUILD)/tools/cli_text.o
FUZZ_REPLAY := $(BUILD)/tests/fuzz/replay_test
ALL_TESTS += $(FUZZ_REPLAY)
SECONDS ?= 30

$(FUZZ_REPLAY): $(BUILD)/tests/fuzz/replay_test.o $(FUZZ_OBJ) $(KIT) $(LIBA)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $< $(FUZZ_OBJ) $(KIT) $(LIBA) $(LDLIBS_LIB) -lcmocka -o $@

$(BUILD)/fuzz: $(BUILD)/tests/fuzz/libfuzzer_main.o $(FUZZ_OBJ) $(LIBA)
	$(Q)$(CXX) $(CXXFLAGS_ALL) -fsanitize=fuzzer $^ $(LDLIBS_LIB) -o $@

.PHONY: fuzz
fuzz: ## libFuzzer over every target: make fuzz SECONDS=600, or TARGETS="table stream"
	@.ci/deps fuzz
	@$(MAKE) --no-print-directory SAN=fuzz CXX=clang++ CC=clang build-fuzz/fuzz
	@tests/fuzz/run $(SECONDS) $(TARGETS)
