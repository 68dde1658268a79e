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

-include $(PEER_SRC:%.cc=$(BUILD)/%.d)
