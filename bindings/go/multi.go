package shale

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"

	"shale/internal/cshale"
)

// What the library writes instead of a length, see shale_multi_get_packed.
const (
	packedNotFound   = -1
	packedWouldBlock = -2
)

// Buffers for packing; a very large one is not kept.
const packKeptBytes = 1 << 20

var packBuffers = sync.Pool{New: func() any { return new([]byte) }}

func givePack(buf *[]byte) {
	if cap(*buf) <= packKeptBytes {
		packBuffers.Put(buf)
	}
}

// GetMulti returns the values of many keys, in the order of the keys, in one call: about half the cost of
// single gets. The value of a key that is not there is nil, an empty one is empty and not nil. Each key is
// read by itself, not all at one instant. The values are cut from one block of memory, so that keeping one
// keeps all.
//
// Options: [NoFill], and [CacheOnly]: then values that memory alone cannot give are nil as well, and the
// error is [ErrWouldBlock]; [DB.GetMultiCached] says which they are. May wait for the disk, but not with
// CacheOnly.
func (db *DB) GetMulti(keys [][]byte, opts ...ReadOption) ([][]byte, error) {
	values, missed, err := db.getMulti(keys, readFlags(opts))
	if err == nil && len(missed) > 0 {
		err = ErrWouldBlock
	}
	return values, err
}

// GetMultiCached is GetMulti with [CacheOnly]: it returns what the memory tier knows, and the indexes of the
// keys for which the disk would have to be asked. Never waits for the disk.
func (db *DB) GetMultiCached(keys [][]byte) (values [][]byte, missed []int, err error) {
	return db.getMulti(keys, flagCacheOnly)
}

func (db *DB) getMulti(keys [][]byte, flags uint32) (values [][]byte, missed []int, err error) {
	buf := packBuffers.Get().(*[]byte)
	defer givePack(buf)
	if *buf, err = packKeys((*buf)[:0], keys); err != nil {
		return nil, nil, err
	}
	r := cshale.CallMultiGet(db.raw(), ptr(*buf), len(*buf), len(keys), flags)
	runtime.KeepAlive(db)
	if err := check(r.Status(), r.Handle()); err != nil {
		return nil, nil, err
	}
	all := clone(view(r.Data(), r.Size()))
	cshale.MemFree(r.Data())
	return unpackValues(all, len(keys))
}

// unpackValues cuts the library's answer into values that cannot grow into each other.
func unpackValues(all []byte, count int) (values [][]byte, missed []int, err error) {
	values = make([][]byte, count)
	for i := range values {
		if len(all) < 4 {
			return nil, nil, cutShort()
		}
		n := int(int32(binary.LittleEndian.Uint32(all)))
		all = all[4:]
		switch {
		case n == packedNotFound:
		case n == packedWouldBlock:
			missed = append(missed, i)
		case n < 0 || n > len(all):
			return nil, nil, cutShort()
		default:
			values[i] = all[:n:n]
			all = all[n:]
		}
	}
	return values, missed, nil
}

func cutShort() error {
	return &Error{Code: CodeInternal, Message: "a packed answer of the library is cut short", Shard: -1}
}

// PutMulti sets keys[i] to values[i] for all i, in one call and with one time to live. Each key by itself:
// after an error some may be set; for all or nothing there is [Batch]. Options: [TTL], [Sync], [WriteAround].
func (db *DB) PutMulti(keys, values [][]byte, opts ...WriteOption) error {
	if len(keys) != len(values) {
		return invalid(fmt.Sprintf("PutMulti: %d keys and %d values", len(keys), len(values)))
	}
	flags, ttl := writeFlags(opts)
	buf := packBuffers.Get().(*[]byte)
	defer givePack(buf)
	packed := (*buf)[:0]
	for i, key := range keys {
		if err := checkSizes(len(key), len(values[i])); err != nil {
			return err
		}
		packed = appendSized(appendSized(packed, key), values[i])
	}
	*buf = packed
	r := cshale.CallMultiPut(db.raw(), ptr(packed), len(packed), len(keys), ttl, flags)
	return db.finish(&r)
}

// DeleteMulti deletes keys, each by itself, in one call. Options: [Sync].
func (db *DB) DeleteMulti(keys [][]byte, opts ...WriteOption) error {
	flags, err := noTTL("DeleteMulti", opts)
	if err != nil {
		return err
	}
	buf := packBuffers.Get().(*[]byte)
	defer givePack(buf)
	if *buf, err = packKeys((*buf)[:0], keys); err != nil {
		return err
	}
	r := cshale.CallMultiDelete(db.raw(), ptr(*buf), len(*buf), len(keys), flags)
	return db.finish(&r)
}

func packKeys(dst []byte, keys [][]byte) ([]byte, error) {
	for _, key := range keys {
		if err := checkSizes(len(key), 0); err != nil {
			return dst, err
		}
		dst = appendSized(dst, key)
	}
	return dst, nil
}

func appendSized(dst, b []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(b))), b...)
}

// checkSizes refuses what has no place in the packed forms, whose lengths have 32 bits. The library checks
// the rest.
func checkSizes(key, value int) error {
	if key > KeyBytesMax || value > ValueBytesMax {
		return &Error{Code: CodeTooLarge, Message: "a key or value is above its limit", Shard: -1}
	}
	return nil
}
