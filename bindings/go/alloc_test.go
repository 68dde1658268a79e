package shale_test

import (
	"testing"

	"shale"
)

func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates by itself; the same is tested without it")
	}
	db := openMemory(t)
	k, v := []byte("0123456789abcdef"), make([]byte, 100)
	must(t, db.Put(k, v))
	long := []byte("long")
	must(t, db.Put(long, make([]byte, 10000)))
	buf := make([]byte, 0, 16384)
	missing := []byte("missing")
	for _, c := range []struct {
		what string
		most float64
		call func()
	}{
		{"AppendGet", 0, func() { buf, _ = db.AppendGet(buf[:0], k) }},
		{"AppendGet with an option", 0, func() { buf, _ = db.AppendGet(buf[:0], k, shale.CacheOnly) }},
		{"AppendGet of a long value", 0, func() { buf, _ = db.AppendGet(buf[:0], long) }},
		{"AppendGet of a missing key", 0, func() { buf, _ = db.AppendGet(buf[:0], missing) }},
		{"GetInto", 0, func() { _, _ = db.GetInto(k, buf[:cap(buf)]) }},
		{"Has", 0, func() { _, _ = db.Has(k) }},
		{"View", 0, func() { _ = db.View(k, func([]byte) error { return nil }) }},
		{"Put", 0, func() { _ = db.Put(k, v) }},
		{"Put with options", 0, func() { _ = db.Put(k, v, shale.IfPresent, shale.KeepTTL) }},
		{"Incr", 0, func() { _, _ = db.Incr(missing[:4], 1) }},
		{"Get", 1, func() { _, _ = db.Get(k) }},
		{"Get of a long value", 1, func() { _, _ = db.Get(long) }},
	} {
		if got := testing.AllocsPerRun(1000, c.call); got > c.most {
			t.Errorf("%s: %v allocations, want at most %v", c.what, got, c.most)
		}
	}
}
