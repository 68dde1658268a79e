package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"
)

// Classes of engines, as --list says them.
const (
	classStore = "store"
	classCache = "cache"
)

// errMissing is what get returns for a key that is not there.
var errMissing = errors.New("no such key")

// engine is what every peer can do. All calls may come from any goroutine, and borrow their slices.
type engine interface {
	put(key, value []byte) error
	// get returns the value, in buf's room or in memory of its own.
	get(key, buf []byte) ([]byte, error)
	close() error
}

// loader is an engine with a way to write many rows that its manual recommends; rows come sorted within a call.
type loader interface {
	load(keys, values [][]byte) error
	rowsPerLoad() int
}

// scanner is an engine with order: visit is given up to rows rows from the key on, and its slices are borrowed.
type scanner interface {
	scan(from []byte, rows int, visit func(key, value []byte) error) error
}

// expirer is an engine whose keys can have a deadline.
type expirer interface {
	putFor(key, value []byte, life time.Duration) error
}

// unbounded is an engine that never drops anything: more keys than fit would only show memory that it was not to have.
type unbounded interface {
	isUnbounded() bool
}

// forgetful is an engine whose cheapest acknowledgement comes before the kernel has the write, so that a kill loses some.
type forgetful interface {
	isForgetful() bool
}

// settings are what an engine is opened with.
type settings struct {
	dir         string
	durability  string
	budgetBytes int64
	valueBytes  int
	keyBytes    int
}

// peer is one row of the table of engines.
type peer struct {
	name, class, module string
	open                func(settings) (engine, error)
}

// engines is filled by each engine's file.
var engines []peer

func register(p peer) { engines = append(engines, p) }

// version of the module as it was linked.
func (p peer) version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, dependency := range info.Deps {
		if dependency.Path == p.module {
			return dependency.Version
		}
	}
	return "own"
}

// pathIn gives a place in the directory of the run, which it makes.
func (s settings) pathIn(name string) (string, error) {
	if s.dir == "" {
		return "", errors.New("--dir is needed")
	}
	path := filepath.Join(s.dir, name)
	return path, os.MkdirAll(path, 0o755)
}
