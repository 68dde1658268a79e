# Programs that a newcomer can read and run. They see the public header and the shared library, and are tested.
EXAMPLES := $(BUILD)/examples/packages $(BUILD)/examples/leaderboard
TEST_BUILDS += $(EXAMPLES)
.PHONY: examples

examples: $(EXAMPLES) ## build the example programs, into build/examples

$(BUILD)/examples/packages: examples/c/packages.c $(SO)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $< -L$(BUILD) -lshale -Wl,-rpath,'$$ORIGIN/..' -o $@

$(BUILD)/examples/leaderboard: examples/cpp/leaderboard.cc examples/cpp/store.h $(SO)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(filter-out -Ilib,$(CXXFLAGS_ALL)) $< -L$(BUILD) -lshale -Wl,-rpath,'$$ORIGIN/..' -o $@
