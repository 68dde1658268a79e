#!/bin/sh
# Cost of a call from Go beside the same call from C: bench.sh C_CALLS SHALE.TEST [ROUNDS]. The two programs
# take turns, so that both meet the same machine at the same time; what is shown are medians and, for machines
# on which others work too, the least.
set -eu
c_calls=$1
go_test=$2
rounds=${3:-7}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for round in $(seq "$rounds"); do
  "$c_calls" 10000 100 5 2>/dev/null | sed 's/^/c_/' >>"$out"
  "$go_test" -test.run '^$' -test.bench . -test.benchtime 300000x -test.count 5 | awk '
    /^Benchmark/ {
      name = $1; sub(/^Benchmark/, "", name); sub(/-[0-9]+$/, "", name)
      for (i = 3; i < NF; i += 2) value[$(i + 1)] = $i
      print "go_" name, ("ns/key" in value ? value["ns/key"] : value["ns/op"])
      print "allocs_" name, value["allocs/op"]
      delete value
    }' >>"$out"
done
sort -k1,1 -k2,2n "$out" | awk '
  $1 != last { if (last != "") median[last] = v[int((n + 1) / 2)]; n = 0; last = $1; least[$1] = $2 }
  { v[++n] = $2 }
  function row(go, c, per) {
    go_least = least["go_" go]; c_least = least["c_" c]
    printf "%-16s %9.1f ns %9.1f ns %+9.1f ns %6.2fx   %9.1f %9.1f %+9.1f %6.2fx %7d   %s\n", go, median["go_" go],
      median["c_" c], median["go_" go] - median["c_" c], median["go_" go] / median["c_" c], go_least, c_least,
      go_least - c_least, go_least / c_least, median["allocs_" go], per
  }
  END {
    median[last] = v[int((n + 1) / 2)]
    printf "%-16s %12s %12s %12s %7s   %39s %7s\n", "median of rounds", "Go", "C", "difference", "ratio",
      "least: Go, C, difference, ratio", "allocs"
    row("AppendGet", "get", "want: difference <= 150 ns, 0 allocations")
    row("Get", "get", "")
    row("View", "get", "")
    row("Put", "put", "")
    row("GetMulti", "multi_get_100_per_key", "a key of 100; want: ratio <= 2")
    row("AppendGet64KiB", "get_64k", "")
  }'
