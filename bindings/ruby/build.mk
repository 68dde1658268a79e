# The Ruby binding: the extension is built below $(BUILD)/ruby/lib, so that tests and benchmarks run from the source tree.
RUBY_DIR := bindings/ruby
RUBY_BUILD := $(BUILD)/ruby
RUBY_SO := $(RUBY_BUILD)/lib/shale/shale_raw.so
RUBY_WRAP := $(RUBY_DIR)/ext/shale/shale_raw_wrap.c
RUBY_EXT := $(wildcard $(RUBY_DIR)/ext/shale/*.c $(RUBY_DIR)/ext/shale/*.h) $(RUBY_DIR)/ext/shale/extconf.rb
UNINSTALLED_PC := $(BUILD)/uninstalled/shale.pc

.PHONY: ruby ruby-tests package-ruby bench-ruby ruby-deps ruby-wrap
ruby-deps: ; @.ci/deps ruby
ruby: $(RUBY_SO) ## Ruby: the extension, ready for ruby -Ibindings/ruby/lib -Ibuild/ruby/lib
TEST_BUILDS += ruby-tests
PACKAGES += package-ruby
BINDING_BENCHES += bench-ruby

# What pkg-config says about a tree that is built and not installed.
ifndef UNINSTALLED_PC_RULE
UNINSTALLED_PC_RULE := 1
$(UNINSTALLED_PC): pkgconfig/shale.pc.in Makefile
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(CURDIR)|; s|@LIBDIR@|$(CURDIR)/$(BUILD)|; s|@INCLUDEDIR@|$(CURDIR)/include|; s|@VERSION@|$(VERSION)|' \
	  $< > $@
endif

ruby-wrap: | ruby-deps ## Ruby: make the raw layer again from shale.h
	swig -ruby -module shale::raw -initname shale_raw -Iinclude -o $(RUBY_WRAP) bindings/shale.i

$(RUBY_SO): $(RUBY_EXT) $(UNINSTALLED_PC) $(SO) | ruby-deps
	@mkdir -p $(RUBY_BUILD)/ext $(@D)
	@cd $(RUBY_BUILD)/ext && PKG_CONFIG_PATH=$(CURDIR)/$(BUILD)/uninstalled \
	  ruby $(CURDIR)/$(RUBY_DIR)/ext/shale/extconf.rb >extconf.log 2>&1 || { cat extconf.log >&2; exit 1; }
	@$(MAKE) --no-print-directory -C $(RUBY_BUILD)/ext -s >$(RUBY_BUILD)/ext/make.log 2>&1 || \
	  { cat $(RUBY_BUILD)/ext/make.log >&2; exit 1; }
	$(Q)cp $(RUBY_BUILD)/ext/shale_raw.so $@

# The same program for all languages.
ifndef C_CALLS
C_CALLS := $(BUILD)/bench/c_calls
$(C_CALLS): bindings/bench/c_calls.c $(SO)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $< -L$(BUILD) -lshale -Wl,-rpath,'$$ORIGIN/..' -o $@
endif

# What a call costs that does nothing: measured beside those that do.
$(RUBY_BUILD)/bench/floor.so: $(RUBY_DIR)/bench/floor.c | ruby-deps
	@mkdir -p $(@D)
	$(Q)$(CC) -shared -fPIC -O2 -Wall $$(ruby -rrbconfig -e 'print RbConfig.expand("-I$$(rubyhdrdir) -I$$(rubyarchhdrdir)")') $< -o $@

bench-ruby: $(RUBY_SO) $(RUBY_BUILD)/bench/floor.so $(C_CALLS) ## Ruby: cost of a call beside the same call from C
	@ruby -I$(RUBY_DIR)/lib -I$(RUBY_BUILD)/lib -I$(RUBY_BUILD)/bench $(RUBY_DIR)/bench/calls.rb $(C_CALLS) $(ROUNDS) | \
	  bindings/bench/report "$$(ruby -e 'print "Ruby ", RUBY_VERSION')" "[]|diff|150" "get_into|diff|150"

# What the tests of the GVL put between the store and its disk.
$(RUBY_BUILD)/slow_disk.so: $(RUBY_DIR)/test/slow_disk.c
	@mkdir -p $(@D)
	$(Q)$(CC) -shared -fPIC -O2 -Wall -Wextra $< -ldl -o $@
ruby-tests: $(RUBY_SO) $(RUBY_BUILD)/slow_disk.so

# gem: everything it needs but libshale, which pkg-config finds when the gem is installed.
package-ruby: $(BUILD)/package/shale-$(VERSION).gem ## Ruby: the gem
$(BUILD)/package/shale-$(VERSION).gem: $(RUBY_EXT) $(wildcard $(RUBY_DIR)/lib/*.rb $(RUBY_DIR)/lib/*/*.rb) \
  $(RUBY_DIR)/shale.gemspec $(RUBY_DIR)/README.md LICENSE | ruby-deps
	@rm -rf $(RUBY_BUILD)/gem && mkdir -p $(RUBY_BUILD)/gem $(@D)
	@cp -r $(RUBY_DIR)/lib $(RUBY_DIR)/ext $(RUBY_DIR)/shale.gemspec $(RUBY_DIR)/README.md LICENSE $(RUBY_BUILD)/gem/
	$(Q)cd $(RUBY_BUILD)/gem && gem build --silent --output $(abspath $@) shale.gemspec
