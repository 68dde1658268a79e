package shale

import "shale/internal/cshale"

// KeyRange is a set of keys that lie beside each other, for the calls that work on it as a whole. Its zero
// value is all keys. Make it with [KeysBetween] or [KeysWithPrefix].
type KeyRange struct {
	from, to []byte
	flags    uint32
}

// KeysBetween is the keys with from <= key < to; nil or empty leaves that side open. A range that holds no key is
// fine. The slices are kept until the call that it is for.
func KeysBetween(from, to []byte) KeyRange { return KeyRange{from: from, to: to} }

// KeysWithPrefix is the keys that start with prefix; all if that is empty.
func KeysWithPrefix(prefix []byte) KeyRange { return KeyRange{from: prefix, flags: flagPrefix} }

// Extent is how much there is in a range of keys.
type Extent struct {
	Keys  int64
	Bytes int64 // of these keys with their values, as they are stored if these are compressed or encrypted
}

// DeleteRange deletes all keys of a range, as one change: all of them or none, also over a crash, and cursors
// see all of them or none. It takes about as long as a batch of 64 deletes, and a look at each key of the range
// that is in memory; the rest is cleared away later. Other reads of single keys may see them go one after the
// other until it returns. No error if there was no such key. Options: [Sync]. May wait for the disk.
func (db *DB) DeleteRange(keys KeyRange, opts ...WriteOption) error {
	flags, err := noTTL("DeleteRange", opts)
	if err != nil {
		return err
	}
	r := cshale.CallDeleteRange(db.raw(), ptr(keys.from), len(keys.from), ptr(keys.to), len(keys.to), keys.flags|flags)
	return db.finish(&r)
}

// Count counts a range, by a walk over the keys of one consistent cut; keys that have expired are left out, and
// values are not read. progress may be nil, and is told of a total that is an estimate until the end.
// [ErrCancelled] if it asked for the end. Waits for the disk.
func (db *DB) Count(keys KeyRange, progress Progress) (extent Extent, err error) {
	withProgress(progress, func(token int64) {
		r := cshale.CallCount(db.raw(), ptr(keys.from), len(keys.from), ptr(keys.to), len(keys.to), keys.flags, token)
		extent, err = Extent{r.Number(), int64(r.Size())}, db.finish(&r)
	})
	return extent, err
}

// Estimate is Count, about, in milliseconds: exact for up to some 60,000 keys and in memory, off by about 1 %
// up to some 4 million, and farther off where sizes are uneven. May wait for the disk.
func (db *DB) Estimate(keys KeyRange) (Extent, error) {
	r := cshale.CallEstimate(db.raw(), ptr(keys.from), len(keys.from), ptr(keys.to), len(keys.to), keys.flags)
	return Extent{r.Number(), int64(r.Size())}, db.finish(&r)
}

// Compact rewrites the index where it holds a range, so that keys which were deleted or overwritten or have
// expired take no more time and space there. A store does the same by itself; it is needed only to have it now,
// after a mass of deletes. Reads and writes go on meanwhile. progress may be nil; [ErrCancelled] if it asked for
// the end. Waits for the disk, for as long as it takes to rewrite the index.
func (db *DB) Compact(keys KeyRange, progress Progress) (err error) {
	withProgress(progress, func(token int64) {
		r := cshale.CallCompact(db.raw(), ptr(keys.from), len(keys.from), ptr(keys.to), len(keys.to), keys.flags, token)
		err = db.finish(&r)
	})
	return err
}
