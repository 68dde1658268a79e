# Java: a jar with the native library inside, Javadoc, tests, benchmark and example, all of it below $(BUILD)/java.

JAVA_DIR   := $(BUILD)/java
JAVA_JAR   := $(JAVA_DIR)/shale-$(VERSION).jar
JAVA_DOCS  := $(JAVA_DIR)/shale-$(VERSION)-javadoc.jar
JAVA_JNI   := $(JAVA_DIR)/native/META-INF/native/linux-$(shell uname -m)/libshalejni.so
JAVA_SRC   := $(wildcard bindings/java/src/main/java/io/shale/*.java)
JAVA_TESTS := $(wildcard bindings/java/src/test/java/io/shale/*.java)
JAVA_BENCH := $(wildcard bindings/java/bench/*.java)
JAVA_EXAMPLE := $(wildcard examples/java/*.java)
JAVA_JUNIT := /usr/share/java/junit4.jar:/usr/share/java/hamcrest-core.jar
JAVA_FLAGS := --release 17 -Xlint:all -Werror -encoding UTF-8
# Recursive: javac may be installed by this very run.
JAVA_HOME_OF_JAVAC = $(shell dirname "$$(dirname "$$(readlink -f "$$(command -v javac)")")")
# Time in the jar: two builds of the same source are the same bytes.
JAVA_DATE := --date=2000-01-01T00:00:00Z

.PHONY: java java-tests java-package bench-java deps-java
TEST_BUILDS += java-tests
PACKAGES += java-package
BINDING_BENCHES += bench-java

java: $(JAVA_JAR) $(JAVA_DOCS) ## the Java binding: jar with the native library inside, and its Javadoc

deps-java: ; @.ci/deps java

# ---- native side -------------------------------------------------------------------------------------------

$(JAVA_DIR)/native_wrap.c: bindings/shale.i bindings/java/java.i include/shale/shale.h | deps-java
	@rm -rf $(JAVA_DIR)/swig
	@mkdir -p $(JAVA_DIR)/swig/io/shale
	$(Q)swig -java -package io.shale -module Native -Iinclude -Ibindings -outdir $(JAVA_DIR)/swig/io/shale \
	  -o $@ bindings/shale.i
	@rm -f $(JAVA_DIR)/swig/io/shale/Native.java

$(JAVA_DIR)/native_wrap.o: $(JAVA_DIR)/native_wrap.c $(wildcard bindings/java/*.h)
	$(Q)$(CC) $(CFLAGS_ALL) -std=gnu11 -fPIC -fvisibility=hidden -Ibindings -I$(JAVA_HOME_OF_JAVAC)/include \
	  -I$(JAVA_HOME_OF_JAVAC)/include/linux -c $< -o $@

# Needs libc only, and shows only what the virtual machine looks for: it can share a process with any other C++
# library. Never unloaded, because LevelDB's thread is never joined.
$(JAVA_JNI): $(JAVA_DIR)/native_wrap.o $(LIBA) bindings/java/jni.map
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_ALL) -shared -Wl,-soname,libshalejni.so -Wl,--version-script=bindings/java/jni.map \
	  -Wl,-z,now,-z,relro,-z,nodelete,-z,noexecstack,-z,defs -Wl,--exclude-libs,ALL,--strip-debug \
	  -static-libstdc++ -static-libgcc $< $(LIBA) -Wl,-Bstatic -lleveldb -lsnappy -lzstd -lsodium -Wl,-Bdynamic -pthread -o $@

# ---- jars --------------------------------------------------------------------------------------------------

$(JAVA_DIR)/classes.done: $(JAVA_SRC) $(JAVA_DIR)/native_wrap.c
	@rm -rf $(JAVA_DIR)/classes
	@mkdir -p $(JAVA_DIR)/classes
	$(Q)javac $(JAVA_FLAGS) -d $(JAVA_DIR)/classes $(JAVA_SRC) $(JAVA_DIR)/swig/io/shale/NativeJNI.java
	@touch $@

# The native library holds parts of other projects, whose licences want to go along.
$(JAVA_JAR): $(JAVA_DIR)/classes.done $(JAVA_JNI) bindings/java/manifest LICENSE
	@mkdir -p $(JAVA_DIR)/native/META-INF/licenses
	@cp LICENSE $(JAVA_DIR)/native/META-INF/LICENSE
	@for package in libleveldb-dev libsnappy-dev libzstd-dev libsodium-dev libxxhash-dev libstdc++6; do \
	  from=/usr/share/doc/$$package/copyright; \
	  if [ -f $$from ]; then cp -L $$from $(JAVA_DIR)/native/META-INF/licenses/$$package; fi; done
	$(Q)jar --create --file $@ $(JAVA_DATE) --manifest bindings/java/manifest -C $(JAVA_DIR)/classes . \
	  -C $(JAVA_DIR)/native .

$(JAVA_DOCS): $(JAVA_DIR)/classes.done
	@rm -rf $(JAVA_DIR)/javadoc
	$(Q)javadoc -quiet -Xdoclint:all -Werror -notimestamp -encoding UTF-8 --release 17 -d $(JAVA_DIR)/javadoc \
	  $(JAVA_SRC) $(JAVA_DIR)/swig/io/shale/NativeJNI.java
	@jar --create --file $@ $(JAVA_DATE) -C $(JAVA_DIR)/javadoc .

java-package: java
	@mkdir -p $(BUILD)/package
	@cp $(JAVA_JAR) $(JAVA_DOCS) $(BUILD)/package/

# ---- tests, benchmark, example -----------------------------------------------------------------------------

$(JAVA_DIR)/tests.done: $(JAVA_TESTS) $(JAVA_EXAMPLE) $(JAVA_JAR)
	@rm -rf $(JAVA_DIR)/tests
	@mkdir -p $(JAVA_DIR)/tests
	$(Q)javac $(JAVA_FLAGS) -cp $(JAVA_JAR):$(JAVA_JUNIT) -d $(JAVA_DIR)/tests $(JAVA_TESTS) $(JAVA_EXAMPLE)
	@touch $@

java-tests: $(JAVA_DIR)/tests.done java

$(JAVA_DIR)/bench.done: $(JAVA_BENCH) $(JAVA_JAR)
	@rm -rf $(JAVA_DIR)/bench
	@mkdir -p $(JAVA_DIR)/bench
	$(Q)javac $(JAVA_FLAGS) -cp $(JAVA_JAR) -d $(JAVA_DIR)/bench $(JAVA_BENCH)
	@touch $@

# The same program for every language.
ifndef C_CALLS
C_CALLS := $(BUILD)/bench/c_calls
$(C_CALLS): bindings/bench/c_calls.c $(SO)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $< -L$(BUILD) -lshale -Wl,-rpath,'$$ORIGIN/..' -o $@
endif

bench-java: $(JAVA_DIR)/bench.done $(C_CALLS) ## cost of a call from Java beside the same call from C
	@java -Xms256m -Xmx256m -cp $(JAVA_JAR):$(JAVA_DIR)/bench CallBench $(C_CALLS) $(ROUNDS) | \
	  bindings/bench/report "Java $$(java -version 2>&1 | sed -n 's/.*"\(.*\)".*/\1/p')" "get|diff|200" "getAll of 100, a key|ratio|2" \
	  "get 64 KiB as byte[]|least times get 64 KiB into a direct buffer|3"
