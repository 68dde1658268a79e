//go:build go1.23

package shale

import (
	"encoding/binary"
	"iter"
	"runtime"

	"shale/internal/cshale"
)

// All gives all rows to a range loop:
//
//	var err error
//	for key, value := range db.All(&err) {
//		...
//	}
//	if err != nil {
//		return err
//	}
//
// The loop ends early on an error, which is then in *err; else *err is nil. What is said at [Cursor] about
// the rows and at [DB.Scan] about the options and about waiting holds here too, but rows are read ahead: of a
// store in memory the loop may still show a key that was deleted after it began. A sequence can be ranged
// over many times, each time anew. Key and value are the caller's to keep.
func (db *DB) All(err *error, opts ...ScanOption) iter.Seq2[[]byte, []byte] {
	return db.Range(nil, nil, err, opts...)
}

// Range gives the rows with from <= key < to to a range loop; nil or empty leaves that side open. Else it is
// [DB.All].
func (db *DB) Range(from, to []byte, err *error, opts ...ScanOption) iter.Seq2[[]byte, []byte] {
	from, to = clone(from), clone(to)
	return db.rows(err, opts, func() (uintptr, error) { return db.newScan(from, to, opts) })
}

// Prefix gives the rows whose keys start with prefix to a range loop. Else it is [DB.All].
func (db *DB) Prefix(prefix []byte, err *error, opts ...ScanOption) iter.Seq2[[]byte, []byte] {
	prefix = clone(prefix)
	return db.rows(err, opts, func() (uintptr, error) { return db.newPrefix(prefix, opts) })
}

// All is [DB.All] over the rows of the snapshot.
func (s *Snapshot) All(err *error, opts ...ScanOption) iter.Seq2[[]byte, []byte] {
	return s.Range(nil, nil, err, opts...)
}

// Range is [DB.Range] over the rows of the snapshot.
func (s *Snapshot) Range(from, to []byte, err *error, opts ...ScanOption) iter.Seq2[[]byte, []byte] {
	from, to = clone(from), clone(to)
	return s.store().rows(err, opts, func() (uintptr, error) { return s.newScan(from, to, opts) })
}

// Prefix is [DB.Prefix] over the rows of the snapshot.
func (s *Snapshot) Prefix(prefix []byte, err *error, opts ...ScanOption) iter.Seq2[[]byte, []byte] {
	prefix = clone(prefix)
	return s.store().rows(err, opts, func() (uintptr, error) { return s.newPrefix(prefix, opts) })
}

// Rows are fetched in blocks: a small one first, for loops that end soon.
const (
	blockBytesMin = 2 << 10
	blockBytesMax = 64 << 10
)

func (db *DB) rows(errp *error, opts []ScanOption, start func() (uintptr, error)) iter.Seq2[[]byte, []byte] {
	if errp == nil {
		errp = new(error)
	}
	flags, _ := scanFlags(opts)
	return func(yield func(key, value []byte) bool) {
		defer runtime.KeepAlive(db) // which would be closed if it were collected
		it, err := start()
		if *errp = err; err != nil {
			return
		}
		defer cshale.IterFree(it)
		for size := blockBytesMin; ; size = min(2*size, blockBytesMax) {
			block, rows, err := nextBlock(it, size)
			if err != nil || rows == 0 {
				*errp = err
				return
			}
			for ; rows > 0; rows-- {
				var key, value []byte
				key, block = cutSized(block)
				if flags&flagKeysOnly == 0 {
					value, block = cutSized(block)
				}
				if !yield(key, value) {
					return
				}
			}
		}
	}
}

// nextBlock reads as many rows as fit into size bytes, but one at least; none at the end.
func nextBlock(it uintptr, size int) (block []byte, rows int64, err error) {
	for {
		block = make([]byte, size)
		r := cshale.CallIterNextPacked(it, &block[0], len(block))
		switch Code(r.Status()) {
		case CodeEnd:
			return nil, 0, nil
		case CodeTooSmall:
			size = r.Size()
			continue
		}
		return block[:r.Size()], r.Number(), check(r.Status(), r.Handle())
	}
}

// cutSized takes one byte string with its length off the front of a block of the library.
func cutSized(block []byte) (b, rest []byte) {
	n := 4 + int(binary.LittleEndian.Uint32(block))
	return block[4:n:n], block[n:]
}
