package shale_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shale"
)

func TestSetOption(t *testing.T) {
	db := openMemory(t)
	must(t, db.SetOption(shale.OptionMemoryBudget, "32MiB"))
	if v, err := db.Option(shale.OptionMemoryBudget); err != nil || v != "32MiB" {
		t.Error(v, err)
	}
	wantErr(t, "too small", db.SetOption(shale.OptionMemoryBudget, "1KiB"), shale.ErrInvalid)
	wantErr(t, "not hot", db.SetOption(shale.OptionDurability, "disk"), shale.ErrInvalid)
	wantErr(t, "no option", db.SetOption("nothing", "1"), shale.ErrInvalid)
	wantErr(t, "NUL", db.SetOption("memory.budget\x00", "1"), shale.ErrInvalid)
}

func TestPrometheus(t *testing.T) {
	db := openMemory(t)
	must(t, db.Put(key(1), value(1)))
	text, err := db.Prometheus()
	if err != nil || !strings.Contains(text, "\nshale_cache_items 1\n") {
		t.Error(text, err)
	}
}

func TestPollRemovals(t *testing.T) {
	_, _, err := openMemory(t).PollRemovals()
	wantErr(t, "without the option", err, shale.ErrInvalid)
	db := openMemory(t, shale.WithMemory("512MiB"), shale.WithOption(shale.OptionEventsBytes, "64MiB"))
	long := []byte(strings.Repeat("k", shale.KeyBytesMax))
	first, err := db.PutVersion(long, value(1))
	must(t, err)
	second, err := db.PutVersion(long, value(2))
	must(t, err)
	must(t, db.Delete(long))
	must(t, db.Put(key(2), value(1), shale.TTL(time.Millisecond)))
	var got []shale.Removal
	for end := time.Now().Add(10 * time.Second); len(got) < 3 && time.Now().Before(end); {
		removals, dropped, err := db.PollRemovals()
		must(t, err)
		if dropped != 0 {
			t.Error(dropped)
		}
		got = append(got, removals...)
	}
	if len(got) != 3 {
		t.Fatal(len(got))
	}
	of := map[shale.Reason]shale.Removal{}
	for _, r := range got {
		of[r.Reason] = r
	}
	if r := of[shale.Overwritten]; string(r.Key) != string(long) || r.Version != first {
		t.Error(r.Version, first)
	}
	if r := of[shale.Deleted]; string(r.Key) != string(long) || r.Version != second {
		t.Error(r.Version, second)
	}
	if r := of[shale.Expired]; string(r.Key) != string(key(2)) {
		t.Error(r)
	}
	if shale.Evicted.String() != "evicted" || shale.Reason(9).String() != "unknown" {
		t.Error("names of reasons")
	}
}

func TestReclaim(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		must(t, db.Reclaim(nil))
	})
	db := openDisk(t, t.TempDir())
	for i := 0; i < 200; i++ {
		must(t, db.Put(key(i%10), make([]byte, 100_000)))
	}
	must(t, db.Flush())
	calls := 0
	must(t, db.Reclaim(func(done, total int64) bool {
		calls++
		if done < 0 || done > total {
			t.Error(done, total)
		}
		_, err := db.Get(key(1)) // the store may be used
		must(t, err)
		return true
	}))
	if calls == 0 {
		t.Error("progress was not called")
	}
	wantErr(t, "cancelled", db.Reclaim(func(int64, int64) bool { return false }), shale.ErrCancelled)
	func() {
		defer func() {
			if recover() != "boom" {
				t.Error("the panic was lost")
			}
		}()
		_ = db.Reclaim(func(int64, int64) bool { panic("boom") })
	}()
}

func TestVerifyAndSalvage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	_, err := shale.Verify(dir, nil)
	wantErr(t, "no store", err, shale.ErrNoStore)
	db := openDisk(t, dir)
	for i := 0; i < 1000; i++ {
		must(t, db.Put(key(i), value(i)))
	}
	_, err = shale.Verify(dir, nil)
	wantErr(t, "open", err, shale.ErrLocked)
	must(t, db.Close())
	calls := 0
	report, err := shale.Verify(dir, func(done, total int64) bool { calls++; return true })
	must(t, err)
	if !report.Good || report.Problems != 0 || report.Keys != 1000 || calls == 0 || !report.ClosedCleanly {
		t.Error(calls, report.JSON)
	}
	_, err = shale.Verify(dir, func(int64, int64) bool { return false })
	wantErr(t, "cancelled", err, shale.ErrCancelled)

	var damaged []string
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".ldb") {
			damaged = append(damaged, path)
		}
		return err
	}))
	if len(damaged) == 0 {
		t.Fatal("no table to damage in", dir)
	}
	content, err := os.ReadFile(damaged[0])
	must(t, err)
	content[10] ^= 0xff
	must(t, os.WriteFile(damaged[0], content, 0o600))
	report, err = shale.Verify(dir, nil)
	must(t, err)
	found := false
	for _, file := range report.Files {
		found = found || len(file.Problems) > 0 && file.State != "good" && file.Problems[0].What != ""
	}
	if report.Good || report.Problems == 0 || !found {
		t.Error(report.JSON)
	}

	saved, err := shale.Salvage(dir, dir+".saved", func(int64, int64) bool { return true })
	must(t, err)
	if saved.Recovered+saved.Dropped < 900 || saved.Source.Good || saved.Source.FileCount == 0 {
		t.Error(saved.JSON)
	}
	again := openDisk(t, dir+".saved")
	v, err := again.Get(key(999))
	if err != nil || string(v) != string(value(999)) {
		t.Errorf("%q, %v", v, err)
	}
	_, err = shale.Salvage(dir, dir+".saved", nil)
	wantErr(t, "there is a store already", err, shale.ErrExists)
	_, err = shale.Salvage(dir, "\x00", nil)
	wantErr(t, "NUL", err, shale.ErrInvalid)
}
