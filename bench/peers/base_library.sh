#!/bin/sh
# Builds libshale.so of another revision, in a work tree of its own below a build directory, and leaves it in DIRECTORY/base.
#   base_library.sh REVISION DIRECTORY JOBS
# The object files stay, so that the next call with the same or a near revision compiles little.
set -eu
revision=$1
directory=$2
jobs=$3
commit=$(git rev-parse --verify --quiet "$revision^{commit}") || { echo "bench-quick: $revision is no revision" >&2; exit 2; }
tree=$directory/tree
mkdir -p "$directory/base"
if [ -e "$tree/.git" ]; then
  git -C "$tree" checkout -q --force --detach "$commit"
else
  rm -rf "$tree"
  git worktree prune
  git worktree add -q --detach "$tree" "$commit"
fi
version=$(sed -n 's/^VERSION *:= *//p' "$tree/Makefile")
# JOBS is ours; no other word of the caller's command line is for that tree.
echo "building the library of $(git log -1 --format='%h %s' "$commit" | cut -c1-80)"
if ! env -u MAKEFLAGS -u MAKELEVEL make -C "$tree" JOBS="$jobs" "build/libshale.so.$version" >"$directory/base.log" 2>&1; then
  tail -n 20 "$directory/base.log" >&2
  echo "bench-quick: the library of $revision cannot be built; see $directory/base.log" >&2
  exit 1
fi
cp -a "$tree"/build/libshale.so* "$directory/base/"
echo "$commit" >"$directory/base/commit"
