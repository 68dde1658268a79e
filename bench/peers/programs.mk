# Programs that measure peers of other worlds, each by the contract in README.md. What cannot be had (a package, a registry out
# of reach, a Go or a Java that is too old) costs its program and one line that says so; nothing here fails a build.

PEERS_DIR := $(BUILD)/peers
PEER_OTHERS := go java caches net

.PHONY: peer-others deps-peers-more $(PEER_OTHERS:%=peer-%) check-peers
peer-others: $(PEER_OTHERS:%=peer-%) ## build the programs that measure caches, and stores of Go and Java

deps-peers-more: ; @.ci/deps peers-more || echo "peers: packages are missing; what needs them is left out"

# One attempt: the program, or a line with the last thing that was said, and no program of an older source.
$(PEER_OTHERS:%=peer-%): peer-%: $(SO) $(BUILD)/uninstalled/shale.pc | deps-peers-more
	@mkdir -p $(PEERS_DIR)
	@$(MAKE) --no-print-directory $(PEERS_DIR)/peer_$* >$(PEERS_DIR)/$*.log 2>&1 || \
	  { rm -f $(PEERS_DIR)/peer_$*; echo "peers: not had: peer_$*: $$(grep -v '^make' $(PEERS_DIR)/$*.log | tail -n 1)"; }

# ---- Go ----------------------------------------------------------------------------------------------------------------

# Modules come from the proxy that go is set to use; go.sum has their checksums. A go that is older than go.mod asks for
# says so itself.
PEER_GO_ENV = PKG_CONFIG_PATH=$(CURDIR)/$(BUILD)/uninstalled GOCACHE=$(CURDIR)/$(GO_DIR)/cache GOFLAGS="-buildvcs=false -mod=readonly" \
              GOTOOLCHAIN=local
$(PEERS_DIR)/peer_go: $(wildcard bench/peers/go/*) $(GO_SRC) $(SO) $(BUILD)/uninstalled/shale.pc
	@mkdir -p $(@D)
	$(Q)cd bench/peers/go && $(PEER_GO_ENV) $(GO) build -ldflags '-r $$ORIGIN/..' -o $(CURDIR)/$@ .

# ---- Java --------------------------------------------------------------------------------------------------------------

PEER_JAVA_SRC := $(wildcard bench/peers/java/peers/*.java)
$(PEERS_DIR)/peer_java: $(PEER_JAVA_SRC) $(wildcard bench/peers/java/*) $(JAVA_JAR)
	@mkdir -p $(PEERS_DIR)/java
	@bench/peers/java/fetch_jars $(PEERS_DIR)/java
	@rm -rf $(PEERS_DIR)/java/classes
	$(Q)javac --release 17 -Xlint:all,-classfile,-processing,-try -encoding UTF-8 -d $(PEERS_DIR)/java/classes \
	  -cp "$(PEERS_DIR)/java/*:$(JAVA_JAR)" $(PEER_JAVA_SRC)
	@cp $(JAVA_JAR) $(PEERS_DIR)/java/shale.jar
	@cp bench/peers/java/peer_java $@

# ---- caches in this process, and servers on the loopback: the native program's kit with other stores -------------------------

PEER_KIT_OF_CACHES := $(patsubst %,$(BUILD)/bench/peers/native/%.o,peer_native peer_phase peer_run peer_store peer_values peer_loads \
                        seeds_workload) $(BUILD)/bench/process_stats.o $(BUILD)/bench/peers/caches/cache_mixes.o
PEER_CACHES_OBJ := $(patsubst %,$(BUILD)/bench/peers/caches/%.o,map_peers memory_tier_peer) $(BUILD)/bench/shale_handle.o
PEER_NET_OBJ := $(patsubst %,$(BUILD)/bench/peers/net/%.o,server_process memcached_peer redis_peer bounded_servers)

$(PEERS_DIR)/peer_caches: $(PEER_KIT_OF_CACHES) $(PEER_CACHES_OBJ) $(SO)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(PEER_KIT_OF_CACHES) $(PEER_CACHES_OBJ) -L$(BUILD) -lshale -ltbb -Wl,-rpath,'$$ORIGIN/..' -o $@

$(PEERS_DIR)/peer_net: $(PEER_KIT_OF_CACHES) $(PEER_NET_OBJ)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_ALL) $(PEER_KIT_OF_CACHES) $(PEER_NET_OBJ) -lmemcached -lhiredis -o $@

-include $(patsubst %.cc,$(BUILD)/%.d,$(wildcard bench/peers/caches/*.cc bench/peers/net/*.cc))

# ---- a moment of everything --------------------------------------------------------------------------------------------

check-peers: peer-others ## run every peer with every workload for half a second, and look at what it prints
	@if [ -x $(PEERS_DIR)/peer_go ]; then cd bench/peers/go && LD_LIBRARY_PATH=$(CURDIR)/$(BUILD) $(PEER_GO_ENV) $(GO) test .; fi
	@bench/peers/check_programs.py $(CHECK_PEERS_ARGS) $(PEER_OTHERS:%=$(PEERS_DIR)/peer_%)
