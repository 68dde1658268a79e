# Tables of the bindings, made by asking the library, and checked in: a user of a binding needs no generator.
GENERATE := $(BUILD)/bindings/generate/generate
TEST_BUILDS += $(GENERATE)
.PHONY: generate

$(GENERATE): $(wildcard bindings/generate/*.c bindings/generate/*.h) $(SO)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(filter %.c,$^) -L$(BUILD) -lshale -Wl,-rpath,'$$ORIGIN/../..' -o $@

generate: $(GENERATE) ## write the bindings' tables of statuses, options, figures and flags anew
	@bindings/generate/places | while read -r language folder; do $(GENERATE) $$language $$folder || exit 1; done
