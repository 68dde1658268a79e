#!/usr/bin/env bash
# The gem installs against a libshale that only pkg-config knows about, and works. package_test.sh BUILD_DIR
set -u
build=${1:?}
root=$(cd "$(dirname "$0")/../../.." && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
status=0
say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "FAIL $2: $(tail -n 12 "$stage/log" | tr '\n' ' ' | head -c 600)"; status=1; fi; }

mkdir -p "$stage/usr/lib/pkgconfig" "$stage/usr/include" "$stage/gems"
cp -r "$root/include/shale" "$stage/usr/include/"
cp -P "$build"/libshale.so* "$stage/usr/lib/"
sed "s|@PREFIX@|$stage/usr|; s|@LIBDIR@|$stage/usr/lib|; s|@INCLUDEDIR@|$stage/usr/include|; s|@VERSION@|1.0.0|" \
  "$root/pkgconfig/shale.pc.in" >"$stage/usr/lib/pkgconfig/shale.pc"

make --no-print-directory -C "$root" package-ruby >"$stage/log" 2>&1
say $? "make package makes the gem"
export GEM_HOME="$stage/gems" GEM_PATH="$stage/gems" HOME="$stage"
# Where a libshale is installed for all there is nothing to miss.
if ! echo 'int main(void) { return 0; }' | cc -xc - -lshale -o "$stage/linked" 2>/dev/null; then
  ! gem install --local --no-document "$build/package/shale-1.0.0.gem" >"$stage/log" 2>&1 &&
    grep -rq 'libshale was not found' "$stage/gems/extensions" "$stage/log"
  say $? "without libshale the gem says what is missing"
fi

rm -rf "$stage/gems"
PKG_CONFIG_PATH="$stage/usr/lib/pkgconfig" gem install --local --no-document "$build/package/shale-1.0.0.gem" >"$stage/log" 2>&1
say $? "the gem installs against what pkg-config finds"
(cd "$stage" && ruby -w -e 'require "shale"
  Shale.open(ARGV[0], memory: "16MiB") { |db| db["k"] = "v" }
  Shale.open(ARGV[0], memory: "16MiB") { |db| exit(db.to_a == [%w[k v]] && $LOADED_FEATURES.grep(/shale_raw/)[0].include?(ENV["GEM_HOME"])) }' \
  "$stage/data") >"$stage/log" 2>&1
say $? "the installed gem opens, writes and reads"

mkdir "$stage/made"
(cd "$stage/made" && PKG_CONFIG_PATH=/nowhere ruby "$root/bindings/ruby/ext/shale/extconf.rb" --with-shale-dir="$stage/usr") \
  >"$stage/log" 2>&1 && grep -q -- "-L$stage/usr/lib" "$stage/made/Makefile" && grep -q -- '-lshale' "$stage/made/Makefile"
say $? "the gem finds the library by --with-shale-dir"
exit $status
