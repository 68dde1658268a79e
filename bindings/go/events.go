package shale

import (
	"encoding/binary"

	"shale/internal/cshale"
)

// Reason says why a value left the memory tier.
type Reason uint8

// Reasons. With a path an eviction is no loss: the value is read from disk again.
const (
	Evicted     Reason = flagEventEvicted     // to make room
	Expired     Reason = flagEventExpired     // its time was over
	Deleted     Reason = flagEventDeleted     // its key was deleted
	Overwritten Reason = flagEventOverwritten // its key was given a newer value or deadline
)

// String is the name of the reason, "evicted".
func (r Reason) String() string {
	switch r {
	case Evicted:
		return "evicted"
	case Expired:
		return "expired"
	case Deleted:
		return "deleted"
	case Overwritten:
		return "overwritten"
	}
	return "unknown"
}

// Removal is a value that has left the memory tier.
type Removal struct {
	Key     []byte
	Version int64 // of the value that left
	Reason  Reason
}

const (
	removalHeaderBytes = 1 + 8 + 4
	removalBufferBytes = 64 << 10
)

// PollRemovals returns what has left the memory tier since the last call, some at a time: none if nothing has
// happened. It needs the option [OptionEventsBytes]; [ErrInvalid] without. dropped is how many there was no
// room for since the store was opened, because nobody polled in time. Those of one key come in order. Never
// waits for the disk.
func (db *DB) PollRemovals() (removals []Removal, dropped int64, err error) {
	buf := make([]byte, removalBufferBytes)
	for {
		r := cshale.CallEventsPoll(db.raw(), &buf[0], len(buf))
		if Code(r.Status()) == CodeTooSmall {
			buf = make([]byte, r.Size())
			continue
		}
		if err := db.finish(&r); err != nil {
			return nil, 0, err
		}
		removals, err = unpackRemovals(clone(buf[:r.Size()]), int(r.Number()))
		return removals, int64(r.Size2()), err
	}
}

func unpackRemovals(rows []byte, count int) ([]Removal, error) {
	var out []Removal
	for ; count > 0; count-- {
		if len(rows) < removalHeaderBytes {
			return nil, cutShort()
		}
		end := removalHeaderBytes + int(binary.LittleEndian.Uint32(rows[9:]))
		if end > len(rows) {
			return nil, cutShort()
		}
		version := int64(binary.LittleEndian.Uint64(rows[1:]))
		out = append(out, Removal{rows[removalHeaderBytes:end:end], version, Reason(rows[0])})
		rows = rows[end:]
	}
	return out, nil
}
