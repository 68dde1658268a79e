package main

import (
	"sync"
	"sync/atomic"
	"time"
)

func init() {
	register(peer{"seed-shape", classCache, "", openSeedShape})
}

const seedShards = 256

// seedShapeEngine has the shape that the report on the first seed tells of: 256 shards by FNV-1a, each a map of pointers under
// a lock that readers share, a deadline and the time of the last use in atomic words, and counts of hits and misses for all.
// It stands in for the seed's own code, which no module proxy has, and was written for this comparison; entries are kept for
// five minutes and there is no bound, as in the seed's own benchmark.
type seedShapeEngine struct {
	shards       [seedShards]seedShard
	hits, misses atomic.Uint64
	entries      sync.Pool
}

type seedShard struct {
	mu   sync.RWMutex
	rows map[string]*seedEntry
}

type seedEntry struct {
	value    []byte
	deadline atomic.Int64
	lastUse  atomic.Int64
}

func openSeedShape(settings) (engine, error) {
	e := &seedShapeEngine{}
	e.entries.New = func() any { return new(seedEntry) }
	for i := range e.shards {
		e.shards[i].rows = map[string]*seedEntry{}
	}
	return e, nil
}

func (e *seedShapeEngine) shardOf(key []byte) *seedShard {
	h := uint32(0x811C9DC5)
	for _, b := range key {
		h = (h ^ uint32(b)) * 0x01000193
	}
	return &e.shards[h%seedShards]
}

func (e *seedShapeEngine) put(key, value []byte) error {
	now := time.Now().UnixNano()
	kept := append([]byte(nil), value...)
	shard := e.shardOf(key)
	shard.mu.Lock()
	entry, known := shard.rows[string(key)]
	if !known {
		entry = e.entries.Get().(*seedEntry)
		shard.rows[string(key)] = entry
	}
	entry.value = kept
	entry.deadline.Store(now + int64(5*time.Minute))
	entry.lastUse.Store(now)
	shard.mu.Unlock()
	return nil
}

func (e *seedShapeEngine) get(key, _ []byte) ([]byte, error) {
	shard := e.shardOf(key)
	shard.mu.RLock()
	entry, known := shard.rows[string(key)]
	now := time.Now().UnixNano()
	if !known || entry.deadline.Load() < now {
		shard.mu.RUnlock()
		e.misses.Add(1)
		return nil, errMissing
	}
	value := entry.value
	entry.lastUse.Store(now)
	shard.mu.RUnlock()
	e.hits.Add(1)
	return value, nil
}

func (e *seedShapeEngine) isUnbounded() bool { return true }

func (e *seedShapeEngine) close() error { return nil }
