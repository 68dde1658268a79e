//go:build go1.23

package shale_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"shale"
)

func TestRangeLoops(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		const count = 5000
		for i := 0; i < count; i++ {
			must(t, db.Put(key(i), value(i)))
		}
		err := errors.New("left from before")
		i := 0
		for k, v := range db.All(&err) {
			if !bytes.Equal(k, key(i)) || !bytes.Equal(v, value(i)) {
				t.Fatalf("row %d: %q, %d bytes", i, k, len(v))
			}
			i++
		}
		if i != count || err != nil {
			t.Fatal(i, err)
		}
		for range db.All(nil, shale.Limit(3)) {
			i++
		}
		if i != count+3 {
			t.Fatal(i)
		}
		var last []byte
		for k, v := range db.Range(key(100), key(200), &err, shale.Reverse, shale.KeysOnly) {
			if v != nil || last != nil && bytes.Compare(k, last) >= 0 {
				t.Fatalf("%q after %q, value %q", k, last, v)
			}
			last = k
		}
		if err != nil || !bytes.Equal(last, key(100)) {
			t.Fatalf("%v, %q", err, last)
		}
	})
}

func TestRangeLoopEndsEarly(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		for i := 0; i < 100; i++ {
			must(t, db.Put(key(i), value(i)))
		}
		before := shale.LiveHandles()
		var err error
		seq := db.Prefix([]byte("key"), &err)
		for round := 0; round < 3; round++ {
			for k := range seq {
				if !bytes.Equal(k, key(0)) {
					t.Fatalf("a sequence must start anew: %q", k)
				}
				break
			}
		}
		func() {
			defer func() { recover() }()
			for range seq {
				panic("out of the loop")
			}
		}()
		if err != nil || shale.LiveHandles() != before {
			t.Fatalf("%v; %d handles, then %d", err, before, shale.LiveHandles())
		}
		must(t, db.Close())
		for range seq {
			t.Fatal("a row of a closed store")
		}
		if !errors.Is(err, shale.ErrClosed) {
			t.Fatal(err)
		}
	})
}

func TestRangeLoopOfLargeRows(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		sizes := []int{0, 1, 100, 4 << 10, 300 << 10, 10, 1 << 20, 0, 70 << 10}
		for i, size := range sizes {
			must(t, db.Put(key(i), bytes.Repeat([]byte{byte(i)}, size)))
		}
		var kept [][]byte
		var err error
		for _, v := range db.All(&err) {
			kept = append(kept, v)
		}
		must(t, err)
		for i, size := range sizes {
			if !bytes.Equal(kept[i], bytes.Repeat([]byte{byte(i)}, size)) || kept[i] == nil {
				t.Fatalf("row %d: %d bytes", i, len(kept[i]))
			}
		}
	})
}

func ExampleDB_All() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	db.Put([]byte("b"), []byte("2"))
	db.Put([]byte("a"), []byte("1"))
	var err error
	for key, value := range db.All(&err) {
		fmt.Printf("%s=%s\n", key, value)
	}
	fmt.Println(err)
	// Output:
	// a=1
	// b=2
	// <nil>
}

func ExampleDB_Prefix() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	db.PutMulti([][]byte{[]byte("user:1"), []byte("user:2"), []byte("word")}, [][]byte{[]byte("Ada"), []byte("Alan"), nil})
	var err error
	for key, value := range db.Prefix([]byte("user:"), &err, shale.Reverse) {
		fmt.Printf("%s %s\n", key, value)
	}
	// Output:
	// user:2 Alan
	// user:1 Ada
}

func TestRangeLoopsOverASnapshot(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		for i := 0; i < 10; i++ {
			must(t, db.Put(key(i), value(i)))
		}
		snap, err := db.Snapshot()
		must(t, err)
		must(t, db.DeleteRange(shale.KeysBetween(key(1), nil)))
		rows := 0
		for k := range snap.All(&err) {
			if !bytes.Equal(k, key(rows)) {
				t.Fatalf("row %d: %q", rows, k)
			}
			if rows++; rows == 2 {
				must(t, snap.Close()) // the loop goes on
			}
		}
		for range snap.Prefix([]byte("key"), &err) {
			rows++
		}
		if rows != 10 || !errors.Is(err, shale.ErrClosed) {
			t.Fatal(rows, err)
		}
		for range (*shale.Snapshot)(nil).Range(nil, nil, &err) {
			rows++
		}
		wantErr(t, "no snapshot", err, shale.ErrInvalid)
	})
}
