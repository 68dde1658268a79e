package main

import (
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

func init() {
	register(peer{"bbolt", classStore, "go.etcd.io/bbolt", openBolt})
}

var boltBucket = []byte("rows")

// boltEngine has no memory of its own to set: its file is mapped, and what it keeps is the page cache's. A transaction of
// writes is one at a time; where each is to be durable and several goroutines write, Batch is its way to share a sync.
type boltEngine struct {
	db     *bolt.DB
	shared bool
}

func openBolt(s settings) (engine, error) {
	path, err := s.pathIn("bbolt")
	if err != nil {
		return nil, err
	}
	durable := s.durability == "sync"
	db, err := bolt.Open(filepath.Join(path, "db"), 0o644, &bolt.Options{NoSync: !durable, NoGrowSync: !durable,
		NoFreelistSync: true, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(boltBucket)
		return err
	})
	return &boltEngine{db: db, shared: durable}, err
}

func (e *boltEngine) put(key, value []byte) error {
	write := e.db.Update
	if e.shared {
		write = e.db.Batch
	}
	return write(func(tx *bolt.Tx) error { return tx.Bucket(boltBucket).Put(key, value) })
}

func (e *boltEngine) get(key, buf []byte) (value []byte, err error) {
	err = e.db.View(func(tx *bolt.Tx) error {
		found := tx.Bucket(boltBucket).Get(key)
		if found == nil {
			return errMissing
		}
		value = append(buf[:0], found...)
		return nil
	})
	return value, err
}

func (e *boltEngine) rowsPerLoad() int { return 10000 }

func (e *boltEngine) load(keys, values [][]byte) error {
	return e.db.Update(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(boltBucket)
		for i := range keys {
			if err := bucket.Put(keys[i], values[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *boltEngine) scan(from []byte, rows int, visit func(key, value []byte) error) error {
	return e.db.View(func(tx *bolt.Tx) error {
		cursor := tx.Bucket(boltBucket).Cursor()
		for key, value := cursor.Seek(from); key != nil && rows > 0; key, value = cursor.Next() {
			if err := visit(key, value); err != nil {
				return err
			}
			rows--
		}
		return nil
	})
}

func (e *boltEngine) close() error { return e.db.Close() }
