#!/bin/sh
# Cost of a call from Go beside the same call from C: bench.sh C_CALLS SHALE.TEST [ROUNDS]. The two programs
# take turns, so that both meet the same machine at the same time; what is shown are medians.
set -eu
c_calls=$1
go_test=$2
rounds=${3:-7}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for round in $(seq "$rounds"); do
  "$c_calls" 10000 100 3 2>/dev/null | sed 's/^/c_/' >>"$out"
  "$go_test" -test.run '^$' -test.bench . -test.benchtime 300000x -test.count 1 | awk '
    /^Benchmark/ {
      name = $1; sub(/^Benchmark/, "", name); sub(/-[0-9]+$/, "", name)
      for (i = 3; i < NF; i += 2) value[$(i + 1)] = $i
      print "go_" name, ("ns/key" in value ? value["ns/key"] : value["ns/op"])
      print "allocs_" name, value["allocs/op"]
      delete value
    }' >>"$out"
done
sort -k1,1 -k2,2n "$out" | awk '
  $1 != last { if (last != "") median[last] = v[int((n + 1) / 2)]; n = 0; last = $1 }
  { v[++n] = $2 }
  function row(go, c, per) {
    printf "%-16s %9.1f ns %9.1f ns %+9.1f ns %6.2fx %8d   %s\n", go, median["go_" go], median["c_" c],
      median["go_" go] - median["c_" c], median["go_" go] / median["c_" c], median["allocs_" go], per
  }
  END {
    median[last] = v[int((n + 1) / 2)]
    printf "%-16s %12s %12s %12s %7s %8s\n", "", "Go", "C", "difference", "ratio", "allocs"
    row("AppendGet", "get", "want: difference <= 150 ns, 0 allocations")
    row("Get", "get", "")
    row("View", "get", "")
    row("Put", "put", "")
    row("GetMulti", "multi_get_100_per_key", "a key of 100; want: ratio <= 2")
    row("AppendGet64KiB", "get_64k", "")
  }'
