package main

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

func init() {
	register(peer{"pebble", classStore, "github.com/cockroachdb/pebble/v2", openPebble})
}

type pebbleEngine struct {
	db    *pebble.DB
	write *pebble.WriteOptions
}

// quiet drops what pebble tells of its work, and keeps what is fatal to it.
type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(format string, args ...any) {
	pebble.DefaultLogger.Fatalf(format, args...)
}

// Half of the budget is the block cache, half are four memtables of at most 64 MiB; bloom filters of 10 bits a key.
func openPebble(s settings) (engine, error) {
	path, err := s.pathIn("pebble")
	if err != nil {
		return nil, err
	}
	cache := pebble.NewCache(s.budgetBytes / 2)
	defer cache.Unref()
	o := &pebble.Options{Cache: cache, MemTableSize: uint64(min(64<<20, s.budgetBytes/8)), MemTableStopWritesThreshold: 4,
		DisableWAL: s.durability == "none", Logger: quiet{}}
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionNone })
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	e := &pebbleEngine{write: pebble.NoSync}
	if s.durability == "sync" {
		e.write = pebble.Sync
	}
	e.db, err = pebble.Open(path, o)
	return e, err
}

// isForgetful: without a sync the log is written by a goroutine of its own, some time after the answer.
func (e *pebbleEngine) isForgetful() bool { return e.write == pebble.NoSync }

func (e *pebbleEngine) put(key, value []byte) error { return e.db.Set(key, value, e.write) }

func (e *pebbleEngine) get(key, buf []byte) ([]byte, error) {
	value, closer, err := e.db.Get(key)
	if err != nil {
		if errors.Is(err, pebble.ErrNotFound) {
			err = errMissing
		}
		return nil, err
	}
	copied := append(buf[:0], value...)
	return copied, closer.Close()
}

func (e *pebbleEngine) rowsPerLoad() int { return 1000 }

func (e *pebbleEngine) load(keys, values [][]byte) error {
	batch := e.db.NewBatch()
	for i := range keys {
		if err := batch.Set(keys[i], values[i], nil); err != nil {
			return err
		}
	}
	return batch.Commit(e.write)
}

func (e *pebbleEngine) scan(from []byte, rows int, visit func(key, value []byte) error) error {
	it, err := e.db.NewIter(nil)
	if err != nil {
		return err
	}
	for ok := it.SeekGE(from); ok && rows > 0; ok = it.Next() {
		value, valueErr := it.ValueAndErr()
		if valueErr == nil {
			valueErr = visit(it.Key(), value)
		}
		if valueErr != nil {
			return errors.Join(valueErr, it.Close())
		}
		rows--
	}
	return it.Close()
}

func (e *pebbleEngine) close() error { return e.db.Close() }
