# Whether the tests see: see tests/seeded/run.
SEEDED_TESTS := store/shard_log_fault_test store/store_crash_test linear/coherence_test store/log_record_test \
                store/collector_test store/recovery_test store/store_test base/fork_guard_test store/dir_lock_test \
                store/log_scanner_test

.PHONY: test-seeded
test-seeded: deps-test ## twelve deliberate defects, one at a time, each of which a test must see
	@$(MAKE) --no-print-directory $(SEEDED_TESTS:%=$(BUILD)/tests/%) $(SEEDED_TESTS:%=$(BUILD)/tests/%.o)
	@CXX='$(CXX)' FLAGS='$(CXXFLAGS_ALL) $(LIBFLAGS)' LIBS='$(LDLIBS_LIB) -lcmocka' tests/seeded/run $(BUILD)
