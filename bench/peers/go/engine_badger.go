package main

import (
	"errors"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

func init() {
	register(peer{"badger", classStore, "github.com/dgraph-io/badger/v4", openBadger})
}

type badgerEngine struct{ db *badger.DB }

// Of five memtables each may have an eighth of the budget, 64 MiB (its default) at most. No block cache: its manual says
// that without compression and encryption tables are mapped and a cache is only in the way.
func openBadger(s settings) (engine, error) {
	path, err := s.pathIn("badger")
	if err != nil {
		return nil, err
	}
	o := badger.DefaultOptions(path).WithLogger(nil).WithMetricsEnabled(false).WithCompression(options.None).
		WithBlockCacheSize(0).WithMemTableSize(min(64<<20, s.budgetBytes/8)).WithDetectConflicts(false).
		WithSyncWrites(s.durability == "sync")
	db, err := badger.Open(o)
	return &badgerEngine{db}, err
}

func (e *badgerEngine) put(key, value []byte) error {
	return e.putEntry(badger.NewEntry(key, value))
}

func (e *badgerEngine) putFor(key, value []byte, life time.Duration) error {
	return e.putEntry(badger.NewEntry(key, value).WithTTL(life))
}

func (e *badgerEngine) putEntry(entry *badger.Entry) error {
	return e.db.Update(func(txn *badger.Txn) error { return txn.SetEntry(entry) })
}

func (e *badgerEngine) get(key, buf []byte) (value []byte, err error) {
	err = e.db.View(func(txn *badger.Txn) error {
		item, err := txn.Get(key)
		if err == nil {
			value, err = item.ValueCopy(buf)
		}
		return err
	})
	if errors.Is(err, badger.ErrKeyNotFound) {
		err = errMissing
	}
	return value, err
}

// rowsPerLoad: a WriteBatch makes transactions of it as large as they may be.
func (e *badgerEngine) rowsPerLoad() int { return 1000 }

func (e *badgerEngine) load(keys, values [][]byte) error {
	batch := e.db.NewWriteBatch()
	defer batch.Cancel()
	for i := range keys {
		if err := batch.Set(keys[i], values[i]); err != nil {
			return err
		}
	}
	return batch.Flush()
}

func (e *badgerEngine) scan(from []byte, rows int, visit func(key, value []byte) error) error {
	return e.db.View(func(txn *badger.Txn) error {
		o := badger.DefaultIteratorOptions
		o.PrefetchSize = min(rows, o.PrefetchSize)
		it := txn.NewIterator(o)
		defer it.Close()
		for it.Seek(from); it.Valid() && rows > 0; it.Next() {
			item := it.Item()
			if err := item.Value(func(value []byte) error { return visit(item.Key(), value) }); err != nil {
				return err
			}
			rows--
		}
		return nil
	})
}

func (e *badgerEngine) close() error { return e.db.Close() }
