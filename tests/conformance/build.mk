# The suite's runner in C. Like any user's program it sees shale.h and the shared library only.
CONFORMANCE := $(BUILD)/tests/conformance/conformance_test
ALL_TESTS += $(CONFORMANCE)

$(CONFORMANCE): $(wildcard tests/conformance/*.c tests/conformance/*.h) $(SO)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -D_GNU_SOURCE -Itests $(filter %.c,$^) -L$(BUILD) -lshale -Wl,-rpath,'$$ORIGIN/../..' -o $@
