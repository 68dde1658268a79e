#!/bin/sh
# The library exports exactly the names of the list, each with its version, and nothing else.
#   symbols_test.sh <libshale.so> <shale.symbols>
set -eu
export LC_ALL=C

if [ $# -ne 2 ]; then
  echo "usage: $0 <library> <list>" >&2
  exit 2
fi
library=$1
list=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/shale-symbols.XXXXXX")
trap 'rm -rf "$work"' EXIT

if ! sort -u -c "$list"; then
  echo "symbols_test: $list is not sorted, or names a symbol twice" >&2
  exit 1
fi

# Written to a file first: a failing nm at the head of a pipe would go unseen and leave an empty list.
nm -D --defined-only --with-symbol-versions "$library" > "$work/nm"
# Type A is the version node itself.
awk '$2 != "A" { print $3 }' "$work/nm" | sort > "$work/exported"
if [ ! -s "$work/exported" ]; then
  echo "symbols_test: $library exports nothing" >&2
  exit 1
fi

if ! diff -u "$list" "$work/exported" > "$work/diff"; then
  echo "symbols_test: exported symbols differ from the list (- only in the list, + only in the library):" >&2
  grep '^[-+][^-+]' "$work/diff" >&2
  exit 1
fi
echo "ok symbols: $(wc -l < "$list") symbols, as listed"
