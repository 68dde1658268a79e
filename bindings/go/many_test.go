package shale_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"shale"
)

func TestManyKeys(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		var keys, values [][]byte
		for i := 0; i < 300; i++ {
			keys, values = append(keys, key(i)), append(values, value(i))
		}
		values[7] = nil
		must(t, db.PutMulti(keys, values, shale.TTL(time.Hour)))
		must(t, db.DeleteMulti([][]byte{keys[3], []byte("none")}))
		got, err := db.GetMulti(keys)
		must(t, err)
		for i, v := range got {
			if want := values[i]; !bytes.Equal(v, want) && i != 3 || (v == nil) != (i == 3) {
				t.Errorf("%d: %q", i, v)
			}
			_ = append(v, "must not reach the next one"...)
		}
		if !bytes.Equal(got[9], values[9]) {
			t.Error("values run into each other")
		}
		got, err = db.GetMulti(nil)
		if len(got) != 0 || err != nil {
			t.Error(got, err)
		}
		must(t, db.PutMulti(nil, nil))
		must(t, db.DeleteMulti(nil))
		wantErr(t, "lengths", db.PutMulti(keys, values[1:]), shale.ErrInvalid)
		_, err = db.GetMulti([][]byte{keys[0], nil})
		wantErr(t, "empty key", err, shale.ErrInvalid)
		wantErr(t, "long key", db.DeleteMulti([][]byte{make([]byte, shale.KeyBytesMax+1)}), shale.ErrTooLarge)
		wantErr(t, "long key", db.PutMulti([][]byte{make([]byte, shale.KeyBytesMax+1)}, [][]byte{nil}), shale.ErrTooLarge)
	})
}

func TestManyKeysFromMemoryOnly(t *testing.T) {
	dir := t.TempDir()
	db := openDisk(t, dir)
	must(t, db.Put([]byte("a"), []byte("1")))
	must(t, db.Put([]byte("b"), []byte("2")))
	must(t, db.Close())
	db = openDisk(t, dir)
	_, err := db.Get([]byte("b"))
	must(t, err)
	keys := [][]byte{[]byte("a"), []byte("b")}
	values, missed, err := db.GetMultiCached(keys)
	if err != nil || fmt.Sprintf("%q %v", values, missed) != `["" "2"] [0]` {
		t.Fatalf("%q %v %v", values, missed, err)
	}
	values, err = db.GetMulti(keys, shale.CacheOnly)
	wantErr(t, "CacheOnly", err, shale.ErrWouldBlock)
	if string(values[1]) != "2" {
		t.Errorf("%q", values)
	}
	_, err = db.GetCached(keys[0])
	wantErr(t, "GetCached", err, shale.ErrWouldBlock)
	_, err = db.Has(keys[0], shale.CacheOnly)
	wantErr(t, "Has", err, shale.ErrWouldBlock)
}

func TestBatch(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		var b shale.Batch
		must(t, db.Write(&b))
		must(t, db.Put([]byte("gone"), nil))
		b.Put([]byte("a"), []byte("1"))
		b.Put([]byte("a"), []byte("2"), shale.TTL(time.Hour))
		b.Delete([]byte("gone"))
		b.Put([]byte("empty"), nil)
		if b.Len() != 4 || b.Bytes() != 1+1+1+1+4+5 {
			t.Error(b.Len(), b.Bytes())
		}
		must(t, db.Write(&b, shale.Sync))
		must(t, db.Write(&b))
		v, err := db.Get([]byte("a"))
		same(t, "a", v, []byte("2"), err)
		v, err = db.Get([]byte("empty"))
		same(t, "empty", v, nil, err)
		if has, _ := db.Has([]byte("gone")); has {
			t.Error("not deleted")
		}
		left, err := db.TTL([]byte("a"))
		if err != nil || left == shale.Never || left > time.Hour {
			t.Error(left, err)
		}
		b.Put(nil, []byte("empty key"))
		b.Put([]byte("b"), []byte("never written"))
		wantErr(t, "empty key", db.Write(&b), shale.ErrInvalid)
		if has, _ := db.Has([]byte("b")); has {
			t.Error("a part of a refused batch")
		}
		b.Clear()
		b.Delete(make([]byte, shale.KeyBytesMax+1))
		wantErr(t, "long key", db.Write(&b), shale.ErrTooLarge)
		b.Clear()
		must(t, db.Write(&b))
	})
}

func TestBatchLimit(t *testing.T) {
	db := openMemory(t)
	b := shale.NewBatch()
	part := make([]byte, 32<<20)
	for i := 0; i < shale.BatchBytesMax/len(part); i++ {
		b.Put(key(i), part)
	}
	if b.Bytes() > shale.BatchBytesMax {
		t.Error(b.Bytes())
	}
	wantErr(t, "too large", db.Write(b), shale.ErrTooLarge)
}

func TestCursor(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		const count = 2000
		for i := 0; i < count; i++ {
			must(t, db.Put(key(i), value(i)))
		}
		must(t, db.Put(key(5), nil))
		c, err := db.Scan(nil, nil)
		must(t, err)
		var keys, values [][]byte
		for c.Next() {
			keys, values = append(keys, c.Key()), append(values, c.Value())
		}
		must(t, c.Err())
		if c.Key() != nil || c.Value() != nil || c.Next() || c.Err() != nil {
			t.Error("behind the end")
		}
		must(t, c.Close())
		if len(keys) != count {
			t.Fatal(len(keys))
		}
		for i := range keys { // they were kept over all the calls of Next
			want := value(i)
			if i == 5 {
				want = []byte{}
			}
			if !bytes.Equal(keys[i], key(i)) || !bytes.Equal(values[i], want) || values[i] == nil {
				t.Fatalf("row %d: %q %q", i, keys[i], values[i])
			}
		}
		wantRows(t, "range", `["key0000000000010" "key0000000000011"]`)(db.Scan(key(10), key(12)))
		wantRows(t, "reverse", `["key0000000001999" "key0000000001998"]`)(db.Scan(key(9), nil, shale.Reverse, shale.Limit(2)))
		wantRows(t, "prefix", `["key0000000001990"]`)(db.ScanPrefix([]byte("key000000000199"), shale.Limit(1), shale.KeysOnly))
		wantRows(t, "none", `[]`)(db.ScanPrefix([]byte("l")))
	})
}

func wantRows(t *testing.T, what, want string) func(*shale.Cursor, error) {
	return func(c *shale.Cursor, err error) {
		t.Helper()
		must(t, err)
		defer c.Close()
		keys := [][]byte{}
		for c.Next() {
			keys = append(keys, c.Key())
		}
		if got := fmt.Sprintf("%q", keys); got != want || c.Err() != nil {
			t.Errorf("%s: %s, %v; want %s", what, got, c.Err(), want)
		}
	}
}

func TestToken(t *testing.T) {
	dir := t.TempDir()
	db := openDisk(t, dir)
	for i := 0; i < 10; i++ {
		must(t, db.Put(key(i), value(i)))
	}
	c, err := db.Scan(key(1), nil, shale.Limit(5))
	must(t, err)
	for i := 0; i < 2; i++ {
		if !c.Next() {
			t.Fatal(c.Err())
		}
	}
	token, err := c.Token()
	must(t, err)
	must(t, db.Close())
	db = openDisk(t, dir)
	wantRows(t, "resumed", `["key0000000000003" "key0000000000004" "key0000000000005"]`)(db.Resume(token))
	for _, wrong := range [][]byte{nil, []byte("no token"), token[1:]} {
		_, err := db.Resume(wrong)
		wantErr(t, "wrong token", err, shale.ErrInvalid)
	}
}
