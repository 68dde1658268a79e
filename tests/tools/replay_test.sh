#!/usr/bin/env bash
# What tests/replay makes of the output of programs that failed.
set -u
cd "$(dirname "$0")/../.."
out=$(mktemp)
trap 'rm -f "$out"' EXIT
status=0
check() { # NAME STATUS WANTED, output on stdin
  cat >"$out"
  local seen
  seen=$(tests/replay "$out" "$2" env A=1 build/tests/x_test)
  if [ "$seen" = "$3" ]; then echo "ok replay: $1"; else echo "FAIL replay: $1: \"$seen\""; status=1; fi
}
check "of a test of several" 1 "  replay: SEED=22 TEST_FILTER=second env A=1 build/tests/x_test" <<'O'
[ RUN      ] first
             SEED=11
[       OK ] first
[ RUN      ] second
             SEED=22
[  FAILED  ] second
[ RUN      ] third
             SEED=33
[       OK ] third
[==========] 3 test(s) run.
[  FAILED  ] 1 test(s), listed below:
[  FAILED  ] second
O
check "of a program that was ended in a test" 134 "  replay: SEED=7 AT=3 TEST_FILTER=second env A=1 build/tests/x_test" <<'O'
[ RUN      ] first
             SEED=11
[       OK ] first
[ RUN      ] second
             SEED=22
FAILED (SEED=7): SEED=7 AT=3, clean: wrong
O
check "of a script" 1 "  replay: SEED=5 env A=1 build/tests/x_test" <<'O'
SEED=5
FAIL something
O
check "of a test without a seed is none" 1 "" <<'O'
[ RUN      ] first
             SEED=11
[       OK ] first
[ RUN      ] second
[  FAILED  ] second
[==========] 2 test(s) run.
O
exit $status
