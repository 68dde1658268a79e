package shale_test

import (
	"testing"

	"shale"
)

func TestRangesOfKeys(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		for i := 0; i < 3000; i++ {
			must(t, db.Put(key(i), value(1)))
		}
		must(t, db.Put([]byte("other"), nil))
		want := shale.Extent{Keys: 3000, Bytes: 3000 * int64(len(key(0))+len(value(1)))}
		calls := 0
		got, err := db.Count(shale.KeysWithPrefix([]byte("key")), func(done, total int64) bool {
			calls++
			_, err := db.Get(key(1)) // the store may be used
			return err == nil && done >= 0 && done <= total
		})
		if err != nil || got != want || calls == 0 {
			t.Error(got, want, calls, err)
		}
		if got, err := db.Estimate(shale.KeysBetween(key(0), key(3000))); err != nil || got != want {
			t.Error(got, want, err)
		}
		must(t, db.DeleteRange(shale.KeysBetween(key(10), key(2990)), shale.Sync))
		must(t, db.Compact(shale.KeyRange{}, nil))
		if got, err := db.Count(shale.KeyRange{}, nil); err != nil || got.Keys != 21 {
			t.Error(got, err)
		}
		wantErr(t, "a time to live", db.DeleteRange(shale.KeyRange{}, shale.TTL(1)), shale.ErrInvalid)
		wantErr(t, "a flag of puts", db.DeleteRange(shale.KeyRange{}, shale.IfAbsent), shale.ErrInvalid)
		wantErr(t, "a long bound", db.DeleteRange(shale.KeysWithPrefix(make([]byte, 70000))), shale.ErrTooLarge)
		must(t, db.DeleteRange(shale.KeyRange{}))
		if got, err := db.Count(shale.KeyRange{}, nil); err != nil || got != (shale.Extent{}) {
			t.Error(got, err)
		}
	})
}

func TestCountAndCompactEndWhenAsked(t *testing.T) {
	db := openDisk(t, t.TempDir())
	for i := 0; i < 20000; i++ {
		must(t, db.Put(key(i), value(i)))
	}
	must(t, db.Flush())
	never := func(int64, int64) bool { return false }
	_, err := db.Count(shale.KeyRange{}, never)
	wantErr(t, "count", err, shale.ErrCancelled)
	wantErr(t, "compact", db.Compact(shale.KeyRange{}, never), shale.ErrCancelled)
	defer func() {
		if recover() != "boom" {
			t.Error("the panic was lost")
		}
	}()
	_, _ = db.Count(shale.KeyRange{}, func(int64, int64) bool { panic("boom") })
}
