# Shale beside other stores. peer_native measures those that have a C or C++ interface; a store whose header is not here is left
# out, with a line that says so. Nothing of this is built by `make`, and no store of others is needed for it.
PEERS := $(BUILD)/peers
PEER_SRC := $(wildcard bench/peers/native/*.cc)
PEER_KIT := $(addprefix $(BUILD)/bench/,process_stats.o shale_handle.o)

# peer-KIND := header, libraries, Debian package
peer-leveldb    := leveldb/db.h -lleveldb libleveldb-dev
peer-rocksdb    := rocksdb/db.h -lrocksdb librocksdb-dev
peer-lmdb       := lmdb.h -llmdb liblmdb-dev
peer-wiredtiger := wiredtiger.h -lwiredtiger libwiredtiger-dev
peer-sqlite     := sqlite3.h -lsqlite3 libsqlite3-dev
PEER_KINDS := leveldb rocksdb lmdb wiredtiger sqlite
PEER_HERE := $(foreach k,$(PEER_KINDS),$(if $(wildcard /usr/include/$(word 1,$(peer-$k)) /usr/local/include/$(word 1,$(peer-$k))),$k))
PEER_OBJ := $(patsubst %.cc,$(BUILD)/%.o,$(filter-out $(PEER_KINDS:%=bench/peers/native/%_peer.cc),$(PEER_SRC)) \
              $(PEER_HERE:%=bench/peers/native/%_peer.cc))

$(BUILD)/bench/peers/%.o: bench/peers/%.cc | deps
	@mkdir -p $(@D)
	$(Q)$(CXX) $(filter-out -Ilib,$(CXXFLAGS_ALL)) -Ibench -Ibench/peers/native -MMD -MP -c $< -o $@

$(PEERS)/peer_native: $(PEER_OBJ) $(PEER_KIT) $(SO)
	@mkdir -p $(@D)
	@$(foreach k,$(filter-out $(PEER_HERE),$(PEER_KINDS)),echo "not here: $k ($(word 3,$(peer-$k)) is missing)";)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(PEER_OBJ) $(PEER_KIT) -L$(BUILD) -lshale $(foreach k,$(PEER_HERE),$(word 2,$(peer-$k))) \
	  -Wl,-rpath,'$$ORIGIN/..' -o $@

# Programs of other worlds (Go, Java, servers): each builds what it can, and says in one line what it cannot.
-include bench/peers/programs.mk

.PHONY: peer-programs bench-peers bench-quick
peer-programs:
	@$(MAKE) --no-print-directory $(PEERS)/peer_native || echo "not here: peer_native cannot be built"
	@$(if $(wildcard bench/peers/programs.mk),$(MAKE) --no-print-directory peer-others || echo "not here: some of the other programs")

PEER_PAGE := $(PEERS)$(if $(findstring --quick,$(PEER_ARGS)),/quick)
bench-peers: ## Shale beside other stores and caches, about an hour: make bench-peers PEER_ARGS='--quick' (or '--only rocksdb --workloads seeds')
	@for group in peers peers-page; do \
	  .ci/deps $$group || echo "not all of the group $$group of .ci/deps could be installed"; done
	@$(MAKE) --no-print-directory peer-programs
	@python3 bench/peers/run.py $(PEER_ARGS)
	@for python in python3 /usr/bin/python3; do \
	  if $$python -c 'import matplotlib' 2>/dev/null; then \
	    $$python bench/peers/report.py $(PEER_PAGE) && bench/peers/check_page.sh $(PEER_PAGE)/index.html; exit; fi; done; \
	  echo "no page: python3-matplotlib is not here"

# The same programs with the library of an older revision: the interface only grows, so what is built for today runs with both.
BASE ?= HEAD
QUICK_DIR := $(BUILD)/quick
QUICK_OBJ := $(patsubst %.cc,$(BUILD)/%.o,$(filter-out $(PEER_KINDS:%=bench/peers/native/%_peer.cc),$(PEER_SRC)))
$(QUICK_DIR)/shale_alone: $(QUICK_OBJ) $(PEER_KIT) $(SO)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(QUICK_OBJ) $(PEER_KIT) -L$(BUILD) -lshale -o $@

bench-quick: $(QUICK_DIR)/shale_alone ## this tree beside an older revision, run by run: make bench-quick BASE=HEAD~3 (QUICK_ARGS='--pairs 20')
	@bench/peers/base_library.sh $(BASE) $(QUICK_DIR) $(JOBS)
	@python3 bench/peers/pairs.py --program $(QUICK_DIR)/shale_alone --base $(QUICK_DIR)/base --here $(BUILD) --revision $(BASE) $(QUICK_ARGS)

-include $(PEER_SRC:%.cc=$(BUILD)/%.d)
