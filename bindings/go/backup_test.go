package shale_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"shale"
)

// backupStore is one on disk with some rows, and a place beside it.
func backupStore(t *testing.T) (db *shale.DB, dir string) {
	dir = t.TempDir()
	db = openDisk(t, filepath.Join(dir, "store"))
	for i := 0; i < 2000; i++ {
		must(t, db.Put(key(i), value(i)))
	}
	return db, dir
}

func wantCount(t *testing.T, dir string, rows int64) {
	t.Helper()
	db := openDisk(t, dir)
	defer db.Close()
	if got, err := db.Count(shale.KeyRange{}, nil); err != nil || got.Keys != rows {
		t.Errorf("%s: %d rows, want %d, %v", dir, got.Keys, rows, err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	db, dir := backupStore(t)
	full, next, back := filepath.Join(dir, "full"), filepath.Join(dir, "next"), filepath.Join(dir, "back")
	calls := 0
	report, err := db.Backup(full, func(done, total int64) bool { calls++; return done >= 0 && done <= total })
	must(t, err)
	if report.Files == 0 || report.Bytes == 0 || calls == 0 ||
		report.WrittenBytes+report.LinkedBytes+report.SameBytes != report.Bytes {
		t.Error(calls, report.JSON)
	}
	must(t, db.Put([]byte("more"), nil))
	again, err := db.Backup(next, nil, shale.BackupBase(full), shale.CopyFiles())
	must(t, err)
	if again.LinkedBytes != 0 || again.SameBytes == 0 {
		t.Error(again.JSON)
	}
	restored, err := shale.Restore(next, back, func(done, total int64) bool { return done >= 0 && done <= total })
	must(t, err)
	if restored.Bytes != again.Bytes {
		t.Error(restored.JSON, again.JSON)
	}
	wantCount(t, full, 2000)
	wantCount(t, back, 2001)

	never := func(int64, int64) bool { return false }
	_, err = db.Backup(filepath.Join(dir, "cancelled"), never)
	wantErr(t, "backup", err, shale.ErrCancelled)
	_, err = shale.Restore(next, filepath.Join(dir, "cancelled"), never)
	wantErr(t, "restore", err, shale.ErrCancelled)
	_, err = db.Backup(next, nil)
	wantErr(t, "something is there", err, shale.ErrExists)
	_, err = db.Backup(filepath.Join(dir, "x"), nil, shale.BackupBase(dir))
	wantErr(t, "no base", err, shale.ErrNoStore)
	_, err = shale.Restore(full, filepath.Join(dir, "x"), nil) // which was opened by now
	wantErr(t, "no backup", err, shale.ErrNoStore)
	_, err = db.Backup("", nil)
	wantErr(t, "no path", err, shale.ErrInvalid)
	_, err = db.Backup("a\x00b", nil)
	wantErr(t, "NUL", err, shale.ErrInvalid)
	_, err = openMemory(t).Backup(filepath.Join(dir, "x"), nil)
	wantErr(t, "a store in memory", err, shale.ErrInvalid)
	if _, err := os.Stat(filepath.Join(dir, "x")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestBackupStreams(t *testing.T) {
	db, dir := backupStore(t)
	var stream bytes.Buffer
	sent, err := db.BackupTo(&stream, nil)
	must(t, err)
	if int64(stream.Len()) < sent.WrittenBytes || sent.WrittenBytes != sent.Bytes {
		t.Error(stream.Len(), sent.JSON)
	}
	first := filepath.Join(dir, "first")
	_, err = shale.RestoreFrom(bytes.NewReader(stream.Bytes()), first, func(done, total int64) bool { return done == total })
	must(t, err)

	// The next one only has what is new, goes through a file, and needs the first.
	must(t, db.Put([]byte("more"), nil))
	must(t, db.Flush())
	file, err := os.Create(filepath.Join(dir, "stream"))
	must(t, err)
	defer file.Close()
	_, err = db.BackupTo(file, func(done, total int64) bool { return done <= total }, shale.BackupBase(first))
	must(t, err)
	_, err = file.Seek(0, io.SeekStart)
	must(t, err)
	_, err = shale.RestoreFrom(file, filepath.Join(dir, "second"), nil)
	wantErr(t, "without its base", err, shale.ErrInvalid)
	_, err = file.Seek(0, io.SeekStart)
	must(t, err)
	_, err = shale.RestoreFrom(file, filepath.Join(dir, "second"), nil, shale.BackupBase(first))
	must(t, err)
	wantCount(t, first, 2000)
	wantCount(t, filepath.Join(dir, "second"), 2001)

	// What is not whole is none.
	none := filepath.Join(dir, "none")
	_, err = shale.RestoreFrom(bytes.NewReader(stream.Bytes()[:stream.Len()-1]), none, nil)
	wantErr(t, "cut short", err, shale.ErrCorrupt)
	_, err = shale.RestoreFrom(io.MultiReader(&stream, bytes.NewReader(make([]byte, 1<<20))), none, nil)
	wantErr(t, "continued", err, shale.ErrCorrupt)
	_, err = shale.RestoreFrom(bytes.NewReader(make([]byte, 1<<20)), none, nil)
	if err == nil {
		t.Error("a stream of nothing was restored")
	}
	if _, err := os.Stat(none); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	_, err = db.BackupTo(io.Discard, nil, shale.CopyFiles())
	wantErr(t, "files of a stream", err, shale.ErrInvalid)
	_, err = db.BackupTo(nil, nil)
	wantErr(t, "no writer", err, shale.ErrInvalid)
	_, err = shale.RestoreFrom(nil, none, nil)
	wantErr(t, "no reader", err, shale.ErrInvalid)
}

var errBroken = errors.New("broken")

// broken is a stream that breaks after some bytes.
type broken struct{ left int }

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func (b *broken) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errBroken
	}
	b.left = 0
	return 1, nil
}

func TestBackupStreamsThatBreak(t *testing.T) {
	db, dir := backupStore(t)
	for _, left := range []int{0, 100_000} {
		_, err := db.BackupTo(&broken{left}, nil)
		wantErr(t, "a writer that breaks", err, errBroken)
		_, err = shale.RestoreFrom(&broken{left}, filepath.Join(dir, "none"), nil)
		wantErr(t, "a reader that breaks", err, errBroken)
	}
	_, err := db.BackupTo(io.Discard, func(int64, int64) bool { return false })
	wantErr(t, "cancelled", err, shale.ErrCancelled)
	defer func() {
		if recover() != "boom" {
			t.Error("the panic was lost")
		}
		must(t, db.Close())
		_, err := db.BackupTo(io.Discard, nil)
		wantErr(t, "closed", err, shale.ErrClosed)
		_, err = db.Backup(filepath.Join(dir, "none"), nil)
		wantErr(t, "closed", err, shale.ErrClosed)
	}()
	_, _ = db.BackupTo(io.Discard, func(int64, int64) bool { panic("boom") })
}
