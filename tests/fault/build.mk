# Programs that bring their own file operations (lib/store/file_ops.h), linked with a library of four disk shards: few enough
# that every operation of a store's life can be made to fail, or be the last one before a power cut.
FAULT_BUILD := $(BUILD)/shards4
FAULT_LIB   := $(FAULT_BUILD)/libshale.a
FAULT_FLAGS := -DSHALE_TEST_DISK_SHARD_BITS=2 -g0 -O1
ifeq ($(SAN),coverage)   # one library is enough to see what was run
FAULT_LIB   := $(LIBA)
FAULT_FLAGS :=
endif
FAULT_KIT   := $(patsubst %.cc,$(BUILD)/%.o,$(filter-out %_test.cc,$(wildcard tests/fault/*.cc)))
FAULT_TESTS := $(patsubst %.cc,$(BUILD)/%,$(wildcard tests/fault/*_test.cc))
# A second library is too much to ask of each sanitizer in a row: make SAN=asan build-asan/tests/fault/sweep_test
ALL_TESTS   += $(if $(SAN),,$(FAULT_TESTS))
$(FAULT_KIT) $(FAULT_TESTS:%=%.o): CXXFLAGS += $(FAULT_FLAGS)

$(FAULT_BUILD)/%.o: %.cc | deps
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(LIBFLAGS) $(FAULT_FLAGS) -MMD -MP -c $< -o $@

$(FAULT_BUILD)/libshale.a: $(LIB_SRC:%.cc=$(FAULT_BUILD)/%.o)
	@rm -f $@
	$(Q)ar rcsD $@ $^

# Its objects first: file_ops.o of the library is not taken then.
$(FAULT_TESTS): $(BUILD)/%: $(BUILD)/%.o $(FAULT_KIT) $(KIT) $(FAULT_LIB)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $< $(FAULT_KIT) $(KIT) $(FAULT_LIB) $(LDLIBS_LIB) -lcmocka -o $@

.PHONY: test-fault
test-fault: deps-test ## failing files, power cuts and corruptions, long form: make test-fault IMAGES=5000 SWEEP=1 CORRUPTIONS=5000 SEED=7
	@$(MAKE) --no-print-directory $(FAULT_TESTS)
	@IMAGES=$(or $(IMAGES),5000) $(BUILD)/tests/fault/power_test
	@SWEEP=$(or $(SWEEP),1) $(BUILD)/tests/fault/sweep_test
	@TOOLS_SWEEP=$(or $(SWEEP),1) $(BUILD)/tests/fault/tools_sweep_test
	@CORRUPTIONS=$(or $(CORRUPTIONS),5000) $(BUILD)/tests/fault/corruption_test

-include $(LIB_SRC:%.cc=$(FAULT_BUILD)/%.d)
