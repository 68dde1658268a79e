package shale_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"shale"
)

func TestGetOrLoadRunsOnceForManyGoroutines(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		var loads atomic.Int32
		for round := 0; round < 5; round++ {
			k := key(round)
			inGoroutines(200, func(int) { // more than wait inside the library at a time
				v, err := db.GetOrLoad(k, time.Hour, func(asked []byte) ([]byte, error) {
					loads.Add(1)
					time.Sleep(30 * time.Millisecond)
					return append([]byte("loaded "), asked...), nil
				})
				if err != nil || string(v) != "loaded "+string(k) {
					t.Errorf("%q, %v", v, err)
				}
			})
		}
		if loads.Load() != 5 {
			t.Errorf("%d loads of 5 keys", loads.Load())
		}
		left, err := db.TTL(key(0))
		if err != nil || left < 50*time.Minute || left > time.Hour {
			t.Errorf("%v, %v", left, err)
		}
	})
}

func TestGetOrLoadPassesErrorsOnAndLetsTheNextTry(t *testing.T) {
	db := openMemory(t)
	mine := errors.New("mine")
	var loads atomic.Int32
	inGoroutines(8, func(int) {
		_, err := db.GetOrLoad(key(1), 0, func([]byte) ([]byte, error) {
			loads.Add(1)
			return nil, fmt.Errorf("no luck: %w", mine)
		})
		if !errors.Is(err, mine) {
			t.Error(err)
		}
	})
	if loads.Load() != 8 {
		t.Errorf("%d loads", loads.Load())
	}
	func() {
		defer func() {
			if recover() != "boom" {
				t.Error("the panic was lost")
			}
		}()
		_, _ = db.GetOrLoad(key(1), 0, func([]byte) ([]byte, error) { panic("boom") })
	}()
	v, err := db.GetOrLoad(key(1), 0, func([]byte) ([]byte, error) { return nil, nil }, shale.WaitAtMost(0))
	if err != nil || v == nil && len(v) != 0 {
		t.Errorf("%q, %v", v, err)
	}
	if v, err := db.Get(key(1)); err != nil || len(v) != 0 {
		t.Errorf("%q, %v", v, err)
	}
	if live := waitForHandles(1); live > 1 {
		t.Errorf("%d handles", live)
	}
}

func TestGetOrLoadRemembersWhatIsMissing(t *testing.T) {
	db := openMemory(t)
	loads := 0
	none := func([]byte) ([]byte, error) { loads++; return nil, shale.ErrNotFound }
	for i := 0; i < 3; i++ {
		_, err := db.GetOrLoad(key(1), 0, none, shale.RememberMissing(time.Hour))
		wantErr(t, "missing", err, shale.ErrNotFound)
	}
	if loads != 1 {
		t.Errorf("%d loads", loads)
	}
	must(t, db.Put(key(1), value(1)))
	v, err := db.GetOrLoad(key(1), 0, none)
	if err != nil || string(v) != string(value(1)) {
		t.Errorf("%q, %v", v, err)
	}
}

// The holder's time, the waiter's time, and a context.
func TestGetOrLoadWaitsNoLongerThanItIsTold(t *testing.T) {
	db := openMemory(t)
	inside, leave := make(chan bool), make(chan bool)
	finished := make(chan error)
	go func() {
		_, err := db.GetOrLoad(key(1), 0, func([]byte) ([]byte, error) {
			close(inside)
			<-leave
			return value(1), nil
		})
		finished <- err
	}()
	<-inside
	never := func([]byte) ([]byte, error) { t.Error("loaded twice"); return nil, nil }
	for _, wait := range []time.Duration{0, 5 * time.Millisecond, 50 * time.Millisecond} {
		_, err := db.GetOrLoad(key(1), 0, never, shale.WaitAtMost(wait))
		wantErr(t, "waiting", err, shale.ErrWouldBlock)
		_, err = db.GetMultiOrLoad([][]byte{key(1)}, 0, nil2(t), shale.WaitAtMost(wait))
		wantErr(t, "waiting for many", err, shale.ErrWouldBlock)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	_, err := db.GetOrLoadContext(ctx, key(1), 0, func(context.Context, []byte) ([]byte, error) { return never(nil) })
	wantErr(t, "context", err, context.DeadlineExceeded)
	close(leave)
	must(t, <-finished)
	v, err := db.GetOrLoad(key(1), 0, never)
	if err != nil || string(v) != string(value(1)) {
		t.Errorf("%q, %v", v, err)
	}
}

func nil2(t *testing.T) func([][]byte) ([][]byte, error) {
	return func(missing [][]byte) ([][]byte, error) {
		t.Error("loaded twice")
		return make([][]byte, len(missing)), nil
	}
}

func TestGetOrLoadGivesStaleValues(t *testing.T) {
	db := openMemory(t, shale.WithOption(shale.OptionTTLGraceMs, "60000"))
	must(t, db.Put(key(1), value(1), shale.TTL(time.Millisecond)))
	time.Sleep(5 * time.Millisecond)
	v, err := db.GetOrLoad(key(1), 0, func([]byte) ([]byte, error) {
		old, err := db.GetOrLoad(key(1), 0, nil3, shale.StaleOK())
		if err != nil || string(old) != string(value(1)) {
			t.Errorf("stale: %q, %v", old, err)
		}
		return value(2), nil
	})
	if err != nil || string(v) != string(value(2)) {
		t.Errorf("%q, %v", v, err)
	}
}

func nil3([]byte) ([]byte, error) { return nil, errors.New("loaded twice") }

// What was written while a load ran is newer than what it brings; of a key that was deleted meanwhile nothing
// is kept.
func TestGetOrLoadIsOvertaken(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		v, err := db.GetOrLoad(key(1), 0, func([]byte) ([]byte, error) {
			must(t, db.Put(key(1), value(2)))
			return value(1), nil
		})
		if err != nil || string(v) != string(value(2)) {
			t.Errorf("%q, %v", v, err)
		}
		v, err = db.GetOrLoad(key(3), 0, func([]byte) ([]byte, error) {
			must(t, db.Delete(key(3)))
			return value(3), nil
		})
		if err != nil || string(v) != string(value(3)) {
			t.Errorf("%q, %v", v, err)
		}
		_, err = db.Get(key(3))
		wantErr(t, "after a delete", err, shale.ErrNotFound)
		values, err := db.GetMultiOrLoad([][]byte{key(3), key(4)}, 0, func(missing [][]byte) ([][]byte, error) {
			must(t, db.Put(key(4), value(5)))
			return [][]byte{value(3), value(4)}, nil
		})
		if err != nil || string(values[0]) != string(value(3)) || string(values[1]) != string(value(5)) {
			t.Errorf("%q, %v", values, err)
		}
	})
}

// Two callers who each load what the other asks for too do not wait for each other.
func TestGetMultiOrLoad(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		const n = 300
		var loads atomic.Int32
		inGoroutines(8, func(worker int) {
			var keys [][]byte
			for i := 0; i < n; i++ {
				keys = append(keys, key((i*7+worker*31)%n))
			}
			values, err := db.GetMultiOrLoad(keys, shale.Never, func(missing [][]byte) (out [][]byte, err error) {
				for _, k := range missing {
					loads.Add(1)
					if string(k) == string(key(13)) {
						out = append(out, nil)
					} else {
						out = append(out, append([]byte("of "), k...))
					}
				}
				return out, nil
			}, shale.RememberMissing(time.Hour), shale.LoadedWith(shale.WriteAround))
			if err != nil || len(values) != n {
				t.Error(len(values), err)
				return
			}
			for i, v := range values {
				if want := "of " + string(keys[i]); string(keys[i]) == string(key(13)) && v != nil ||
					v != nil && string(v) != want {
					t.Errorf("%q, want %q", v, want)
				}
			}
		})
		if loads.Load() != n {
			t.Errorf("%d loads of %d keys", loads.Load(), n)
		}
		mine := errors.New("mine")
		_, err := db.GetMultiOrLoad([][]byte{key(n)}, 0, func([][]byte) ([][]byte, error) { return nil, mine })
		wantErr(t, "error of the loader", err, mine)
		_, err = db.GetMultiOrLoad([][]byte{key(n)}, 0, func([][]byte) ([][]byte, error) { return nil, nil })
		wantErr(t, "too few values", err, shale.ErrInvalid)
		if values, err := db.GetMultiOrLoad(nil, 0, nil2(t)); err != nil || len(values) != 0 {
			t.Error(values, err)
		}
	})
}

func TestLoadsRefuseWhatMakesNoSense(t *testing.T) {
	db := openMemory(t)
	_, err := db.GetOrLoad(key(1), 0, nil)
	wantErr(t, "no function", err, shale.ErrInvalid)
	_, err = db.GetMultiOrLoad(nil, 0, nil)
	wantErr(t, "no function", err, shale.ErrInvalid)
	_, err = db.GetOrLoad(key(1), -5, func([]byte) ([]byte, error) { return value(1), nil })
	wantErr(t, "ttl", err, shale.ErrInvalid)
	for _, o := range []shale.LoadOption{shale.HoldFor(-1), shale.RememberMissing(shale.Never),
		shale.LoadedWith(shale.TTL(time.Hour))} {
		_, err = db.GetOrLoad(key(1), 0, nil3, o)
		wantErr(t, "option", err, shale.ErrInvalid)
	}
	must(t, db.Close())
	_, err = db.GetOrLoad(key(1), 0, nil3)
	wantErr(t, "closed", err, shale.ErrClosed)
	_, err = db.GetMultiOrLoad([][]byte{key(1)}, 0, nil2(t))
	wantErr(t, "closed", err, shale.ErrClosed)
}

// A store that is closed wakes those who wait, and a load that is under way has nowhere to go.
func TestCloseWhileLoading(t *testing.T) {
	db := openMemory(t)
	inside, leave := make(chan bool), make(chan bool)
	finished := make(chan error, 2)
	go func() {
		_, err := db.GetOrLoad(key(1), 0, func([]byte) ([]byte, error) {
			close(inside)
			<-leave
			return value(1), nil
		})
		finished <- err
	}()
	<-inside
	go func() {
		_, err := db.GetOrLoad(key(1), 0, nil3)
		finished <- err
	}()
	time.Sleep(30 * time.Millisecond)
	must(t, db.Close())
	wantErr(t, "the one who waits", <-finished, shale.ErrClosed)
	close(leave)
	wantErr(t, "the one who loads", <-finished, shale.ErrClosed)
}
