#!/bin/bash
# Figures of a store from outside: served, scraped, checked by Prometheus' own tool, and watched in a terminal.
# Usage: metrics_test.sh PATH-OF-SHALE. Prints one line a check; the exit code says whether all were ok.
set -u

# shellcheck source=tests/tools/kit.sh
. "$(dirname "$0")/kit.sh"
export SHALE_DB=$WORK/store
failed=0

holds() {  # holds NAME COMMAND...
  local name=$1
  shift
  if "$@" >verdict 2>&1; then
    echo "ok    $name"
  else
    failed=$((failed + 1))
    echo "FAIL  $name: $*"
    sed 's/^/      /' verdict
  fi
}

fails() {  # fails CODE PATTERN COMMAND...: ends with that code and one line of standard error that matches
  local code=$1 pattern=$2 rc
  shift 2
  "$@" 2>said >/dev/null
  rc=$?
  [ "$rc" -eq "$code" ] && [ "$(wc -l <said)" -eq 1 ] && grep -qE "$pattern" said && return 0
  echo "exit $rc, said: $(cat said)"
  return 1
}

serve() {  # serve WORDS...: starts the server and waits until it has said where it is; URL
  "$SHALE" "$@" serve-metrics --port 0 >address 2>server_said &
  SERVER=$!
  for _ in $(seq 500); do
    URL=$(cat address)
    [ -n "$URL" ] && return 0
    kill -0 "$SERVER" 2>/dev/null || break
    sleep 0.02
  done
  cat server_said
  return 1
}

stop_server() {  # stop_server SIGNAL: ends by itself, with success
  kill "-$1" "$SERVER"
  wait "$SERVER"
  local rc=$?
  SERVER=
  return $rc
}

seq 1000 | sed 's/.*/key&\tvalue&/' >rows.txt
"$SHALE" load -q rows.txt

# ---- one store, with and without histograms, and without a path's figures ---------------------------------------

for histograms in false true; do
  holds "served_with_histograms_$histograms" serve -o stats.histograms=$histograms -o events.bytes=64KiB
  holds "scraped_$histograms" curl -sS -f -m 10 -D headers -o scraped "$URL"
  holds "the_content_type_is_prometheus_$histograms" grep -qi '^content-type: text/plain; version=0.0.4' headers
  holds "promtool_finds_nothing_$histograms" test -z "$(promtool check metrics <scraped 2>&1)"
  promtool check metrics <scraped >/dev/null 2>&1
  holds "promtool_is_content_$histograms" test $? -eq 0
  holds "each_figure_is_there_once_$histograms" test -z "$(grep -v '^#' scraped | sed 's/ [^ ]*$//' | sort | uniq -d)"
  stop_server TERM
  holds "ends_when_told_$histograms" test $? -eq 0
done
holds 'histograms_are_there' grep -q '^shale_operation_duration_seconds_bucket{operation="get_hit",le="+Inf"} 0$' scraped
"$SHALE" stats >figures
holds 'as_many_figures_as_by_name' test \
  "$(grep -cv '^latency' figures)" -eq "$(grep '^# TYPE' scraped | grep -cvE 'removals|part_bytes|duration')"

# ---- the server ------------------------------------------------------------------------------------------------

holds 'served_again' serve
holds 'another_path_is_404' test "$(curl -s -o /dev/null -w '%{http_code}' "${URL%metrics}other")" = 404
holds 'the_store_is_taken_meanwhile' fails 4 '^shale: E_LOCKED: ' "$SHALE" stats
PORT=${URL%/metrics}
PORT=${PORT##*:}
# Every socket that listens on this port, by its local address (127.0.0.1 as the kernel writes it).
listeners=$(awk -v port="$(printf '%04X' "$PORT")" '$4 == "0A" { n = split($2, a, ":"); if (a[n] == port) print a[1] }' \
  /proc/net/tcp /proc/net/tcp6 2>/dev/null)
holds 'only_loopback_listens' test "$listeners" = 0100007F
mkdir -p other
holds 'a_port_that_is_taken_is_said' fails 3 "^shale: cannot listen on port $PORT" \
  "$SHALE" --db "$WORK/other/store" -o open.create=true serve-metrics --port "$PORT"
holds 'a_port_must_be_named' fails 2 'port' "$SHALE" serve-metrics

# ---- top -------------------------------------------------------------------------------------------------------

"$SHALE" top --url "$URL" --plain --count 2 --interval 0.1 >plain
holds 'top_of_an_endpoint_as_text' test $? -eq 0 -a "$(grep -c '^Memory tier' plain)" -eq 2
holds 'top_says_where_it_looks' grep -qF "shale top  $URL" plain
holds 'top_names_the_option_for_latencies' grep -q 'stats.histograms' plain
holds 'top_in_a_pipe_is_text' test "$("$SHALE" top --url "$URL" --count 1 --interval 0.1 | grep -c '^Disk tier')" -eq 1
TERM=xterm timeout 20 script -qec "stty rows 40 cols 120; '$SHALE' top --url '$URL' --count 2 --interval 0.2" screen \
  </dev/null >/dev/null 2>&1
holds 'top_draws_in_a_terminal' test $? -eq 0
holds 'the_screen_shows_the_memory_tier' grep -aq 'Memory tier' screen
holds 'the_screen_shows_shards' grep -aq 'least / median / most' screen
holds 'the_terminal_is_given_back' grep -aq $'\x1b\\[?1049l' screen
(sleep 0.5; printf q; sleep 1) | TERM=xterm timeout 20 script -qec "'$SHALE' top --url '$URL' --interval 3600" screen >/dev/null 2>&1
holds 'q_ends_it' test $? -eq 0
TERM=no-such-terminal timeout 20 script -qec "'$SHALE' top --url '$URL' --count 1" said_on_terminal </dev/null >/dev/null 2>&1
holds 'a_terminal_that_cannot_draw_is_an_error' test $? -eq 3
grep -aq 'use --plain' said_on_terminal
holds 'it_names_the_way_out' test $? -eq 0
stop_server INT
holds 'an_interrupt_ends_the_server_well' test $? -eq 0
holds 'nobody_there_is_said' fails 3 '^shale: http://127' "$SHALE" top --url "$URL" --count 1
holds 'an_address_must_be_http' fails 2 'http://HOST:PORT' "$SHALE" top --url ftp://x --count 1
"$SHALE" -o stats.histograms=true top --plain --count 1 --interval 0.1 >plain
holds 'top_of_a_directory' test $? -eq 0
holds 'top_shows_what_readers_pin' grep -q '^  garbage .* pinned by readers$' plain
holds 'top_shows_latencies' grep -q '^Latency *calls *p50' plain
holds 'top_needs_a_store' fails 3 'E_NO_STORE' "$SHALE" --db "$WORK/none" top --count 1

[ "$failed" -eq 0 ]
