# What the tests of the shale command begin with: where the command is ($SHALE), and a directory to work in ($WORK), which goes
# in the end, as does every process that was left in the background. Sourced with the script's own argument: PATH-OF-SHALE.
# shellcheck shell=bash

if [ $# -ne 1 ] || [ ! -x "$1" ]; then
  echo "usage: $0 PATH-OF-SHALE" >&2
  exit 2
fi
SHALE=$(readlink -f "$1")
WORK=$(mktemp -d "${TMPDIR:-/tmp}/shale-$(basename "$0" .sh)-XXXXXX")
# shellcheck disable=SC2329  # called by the trap
clean_up() {
  local left
  left=$(jobs -p)
  # shellcheck disable=SC2086  # one word a process
  [ -n "$left" ] && kill $left 2>/dev/null
  rm -rf "$WORK"
}
trap clean_up EXIT
cd "$WORK" || exit 1
export LC_ALL=C
