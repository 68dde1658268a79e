#!/bin/bash
# The shale command from outside: every command, every exit code, exact output.
# Usage: cli_test.sh PATH-OF-SHALE. Prints one line a check; the exit code says whether all were ok.
set -u

# shellcheck source=tests/tools/kit.sh
. "$(dirname "$0")/kit.sh"
unset SHALE_DB
checks=0
failed=0

verdict() {  # verdict 0|1 NAME [DETAIL]
  checks=$((checks + 1))
  if [ "$1" -eq 0 ]; then
    echo "ok    $2"
  else
    failed=$((failed + 1))
    echo "FAIL  $2"
    [ $# -gt 2 ] && printf '%s\n' "$3" | sed 's/^/      /'
  fi
}

# expect NAME CODE STDOUT -- WORDS...: runs shale and compares the exit code and all of standard output.
expect() {
  local name=$1 code=$2 want=$3 got rc
  shift 4
  got=$("$SHALE" "$@" 2>stderr; echo "rc=$?")
  rc=${got##*rc=}
  got=${got%rc=*}
  [ "$got" = "$want" ] && [ "$rc" = "$code" ]
  verdict $? "$name" "exit $rc, wanted $code
$(printf 'out:  %q\nwant: %q\nerr:  %s' "$got" "$want" "$(cat stderr)")"
}

# says NAME PATTERN: standard error of the last expect is one line that matches.
says() {
  [ "$(wc -l <stderr)" -eq 1 ] && grep -qE "$2" stderr
  verdict $? "$1" "$(cat stderr)"
}

equal() {  # equal NAME FILE FILE
  cmp -s "$2" "$3"
  verdict $? "$1" "$(cmp "$2" "$3" 2>&1)"
}

# prints NAME PATTERN -- WORDS...: runs shale to its end (a pipe or <() might leave it holding the lock), then looks
# for a whole line that matches in what it printed.
prints() {
  local name=$1 pattern=$2
  shift 3
  "$SHALE" "$@" >printed
  grep -qxE -- "$pattern" printed
  verdict $? "$name" "$(cat printed)"
}

holds() {  # holds NAME COMMAND...
  local name=$1
  shift
  "$@"
  verdict $? "$name" "$*"
}

NL=$'\n'
TAB=$'\t'

# ---- help, version, usage --------------------------------------------------------------------------------

"$SHALE" --version >out 2>err
holds 'version_is_three_numbers' grep -qxE 'shale [0-9]+\.[0-9]+\.[0-9]+' out
for command in '' get put del incr scan load dump stats top serve-metrics exists ttl expire options destroy verify salvage rewrite backup restore count drop compact reclaim; do
  # shellcheck disable=SC2086  # no word at all for the tool itself
  "$SHALE" $command --help >out 2>err
  rc=$?
  examples=$(grep -cE '^(Examples:|A first session:)$' out)
  holds "help_of_${command:-shale}_teaches_on_stdout" test $rc -eq 0 -a ! -s err -a "$examples" -eq 1
done
prints 'help_lists_exit_codes' '  4  another process .*' -- --help
expect 'no_command_is_usage' 2 '' --
expect 'unknown_command_is_usage' 2 '' -- --db db frobnicate
says 'usage_error_is_one_line' '^shale: '
expect 'unknown_flag_is_usage' 2 '' -- --db db get --frob k
expect 'missing_argument_is_usage' 2 '' -- --db db put k
expect 'extra_argument_is_usage' 2 '' -- --db db get k l
expect 'no_directory_named_is_usage' 2 '' -- get k
says 'no_directory_named_tells_what_to_do' 'SHALE_DB'
expect 'bad_delta_is_usage' 2 '' -- --db db incr n 1x
expect 'bad_ttl_is_usage' 2 '' -- --db db put k v --ttl 5parsecs
expect 'zero_ttl_is_usage' 2 '' -- --db db put k v --ttl 0
expect 'bad_hex_is_usage' 2 '' -- --db db get --hex abc
expect 'bad_limit_is_usage' 2 '' -- --db db scan --limit 0
expect 'prefix_with_from_is_usage' 2 '' -- --db db scan --prefix a --from b
expect 'unknown_option_is_usage' 2 '' -- --db db -o no.such=1 put k v
says 'unknown_option_is_named' '^shale: E_INVALID: .*no\.such'
expect 'option_without_value_is_usage' 2 '' -- --db db -o memory.budget put k v
expect 'bad_memory_is_usage' 2 '' -- --db db --memory lots put k v
expect 'destroy_wants_yes' 2 '' -- --db db destroy
holds 'usage_errors_made_no_store' test ! -e db

# ---- no store --------------------------------------------------------------------------------------------

for words in 'get k' 'exists k' 'ttl k' 'expire k 1s' 'del k' 'scan' 'dump' 'stats'; do
  # shellcheck disable=SC2086  # words are words
  expect "no_store_is_an_error_for_${words%% *}" 3 '' -- --db none $words
done
says 'no_store_is_named' '^shale: E_NO_STORE: '
expect 'destroy_of_nothing_is_an_outcome' 1 '' -- --db none destroy --yes
holds 'reading_commands_make_no_store' test ! -e none
: >file
expect 'a_file_is_not_a_store' 3 '' -- --db file/below put k v

# ---- one key ---------------------------------------------------------------------------------------------

expect 'put_makes_the_store' 0 '' -- --db db put k value
expect 'get_writes_the_value_alone' 0 'value' -- --db db get k
export SHALE_DB=$WORK/db
expect 'directory_comes_from_the_environment' 0 'value' -- get k
expect 'db_option_goes_before_the_environment' 3 '' -- --db none get k
expect 'global_options_may_follow_the_command' 0 'value' -- get k --db db
expect 'absent_key_is_an_outcome' 1 '' -- get absent
holds 'outcome_says_nothing' test ! -s stderr
expect 'put_replaces' 0 '' -- put k second
expect 'get_sees_the_new_value' 0 'second' -- get k
expect 'put_if_absent_meets_the_key' 1 '' -- put k third --if-absent
expect 'put_if_present_meets_none' 1 '' -- put new third --if-present
expect 'conditions_exclude_each_other' 2 '' -- put k v --if-absent --if-present
expect 'refused_puts_changed_nothing' 0 'second' -- get k
expect 'put_if_absent_sets' 0 '' -- put new 1 --if-absent
expect 'put_if_present_sets' 0 '' -- put new 2 --if-present
expect 'conditional_puts_are_seen' 0 '2' -- get new
expect 'empty_value_is_a_value' 0 '' -- put empty ''
expect 'empty_value_reads_back' 0 '' -- get empty
expect 'empty_value_exists' 0 '' -- exists empty
expect 'empty_key_is_refused' 2 '' -- put '' v
expect 'exists_of_a_key' 0 '' -- exists k
expect 'exists_of_no_key' 1 '' -- exists absent
head -c 65536 /dev/zero | tr '\0' k >long-key
expect 'key_above_the_limit_is_refused' 3 '' -- put "$(cat long-key)" v
says 'key_above_the_limit_is_said' '^shale: E_TOO_LARGE: '
for word in '[a,b]' '{}' '{"a":1}' '%%' put '-' ++; do
  expect "word_is_data: $word" 0 '' -- put -- "$word" "v$word"
  expect "word_is_data_read: $word" 0 "v$word" -- get -- "$word"
done
expect 'dashed_key_after_double_dash' 0 '' -- put -- --key --value
expect 'dashed_key_reads_back' 0 '--value' -- get -- --key
expect 'del_takes_the_same_words' 0 '' -- del -- '[a,b]' '{}' '{"a":1}' '%%' put - ++ --key
expect 'del_deleted_them' 1 '' -- get '[a,b]'
expect 'del_of_one_absent_is_an_outcome' 1 '' -- del new absent
expect 'del_deletes_the_others_all_the_same' 1 '' -- exists new
expect 'del_force_does_not_mind' 0 '' -- del -f absent

# ---- bytes -----------------------------------------------------------------------------------------------

printf 'a\0b\n\377' >binary
"$SHALE" put bin - <binary
"$SHALE" get bin >out
equal 'stdin_value_is_byte_exact' binary out
head -c 1048576 /dev/urandom >large
"$SHALE" put large - <large
"$SHALE" get large >out
equal 'a_value_of_1_MiB_is_byte_exact' large out
expect 'hex_put' 0 '' -- put --hex 00ff0a CAFE00
expect 'hex_get' 0 "cafe00$NL" -- get --hex 00FF0a
expect 'hex_and_json' 0 "{\"key_hex\":\"00ff0a\",\"value_hex\":\"cafe00\"}$NL" -- get --hex --json 00ff0a
expect 'json_of_text' 0 "{\"key\":\"k\",\"value\":\"second\"}$NL" -- get --json k
expect 'json_of_bytes_is_hex' 0 "{\"key\":\"bin\",\"value_hex\":\"6100620aff\"}$NL" -- get --json bin
"$SHALE" put "k\"${TAB}é" "1\\2${NL}3"
expect 'json_escapes_text' 0 \
  "{\"key\":\"k\\\"\\té\",\"value\":\"1\\\\2\\n3\"}$NL" -- get --json "k\"${TAB}é"
expect 'hex_del' 0 '' -- del --hex 00ff0a
expect 'hex_del_deleted' 1 '' -- exists --hex 00ff0a

# ---- counters and time to live ---------------------------------------------------------------------------

expect 'incr_starts_at_zero' 0 "1$NL" -- incr n
expect 'incr_adds' 0 "42$NL" -- incr n 41
expect 'incr_subtracts' 0 "-8$NL" -- incr n -50
expect 'incr_reads_decimal_only' 0 "2$NL" -- incr n 010
expect 'counter_is_decimal_text' 0 '2' -- get n
expect 'incr_of_text_is_an_error' 3 '' -- incr k
says 'incr_of_text_is_said' '^shale: E_NOT_A_NUMBER: '
expect 'incr_overflow_is_an_error' 3 '' -- incr n 9223372036854775807
says 'incr_overflow_is_said' '^shale: E_OVERFLOW: '
expect 'incr_error_changed_nothing' 0 '2' -- get n
expect 'delta_beyond_64_bits_is_usage' 2 '' -- incr n 9223372036854775808
expect 'ttl_of_a_lasting_key' 0 "never$NL" -- ttl k
expect 'ttl_of_no_key' 1 '' -- ttl absent
expect 'put_with_ttl' 0 '' -- put t v --ttl 1h
left=$("$SHALE" ttl t)
holds 'ttl_counts_down' test "$left" -gt 3500000 -a "$left" -le 3600000
expect 'put_keeps_ttl' 0 '' -- put t w --keep-ttl
left=$("$SHALE" ttl t)
holds 'kept_ttl_is_the_old_one' test "$left" -gt 3500000 -a "$left" -le 3600000
prints 'json_has_ttl_ms' '\{"key":"t","value":"w","ttl_ms":3[0-9]{6}\}' -- get --json t
expect 'expire_never' 0 '' -- expire t never
expect 'expire_never_is_seen' 0 "never$NL" -- ttl t
expect 'expire_of_no_key' 1 '' -- expire absent 1s
expect 'expire_soon' 0 '' -- expire t 1
sleep 0.02
expect 'expired_key_is_gone' 1 '' -- get t

# ---- scan ------------------------------------------------------------------------------------------------

export SHALE_DB=$WORK/rows
printf 'a\t1\nb/1\t2\nb/2\t3\nb/3\t4\nb0\t5\nc\t\n' >rows.txt
expect 'load_of_text' 0 '' -- load -q rows.txt
expect 'scan_is_in_order' 0 "$(cat rows.txt)$NL" -- scan
expect 'scan_reverse' 0 "$(tac rows.txt)$NL" -- scan --reverse
expect 'scan_prefix' 0 "b/1${TAB}2${NL}b/2${TAB}3${NL}b/3${TAB}4$NL" -- scan --prefix b/
expect 'scan_prefix_reverse_limit' 0 "b/3${TAB}4${NL}b/2${TAB}3$NL" -- scan --prefix b/ --reverse --limit 2
expect 'scan_from_is_included_to_is_not' 0 "b/2${TAB}3${NL}b/3${TAB}4$NL" -- scan --from b/2 --to b0
expect 'scan_keys_only' 0 "b0${NL}c$NL" -- scan --from b0 --keys-only
expect 'scan_hex' 0 "61${TAB}31$NL" -- scan --to 62 --hex
expect 'scan_json' 0 "{\"key\":\"c\",\"value\":\"\"}$NL" -- scan --json --from c
expect 'scan_json_keys_only' 0 "{\"key\":\"c\"}$NL" -- scan --json --from c --keys-only
expect 'scan_of_nothing_is_ok' 0 '' -- scan --prefix zzz
expect 'empty_bounds_leave_the_sides_open' 0 "a${TAB}1$NL" -- scan --from '' --to '' --limit 1

pages() {  # pages WORDS...: the rows, one page of two after another; the number of pages in the file `count`
  local token pages=1
  "$SHALE" scan --limit 2 --print-token "$@" 2>next
  while token=$(sed -n 's/^token //p' next) && [ -n "$token" ] && [ "$pages" -lt 9 ]; do
    "$SHALE" scan --limit 2 --print-token --token "$token" 2>next
    pages=$((pages + 1))
  done
  echo "$pages" >count
}
pages >out
equal 'pages_by_token_make_the_whole_scan' rows.txt out
holds 'no_token_after_the_last_row' test "$(cat count)" -eq 3
pages --reverse --keys-only >out
equal 'pages_by_token_keep_direction_and_kind' <(tac rows.txt | cut -f1) out
pages --prefix b/ >out
equal 'pages_by_token_keep_bounds' <(grep '^b/' rows.txt) out
expect 'token_takes_no_bounds' 2 '' -- scan --token v00 --from a
expect 'foreign_token_is_usage' 2 '' -- scan --token v00ff
expect 'malformed_token_is_usage' 2 '' -- scan --token 'hello'
expect 'empty_token_is_usage' 2 '' -- scan --token ''

# ---- load and dump ---------------------------------------------------------------------------------------

export SHALE_DB=$WORK/first
printf 'k\\x00\\xff\tline\\n\\ttab \\\\ \\r\n\\x1b[31m\té\n' >escaped.txt
expect 'load_from_stdin' 0 '' -- load -q - <escaped.txt
expect 'text_form_reads_back_as_written' 0 "$(sort escaped.txt)$NL" -- scan
expect 'escapes_are_bytes' 0 "6c696e650a09746162205c200d$NL" -- get --hex 6b00ff
printf '6869\t00ff\n' | "$SHALE" load -q --hex -
expect 'load_of_hex' 0 "00ff$NL" -- get --hex 6869
printf '%s\n' \
  '{"key":"j","value":"\u00e9\u0000","ttl_ms":3600000}' '' '{"key_hex":"00","value_hex":"FF"}' >rows.jsonl
expect 'load_of_json' 0 '' -- load rows.jsonl
says 'load_sums_up_on_stderr' '^loaded 2 rows, '
expect 'json_text_is_utf8' 0 "c3a900$NL" -- get --hex 6a
holds 'json_ttl_is_set' test "$("$SHALE" ttl j)" -gt 3500000
"$SHALE" put large - <"$WORK/large"
"$SHALE" expire j never
for i in $(seq 1 2500); do printf 'row/%05d\tvalue %d\n' "$i" "$i"; done | "$SHALE" load -q --batch 7 -
"$SHALE" dump >dump1
holds 'dump_has_every_row' test "$(wc -l <dump1)" -eq 2506
"$SHALE" --db second load -q dump1
"$SHALE" --db second dump >dump2
equal 'dump_load_dump_is_equal' dump1 dump2
"$SHALE" dump | "$SHALE" --db third load -q -
"$SHALE" scan --hex >scan1
"$SHALE" --db third scan --hex >scan2
equal 'dump_pipe_load_scan_is_equal' scan1 scan2
"$SHALE" scan | "$SHALE" --db fourth load -q --format text -
"$SHALE" scan --hex >scan1
"$SHALE" --db fourth scan --hex >scan2
equal 'scan_pipe_load_scan_is_equal' scan1 scan2
"$SHALE" put session v --ttl 1h
"$SHALE" dump | "$SHALE" --db bulk load -q --bulk --batch 100 -
"$SHALE" scan --hex >scan1
"$SHALE" --db bulk scan --hex >scan2
equal 'bulk_load_stores_the_same' scan1 scan2
left=$("$SHALE" --db bulk ttl session)
holds 'time_left_travels_in_bulk' test "$left" -gt 3500000 -a "$left" -le 3600000
prints 'dump_has_time_left' '\{"key":"session","value":"v","ttl_ms":3[0-9]{6}\}' -- dump
"$SHALE" dump | "$SHALE" --db second load -q -
left=$("$SHALE" --db second ttl session)
holds 'time_left_travels' test "$left" -gt 3500000 -a "$left" -le 3600000

bad() {  # bad NAME LINE [WORDS...]: load refuses the line with exit code 2
  local name=$1 line=$2
  shift 2
  printf '%s\n' "$line" >bad
  expect "$name" 2 '' -- --db bad-rows load bad "$@"
}
bad 'load_refuses_no_json' '{"key":'
bad 'load_refuses_other_json' '[1]' --format json
bad 'load_refuses_no_key' '{"value":"v"}'
bad 'load_refuses_two_keys' '{"key":"k","key_hex":"00","value":"v"}'
bad 'load_refuses_a_number_as_value' '{"key":"k","value":1}'
bad 'load_refuses_unknown_fields' '{"key":"k","value":"v","ttl":5}'
bad 'load_refuses_zero_ttl' '{"key":"k","value":"v","ttl_ms":0}'
bad 'load_refuses_fractions_of_ttl' '{"key":"k","value":"v","ttl_ms":1.5}'
bad 'load_refuses_bad_hex' '{"key_hex":"0","value":"v"}'
bad 'load_refuses_half_characters' '{"key":"\ud800","value":"v"}'
bad 'load_refuses_no_tab' 'key value'
bad 'load_refuses_two_tabs' "k${TAB}v${TAB}w"
bad 'load_refuses_unknown_escapes' "k${TAB}\\q"
bad 'load_refuses_an_empty_key' "${TAB}v"
bad 'load_refuses_unknown_formats' '{"key":"k","value":"v"}' --format xml
bad 'load_refuses_batch_zero' "k${TAB}v" --batch 0
printf 'a\t1\nb\t2\nc\t3\nd\n' >bad
expect 'load_stops_at_the_wrong_line' 2 '' -- --db bad-rows load --batch 2 bad
says 'load_names_line_and_rows_stored' '^shale: line 4: .*\(2 rows were stored before\)$'
expect 'load_stored_whole_batches_only' 0 "a${TAB}1${NL}b${TAB}2$NL" -- --db bad-rows scan
expect 'load_of_no_file_is_an_error' 3 '' -- load "$WORK/no-such-file"
expect 'load_of_a_directory_is_an_error' 3 '' -- load "$WORK"
printf 'x\t1' | "$SHALE" --db bad-rows load -q -
expect 'last_line_needs_no_line_feed' 0 '1' -- --db bad-rows get x

# ---- stats, options, pipes -------------------------------------------------------------------------------

"$SHALE" stats >out
like_a_figure=$(grep -cE '^[a-z0-9_.]+ +-?[0-9]+  .+' out)
holds 'stats_lists_names_and_numbers' test "$like_a_figure" -eq "$(wc -l <out)" -a -s out
name=$(awk 'NR == 1 { print $1 }' out)
prints 'stats_of_one_name_is_a_number' '-?[0-9]+' -- stats "$name"
expect 'stats_of_no_such_name_is_usage' 2 '' -- stats no.such.figure
prints 'stats_json_is_one_object_line' '\{.*\}' -- stats --json
prints 'stats_json_has_the_name' ".*\"$name\".*" -- stats --json
unset SHALE_DB
prints 'options_needs_no_store' 'memory.budget = .*' -- options
prints 'options_of_one_name_has_its_default' 'durability = os' -- options durability
holds 'options_of_one_name_has_its_range' test "$("$SHALE" options durability | wc -l)" -eq 3
prints 'options_json' '\{"name":"durability",.*' -- options --json
expect 'options_of_no_such_name_is_usage' 2 '' -- options no.such.option
export SHALE_DB=$WORK/first
expect 'short_and_long_options_work_together' 0 '' -- \
  --durability disk --memory 64MiB -o open.create=true -o cache.policy=lru put o 1
set -o pipefail
"$SHALE" scan | head -n 1 >out
holds 'a_reader_that_leaves_is_no_error' test $? -eq 0 -a "$(wc -l <out)" -eq 1
set +o pipefail
if [ -w /dev/full ]; then
  "$SHALE" dump >/dev/full 2>stderr
  holds 'a_full_disk_is_an_error' test $? -eq 3
  says 'a_full_disk_is_said' '^shale: standard output: '
fi

# ---- too few open files ----------------------------------------------------------------------------------

(ulimit -n 256 && "$SHALE" get a) >out 2>stderr
holds 'too_few_open_files_is_an_error' test $? -eq 3
says 'too_few_open_files_names_the_number_needed' '^shale: E_LIMIT: .*RLIMIT_NOFILE.* is 256, at least [0-9]+ is needed'

# ---- the lock --------------------------------------------------------------------------------------------

mkfifo gate
"$SHALE" load -q - <gate &
HOLDER=$!
exec 9>gate
printf 'held\t1\n' >&9
# Asking with the command would take the lock now and then, and the holder would be the one that is refused. It has
# the lock when it has opened what comes after it.
for _ in $(seq 500); do
  [ "$(find "/proc/$HOLDER/fd" -lname "$SHALE_DB/*" | wc -l)" -gt 8 ] && break
  sleep 0.02
done
for words in 'get a' 'put a b' 'del a' 'incr n' 'scan' 'dump' 'stats' 'exists a' 'ttl a' 'expire a 1s' \
  'load rows.txt' 'destroy --yes' 'count' 'drop --prefix a --yes' 'compact' 'reclaim'; do
  # shellcheck disable=SC2086  # words are words
  expect "locked_store_is_4_for_${words%% *}" 4 '' -- $words
done
says 'locked_store_is_said' '^shale: E_LOCKED: '
exec 9>&-
wait "$HOLDER"
holds 'the_holder_ended_well' test $? -eq 0
HOLDER=
expect 'the_lock_is_given_back' 0 '1' -- get held

# ---- verify and salvage ----------------------------------------------------------------------------------

expect 'verify_of_a_good_store' 0 "good$NL" -- verify first
expect 'verify_takes_the_store_of_the_environment' 0 "good$NL" -- verify
prints 'verify_json_is_one_object' '\{"good":true,.*"files":\[.*\]\}' -- verify --json first
expect 'verify_of_nothing' 3 '' -- verify none
"$SHALE" scan >scan1
expect 'salvage_into_something' 2 '' -- salvage first second
"$SHALE" salvage -q first rescued >out 2>err
holds 'salvage_of_a_good_store' test $? -eq 0
holds 'salvage_prints_counts' grep -qxE '[0-9,]+ keys recovered, 0 of them suspicious, 0 dropped' out
"$SHALE" --db rescued scan >scan2
equal 'salvage_of_a_good_store_is_equal' scan1 scan2
cp -r first damaged
for segment in damaged/*/00000001.seg; do printf 'x' | dd of="$segment" bs=1 seek=130 conv=notrunc 2>/dev/null; done
"$SHALE" verify damaged >out 2>err
holds 'verify_of_a_damaged_store_is_1' test $? -eq 1
holds 'verify_names_the_files' grep -qE '^damaged  [0-9]+/00000001.seg: ' out
"$SHALE" verify damaged --json >out 2>err
holds 'verify_json_of_a_damaged_store' grep -q '"good":false' out

# ---- keys, and rewrite -----------------------------------------------------------------------------------

head -c 32 /dev/urandom >key1
head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >key2
echo >>key2
head -c 31 /dev/urandom >short
expect 'a_store_is_made_with_a_key' 0 '' -- --db sealed --key-file key1 put stone 'marble-from-carrara'
expect 'it_is_read_with_its_key' 0 'marble-from-carrara' -- --db sealed --key-file key1 get stone
expect 'it_is_refused_without' 3 '' -- --db sealed get stone
says 'and_says_why' '^shale: E_INCOMPATIBLE: .*no key was given'
expect 'it_is_refused_with_another_key' 3 '' -- --db sealed --key-file key2 get stone
says 'and_says_that_it_is_another' 'encrypted with another key'
expect 'a_plain_store_is_refused_with_a_key' 3 '' -- --db rescued --key-file key1 get held
expect 'a_short_key_is_a_usage_error' 2 '' -- --db sealed --key-file short get stone
says 'and_says_how_long_it_must_be' 'must hold 32 bytes'
expect 'a_missing_key_file_is_a_usage_error' 2 '' -- --db sealed --key-file nowhere get stone
holds 'no_file_shows_the_value' sh -c '! grep -rq carrara sealed'
holds 'a_file_shows_the_key_of_the_entry' grep -rq stone sealed
expect 'verify_without_the_key' 0 "good, as far as can be told without the key$NL" -- verify sealed
expect 'verify_with_the_key' 0 "good$NL" -- verify sealed --key-file key1
expect 'verify_with_another_key' 3 '' -- verify sealed --key-file key2
expect 'rewrite_without_the_key' 3 '' -- rewrite -q sealed resealed --new-key-file key2
holds 'nothing_was_made' test ! -e resealed -a ! -e resealed.unfinished
expect 'rewrite_under_another_key' 0 "1 keys written$NL" -- rewrite -q sealed resealed --key-file key1 --new-key-file key2
expect 'the_new_key_reads' 0 'marble-from-carrara' -- --db resealed --key-file key2 get stone
expect 'the_old_key_does_not' 3 '' -- --db resealed --key-file key1 get stone
expect 'the_old_store_has_its_old_key' 0 'marble-from-carrara' -- --db sealed --key-file key1 get stone
expect 'rewrite_onto_something' 2 '' -- rewrite -q sealed resealed --key-file key1
expect 'rewrite_without_a_key_for_the_new_store' 0 '{"keys":1}'"$NL" -- rewrite -q sealed opened --key-file key1 --decrypt --json
expect 'it_is_plain' 0 'marble-from-carrara' -- --db opened get stone
expect 'both_is_a_usage_error' 2 '' -- rewrite -q sealed both --key-file key1 --decrypt --new-key-file key2
expect 'salvage_keeps_the_key' 0 "1 keys recovered, 0 of them suspicious, 0 dropped$NL" -- salvage -q sealed kept --key-file key1
expect 'which_reads_it' 0 'marble-from-carrara' -- --db kept --key-file key1 get stone
expect 'salvage_needs_the_key' 3 '' -- salvage -q sealed lost
expect 'rewrite_of_a_damaged_store' 3 '' -- rewrite -q damaged mended
holds 'makes_nothing_of_it' test ! -e mended -a ! -e mended.unfinished

# ---- backup and restore -----------------------------------------------------------------------------------

"$SHALE" backup -q first copy1 >out 2>err
holds 'backup_to_a_directory' test $? -eq 0
holds 'backup_prints_counts' grep -qE '^backed up [0-9,]+ files, [0-9,]+ bytes ' out
expect 'backup_over_something' 2 '' -- backup -q first second
expect 'verify_of_a_backup' 0 "good$NL" -- verify -q copy1
"$SHALE" restore -q copy1 restored1 >out
holds 'restore_of_a_directory' test $? -eq 0
"$SHALE" --db restored1 scan >scan2
equal 'a_restored_directory_is_equal' scan1 scan2
"$SHALE" backup -q first - >stream 2>err
holds 'backup_to_a_stream' test $? -eq 0
"$SHALE" restore -q - restored2 <stream >out
holds 'restore_of_a_stream' test $? -eq 0
"$SHALE" --db restored2 scan >scan2
equal 'a_restored_stream_is_equal' scan1 scan2
head -c 5000 stream | "$SHALE" restore -q - restored3 2>stderr
holds 'a_stream_cut_short_is_3' test $? -eq 3
says 'a_stream_cut_short_is_said' '^shale: E_CORRUPT: .*at offset '
holds 'a_stream_cut_short_leaves_nothing' test ! -e restored3
"$SHALE" backup -q first - --incremental copy1 >stream2 2>err
holds 'an_incremental_stream' test $? -eq 0
expect 'an_incremental_stream_needs_its_base' 2 '' -- restore -q - restored4 <stream2
"$SHALE" restore -q - restored4 --incremental copy1 --json <stream2 >out
holds 'restore_of_an_incremental_stream' grep -qxE '\{"files":[0-9]+,"bytes":[0-9]+,.*\}' out
"$SHALE" --db restored4 scan >scan2
equal 'a_restored_incremental_stream_is_equal' scan1 scan2
"$SHALE" backup -q --copy first copy2 --incremental copy1 --json >out 2>err
holds 'an_incremental_directory' grep -q '"linked_bytes":0' out
expect 'restore_of_no_backup' 3 '' -- restore -q first restored5

# ---- count, compact, reclaim -----------------------------------------------------------------------------

for i in $(seq 100 299); do printf 'row/%s\tvalue %s\n' "$i" "$i"; done >many
"$SHALE" --db ranges load -q many
expect 'count_of_all' 0 "200 keys, 3,200 bytes$NL" -- --db ranges count
expect 'count_of_a_prefix' 0 "100 keys, 1,600 bytes$NL" -- --db ranges count --prefix row/1
expect 'count_of_a_range_as_json' 0 "{\"keys\":11,\"bytes\":176,\"estimate\":false}$NL" -- --db ranges count \
  --from row/189 --to row/200 --json
expect 'count_of_nothing' 0 "0 keys, 0 bytes$NL" -- --db ranges count --prefix none
expect 'count_takes_hex' 0 "100 keys, 1,600 bytes$NL" -- --db ranges count --hex --prefix 726f772f32
expect 'estimate_of_a_small_range_is_exact' 0 "about 200 keys, 3,200 bytes$NL" -- --db ranges count --estimate
expect 'count_of_no_store' 3 '' -- --db none count
expect 'count_of_prefix_and_range_is_usage' 2 '' -- --db ranges count --prefix a --from b
expect 'compact_prints_nothing' 0 '' -- --db ranges compact
expect 'compact_of_a_range' 0 '' -- --db ranges compact -q --from row/2
prints 'compact_json' '\{"written_bytes":[0-9]+\}' -- --db ranges compact -q --json
expect 'count_after_compact' 0 "200 keys, 3,200 bytes$NL" -- --db ranges count
for _ in 1 2 3; do "$SHALE" --db ranges -o value.inline_max=0 load -q many; done
prints 'reclaim_prints_sizes' '[0-9,]+ bytes of log before, [0-9,]+ after' -- --db ranges reclaim
prints 'reclaim_json' '\{"bytes_before":[0-9]+,"bytes_after":[0-9]+\}' -- --db ranges reclaim --json -q
expect 'count_after_reclaim' 0 "200 keys, 3,200 bytes$NL" -- --db ranges count
expect 'verify_after_reclaim' 0 "good$NL" -- verify ranges

expect 'drop_without_yes_does_nothing' 2 '' -- --db ranges drop --prefix row/1
says 'drop_without_yes_tells_how_many' 'about 100 keys'
expect 'drop_of_everything_is_usage' 2 '' -- --db ranges drop --yes
expect 'drop_of_a_prefix' 0 '' -- --db ranges drop --prefix row/1 --yes
expect 'drop_of_a_range_as_json' 0 "{\"keys\":5,\"bytes\":80,\"estimate\":true}$NL" -- --db ranges drop --from row/295 \
  --to x --yes --json
expect 'dropped_keys_are_gone' 0 "95 keys, 1,520 bytes$NL" -- --db ranges count
expect 'dropped_key_is_gone' 1 '' -- --db ranges get row/150
expect 'drop_of_nothing_is_fine' 0 '' -- --db ranges drop --prefix none --yes
expect 'verify_after_drop' 0 "good$NL" -- verify ranges
"$SHALE" salvage -q ranges ranges.saved >out
expect 'salvage_honours_drops' 0 "95 keys, 1,520 bytes$NL" -- --db ranges.saved count

# ---- destroy ---------------------------------------------------------------------------------------------

expect 'destroy_removes_the_store' 0 '' -- destroy --yes
holds 'destroy_removes_the_directory' test ! -e first
expect 'destroyed_store_is_gone' 3 '' -- get held

echo "$checks checks, $failed failed"
[ "$failed" -eq 0 ]
