#!/usr/bin/env bash
# Two builds in directories of different names, one of them longer, are the same bytes. A few objects and an archive of them;
# with WHOLE=1 libshale.so, libshale.a and the command, debug information included.
set -u
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
objects="build/lib/base/check.o build/lib/base/status.o build/lib/abi/abi_info.o build/lib/store/superblock.o"
compared=$objects
targets=$objects
if [ "${WHOLE:-0}" = 1 ]; then
  targets=all
  compared="build/libshale.so.1.0.0 build/libshale.a build/shale build/shale.pc"
fi
status=0
for place in "$work/a" "$work/a_longer_name/of-a-directory"; do
  mkdir -p "$place"
  cp -r Makefile lib include tools tests bindings examples bench pkgconfig .ci "$place"
  if ! make -C "$place" --no-print-directory JOBS="${JOBS:-1}" $targets >"$work/log" 2>&1; then
    tail -n 5 "$work/log"
    echo "FAIL reproducible: the build in $place failed"
    exit 1
  fi
  [ "$targets" = all ] || (cd "$place" && ar rcsD build/part.a $objects)
done
[ "$targets" = all ] || compared="$compared build/part.a"
for file in $compared; do
  if ! cmp "$work/a/$file" "$work/a_longer_name/of-a-directory/$file"; then
    echo "FAIL reproducible: $file depends on where it was built"
    status=1
  elif grep -q "$work" "$work/a/$file"; then
    echo "FAIL reproducible: $file names the directory in which it was built"
    status=1
  else
    echo "ok reproducible: ${file##*/} is the same in two directories"
  fi
done
if grep -rnE '__(DATE|TIME|TIMESTAMP)__' lib include tools; then
  echo "FAIL reproducible: the time of the build is in the source"
  status=1
else
  echo "ok reproducible: the time of a build is nowhere in the source"
fi
exit $status
