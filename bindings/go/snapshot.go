package shale

import (
	"runtime"
	"sync"

	"shale/internal/cshale"
)

// Snapshot is a store as it was at one moment, over all keys at once, for any number of reads and cursors:
//
//	snap, err := db.Snapshot()
//	if err != nil {
//		return err
//	}
//	defer snap.Close()
//	value, err := snap.Get(key) // as it was, whatever is written meanwhile
//
// Keys that expire are gone from that moment on here too. While it is held, the disk space of what it can still
// read is not given back: hold it as long as it is needed, no longer. Of a store in memory it is a copy of all
// keys and values. It is for any number of goroutines; after the DB is closed its methods return [ErrClosed].
type Snapshot struct {
	h  *snapshotHandle
	db *DB // so that it is not collected, and thereby closed, while the snapshot is used
}

// snapshotHandle is apart from the Snapshot so that it can be freed when the Snapshot is collected. The lock is
// between the reads and Close: the library frees a snapshot only when nobody reads from it.
type snapshotHandle struct {
	mu     sync.RWMutex
	handle uintptr
}

func (h *snapshotHandle) free() {
	h.mu.Lock()
	if h.handle != 0 {
		cshale.SnapshotFree(h.handle)
		h.handle = 0
	}
	h.mu.Unlock()
}

// Snapshot takes a snapshot, to be closed. It first writes what is pending to the index, and briefly holds up
// writers. Waits for the disk.
func (db *DB) Snapshot() (*Snapshot, error) {
	r := cshale.CallSnapshotNew(db.raw())
	handle, err := db.made(&r)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{h: &snapshotHandle{handle: handle}, db: db}
	whenCollected(s, (*snapshotHandle).free, s.h)
	return s, nil
}

// Close frees the snapshot, after the reads that are under way; cursors of it go on. A second Close does
// nothing. From then on all methods return [ErrClosed]. The error is always nil.
func (s *Snapshot) Close() error {
	if s != nil && s.h != nil {
		s.h.free()
		runtime.KeepAlive(s)
	}
	return nil
}

// enter gives the handle, for a call that leave must follow if there is no error.
func (s *Snapshot) enter() (uintptr, error) {
	if s == nil || s.h == nil {
		return 0, ErrInvalid
	}
	s.h.mu.RLock()
	if s.h.handle == 0 {
		s.h.mu.RUnlock()
		return 0, ErrClosed
	}
	return s.h.handle, nil
}

func (s *Snapshot) leave() {
	s.h.mu.RUnlock()
	runtime.KeepAlive(s)
}

// store is the DB of the snapshot, nil of none.
func (s *Snapshot) store() *DB {
	if s == nil {
		return nil
	}
	return s.db
}

// Get returns the value of key at the moment of the snapshot, or [ErrNotFound]. The slice is new and the
// caller's. The memory tier is not asked and not filled. May wait for the disk, as all reads of a snapshot.
func (s *Snapshot) Get(key []byte) ([]byte, error) {
	value, _, err := s.GetVersion(key)
	return value, err
}

// GetVersion is Get, and returns the version that the key had.
func (s *Snapshot) GetVersion(key []byte) (value []byte, version int64, err error) {
	buf := scratch.Get().(*[scratchBytes]byte)
	defer scratch.Put(buf)
	n, version, err := s.getInto(key, buf[:])
	switch {
	case err == nil:
		return clone(buf[:n]), version, nil
	case CodeOf(err) != CodeTooSmall:
		return nil, 0, err
	}
	// It is as long the second time: nothing changes in a snapshot.
	value = make([]byte, n)
	if _, version, err = s.getInto(key, value); err != nil {
		return nil, 0, err
	}
	return value, version, nil
}

// AppendGet appends the value of key to dst and returns the longer slice, as append does: nothing is allocated
// if dst has room. On an error it returns dst as it was.
func (s *Snapshot) AppendGet(dst, key []byte) ([]byte, error) {
	n, _, err := s.getInto(key, dst[len(dst):cap(dst)])
	if CodeOf(err) == CodeTooSmall {
		longer := make([]byte, len(dst), len(dst)+n)
		copy(longer, dst)
		if n, _, err = s.getInto(key, longer[len(dst):cap(longer)]); err == nil {
			return longer[:len(dst)+n], nil
		}
	}
	if err != nil {
		return dst, err
	}
	return dst[:len(dst)+n], nil
}

// Has reports whether key was there at the moment of the snapshot.
func (s *Snapshot) Has(key []byte) (bool, error) {
	_, _, err := s.getInto(key, nil)
	switch CodeOf(err) {
	case CodeOK, CodeTooSmall:
		return true, nil
	case CodeNotFound:
		return false, nil
	}
	return false, err
}

// getInto copies a value into buf; ErrTooSmall comes with the length that it needs.
func (s *Snapshot) getInto(key, buf []byte) (n int, version int64, err error) {
	handle, err := s.enter()
	if err != nil {
		return 0, 0, err
	}
	defer s.leave()
	r := cshale.CallSnapshotGetInto(handle, ptr(key), len(key), ptr(buf), len(buf))
	return r.Size(), r.Number(), check(r.Status(), r.Handle())
}

// GetMulti returns the values of many keys, in the order of the keys; the value of a key that was not there is
// nil, an empty one is empty and not nil.
func (s *Snapshot) GetMulti(keys [][]byte) ([][]byte, error) {
	handle, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer s.leave()
	buf := packBuffers.Get().(*[]byte)
	defer givePack(buf)
	if *buf, err = packKeys((*buf)[:0], keys); err != nil {
		return nil, err
	}
	r := cshale.CallSnapshotMultiGet(handle, ptr(*buf), len(keys))
	if err := check(r.Status(), r.Handle()); err != nil {
		return nil, err
	}
	results := r.Handle()
	defer cshale.ResultsFree(results)
	values := make([][]byte, len(keys))
	for i := range values {
		one := cshale.CallResultsAt(results, i)
		switch err := check(one.Status(), 0); {
		case err == nil:
			values[i] = clone(view(one.Data(), one.Size()))
		case CodeOf(err) != CodeNotFound:
			return nil, err
		}
	}
	return values, nil
}

// Scan is [DB.Scan] over the rows of the snapshot. The cursor may outlive the snapshot, and keeps what it held.
func (s *Snapshot) Scan(from, to []byte, opts ...ScanOption) (*Cursor, error) {
	return s.store().cursor(s.newScan(from, to, opts))
}

// ScanPrefix is [DB.ScanPrefix] over the rows of the snapshot; else it is Scan.
func (s *Snapshot) ScanPrefix(prefix []byte, opts ...ScanOption) (*Cursor, error) {
	return s.store().cursor(s.newPrefix(prefix, opts))
}

// Resume is [DB.Resume] over the rows of the snapshot. A token of any cursor will do.
func (s *Snapshot) Resume(token []byte) (*Cursor, error) {
	handle, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer s.leave()
	r := cshale.CallSnapshotResume(handle, ptr(token), len(token))
	return s.db.cursor(s.db.made(&r))
}

func (s *Snapshot) newScan(from, to []byte, opts []ScanOption) (uintptr, error) {
	handle, err := s.enter()
	if err != nil {
		return 0, err
	}
	defer s.leave()
	flags, limit := scanFlags(opts)
	r := cshale.CallSnapshotIter(handle, ptr(from), len(from), ptr(to), len(to), limit, flags)
	return s.db.made(&r)
}

func (s *Snapshot) newPrefix(prefix []byte, opts []ScanOption) (uintptr, error) {
	handle, err := s.enter()
	if err != nil {
		return 0, err
	}
	defer s.leave()
	flags, limit := scanFlags(opts)
	r := cshale.CallSnapshotPrefix(handle, ptr(prefix), len(prefix), limit, flags)
	return s.db.made(&r)
}
