# What of lib/ the tests in C and C++ run: see tests/coverage/run. The library is built once more, instrumented; the tests are
# those of build/, linked with it, so that they need not be built twice.
.PHONY: coverage coverage-lib
coverage: deps-test ## lines and branches of lib/ that the tests run; per file in build-coverage/coverage.txt, as HTML beside it
	@.ci/deps coverage
	@$(MAKE) --no-print-directory $(ALL_TESTS)
	@$(MAKE) --no-print-directory SAN=coverage coverage-lib
	@LIBS='$(LDLIBS_LIB) -lcmocka' tests/coverage/link
	@tests/coverage/run

# Programs that bring their own files are compiled anew, for 64 shards: one library is enough to see what was run.
coverage-lib: $(LIBA) $(SO)
	@$(MAKE) --no-print-directory $(FAULT_KIT) $(FAULT_TESTS:%=%.o)
