package shale_test

import (
	"fmt"
	"testing"
	"time"

	"shale"
)

// The calls that bindings/bench/c_calls makes from C, on the same keys in the same order. bench.sh sets them
// side by side.

const (
	benchKeys   = 10000
	benchStride = 7919 // no divisor in common with the number of keys
	benchGroup  = 100
)

func benchStore(b *testing.B) (db *shale.DB, keys [][]byte) {
	db, err := shale.OpenMemory(shale.WithMemory("512MiB"))
	must(b, err)
	b.Cleanup(func() { db.Close() })
	for i := 0; i < benchKeys; i++ {
		keys = append(keys, []byte(fmt.Sprintf("key%013d", i)))
		must(b, db.Put(keys[i], make([]byte, 100)))
	}
	b.ReportAllocs()
	b.ResetTimer()
	return db, keys
}

func BenchmarkAppendGet(b *testing.B) {
	db, keys := benchStore(b)
	buf := make([]byte, 0, 1024)
	for i := 0; i < b.N; i++ {
		var err error
		if buf, err = db.AppendGet(buf[:0], keys[i*benchStride%benchKeys]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	db, keys := benchStore(b)
	for i := 0; i < b.N; i++ {
		if _, err := db.Get(keys[i*benchStride%benchKeys]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkView(b *testing.B) {
	db, keys := benchStore(b)
	seen := 0
	for i := 0; i < b.N; i++ {
		if err := db.View(keys[i*benchStride%benchKeys], func(v []byte) error {
			seen += len(v)
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	db, keys := benchStore(b)
	value := make([]byte, 100)
	for i := 0; i < b.N; i++ {
		if err := db.Put(keys[i*benchStride%benchKeys], value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetMulti(b *testing.B) {
	db, keys := benchStore(b)
	group := make([][]byte, benchGroup)
	start := time.Now()
	for i := 0; i < b.N; i++ {
		for k := range group {
			group[k] = keys[(i+k)*benchStride%benchKeys]
		}
		values, err := db.GetMulti(group)
		if err != nil || len(values[benchGroup-1]) != 100 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(time.Since(start).Nanoseconds())/float64(b.N)/benchGroup, "ns/key")
}

func BenchmarkAppendGet64KiB(b *testing.B) {
	db, keys := benchStore(b)
	for _, k := range keys[:64] {
		must(b, db.Put(k, make([]byte, 64<<10)))
	}
	buf := make([]byte, 0, 64<<10)
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		var err error
		if buf, err = db.AppendGet(buf[:0], keys[i%64]); err != nil {
			b.Fatal(err)
		}
	}
}
