package main

import (
	"errors"
	"strconv"
	"time"

	"shale"
)

func init() {
	register(peer{"shale-go", classStore, "shale", openShale})
	register(peer{"shale-go", classCache, "shale", openShaleMemory})
}

type shaleEngine struct{ db *shale.DB }

func openShale(s settings) (engine, error) {
	path, err := s.pathIn("shale")
	if err != nil {
		return nil, err
	}
	durability := shale.DurabilityOS
	if s.durability == "sync" {
		durability = shale.DurabilityDisk
	}
	db, err := shale.Open(path, shaleBudget(s), shale.WithDurability(durability))
	return &shaleEngine{db}, err
}

func openShaleMemory(s settings) (engine, error) {
	db, err := shale.OpenMemory(shaleBudget(s))
	return &shaleEngine{db}, err
}

func shaleBudget(s settings) shale.Option {
	return shale.WithMemory(strconv.FormatInt(s.budgetBytes, 10) + "B")
}

func (e *shaleEngine) put(key, value []byte) error { return e.db.Put(key, value) }

func (e *shaleEngine) putFor(key, value []byte, life time.Duration) error {
	return e.db.PutTTL(key, value, life)
}

func (e *shaleEngine) get(key, buf []byte) ([]byte, error) {
	value, err := e.db.AppendGet(buf[:0], key)
	if err != nil && errors.Is(err, shale.ErrNotFound) {
		err = errMissing
	}
	return value, err
}

func (e *shaleEngine) rowsPerLoad() int { return 1000 }

func (e *shaleEngine) load(keys, values [][]byte) error { return e.db.PutMulti(keys, values) }

func (e *shaleEngine) scan(from []byte, rows int, visit func(key, value []byte) error) error {
	c, err := e.db.Scan(from, nil, shale.Limit(rows))
	if err != nil {
		return err
	}
	for c.Next() {
		if err := visit(c.Key(), c.Value()); err != nil {
			return errors.Join(err, c.Close())
		}
	}
	return errors.Join(c.Err(), c.Close())
}

func (e *shaleEngine) close() error { return e.db.Close() }
