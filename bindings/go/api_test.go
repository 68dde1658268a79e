package shale_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"shale"
)

func TestOptions(t *testing.T) {
	dir := t.TempDir()
	db := openDisk(t, dir, shale.WithDurability(shale.DurabilityInterval(time.Hour)),
		shale.WithDefaultTTL(time.Hour), shale.WithOptionInt(shale.OptionCacheShards, 8))
	for name, want := range map[string]string{shale.OptionMemoryBudget: "32MiB", shale.OptionDurability: "interval:3600000",
		shale.OptionCacheShards: "8", shale.OptionTTLDefaultMs: "3600000"} {
		got, err := db.Option(name)
		must(t, err)
		if got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	_, err := db.Option("no.such")
	wantErr(t, "unknown option", err, shale.ErrNotFound)
	must(t, db.Put([]byte("k"), nil))
	left, err := db.TTL([]byte("k"))
	must(t, err)
	if left <= 0 || left > time.Hour {
		t.Error("default time to live:", left)
	}
}

func TestWrongOptions(t *testing.T) {
	for _, o := range []shale.Option{shale.WithMemory("much"), shale.WithOption("no.such", "1"), shale.WithMemory("1B"),
		shale.WithOption("memory\x00budget", "64MiB"), shale.WithMemory("64MiB\x00"), shale.WithDurability(""),
		shale.WithOptionInt(shale.OptionDurability, 1), shale.WithOptionInt(shale.OptionCacheShards, -1), {}} {
		db, err := shale.OpenMemory(o)
		wantErr(t, "wrong option", err, shale.ErrInvalid)
		if db != nil {
			t.Error("a store in spite of", err)
		}
	}
}

func TestErrorsOfOpen(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "store")
	_, err := shale.Open(store, shale.WithOption(shale.OptionOpenCreate, "false"))
	wantErr(t, "no store", err, shale.ErrNoStore)
	_, err = shale.Open(store + "\x00x")
	wantErr(t, "NUL in the path", err, shale.ErrInvalid)
	must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	_, err = shale.Open(filepath.Join(dir, "file"))
	wantErr(t, "a file", err, shale.ErrIncompatible)
	_, err = shale.Open(filepath.Join(dir, strings.Repeat("long", 100)))
	var e *shale.Error
	if !errors.As(err, &e) || e.Code != shale.CodeIO || e.Errno != syscall.ENAMETOOLONG || e.Shard != -1 || e.Message == "" {
		t.Errorf("%#v", err)
	}
	if !errors.Is(err, syscall.ENAMETOOLONG) || !errors.Is(err, shale.ErrIO) || errors.Is(err, shale.ErrCorrupt) {
		t.Error("errors.Is:", err)
	}
	db := openDisk(t, store)
	_, err = shale.Open(store)
	wantErr(t, "second open", err, shale.ErrLocked)
	wantErr(t, "destroy of an open store", shale.Destroy(store), shale.ErrLocked)
	must(t, db.Put([]byte("k"), []byte("v")))
	must(t, db.Close())
	again := openDisk(t, store)
	v, err := again.Get([]byte("k"))
	if err != nil || string(v) != "v" {
		t.Errorf("after reopening: %q, %v", v, err)
	}
	must(t, again.Close())
	must(t, shale.Destroy(store))
	if _, err := os.Stat(store); !errors.Is(err, fs.ErrNotExist) {
		t.Error("still there:", err)
	}
	wantErr(t, "destroy of nothing", shale.Destroy(store), shale.ErrNotFound)
}

func TestErrorText(t *testing.T) {
	for err, want := range map[error]string{
		shale.ErrNotFound: "shale: NOT_FOUND: no such key",
		&shale.Error{Code: shale.CodeCorrupt, Message: "log 7 at 12"}: "shale: E_CORRUPT: log 7 at 12",
		&shale.Error{Code: 1234}: "shale: UNKNOWN: ",
	} {
		if !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q, want %q", err, want)
		}
	}
	if shale.CodeOf(nil) != shale.CodeOK || shale.CodeOf(errors.New("x")) != shale.CodeInternal ||
		shale.CodeOf(fmt.Errorf("while opening: %w", shale.ErrLocked)) != shale.CodeLocked {
		t.Error("CodeOf")
	}
}

func TestEveryRead(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		k := []byte("k")
		for _, size := range []int{0, 1, 100, 4095, 4096, 4097, 100_000} {
			want := bytes.Repeat([]byte{0, 0xFF, 7}, size)[:size]
			made, err := db.PutVersion(k, want)
			must(t, err)
			got, err := db.Get(k)
			same(t, "Get", got, want, err)
			got, found, err := db.GetVersion(k)
			same(t, "GetVersion", got, want, err)
			if found != made {
				t.Errorf("version %d, put said %d", found, made)
			}
			got, err = db.GetCached(k)
			same(t, "GetCached", got, want, err)
			got, err = db.AppendGet([]byte("x"), k)
			same(t, "AppendGet", got, append([]byte("x"), want...), err)
			got, err = db.AppendGet(make([]byte, 0, size), k)
			same(t, "AppendGet with room", got, want, err)
			must(t, db.View(k, func(v []byte) error {
				if !bytes.Equal(v, want) || v == nil || cap(v) != len(v) {
					t.Errorf("View: %d bytes, capacity %d", len(v), cap(v))
				}
				return db.Put(k, []byte("another")) // what is seen stays
			}))
			must(t, db.Put(k, want))
			buf := make([]byte, size+10)
			n, err := db.GetInto(k, buf)
			same(t, "GetInto", buf[:n], want, err)
			if size > 0 {
				n, err = db.GetInto(k, buf[:size-1])
				if !errors.Is(err, shale.ErrTooSmall) || n != size {
					t.Errorf("GetInto without room: %d, %v", n, err)
				}
			}
			has, err := db.Has(k)
			if !has || err != nil {
				t.Error("Has", has, err)
			}
		}
	})
}

func same(t *testing.T, what string, got, want []byte, err error) {
	t.Helper()
	if err != nil || got == nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes, %v, want %d bytes", what, len(got), err, len(want))
	}
}

func TestMissingKey(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		k := []byte("none")
		got, err := db.Get(k)
		wantErr(t, "Get", err, shale.ErrNotFound)
		if got != nil {
			t.Error("a value of no key")
		}
		dst := []byte("as it was")
		got, err = db.AppendGet(dst, k)
		wantErr(t, "AppendGet", err, shale.ErrNotFound)
		if string(got) != "as it was" {
			t.Errorf("%q", got)
		}
		_, err = db.GetInto(k, nil)
		wantErr(t, "GetInto", err, shale.ErrNotFound)
		wantErr(t, "View", db.View(k, func([]byte) error { t.Error("called"); return nil }), shale.ErrNotFound)
		has, err := db.Has(k)
		if has || err != nil {
			t.Error("Has", has, err)
		}
		_, err = db.TTL(k)
		wantErr(t, "TTL", err, shale.ErrNotFound)
		wantErr(t, "Expire", db.Expire(k, time.Second), shale.ErrNotFound)
		wantErr(t, "Persist", db.Persist(k), shale.ErrNotFound)
		must(t, db.Delete(k))
		wantErr(t, "Delete", db.Delete(k, shale.IfPresent), shale.ErrNotFound)
		wantErr(t, "Put", db.Put(k, nil, shale.IfPresent), shale.ErrNotFound)
		wantErr(t, "CompareAndSet", db.CompareAndSet(k, nil, nil), shale.ErrNotFound)
		wantErr(t, "CompareAndDelete", db.CompareAndDelete(k, nil), shale.ErrNotFound)
		old, existed, err := db.GetAndSet(k, []byte("new"))
		if old != nil || existed || err != nil {
			t.Error("GetAndSet", old, existed, err)
		}
		old, existed, err = db.GetAndSet(k, nil)
		if string(old) != "new" || !existed || err != nil {
			t.Error("GetAndSet", old, existed, err)
		}
	})
}

func TestCompareAndSet(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		k := []byte("k")
		v1, err := db.CompareVersionAndSet(k, shale.VersionAbsent, []byte("1"))
		must(t, err)
		present, err := db.CompareVersionAndSet(k, shale.VersionAbsent, []byte("x"))
		wantErr(t, "version", err, shale.ErrMismatch)
		if present != v1 {
			t.Errorf("version %d, want %d", present, v1)
		}
		v2, err := db.CompareVersionAndSet(k, v1, []byte("2"))
		must(t, err)
		if v2 <= v1 {
			t.Errorf("version %d after %d", v2, v1)
		}
		wantErr(t, "value", db.CompareAndSet(k, []byte("1"), []byte("x")), shale.ErrMismatch)
		must(t, db.CompareAndSet(k, []byte("2"), []byte("3"), shale.Sync))
		wantErr(t, "delete by value", db.CompareAndDelete(k, []byte("2")), shale.ErrMismatch)
		wantErr(t, "delete by version", db.CompareVersionAndDelete(k, v2), shale.ErrMismatch)
		_, v3, err := db.GetVersion(k)
		must(t, err)
		must(t, db.CompareVersionAndDelete(k, v3))
		must(t, db.Put(k, []byte("4")))
		must(t, db.CompareAndDelete(k, []byte("4")))
		wantErr(t, "absent", db.Put(k, nil, shale.IfPresent), shale.ErrNotFound)
		must(t, db.Put(k, nil, shale.IfAbsent))
		wantErr(t, "present", db.Put(k, nil, shale.IfAbsent), shale.ErrExists)
	})
}

func TestCounters(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		k := []byte("hits")
		for _, step := range []struct{ delta, want int64 }{{5, 5}, {-7, -2}, {0, -2}, {math.MaxInt64, math.MaxInt64 - 2}} {
			got, err := db.Incr(k, step.delta)
			if got != step.want || err != nil {
				t.Errorf("%d, %v, want %d", got, err, step.want)
			}
		}
		_, err := db.Incr(k, 3, shale.Sync)
		wantErr(t, "overflow", err, shale.ErrOverflow)
		n, err := db.Decr(k, math.MaxInt64-2)
		if n != 0 || err != nil {
			t.Error(n, err)
		}
		must(t, db.Put(k, []byte("text")))
		_, err = db.Decr(k, 1)
		wantErr(t, "text", err, shale.ErrNotANumber)
	})
}

func TestTimesToLive(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		k, v := []byte("k"), []byte("v")
		ttl := func() time.Duration {
			t.Helper()
			left, err := db.TTL(k)
			must(t, err)
			return left
		}
		must(t, db.Put(k, v))
		if ttl() != shale.Never {
			t.Error(ttl())
		}
		must(t, db.PutTTL(k, v, time.Hour))
		must(t, db.Put(k, v, shale.KeepTTL))
		if left := ttl(); left > time.Hour || left < 59*time.Minute {
			t.Error(left)
		}
		must(t, db.Put(k, v, shale.TTL(time.Hour), shale.TTL(shale.Never)))
		if ttl() != shale.Never {
			t.Error("of several the last one counts:", ttl())
		}
		must(t, db.Expire(k, 90*time.Minute))
		if left := ttl(); left > 90*time.Minute || left < 89*time.Minute {
			t.Error(left)
		}
		must(t, db.Persist(k))
		if ttl() != shale.Never {
			t.Error(ttl())
		}
		for _, d := range []time.Duration{-1, -time.Millisecond, -2 * time.Millisecond, -time.Hour, math.MinInt64 + 1} {
			wantErr(t, d.String(), db.PutTTL(k, v, d), shale.ErrInvalid)
			wantErr(t, d.String(), db.Put(k, v, shale.TTL(d)), shale.ErrInvalid)
			wantErr(t, d.String(), db.Expire(k, d), shale.ErrInvalid)
		}
		must(t, db.Expire(k, time.Nanosecond)) // rounded up: not at once, but soon
		for i := 0; ; i++ {
			if has, err := db.Has(k); err != nil || !has {
				must(t, err)
				break
			}
			if i > 1000 {
				t.Fatal("a millisecond is long over")
			}
			time.Sleep(time.Millisecond)
		}
	})
}

func TestOptionsThatAMethodDoesNotTake(t *testing.T) {
	db := openMemory(t)
	k := []byte("k")
	ttl := shale.TTL(time.Second)
	_, incrErr := db.Incr(k, 1, ttl)
	_, decrErr := db.Decr(k, 1, shale.KeepTTL)
	_, _, gasErr := db.GetAndSet(k, nil, shale.IfAbsent)
	_, scanErr := db.Scan(nil, nil, shale.Limit(-1))
	_, getErr := db.Get(k, shale.ReadOption(1<<31))
	withFlag := shale.NewBatch()
	withFlag.Put(k, nil, shale.Sync)
	keeping := shale.NewBatch()
	keeping.Put(k, nil, shale.KeepTTL)
	for what, err := range map[string]error{"Delete": db.Delete(k, ttl), "Incr": incrErr, "Decr": decrErr,
		"Expire": db.Expire(k, time.Second, ttl), "Persist": db.Persist(k, ttl), "GetAndSet": gasErr, "Scan": scanErr,
		"CompareAndDelete": db.CompareAndDelete(k, nil, ttl), "CompareVersionAndDelete": db.CompareVersionAndDelete(k, 1, ttl),
		"DeleteMulti": db.DeleteMulti([][]byte{k}, ttl), "Get": getErr, "Write": db.Write(shale.NewBatch(), ttl),
		"Batch.Put": db.Write(withFlag), "Batch.Put with KeepTTL": db.Write(keeping),
		"Put": db.Put(k, nil, shale.IfAbsent, shale.IfPresent), "View": db.View(k, nil), "Write of nil": db.Write(nil)} {
		if !errors.Is(err, shale.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAdministration(t *testing.T) {
	bothKinds(t, func(t *testing.T, db *shale.DB) {
		must(t, db.Put([]byte("k"), nil))
		_, err := db.Get([]byte("k"))
		must(t, err)
		must(t, db.Flush())
		must(t, db.Sync())
		hits, err := db.Stat(shale.StatCacheHits)
		if hits < 1 || err != nil {
			t.Error(hits, err)
		}
		_, err = db.Stat("no.such")
		wantErr(t, "unknown figure", err, shale.ErrNotFound)
		_, err = db.Stat("cache.hits\x00")
		wantErr(t, "NUL", err, shale.ErrInvalid)
		all, err := db.Stats()
		must(t, err)
		text, err := db.StatsJSON()
		must(t, err)
		var parsed map[string]any
		if err := json.Unmarshal([]byte(text), &parsed); err != nil || len(parsed) == 0 {
			t.Error(text, err)
		}
		if len(all) != len(shale.StatInfos()) || all[shale.StatCacheHits] < hits {
			t.Error(all)
		}
		for shard, want := range map[int]error{0: nil, shale.DiskShards - 1: nil, shale.DiskShards: shale.ErrInvalid,
			-1: shale.ErrInvalid, 1 << 32: shale.ErrInvalid} {
			readOnly, err := db.ShardReadOnly(shard)
			if readOnly || !errors.Is(err, want) {
				t.Error(shard, readOnly, err)
			}
		}
	})
}
