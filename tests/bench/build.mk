# Of the benchmarks, what can be checked without measuring: arithmetic.
HISTOGRAM_TEST := $(BUILD)/tests/bench/latency_histogram_test
ALL_TESTS += $(HISTOGRAM_TEST)

$(HISTOGRAM_TEST): $(BUILD)/tests/bench/latency_histogram_test.o $(KIT) $(LIBA)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $< $(KIT) $(LIBA) $(LDLIBS_LIB) -lcmocka -o $@
