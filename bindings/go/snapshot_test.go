package shale_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"shale"
)

func TestSnapshotStaysAsItWas(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		long := bytes.Repeat([]byte{0, 255}, 50_000)
		must(t, db.Put(key(1), value(1)))
		must(t, db.Put(key(2), long))
		must(t, db.Put(key(3), nil))
		_, version, err := db.GetVersion(key(1))
		must(t, err)
		snap, err := db.Snapshot()
		must(t, err)
		must(t, db.Put(key(1), value(9)))
		must(t, db.DeleteRange(shale.KeysBetween(key(2), nil)))
		must(t, db.Put(key(4), value(4)))
		if v, got, err := snap.GetVersion(key(1)); err != nil || !bytes.Equal(v, value(1)) || got != version {
			t.Errorf("%q %d %v, version was %d", v, got, err, version)
		}
		if v, err := snap.Get(key(2)); err != nil || !bytes.Equal(v, long) {
			t.Error(len(v), err)
		}
		for _, dst := range [][]byte{nil, []byte("x"), make([]byte, 1, 200_000)} {
			v, err := snap.AppendGet(dst, key(2))
			if err != nil || len(v) != len(dst)+len(long) || !bytes.Equal(v[len(dst):], long) {
				t.Error(len(dst), cap(dst), len(v), err)
			}
		}
		if v, err := snap.AppendGet([]byte("x"), key(4)); string(v) != "x" || shale.CodeOf(err) != shale.CodeNotFound {
			t.Errorf("%q %v", v, err)
		}
		for i, want := range []bool{false, true, true, true, false} {
			if has, err := snap.Has(key(i)); err != nil || has != want {
				t.Error(i, has, err)
			}
		}
		values, err := snap.GetMulti([][]byte{key(3), key(4), key(1), key(2)})
		if err != nil || len(values) != 4 || values[0] == nil || len(values[0]) != 0 || values[1] != nil ||
			!bytes.Equal(values[2], value(1)) || !bytes.Equal(values[3], long) {
			t.Errorf("%.20q %v", values, err)
		}
		_, err = snap.Get(nil)
		wantErr(t, "an empty key", err, shale.ErrInvalid)
		_, err = snap.GetMulti([][]byte{make([]byte, 70_000)})
		wantErr(t, "a long key", err, shale.ErrTooLarge)
		_, err = snap.Resume([]byte("no token"))
		wantErr(t, "no token", err, shale.ErrInvalid)
		_, err = snap.Scan(nil, nil, shale.Limit(-1))
		wantErr(t, "a negative limit", err, shale.ErrInvalid)
		must(t, snap.Close())
		must(t, snap.Close())
		everySnapshotMethod(t, snap, shale.ErrClosed)
	})
}

func TestCursorsOfASnapshot(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		for i := 0; i < 10; i++ {
			must(t, db.Put(key(i), value(i)))
		}
		snap, err := db.Snapshot()
		must(t, err)
		must(t, db.DeleteRange(shale.KeyRange{}))
		first, err := snap.Scan(key(2), key(8), shale.KeysOnly)
		must(t, err)
		if !first.Next() || !bytes.Equal(first.Key(), key(2)) {
			t.Fatalf("%q %v", first.Key(), first.Err())
		}
		token, err := first.Token()
		must(t, err)
		second, err := snap.Resume(token)
		must(t, err)
		third, err := snap.ScanPrefix([]byte("key"), shale.Reverse, shale.Limit(3))
		must(t, err)
		must(t, snap.Close()) // cursors go on
		for name, want := range map[*shale.Cursor]int{first: 5, second: 5, third: 3} {
			rows := 0
			for name.Next() {
				rows++
			}
			if rows != want || name.Err() != nil {
				t.Error(rows, want, name.Err())
			}
			must(t, name.Close())
		}
	})
}

func TestSnapshotEndsWithItsStore(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		must(t, db.Put(key(1), value(1)))
		snap, err := db.Snapshot()
		must(t, err)
		must(t, db.Close())
		everySnapshotMethod(t, snap, shale.ErrClosed)
		must(t, snap.Close())
	})
	for _, snap := range []*shale.Snapshot{nil, new(shale.Snapshot)} {
		everySnapshotMethod(t, snap, shale.ErrInvalid)
		must(t, snap.Close())
	}
}

func everySnapshotMethod(t *testing.T, snap *shale.Snapshot, want error) {
	t.Helper()
	_, err := snap.Get(key(1))
	wantErr(t, "Get", err, want)
	_, _, err = snap.GetVersion(key(1))
	wantErr(t, "GetVersion", err, want)
	_, err = snap.AppendGet(nil, key(1))
	wantErr(t, "AppendGet", err, want)
	_, err = snap.Has(key(1))
	wantErr(t, "Has", err, want)
	_, err = snap.GetMulti([][]byte{key(1)})
	wantErr(t, "GetMulti", err, want)
	_, err = snap.Scan(nil, nil)
	wantErr(t, "Scan", err, want)
	_, err = snap.ScanPrefix(nil)
	wantErr(t, "ScanPrefix", err, want)
	_, err = snap.Resume([]byte("token"))
	wantErr(t, "Resume", err, want)
}

// Close may come while others read, and what nobody closes is collected, with its store after it.
func TestSnapshotsOfManyGoroutines(t *testing.T) {
	db := openDisk(t, t.TempDir())
	for i := 0; i < 100; i++ {
		must(t, db.Put(key(i), value(1)))
	}
	for round := 0; round < 20; round++ {
		snap, err := db.Snapshot()
		must(t, err)
		var readers sync.WaitGroup
		errs := make(chan error, 4)
		begun := make(chan bool, 400)
		for g := 0; g < 4; g++ {
			readers.Add(1)
			go func() {
				defer readers.Done()
				for i := 0; ; i++ {
					v, err := snap.Get(key(i % 100))
					if err == nil && !bytes.Equal(v, value(1)) {
						err = fmt.Errorf("%q", v)
					}
					if err != nil {
						errs <- err
						return
					}
					select {
					case begun <- true:
					default:
					}
				}
			}()
		}
		<-begun
		must(t, db.Put(key(round), value(2)))
		must(t, snap.Close())
		readers.Wait()
		close(errs)
		for err := range errs {
			wantErr(t, "a reader", err, shale.ErrClosed)
		}
		must(t, db.Put(key(round), value(1)))
	}
	before := waitForHandles(1)
	func() {
		for i := 0; i < 5; i++ {
			snap, err := db.Snapshot()
			must(t, err)
			cursor, err := snap.Scan(nil, nil)
			must(t, err)
			if !cursor.Next() {
				t.Error(cursor.Err())
			}
		}
	}()
	if after := waitForHandles(before); after != before {
		t.Errorf("%d handles, %d before", after, before)
	}
}
