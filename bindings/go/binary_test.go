package shale_test

import (
	"bytes"
	"math/rand"
	"testing"
	"time"

	"shale"
)

// Bytes come back as they went in, whatever they are and however long.
func TestBinaryTruth(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Log("seed", seed)
	random := rand.New(rand.NewSource(seed))
	noise := func(n int) []byte {
		b := make([]byte, n)
		random.Read(b)
		return b
	}
	keys := [][]byte{{0}, {0xFF}, {0, 0}, []byte("a\x00b"), {0xFF, 0, 0xFF}, []byte("\xc3\x28"), noise(255),
		bytes.Repeat([]byte{0}, shale.KeyBytesMax), bytes.Repeat([]byte{0xFF}, shale.KeyBytesMax), noise(shale.KeyBytesMax)}
	values := [][]byte{nil, {}, {0}, {0xFF}, []byte("\x00text\x00"), noise(511), noise(513), noise(4096),
		noise(65535), noise(1 << 20)}
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		for i, k := range keys {
			must(t, db.Put(k, values[i]))
		}
		for i, k := range keys {
			got, err := db.Get(k)
			same(t, "Get", got, values[i], err)
		}
		many, err := db.GetMulti(keys)
		must(t, err)
		for i := range keys {
			same(t, "GetMulti", many[i], values[i], nil)
		}
		c, err := db.Scan(nil, nil)
		must(t, err)
		defer c.Close()
		rows := 0
		for c.Next() {
			v, err := db.Get(c.Key())
			same(t, "Scan", c.Value(), v, err)
			rows++
		}
		if rows != len(keys) {
			t.Errorf("%d rows, %v", rows, c.Err())
		}
	})
}

func TestLargeValue(t *testing.T) {
	large := make([]byte, 16<<20)
	rand.New(rand.NewSource(1)).Read(large)
	roundTrip := func(t *testing.T, db *shale.DB) {
		k := []byte("large")
		must(t, db.Put(k, large))
		got, err := db.Get(k)
		same(t, "Get", got, large, err)
		must(t, db.View(k, func(v []byte) error {
			same(t, "View", v, large, nil)
			return nil
		}))
		many, err := db.GetMulti([][]byte{k, []byte("none"), k})
		must(t, err)
		same(t, "GetMulti", many[2], large, nil)
		must(t, db.PutMulti([][]byte{k}, [][]byte{large[1:]}))
		got, err = db.AppendGet(nil, k)
		same(t, "AppendGet", got, large[1:], err)
		b := shale.NewBatch()
		b.Put(k, large[2:])
		must(t, db.Write(b))
		got, err = db.Get(k)
		same(t, "after a batch", got, large[2:], err)
	}
	// In memory an item is a sixteenth of the budget at most, hence not bothKinds.
	t.Run("memory", func(t *testing.T) { roundTrip(t, openMemory(t, shale.WithMemory("512MiB"))) })
	t.Run("disk", func(t *testing.T) { roundTrip(t, openDisk(t, t.TempDir())) })
}

func TestKeyLimits(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		for _, k := range [][]byte{nil, {}} {
			wantErr(t, "Put of an empty key", db.Put(k, nil), shale.ErrInvalid)
			_, err := db.Get(k)
			wantErr(t, "Get of an empty key", err, shale.ErrInvalid)
		}
		long := make([]byte, shale.KeyBytesMax+1)
		wantErr(t, "Put of a long key", db.Put(long, nil), shale.ErrTooLarge)
		_, err := db.Get(long)
		wantErr(t, "Get of a long key", err, shale.ErrTooLarge)
	})
}

// A key inside an object with pointers is a key like any other: cgo must not look at the object.
func TestKeyInsideAnObjectWithPointers(t *testing.T) {
	type record struct {
		next *record
		id   [16]byte
		name *string
	}
	name := "x"
	r := &record{next: &record{}, name: &name}
	copy(r.id[:], "0123456789abcdef")
	db := openMemory(t)
	must(t, db.Put(r.id[:], r.id[:4]))
	v, err := db.Get(r.id[:])
	same(t, "Get", v, []byte("0123"), err)
	n, err := db.GetInto(r.id[:], r.next.id[:])
	same(t, "GetInto", r.next.id[:n], []byte("0123"), err)
}
