package shale

import (
	"runtime"
	"sync"

	"shale/internal/cshale"
)

// Cursor goes over rows in the order of their keys:
//
//	c, err := db.Scan([]byte("a"), []byte("b"))
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	for c.Next() {
//		use(c.Key(), c.Value())
//	}
//	return c.Err()
//
// A store with a path shows one consistent cut, taken when the cursor was made; of a store in memory the
// matching keys are collected then and each value is read when its row is reached. A cursor is for one
// goroutine at a time, but Close may come from any. After the DB is closed it ends with [ErrClosed].
type Cursor struct {
	it         *iterHandle
	db         *DB // so that it is not collected, and thereby closed, while there are rows to read
	key, value []byte
	chunk      []byte // rows are copied here, one after the other, and never overwritten
	err        error
}

// iterHandle is apart from the Cursor so that it can be freed when the Cursor is collected. The lock is
// between the rows and a Close of another goroutine; the library would not allow that.
type iterHandle struct {
	mu     sync.Mutex
	handle uintptr
}

func (h *iterHandle) free() {
	h.mu.Lock()
	if h.handle != 0 {
		cshale.IterFree(h.handle)
		h.handle = 0
	}
	h.mu.Unlock()
}

// Scan gives the rows with from <= key < to. nil or empty leaves that side open. Options: [Reverse],
// [KeysOnly], [Limit]. Making a cursor first writes what is pending to the index, and may wait for the disk,
// as Next may.
func (db *DB) Scan(from, to []byte, opts ...ScanOption) (*Cursor, error) {
	return db.cursor(db.newScan(from, to, opts))
}

// ScanPrefix gives the rows whose keys start with prefix; else it is [DB.Scan].
func (db *DB) ScanPrefix(prefix []byte, opts ...ScanOption) (*Cursor, error) {
	return db.cursor(db.newPrefix(prefix, opts))
}

// Resume goes on after the row at which the token was taken, see [Cursor.Token]: with the same bounds,
// direction and what is left of the limit, over a new cut. [ErrInvalid] if the token is none.
func (db *DB) Resume(token []byte) (*Cursor, error) {
	r := cshale.CallIterResume(db.raw(), ptr(token), len(token))
	return db.cursor(db.made(&r))
}

func (db *DB) newScan(from, to []byte, opts []ScanOption) (uintptr, error) {
	flags, limit := scanFlags(opts)
	r := cshale.CallIterNew(db.raw(), ptr(from), len(from), ptr(to), len(to), limit, flags)
	return db.made(&r)
}

func (db *DB) newPrefix(prefix []byte, opts []ScanOption) (uintptr, error) {
	flags, limit := scanFlags(opts)
	r := cshale.CallIterPrefix(db.raw(), ptr(prefix), len(prefix), limit, flags)
	return db.made(&r)
}

// made is the handle that a call on db has made.
func (db *DB) made(r *cshale.Result) (uintptr, error) {
	if err := db.finish(r); err != nil {
		return 0, err
	}
	return r.Handle(), nil
}

// cursor is one over the rows of db, or of a snapshot of it.
func (db *DB) cursor(handle uintptr, err error) (*Cursor, error) {
	if err != nil {
		return nil, err
	}
	c := &Cursor{it: &iterHandle{handle: handle}, db: db}
	whenCollected(c, (*iterHandle).free, c.it)
	return c, nil
}

// Next goes to the next row and reports whether there is one. If not, Err says whether that was the end.
func (c *Cursor) Next() bool {
	if c == nil || c.it == nil {
		return false
	}
	defer runtime.KeepAlive(c)
	c.it.mu.Lock()
	defer c.it.mu.Unlock()
	c.key, c.value = nil, nil
	if c.it.handle == 0 {
		c.err = ErrClosed
		return false
	}
	r := cshale.CallIterNext(c.it.handle)
	if Code(r.Status()) == CodeEnd {
		c.err = nil
		return false
	}
	if c.err = check(r.Status(), r.Handle()); c.err != nil {
		return false
	}
	c.key = c.keep(view(r.Data(), r.Size()))
	if r.Data2() != nil {
		c.value = c.keep(view(r.Data2(), r.Size2()))
	}
	return true
}

// Chunks grow with the number of rows, so that short scans stay small and long ones allocate seldom.
const (
	chunkBytesMin = 512
	chunkBytesMax = 64 << 10
)

// keep copies b to memory that no later row touches.
func (c *Cursor) keep(b []byte) []byte {
	if len(b) > cap(c.chunk)-len(c.chunk) {
		size := 2 * cap(c.chunk)
		if size < chunkBytesMin {
			size = chunkBytesMin
		}
		if size > chunkBytesMax {
			size = chunkBytesMax
		}
		if len(b) > size/4 {
			return clone(b)
		}
		c.chunk = make([]byte, 0, size)
	}
	start := len(c.chunk)
	c.chunk = append(c.chunk, b...)
	return c.chunk[start:len(c.chunk):len(c.chunk)]
}

// Key is the key of the row that Next went to, nil if there is none. The slice is the caller's, also after
// Next and Close; it may keep some rows around it in memory.
func (c *Cursor) Key() []byte {
	if c == nil {
		return nil
	}
	return c.key
}

// Value is the value of the row, to be kept as Key; nil with [KeysOnly].
func (c *Cursor) Value() []byte {
	if c == nil {
		return nil
	}
	return c.value
}

// Err is what ended the rows, nil at their regular end. A Next after Close ends with [ErrClosed].
func (c *Cursor) Err() error {
	if c == nil || c.it == nil {
		return ErrInvalid
	}
	return c.err
}

// Token is a mark for [DB.Resume] behind the present row; it is good in another process too, and after the
// store was opened anew. It contains the key of the row. Never waits for the disk.
func (c *Cursor) Token() ([]byte, error) {
	if c == nil || c.it == nil {
		return nil, ErrInvalid
	}
	defer runtime.KeepAlive(c)
	c.it.mu.Lock()
	defer c.it.mu.Unlock()
	if c.it.handle == 0 {
		return nil, ErrClosed
	}
	r := cshale.CallIterToken(c.it.handle)
	if err := check(r.Status(), r.Handle()); err != nil {
		return nil, err
	}
	return clone(view(r.Data(), r.Size())), nil
}

// Close frees the cursor; a second Close does nothing. The error is always nil: what went wrong says Err.
func (c *Cursor) Close() error {
	if c != nil && c.it != nil {
		c.it.free()
		runtime.KeepAlive(c)
	}
	return nil
}
