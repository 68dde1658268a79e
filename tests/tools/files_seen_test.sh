#!/usr/bin/env bash
# tests/tools/files_seen_test.sh COMMAND: what the kernel is asked for, seen by strace, by a process without a umask that
# makes a store, writes, backs up, verifies and reopens it.
set -u
shale=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
umask 000
store=$dir/store
status=0
say() {   # say CONDITION-STATUS TEXT
  if [ "$1" -eq 0 ]; then echo "ok $2"; else echo "FAIL $2"; status=1; fi
}
watch() {
  strace -ff -qq -o "$dir/calls" -e trace=open,openat,openat2,creat,mkdir,mkdirat,link,linkat "$shale" "$@" >/dev/null 2>&1
}
watch --db "$store" put key value && watch --db "$store" put other "$(head -c 3000 /dev/zero | tr '\0' v)" &&
  watch backup -q "$store" "$dir/backup" && watch verify -q "$store" && watch --db "$store" get key
say $? "a store is made, written, backed up, verified and read under strace"
cat "$dir"/calls.* >"$dir/all"
made=$(grep -c 'O_CREAT' "$dir/all")
[ "$made" -gt 128 ]
say $? "$made files were made"
! grep 'O_CREAT' "$dir/all" | grep -v 'O_EXCL.*O_NOFOLLOW.*O_CLOEXEC, 0600' | grep -q .
say $? "each with O_EXCL, O_NOFOLLOW, O_CLOEXEC and 0600"
! grep -E '^mkdir(at)?\(' "$dir/all" | grep -v ', 0700)' | grep -q .
say $? "directories with 0700"
! grep -E '^openat\([0-9]+, "[^"]*"' "$dir/all" | grep -v '"\."' | grep -v 'O_NOFOLLOW' | grep -q .
say $? "what lies in a directory is opened with O_NOFOLLOW"
! grep -E '^open(at)?\(' "$dir/all" | grep -v 'O_CLOEXEC' | grep -vE '"/(dev|etc|proc|sys|usr|lib)' | grep -q .
say $? "and everything with O_CLOEXEC"
! grep -F "AT_FDCWD, \"$store/" "$dir/all" | grep -q .
say $? "nothing in the store is opened by a path from outside"
[ -z "$(find "$store" "$dir/backup" ! -type d -perm /077 -o -type d -perm /077)" ]
say $? "nobody else may read or write any of it"
exit $status
