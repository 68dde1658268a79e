package shale_test

import (
	"errors"
	"math/rand"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"shale"
)

// Run with GOGC=1 GODEBUG=cgocheck=1 and -race: then the collector runs all the time.

// operations is how many the long tests do; the full run sets SHALE_OPERATIONS.
func operations(normal int) int {
	if n, err := strconv.Atoi(os.Getenv("SHALE_OPERATIONS")); err == nil && n > 0 {
		return n
	}
	return normal
}

// stress is a mix of all kinds of calls, over 1000 keys.
func stress(t *testing.T, db *shale.DB, random *rand.Rand, buf []byte) []byte {
	k := key(random.Intn(1000))
	var err error
	switch random.Intn(16) {
	case 0, 1:
		err = db.Put(k, value(random.Intn(1000)))
	case 2:
		err = db.Put(k, make([]byte, random.Intn(20000)), shale.TTL(time.Hour))
	case 3:
		err = db.Delete(k)
	case 4:
		_, err = db.Incr([]byte("counter"+strconv.Itoa(random.Intn(10))), 1)
	case 5:
		err = db.View(k, func(v []byte) error { return check(v) })
	case 6:
		var values [][]byte
		values, err = db.GetMulti([][]byte{k, key(1), key(2)})
		for _, v := range values {
			if err == nil {
				err = check(v)
			}
		}
	case 7:
		var b shale.Batch
		b.Put(k, value(1))
		b.Delete(key(3))
		err = db.Write(&b)
	case 8:
		if random.Intn(100) == 0 {
			err = someRows(db, k)
		}
	case 9:
		_, _, err = db.GetAndSet(k, value(2), shale.KeepTTL)
	case 10:
		err = db.CompareAndSet(k, value(1), value(2))
	case 11, 12:
		var v []byte
		if v, err = db.Get(k); err == nil {
			err = check(v)
		}
	default:
		if buf, err = db.AppendGet(buf[:0], k); err == nil {
			err = check(buf)
		}
	}
	if err != nil && !errors.Is(err, shale.ErrNotFound) && !errors.Is(err, shale.ErrMismatch) {
		t.Error(err)
	}
	return buf
}

// check looks at every byte of a value, so that memory that is gone would be noticed.
func check(v []byte) error {
	if len(v) > 0 && v[0] == 0 {
		for _, c := range v {
			if c != 0 {
				return errors.New("a value is damaged")
			}
		}
	} else if len(v) > 0 && !strings.HasPrefix(string(v), "value") {
		return errors.New("a value of nobody: " + string(v[:1]))
	}
	return nil
}

func someRows(db *shale.DB, from []byte) error {
	c, err := db.Scan(from, nil, shale.Limit(20))
	if err != nil {
		return err
	}
	for c.Next() {
		if err := check(c.Value()); err != nil && !strings.HasPrefix(string(c.Key()), "counter") {
			return err
		}
	}
	return c.Err() // not closed: the collector's work
}

func inGoroutines(n int, f func(worker int)) {
	var wg sync.WaitGroup
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func(worker int) {
			defer wg.Done()
			f(worker)
		}(i)
	}
	wg.Wait()
}

func TestLifetimeUnderCollection(t *testing.T) {
	seed := time.Now().UnixNano()
	total := operations(100_000)
	t.Log("seed", seed, "operations", total)
	db := openMemory(t)
	for i := 0; i < 1000; i++ {
		must(t, db.Put(key(i), value(i)))
	}
	var done atomic.Int64
	inGoroutines(8, func(worker int) {
		random := rand.New(rand.NewSource(seed + int64(worker)))
		buf := make([]byte, 0, 64)
		for done.Add(1) <= int64(total) {
			buf = stress(t, db, random, buf)
		}
	})
}

func rssKiB() int64 {
	content, _ := os.ReadFile("/proc/self/statm")
	if fields := strings.Fields(string(content)); len(fields) > 1 {
		pages, _ := strconv.ParseInt(fields[1], 10, 64)
		return pages * int64(os.Getpagesize()) / 1024
	}
	return 0
}

// The same calls over and over: a leak of one byte in each would show. Judged only where somebody saw to it
// that nothing else moves: without the race detector, whose shadow grows by itself, and with one arena of
// malloc instead of one for each thread (SHALE_MEASURE_RSS=1 MALLOC_ARENA_MAX=1).
func TestMemoryDoesNotGrow(t *testing.T) {
	total := operations(200_000)
	db := openMemory(t, shale.WithMemory("32MiB"))
	round := func(n int) {
		inGoroutines(8, func(worker int) {
			buf := make([]byte, 0, 64)
			for i := 0; i < n/8; i++ {
				k := key(i % 1000)
				must(t, db.Put(k, value(i%1000)))
				_, err := db.Get(k)
				must(t, err)
				buf, err = db.AppendGet(buf[:0], k)
				must(t, err)
				if _, err := db.Get([]byte("none")); err != shale.ErrNotFound {
					t.Error(err)
				}
				if _, err := db.Get(nil); !errors.Is(err, shale.ErrInvalid) {
					t.Error(err)
				}
				must(t, db.View(k, check))
				_, err = db.GetMulti([][]byte{k, k})
				must(t, err)
				if _, _, err := db.GetAndSet(k, value(i%1000)); err != nil {
					t.Error(err)
				}
				if i%1000 == 0 {
					must(t, someRows(db, k))
				}
			}
		})
	}
	const calls = 8 // in each turn of the loop
	var rss [10]int64
	for i := range rss {
		round(total / calls / 10)
		debug.FreeOSMemory()
		rss[i] = rssKiB()
	}
	grown := rss[9] - rss[0]
	for _, late := range rss[7:] { // it goes up and down a little; what leaks does not come down
		if late-rss[0] < grown {
			grown = late - rss[0]
		}
	}
	t.Logf("%d operations: RSS after each tenth %v KiB, grown %d KiB", total, rss, grown)
	if os.Getenv("SHALE_MEASURE_RSS") != "" && grown >= 1024 {
		t.Errorf("RSS grew by %d KiB", grown)
	}
}

func TestCloseWhileOthersWork(t *testing.T) {
	for round := 0; round < 20; round++ {
		dir := ""
		if round%2 == 1 {
			dir = t.TempDir()
		}
		db, err := shale.Open(dir, shale.WithMemory("16MiB"))
		must(t, err)
		for i := 0; i < 100; i++ {
			must(t, db.Put(key(i), value(i)))
		}
		inGoroutines(8, func(worker int) {
			if worker == 0 {
				time.Sleep(time.Duration(rand.Intn(3000)) * time.Microsecond)
				must(t, db.Close())
				return
			}
			for err := error(nil); !errors.Is(err, shale.ErrClosed); {
				if worker == 1 {
					err = someRows(db, key(3))
				} else if worker == 2 {
					err = db.Put(key(5), value(5))
				} else {
					err = db.View(key(worker), check)
				}
				if err != nil && !errors.Is(err, shale.ErrClosed) {
					t.Error(err)
					return
				}
			}
		})
	}
}

func TestAfterClose(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		for i := 0; i < 100; i++ {
			must(t, db.Put(key(i), value(i)))
		}
		c, err := db.Scan(nil, nil)
		must(t, err)
		if !c.Next() {
			t.Fatal(c.Err())
		}
		must(t, db.View(key(1), func(v []byte) error {
			must(t, db.Close())
			return check(v) // pinned, so it stays
		}))
		must(t, db.Close())
		if string(c.Key()) != string(key(0)) {
			t.Errorf("%q", c.Key())
		}
		if c.Next() || !errors.Is(c.Err(), shale.ErrClosed) {
			t.Error("cursor of a closed store:", c.Err())
		}
		everyMethod(t, db, shale.ErrClosed)
		must(t, c.Close())
	})
}

func TestCursorAfterItsClose(t *testing.T) {
	db := openMemory(t)
	must(t, db.Put(key(1), value(1)))
	c, err := db.Scan(nil, nil)
	must(t, err)
	inGoroutines(8, func(worker int) {
		if worker == 4 {
			must(t, c.Close())
		} else if worker == 5 {
			for c.Next() {
				_, _ = c.Token()
			}
		}
	})
	must(t, c.Close())
	if c.Next() || c.Key() != nil || !errors.Is(c.Err(), shale.ErrClosed) {
		t.Error(c.Err())
	}
	_, err = c.Token()
	wantErr(t, "Token", err, shale.ErrClosed)
}

// Stores, snapshots and cursors that nobody closes, dropped in every order: the collector frees all of them.
func TestFinalizersInAnyOrder(t *testing.T) {
	runtime.GC()
	before := shale.LiveHandles()
	random := rand.New(rand.NewSource(time.Now().UnixNano()))
	for round := 0; round < 20; round++ {
		var things []any
		db, err := shale.OpenMemory(shale.WithMemory("8MiB"))
		must(t, err)
		things = append(things, db)
		for i := 0; i < 20; i++ {
			must(t, db.Put(key(i), value(i)))
			c, err := db.Scan(nil, nil)
			must(t, err)
			c.Next()
			things = append(things, c)
			if i%5 == 0 {
				snap, err := db.Snapshot()
				must(t, err)
				c, err := snap.Scan(nil, nil)
				must(t, err)
				things = append(things, snap, c)
			}
		}
		db = nil
		random.Shuffle(len(things), func(i, j int) { things[i], things[j] = things[j], things[i] })
		for i := range things {
			things[i] = nil
			if i%7 == 0 {
				runtime.GC()
			}
		}
	}
	if live := waitForHandles(before); live > before {
		t.Errorf("%d handles, %d before", live, before)
	}
}

// Nobody holds the store but the cursor, and that is enough.
func TestCursorKeepsItsStore(t *testing.T) {
	c := func() *shale.Cursor {
		db, err := shale.OpenMemory(shale.WithMemory("8MiB"))
		must(t, err)
		must(t, db.Put(key(1), value(1)))
		c, err := db.Scan(nil, nil)
		must(t, err)
		return c
	}()
	for i := 0; i < 5; i++ {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
	}
	if !c.Next() || string(c.Key()) != string(key(1)) {
		t.Error(c.Err())
	}
	must(t, c.Close())
}
