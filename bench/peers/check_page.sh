#!/usr/bin/env bash
# Looks at the page of results in a headless Chromium: it draws, asks for nothing outside of itself, and says nothing on the console.
# Leaves pictures of it beside it, in light and in dark. Without Chromium there is nothing to look with, and a line says so.
#   check_page.sh build/peers/index.html
set -u
page=$(readlink -f "$1") || { echo "no page at $1" >&2; exit 1; }
folder=$(dirname "$page")
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
  { echo "the page was not looked at: chromium is not here"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
fail() { echo "FAIL page: $*" >&2; status=1; }

look() { # look NAME ARGUMENTS...
  local name=$1
  shift
  timeout 120 "$browser" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --user-data-dir="$work/profile-$name" --enable-logging=stderr --v=0 --hide-scrollbars --window-size=1200,2600 \
    "$@" "file://$page" >"$work/$name.out" 2>"$work/$name.err"
}

look dom --dump-dom || fail "the browser ended with status $?"
grep -q '</html>' "$work/dom.out" || fail "the browser showed no page"
grep 'CONSOLE' "$work/dom.err" && fail "the console is not empty"
charts=$(grep -o '<svg' "$work/dom.out" | wc -l)
sections=$(grep -o '<h3' "$work/dom.out" | wc -l)
[ "$charts" -eq "$sections" ] || fail "$charts charts for $sections cells"
outside='<(script|img|link|iframe|object|embed)[ >]|(src|href)="?(https?:)?//|url\( *.?(https?:)?//|@import'
grep -qE "$outside" "$page" && fail "the page refers to something outside of it"
grep -q '#0[1-5]0[1-5]0[1-5]' "$page" && fail "a colour of the drawing was left that no theme knows"
look light --screenshot="$folder/page-light.png" || fail "no picture in light"
look dark --screenshot="$folder/page-dark.png" --blink-settings=preferredColorScheme=0 || fail "no picture in dark"
cmp -s "$folder/page-light.png" "$folder/page-dark.png" && fail "light and dark look the same"
[ "$status" -eq 0 ] && echo "page looked at: $charts charts, nothing on the console, no request; pictures in $folder"
exit "$status"
