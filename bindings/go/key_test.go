package shale_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shale"
)

// holds reports whether some file below dir has these bytes.
func holds(t *testing.T, dir string, wanted []byte) bool {
	found := false
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			content, readErr := os.ReadFile(path)
			found, err = found || bytes.Contains(content, wanted), readErr
		}
		return err
	}))
	return found
}

func TestStoresWithAKey(t *testing.T) {
	key1, key2 := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	dir := t.TempDir()
	path, second, third := filepath.Join(dir, "1"), filepath.Join(dir, "2"), filepath.Join(dir, "3")
	secret := []byte("nobody is to read this")
	db := openDisk(t, path, shale.WithKey(key1))
	must(t, db.Put([]byte("k"), secret))
	must(t, db.Flush())
	must(t, db.Close())
	if holds(t, path, secret) {
		t.Error("a value of an encrypted store lies open")
	}
	for what, opts := range map[string][]shale.Option{"no key": nil, "another key": {shale.WithKey(key2)}} {
		_, err := shale.Open(path, opts...)
		wantErr(t, what, err, shale.ErrIncompatible)
	}
	report, err := shale.Verify(path, nil)
	if err != nil || !report.Good || !report.Encrypted || report.ValuesChecked {
		t.Error(report, err)
	}
	report, err = shale.Verify(path, nil, shale.WithKey(key1))
	if err != nil || !report.Good || !report.ValuesChecked {
		t.Error(report, err)
	}
	_, err = shale.Verify(path, nil, shale.WithKey(key2))
	wantErr(t, "verify with another key", err, shale.ErrIncompatible)

	calls := 0
	keys, err := shale.Rewrite(path, second, func(done, total int64) bool { calls++; return done <= total },
		shale.WithKey(key1), shale.WithNewKey(key2))
	if err != nil || keys != 1 || calls == 0 {
		t.Error(keys, calls, err)
	}
	saved, err := shale.Salvage(second, third, nil, shale.WithKey(key2), shale.WithOption("compression.threshold", "1KiB"))
	if err != nil || saved.Recovered != 1 {
		t.Error(saved, err)
	}
	for path, opts := range map[string][]shale.Option{second: {shale.WithKey(key2)}, third: nil} {
		db := openDisk(t, path, opts...)
		if v, err := db.Get([]byte("k")); err != nil || !bytes.Equal(v, secret) {
			t.Errorf("%q %v", v, err)
		}
		must(t, db.Close())
	}
	if holds(t, second, secret) || !holds(t, third, secret) {
		t.Error("values lie as they should not")
	}

	none := filepath.Join(dir, "none")
	_, err = shale.Rewrite(path, none, nil)
	wantErr(t, "rewrite without the key", err, shale.ErrIncompatible)
	_, err = shale.Rewrite(path, none, func(int64, int64) bool { return false }, shale.WithKey(key1))
	wantErr(t, "cancelled", err, shale.ErrCancelled)
	_, err = shale.Rewrite(path, second, nil, shale.WithKey(key1))
	wantErr(t, "something is there", err, shale.ErrExists)
	_, err = shale.Salvage(path, none, nil, shale.WithKey(key2))
	wantErr(t, "salvage with another key", err, shale.ErrIncompatible)
	if _, err := os.Stat(none); err == nil {
		t.Error("there is something")
	}
}

func TestKeysThatAreNone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	for _, wrong := range [][]byte{nil, {}, make([]byte, 31), make([]byte, 33)} {
		_, err := shale.Open(dir, shale.WithKey(wrong))
		wantErr(t, "open", err, shale.ErrInvalid)
		_, err = shale.Verify(dir, nil, shale.WithKey(wrong))
		wantErr(t, "verify", err, shale.ErrInvalid)
		_, err = shale.Rewrite(dir, dir+"2", nil, shale.WithNewKey(wrong))
		wantErr(t, "rewrite", err, shale.ErrInvalid)
	}
	key := bytes.Repeat([]byte{77}, 32)
	_, err := shale.Open(dir, shale.WithNewKey(key))
	wantErr(t, "the key of what is made", err, shale.ErrInvalid)
	_, err = shale.Verify(dir, nil, shale.WithMemory("64MiB"))
	wantErr(t, "an option of verify", err, shale.ErrInvalid)
	hidden := []shale.Option{shale.WithKey(key)}
	if said := fmt.Sprintf("%v %+v %#v", hidden, hidden, hidden); strings.Contains(said, "77 77") ||
		strings.Contains(said, "0x4d, 0x4d") || strings.Contains(said, "MMMM") {
		t.Error("printing an option shows the key:", said)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("there is something")
	}
}
