#!/usr/bin/env bash
# Installs into a fresh directory, builds README's C example with nothing but pkg-config, dlopens by soname, runs the installed
# command, uninstalls, and checks that nothing is left. Prints ok and FAIL lines.
set -u
cd "$(dirname "$0")/.."
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
status=0
say() { if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "FAIL $2"; status=1; fi; }

make --no-print-directory install PREFIX="$root/usr" >"$root/log" 2>&1
say $? "make install" || cat "$root/log"
export PKG_CONFIG_PATH="$root/usr/lib/pkgconfig"
mkdir "$root/app"
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' README.md >"$root/app/app.c"
(cd "$root/app" && cc -std=c99 app.c $(pkg-config --cflags --libs shale) -o app)
say $? "README's example builds with pkg-config"
output=$(cd "$root/app" && LD_LIBRARY_PATH="$root/usr/lib" ./app && LD_LIBRARY_PATH="$root/usr/lib" ./app)
[ "$output" = "apple is red
apple is red" ]
say $? "README's example runs, twice on the same store"

cat >"$root/app/load.c" <<'C'
#include <dlfcn.h>
#include <stdio.h>
int main(void) {
  void *lib = dlopen("libshale.so.1", RTLD_NOW | RTLD_LOCAL);
  if (lib == NULL) return puts(dlerror()), 1;
  const char *(*version)(void) = (const char *(*)(void))dlsym(lib, "shale_version_string");
  return version == NULL || puts(version()) < 0;
}
C
cc "$root/app/load.c" -ldl -o "$root/app/load"
[ "$(LD_LIBRARY_PATH="$root/usr/lib" "$root/app/load")" = "$(pkg-config --modversion shale)" ]
say $? "dlopen by soname finds the version that pkg-config names"

export LD_LIBRARY_PATH="$root/usr/lib"
"$root/usr/bin/shale" --db "$root/app/data" get apple >"$root/got" && [ "$(cat "$root/got")" = red ]
say $? "the installed command reads what the example wrote"
[ -z "$(readelf -d "$root/usr/bin/shale" "$root/usr/lib/libshale.so" | grep -E 'RPATH|RUNPATH')" ]
say $? "no run path in what is installed"
make --no-print-directory uninstall PREFIX="$root/usr" >"$root/log" 2>&1
[ -z "$(find "$root/usr" -not -type d)" ]
say $? "uninstall leaves no file"
make --no-print-directory install DESTDIR="$root/stage" PREFIX=/usr >"$root/log" 2>&1 &&
  [ -f "$root/stage/usr/lib/libshale.so.1" ] && grep -q '^prefix=/usr$' "$root/stage/usr/lib/pkgconfig/shale.pc"
say $? "DESTDIR stages without showing in shale.pc"
exit $status
