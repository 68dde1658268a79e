#!/bin/sh
# The list of what Shale is made of names what is linked, and every relation in it leads somewhere.
#   sbom_test.sh <build directory>
set -eu
if [ $# -ne 1 ]; then
  echo "usage: $0 <build directory>" >&2
  exit 2
fi
list=$(mktemp)
trap 'rm -f "$list"' EXIT
SOURCE_DATE_EPOCH=1700000000 .ci/sbom "$1" 1.2.3 >"$list"
failed=0
holds() {   # holds NAME JQ_FILTER
  if jq -e "$2" "$list" >/dev/null; then echo "ok $1"; else echo "FAIL $1"; failed=1; fi
}
holds version '.spdxVersion == "SPDX-2.3" and .name == "shale-1.2.3" and .creationInfo.created == "2023-11-14T22:13:20Z"'
holds every_relation_leads_somewhere \
  '([.packages[].SPDXID] + [.SPDXID]) as $ids | all(.relationships[]; [.spdxElementId, .relatedSpdxElement] - $ids == [])'
holds identifiers_are_unique '[.packages[].SPDXID] | length == (unique | length)'
for library in $(readelf -dW "$1/libshale.so" "$1/shale" | sed -n 's/.*(NEEDED).*\[lib\([a-z+-]*\).*/\1/p' | sort -u); do
  case "$library" in m | shale | ld-linux-x | ld-linux-aarch) continue ;; gcc_s) library=gcc-s ;; esac
  holds "names $library" "any(.packages[].name; ascii_downcase | startswith(\"lib$library\"))"
done
exit $failed
