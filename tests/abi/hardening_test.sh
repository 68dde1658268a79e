#!/bin/sh
# What the linker and the compiler were told to harden is in the files: flags get lost in a Makefile without a sound.
#   hardening_test.sh <libshale.so> <shale command>
set -eu
export LC_ALL=C
if [ $# -ne 2 ]; then
  echo "usage: $0 <library> <command>" >&2
  exit 2
fi
failed=0
check() {   # check NAME FILE PATTERN COMMAND...: a line of what the command prints matches
  name=$1 file=$2 pattern=$3
  shift 3
  if "$@" "$file" 2>/dev/null | grep -Eq -- "$pattern"; then
    echo "ok $name: $(basename "$file")"
  else
    echo "FAIL $name: $(basename "$file"): nothing like '$pattern' in $*"
    failed=1
  fi
}
checks_none() {   # the other way round
  name=$1 file=$2 pattern=$3
  shift 3
  if "$@" "$file" >/dev/null 2>&1 && ! "$@" "$file" 2>/dev/null | grep -Eq -- "$pattern"; then
    echo "ok $name: $(basename "$file")"
  else
    echo "FAIL $name: $(basename "$file"): something like '$pattern' in $*"
    failed=1
  fi
}

for file in "$1" "$2"; do
  check relro "$file" 'GNU_RELRO' readelf -lW
  check bind_now "$file" 'BIND_NOW|Flags:.* NOW' readelf -dW
  check stack_is_not_executable "$file" 'GNU_STACK .* RW ' readelf -lW
  checks_none no_segment_is_writable_and_executable "$file" 'LOAD .* RWE ' readelf -lW
  check stack_protector "$file" '__stack_chk_fail' nm -D
  check fortified "$file" ' U __[a-z]+_chk' nm -D
  checks_none no_text_relocation "$file" 'TEXTREL' readelf -dW
done
checks_none library_has_no_search_path "$1" 'RPATH|RUNPATH' readelf -dW
check command_is_position_independent "$2" 'Type: +DYN' readelf -hW
# The command that was built finds the library beside itself; the one that is installed has no path (see the test of the
# installation).
checks_none command_searches_nothing_but_beside_itself "$2" '(RPATH|RUNPATH).*\[[^$]' readelf -dW
# Which functions begin with a landing mark shows in the code, whatever the objects of the C library around it were built with.
case "$(uname -m)" in
  x86_64) check branches_land_on_marks "$1" 'endbr64' objdump -d --disassemble=shale_put ;;
esac
exit $failed
