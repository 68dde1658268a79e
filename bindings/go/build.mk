# The Go binding. Whoever uses it needs go and pkg-config only; here it is built against the tree, with a cache of its own.

GO       ?= go
GO_DIR   ?= $(BUILD)/go
GO_SRC   := $(wildcard bindings/go/*.go bindings/go/internal/cshale/*) bindings/go/go.mod
GO_ENV    = PKG_CONFIG_PATH=$(CURDIR)/$(BUILD)/uninstalled GOCACHE=$(CURDIR)/$(GO_DIR)/cache GOFLAGS=-buildvcs=false GOPROXY=off \
            GOTOOLCHAIN=local
GO_PACKAGE := $(BUILD)/package/shale-go-$(VERSION).tar.gz

.PHONY: go go-tests deps-go bench-go
TEST_BUILDS += go-tests
PACKAGES += $(GO_PACKAGE)
BINDING_BENCHES += bench-go

deps-go: ; @.ci/deps go

ifndef UNINSTALLED_PC_RULE
UNINSTALLED_PC_RULE := 1
# What pkg-config says about a tree that is built and not installed.
$(BUILD)/uninstalled/shale.pc: pkgconfig/shale.pc.in Makefile
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(CURDIR)|; s|@LIBDIR@|$(CURDIR)/$(BUILD)|; s|@INCLUDEDIR@|$(CURDIR)/include|; s|@VERSION@|$(VERSION)|' \
	  $< > $@
endif

ifndef C_CALLS
C_CALLS := $(BUILD)/bench/c_calls
$(C_CALLS): bindings/bench/c_calls.c $(SO)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $< -L$(BUILD) -lshale -Wl,-rpath,'$$ORIGIN/..' -o $@
endif

go: $(BUILD)/uninstalled/shale.pc $(SO) | deps-go ## the Go binding, compiled
	@mkdir -p $(GO_DIR)
	@cd bindings/go && $(GO_ENV) $(GO) build ./...

$(GO_DIR)/shale.test: $(GO_SRC) $(BUILD)/uninstalled/shale.pc $(SO) | deps-go
	@mkdir -p $(@D)
	$(Q)cd bindings/go && $(GO_ENV) $(GO) test -c -o $(CURDIR)/$@ .

$(GO_DIR)/shale_race.test: $(GO_SRC) $(BUILD)/uninstalled/shale.pc $(SO) | deps-go
	@mkdir -p $(@D)
	$(Q)cd bindings/go && $(GO_ENV) $(GO) test -race -c -o $(CURDIR)/$@ .

$(GO_DIR)/wordcount: $(wildcard examples/go/*.go examples/go/go.mod) $(GO_SRC) $(BUILD)/uninstalled/shale.pc $(SO) | deps-go
	@mkdir -p $(@D)
	$(Q)cd examples/go && $(GO_ENV) $(GO) build -o $(CURDIR)/$@ .

go-tests: $(GO_DIR)/shale.test $(GO_DIR)/shale_race.test $(GO_DIR)/wordcount

# The module, without what only its tests need from the tree; its files have no owner and an old date, so that two archives
# of one source are the same bytes.
$(GO_PACKAGE): $(GO_SRC) bindings/go/README.md LICENSE
	@mkdir -p $(@D)
	@rm -rf $(GO_DIR)/package && mkdir -p $(GO_DIR)/package/shale-go-$(VERSION)/internal/cshale
	@cp bindings/go/*.go bindings/go/go.mod bindings/go/README.md LICENSE $(GO_DIR)/package/shale-go-$(VERSION)/
	@cp bindings/go/internal/cshale/* $(GO_DIR)/package/shale-go-$(VERSION)/internal/cshale/
	@rm $(GO_DIR)/package/shale-go-$(VERSION)/conformance*_test.go
	$(Q)tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=2000-01-01 -C $(GO_DIR)/package -cf - shale-go-$(VERSION) | \
	  gzip -9n > $@

$(GO_DIR)/bench: $(wildcard bindings/go/bench/*.go) $(GO_SRC) $(BUILD)/uninstalled/shale.pc $(SO) | deps-go
	@mkdir -p $(@D)
	$(Q)cd bindings/go && $(GO_ENV) $(GO) build -o $(CURDIR)/$@ ./bench

bench-go: $(GO_DIR)/bench $(C_CALLS) ## cost of a call from Go beside the same call from C
	@LD_LIBRARY_PATH=$(CURDIR)/$(BUILD) $(GO_DIR)/bench $(C_CALLS) $(ROUNDS) | \
	  bindings/bench/report "$$($(GO) env GOVERSION)" "AppendGet|diff|150" "GetMulti of 100, a key|ratio|2"
