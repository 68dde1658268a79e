package shale

import (
	"encoding/binary"
	"runtime"
	"strconv"

	"shale/internal/cshale"
)

// Batch collects puts and deletes that [DB.Write] applies all or not at all. The zero Batch is empty and
// ready. It is for one goroutine at a time, holds copies of what it was given, and can be written more than
// once.
type Batch struct {
	packed []byte
	count  int
	bytes  int
	err    error
}

// NewBatch makes an empty batch.
func NewBatch() *Batch { return new(Batch) }

const (
	packedPut    = 1
	packedDelete = 2
)

// Put adds: set key to value. A later operation on the same key wins. Options: [TTL]. What is wrong with an operation is
// the error of [DB.Write].
func (b *Batch) Put(key, value []byte, opts ...WriteOption) {
	flags, ttl := writeFlags(opts)
	if flags != 0 {
		b.refuse(invalid("Batch.Put takes no option but TTL"))
	}
	if !b.add(packedPut, key, len(value)) {
		return
	}
	b.packed = binary.LittleEndian.AppendUint64(b.packed, uint64(ttl))
	b.packed = appendSized(b.packed, value)
}

// Delete adds: delete key.
func (b *Batch) Delete(key []byte) { b.add(packedDelete, key, 0) }

// Len is the number of operations.
func (b *Batch) Len() int {
	if b == nil {
		return 0
	}
	return b.count
}

// Bytes is the sum of the sizes of keys and values; [BatchBytesMax] is the most that can be written.
func (b *Batch) Bytes() int {
	if b == nil {
		return 0
	}
	return b.bytes
}

// Clear empties the batch and keeps its memory for the next use.
func (b *Batch) Clear() {
	if b != nil {
		*b = Batch{packed: b.packed[:0]}
	}
}

// add reports whether the operation was taken. What cannot be written any more takes no memory either.
func (b *Batch) add(kind byte, key []byte, valueBytes int) bool {
	if b == nil || b.err != nil {
		return false
	}
	if err := checkSizes(len(key), valueBytes); err != nil {
		b.refuse(err)
		return false
	}
	if len(key)+valueBytes > BatchBytesMax-b.bytes {
		message := "the batch is above " + strconv.Itoa(BatchBytesMax) + " bytes"
		b.refuse(&Error{Code: CodeTooLarge, Message: message, Shard: -1})
		return false
	}
	b.packed = appendSized(append(b.packed, kind), key)
	b.count++
	b.bytes += len(key) + valueBytes
	return true
}

func (b *Batch) refuse(err error) {
	if b != nil && b.err == nil {
		b.err = err
	}
}

// Write applies a batch: all of it or nothing, over all shards and over a crash, and cursors see all of it or
// nothing. The batch stays as it is. Options: [Sync]. May wait for the disk.
func (db *DB) Write(b *Batch, opts ...WriteOption) error {
	if b == nil {
		return invalid("Write needs a batch")
	}
	flags, err := noTTL("Write", opts)
	if err != nil {
		return err
	}
	if b.err != nil {
		return b.err
	}
	r := cshale.CallWrite(db.raw(), ptr(b.packed), len(b.packed), b.count, flags)
	runtime.KeepAlive(b)
	return db.finish(&r)
}
