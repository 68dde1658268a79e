package shale_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"shale"
)

func TestNothingWasOpened(t *testing.T) {
	everyMethod(t, nil, shale.ErrInvalid)
	everyMethod(t, new(shale.DB), shale.ErrInvalid)
	for _, db := range []*shale.DB{nil, new(shale.DB)} {
		wantErr(t, "Close", db.Close(), shale.ErrInvalid)
	}
	for _, c := range []*shale.Cursor{nil, new(shale.Cursor)} {
		if c.Next() || c.Key() != nil || c.Value() != nil || !errors.Is(c.Err(), shale.ErrInvalid) {
			t.Error("a cursor of nothing")
		}
		_, err := c.Token()
		wantErr(t, "Token", err, shale.ErrInvalid)
		must(t, c.Close())
	}
	var b *shale.Batch
	b.Put(key(1), nil)
	b.Delete(key(1))
	b.Clear()
	if b.Len() != 0 || b.Bytes() != 0 {
		t.Error("a batch of nothing")
	}
	var e *shale.Error
	if e.Error() == "" || e.Unwrap() != nil || errors.Is(e, shale.ErrNotFound) || shale.CodeOf(e) != shale.CodeInternal {
		t.Error("an error of nothing")
	}
}

// everyMethod calls all there is and expects the same error of all.
func everyMethod(t *testing.T, db *shale.DB, want error) {
	t.Helper()
	k := []byte("k")
	errs := map[string]error{}
	_, errs["Get"] = db.Get(k)
	_, errs["GetCached"] = db.GetCached(k)
	_, _, errs["GetVersion"] = db.GetVersion(k)
	_, errs["AppendGet"] = db.AppendGet(nil, k)
	_, errs["GetInto"] = db.GetInto(k, nil)
	errs["View"] = db.View(k, func([]byte) error { return nil })
	_, errs["Has"] = db.Has(k)
	_, errs["TTL"] = db.TTL(k)
	errs["Put"] = db.Put(k, nil)
	errs["PutTTL"] = db.PutTTL(k, nil, time.Second)
	_, errs["PutVersion"] = db.PutVersion(k, nil)
	errs["Delete"] = db.Delete(k)
	_, _, errs["GetAndSet"] = db.GetAndSet(k, nil)
	errs["CompareAndSet"] = db.CompareAndSet(k, nil, nil)
	_, errs["CompareVersionAndSet"] = db.CompareVersionAndSet(k, 0, nil)
	errs["CompareAndDelete"] = db.CompareAndDelete(k, nil)
	errs["CompareVersionAndDelete"] = db.CompareVersionAndDelete(k, 0)
	_, errs["Incr"] = db.Incr(k, 1)
	_, errs["Decr"] = db.Decr(k, 1)
	errs["Expire"] = db.Expire(k, time.Second)
	errs["Persist"] = db.Persist(k)
	_, errs["GetMulti"] = db.GetMulti([][]byte{k})
	_, _, errs["GetMultiCached"] = db.GetMultiCached([][]byte{k})
	errs["PutMulti"] = db.PutMulti([][]byte{k}, [][]byte{nil})
	errs["DeleteMulti"] = db.DeleteMulti([][]byte{k})
	b := shale.NewBatch()
	b.Put(k, nil)
	errs["Write"] = db.Write(b)
	_, errs["Scan"] = db.Scan(nil, nil)
	_, errs["ScanPrefix"] = db.ScanPrefix(nil)
	_, errs["Resume"] = db.Resume(k)
	errs["Flush"] = db.Flush()
	errs["Sync"] = db.Sync()
	_, errs["Stat"] = db.Stat(shale.StatCacheHits)
	_, errs["Stats"] = db.Stats()
	_, errs["StatsJSON"] = db.StatsJSON()
	_, errs["ShardReadOnly"] = db.ShardReadOnly(0)
	_, errs["Option"] = db.Option(shale.OptionMemoryBudget)
	errs["DeleteRange"] = db.DeleteRange(shale.KeyRange{})
	_, errs["Count"] = db.Count(shale.KeyRange{}, nil)
	_, errs["Estimate"] = db.Estimate(shale.KeyRange{})
	errs["Compact"] = db.Compact(shale.KeyRange{}, nil)
	_, errs["Snapshot"] = db.Snapshot()
	_, errs["Backup"] = db.Backup("/nowhere", nil)
	_, errs["BackupTo"] = db.BackupTo(io.Discard, nil)
	for method, err := range errs {
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", method, err, want)
		}
	}
}
