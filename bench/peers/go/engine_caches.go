package main

import (
	"errors"
	"time"
	"unsafe"

	"context"
	"github.com/allegro/bigcache/v3"
	"github.com/coocood/freecache"
	"github.com/dgraph-io/ristretto/v2"
	"github.com/maypok86/otter/v2"
)

// Caches of Go. Two keep bytes of their own and copy (bigcache, freecache); two keep the slice that they are given, so that a
// put makes a new one, and hand that out (ristretto, otter). These count only key and value against the budget.

const never = 1000 * time.Hour

func init() {
	register(peer{"bigcache", classCache, "github.com/allegro/bigcache/v3", openBigcache})
	register(peer{"freecache", classCache, "github.com/coocood/freecache", openFreecache})
	register(peer{"ristretto", classCache, "github.com/dgraph-io/ristretto/v2", openRistretto})
	register(peer{"otter", classCache, "github.com/maypok86/otter/v2", openOtter})
}

func (s settings) entriesThatFit() int64 { return s.budgetBytes / int64(s.keyBytes+s.valueBytes) }

// lookup gives a key as text for a call that does not keep it.
func lookup(key []byte) string { return unsafe.String(unsafe.SliceData(key), len(key)) }

type bigcacheEngine struct{ c *bigcache.BigCache }

func openBigcache(s settings) (engine, error) {
	config := bigcache.DefaultConfig(never)
	config.CleanWindow = 0
	config.Verbose = false
	config.HardMaxCacheSize = int(s.budgetBytes >> 20)
	config.MaxEntrySize = s.keyBytes + s.valueBytes
	c, err := bigcache.New(context.Background(), config)
	return &bigcacheEngine{c}, err
}

func (e *bigcacheEngine) put(key, value []byte) error { return e.c.Set(string(key), value) }

func (e *bigcacheEngine) get(key, _ []byte) ([]byte, error) {
	value, err := e.c.Get(lookup(key))
	if errors.Is(err, bigcache.ErrEntryNotFound) {
		err = errMissing
	}
	return value, err
}

func (e *bigcacheEngine) close() error { return e.c.Close() }

type freecacheEngine struct{ c *freecache.Cache }

func openFreecache(s settings) (engine, error) {
	return &freecacheEngine{freecache.NewCache(int(s.budgetBytes))}, nil
}

func (e *freecacheEngine) put(key, value []byte) error { return e.c.Set(key, value, 0) }

func (e *freecacheEngine) get(key, buf []byte) ([]byte, error) {
	value, err := e.c.GetWithBuf(key, buf[:cap(buf)])
	if errors.Is(err, freecache.ErrNotFound) {
		err = errMissing
	}
	return value, err
}

func (e *freecacheEngine) close() error { return nil }

type ristrettoEngine struct {
	c *ristretto.Cache[string, []byte]
}

func openRistretto(s settings) (engine, error) {
	c, err := ristretto.NewCache(&ristretto.Config[string, []byte]{NumCounters: 10 * s.entriesThatFit(), MaxCost: s.budgetBytes,
		BufferItems: 64, IgnoreInternalCost: true})
	return &ristrettoEngine{c}, err
}

// put: ristretto may drop a new key when it is busy; the row of hits shows it.
func (e *ristrettoEngine) put(key, value []byte) error {
	e.c.Set(string(key), append([]byte(nil), value...), int64(len(key)+len(value)))
	return nil
}

func (e *ristrettoEngine) get(key, _ []byte) ([]byte, error) {
	value, found := e.c.Get(lookup(key))
	if !found {
		return nil, errMissing
	}
	return value, nil
}

func (e *ristrettoEngine) close() error {
	e.c.Close()
	return nil
}

type otterEngine struct {
	c *otter.Cache[string, []byte]
}

func openOtter(s settings) (engine, error) {
	c, err := otter.New(&otter.Options[string, []byte]{MaximumWeight: uint64(s.budgetBytes),
		Weigher: func(key string, value []byte) uint32 { return uint32(len(key) + len(value)) }})
	return &otterEngine{c}, err
}

func (e *otterEngine) put(key, value []byte) error {
	e.c.Set(string(key), append([]byte(nil), value...))
	return nil
}

func (e *otterEngine) get(key, _ []byte) ([]byte, error) {
	value, found := e.c.GetIfPresent(lookup(key))
	if !found {
		return nil, errMissing
	}
	return value, nil
}

func (e *otterEngine) close() error { return nil }
