# What of lib/ the tests in C and C++ run: see tests/coverage/run.
.PHONY: coverage coverage-bin
coverage: ## lines and branches of lib/ that the tests run; per file in build-coverage/coverage.txt, as HTML beside it
	@.ci/deps coverage
	@$(MAKE) --no-print-directory SAN=coverage coverage-bin
	@tests/coverage/run

# All that SAN=coverage builds is instrumented. The bindings' tests and the command are no part of the figure.
coverage-bin: $(LIBA) $(SO)
	@$(MAKE) --no-print-directory $(ALL_TESTS) $(FAULT_TESTS)
