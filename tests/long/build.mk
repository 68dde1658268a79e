# Everything that draws something, in its long form, for hours: see tests/long/run.py.
.PHONY: test-long
test-long: deps-test ## long forms of all tests that draw something, in turn: make test-long HOURS=8 SEED=7 ONLY="kills power"
	@.ci/deps fuzz
	@$(MAKE) --no-print-directory tests-bin
	@$(MAKE) --no-print-directory SAN=fuzz CXX=clang++ CC=clang build-fuzz/fuzz
	@HOURS=$(or $(HOURS),1) SEED=$(SEED) ONLY='$(ONLY)' python3 tests/long/run.py
