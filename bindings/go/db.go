package shale

import (
	"runtime"

	"shale/internal/cshale"
)

// DB is an open store, for any number of goroutines. Make it with [Open] or [OpenMemory]; end it with Close.
// Of a nil or zero DB every method returns [ErrInvalid].
type DB struct {
	// Fixed once made: closing leaves it in place, and the library answers that it is closed. So no call
	// takes a lock here.
	handle uintptr
	// Nothing uses it. But without a pointer a DB would share its memory block with other small objects, and
	// be collected only with the last of them.
	_ *DB
}

// Open opens the store in the directory path, and creates it if it is absent. With an empty path it is
// OpenMemory. A store can be open once at a time. After an unclean end the logs are replayed here. Waits for
// the disk.
//
// Errors: [ErrInvalid] for a wrong option, [ErrLocked], [ErrIncompatible], [ErrNoStore], [ErrLimit],
// [ErrCorrupt], [ErrNoSpace], [ErrIO].
func Open(path string, opts ...Option) (*DB, error) {
	p, err := cstring("path", path)
	if err != nil {
		return nil, err
	}
	return open(p, opts)
}

// OpenMemory makes a store that lives in memory only and is gone when it is closed.
func OpenMemory(opts ...Option) (*DB, error) { return open(nil, opts) }

func open(path *byte, opts []Option) (*DB, error) {
	options, err := makeOptions(opts)
	if err != nil {
		return nil, err
	}
	r := cshale.CallOpen(path, options)
	cshale.OptionsFree(options)
	if err := check(r.Status(), r.Handle()); err != nil {
		return nil, err
	}
	db := &DB{handle: r.Handle()}
	whenCollected(db, cshale.Free, db.handle) // which closes it, if nobody did
	return db, nil
}

// raw is 0, which the library refuses, for what was never opened.
func (db *DB) raw() uintptr {
	if db == nil {
		return 0
	}
	return db.handle
}

// Close waits for the calls that are inside, ends cursors, writes everything down and gives up the lock. It
// may be called while other goroutines use db; from then on all methods return [ErrClosed], but a second
// Close returns nil. The error is the first one met; the store is closed all the same. Waits for the disk.
func (db *DB) Close() error {
	if db.raw() == 0 {
		return ErrInvalid
	}
	r := cshale.CallClose(db.handle)
	return db.finish(&r)
}

// Destroy removes the store in the directory path: only the files that are the store's, and the directory if
// it is then empty. [ErrLocked] while it is open anywhere, [ErrNotFound] if there is none. Waits for the
// disk.
func Destroy(path string) error {
	p, err := cstring("path", path)
	if err != nil {
		return err
	}
	r := cshale.CallDestroy(p, 0)
	return check(r.Status(), r.Handle())
}

// Option gives the effective value of an option as text; automatic sizes as they were chosen. [ErrNotFound]:
// no such option. Never waits for the disk.
func (db *DB) Option(name string) (string, error) {
	n, err := cstring("name of the option", name)
	if err != nil {
		return "", err
	}
	r := cshale.CallDbOption(db.raw(), n)
	value := text(r.Data())
	runtime.KeepAlive(db)
	return value, check(r.Status(), 0)
}

// Version is that of the library that is loaded, "1.0.0".
func Version() string { return text(cshale.VersionString()) }

// VersionNumber is the same as a number: major * 10^6 + minor * 10^3 + patch.
func VersionNumber() int { return int(cshale.VersionNumber()) }

// LiveHandles is the number of the library's objects of all kinds that this process holds: 0 when everything
// was closed and collected. For leak tests.
func LiveHandles() int64 { return cshale.LiveHandles() }
