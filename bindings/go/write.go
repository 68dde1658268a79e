package shale

import (
	"runtime"
	"time"

	"shale/internal/cshale"
)

// Put sets key to value. It returns when the write is as durable as the store's option "durability" says, or
// the option [Sync]. Options: [TTL], [KeepTTL], [IfAbsent] (with [ErrExists]), [IfPresent] (with
// [ErrNotFound]), [Sync], [WriteAround]. May wait for the disk, as every write may.
func (db *DB) Put(key, value []byte, opts ...WriteOption) error {
	_, err := db.PutVersion(key, value, opts...)
	return err
}

// PutTTL is Put with [TTL]: the key expires after ttl.
func (db *DB) PutTTL(key, value []byte, ttl time.Duration, opts ...WriteOption) error {
	flags, _ := writeFlags(opts)
	_, err := db.put(key, value, millis(ttl), flags)
	return err
}

// PutVersion is Put, and returns the new version of the key.
func (db *DB) PutVersion(key, value []byte, opts ...WriteOption) (version int64, err error) {
	flags, ttl := writeFlags(opts)
	return db.put(key, value, ttl, flags)
}

// withoutError is what lies between outcomes and addresses of errors in the answer of CallPut.
const withoutError = 1000

func (db *DB) put(key, value []byte, ttlMS int64, flags uint32) (version int64, err error) {
	n := cshale.CallPut(db.raw(), ptr(key), len(key), ptr(value), len(value), ttlMS, flags)
	runtime.KeepAlive(db)
	switch {
	case n >= 0:
		return n, nil
	case n > -withoutError:
		return 0, failure(Code(-n), 0)
	case n > -2*withoutError:
		return 0, failure(Code(n+withoutError), 0)
	}
	return 0, failure(CodeInternal, uintptr(-n)) // which has a code of its own
}

// Delete removes key. It is no error if there is none, but with [IfPresent] [ErrNotFound]. Options:
// IfPresent, [Sync].
func (db *DB) Delete(key []byte, opts ...WriteOption) error {
	flags, err := noTTL("Delete", opts)
	if err != nil {
		return err
	}
	r := cshale.CallDelete(db.raw(), ptr(key), len(key), flags)
	return db.finish(&r)
}

// GetAndSet sets key to value and returns the old value, and whether there was one. Options: [TTL],
// [KeepTTL], [Sync].
func (db *DB) GetAndSet(key, value []byte, opts ...WriteOption) (old []byte, existed bool, err error) {
	flags, ttl := writeFlags(opts)
	r := cshale.CallGetAndSet(db.raw(), ptr(key), len(key), ptr(value), len(value), ttl, flags)
	runtime.KeepAlive(db)
	if Code(r.Status()) == CodeNotFound {
		return nil, false, nil
	}
	if err := check(r.Status(), r.Handle()); err != nil {
		return nil, false, err
	}
	old = clone(view(r.Data(), r.Size()))
	cshale.MemFree(r.Data())
	return old, true, nil
}

// CompareAndSet sets key to value if its value is expected; [ErrMismatch] if it is another, [ErrNotFound] if
// there is no such key. Options: [TTL], [KeepTTL], [Sync].
func (db *DB) CompareAndSet(key, expected, value []byte, opts ...WriteOption) error {
	flags, ttl := writeFlags(opts)
	r := cshale.CallCompareAndSet(db.raw(), ptr(key), len(key), ptr(expected), len(expected), ptr(value),
		len(value), ttl, flags)
	return db.finish(&r)
}

// VersionAbsent says "there must be no such key" to [DB.CompareVersionAndSet].
const VersionAbsent int64 = flagVersionAbsent

// CompareVersionAndSet sets key to value if its version is expected, and returns the new version. If it is
// another, the error is [ErrMismatch] and the version returned is the present one. [VersionAbsent] is the
// version of a key that is not there. Options: [TTL], [KeepTTL], [Sync].
func (db *DB) CompareVersionAndSet(key []byte, expected int64, value []byte,
	opts ...WriteOption) (version int64, err error) {
	flags, ttl := writeFlags(opts)
	r := cshale.CallCompareVersionAndSet(db.raw(), ptr(key), len(key), expected, ptr(value), len(value), ttl,
		flags)
	return r.Number(), db.finish(&r)
}

// CompareAndDelete removes key if its value is expected; [ErrMismatch], [ErrNotFound]. Options: [Sync].
func (db *DB) CompareAndDelete(key, expected []byte, opts ...WriteOption) error {
	flags, err := noTTL("CompareAndDelete", opts)
	if err != nil {
		return err
	}
	r := cshale.CallCompareAndDelete(db.raw(), ptr(key), len(key), ptr(expected), len(expected), flags)
	return db.finish(&r)
}

// CompareVersionAndDelete removes key if its version is expected; [ErrMismatch], [ErrNotFound]. Options:
// [Sync].
func (db *DB) CompareVersionAndDelete(key []byte, expected int64, opts ...WriteOption) error {
	flags, err := noTTL("CompareVersionAndDelete", opts)
	if err != nil {
		return err
	}
	r := cshale.CallCompareVersionAndDelete(db.raw(), ptr(key), len(key), expected, flags)
	return db.finish(&r)
}

// Incr adds delta to a counter, which is kept as decimal text, and returns the sum. A key that is not there
// counts as 0; its deadline stays. [ErrOverflow] and [ErrNotANumber] change nothing. Options: [Sync].
func (db *DB) Incr(key []byte, delta int64, opts ...WriteOption) (int64, error) {
	flags, err := noTTL("Incr", opts)
	if err != nil {
		return 0, err
	}
	r := cshale.CallIncr(db.raw(), ptr(key), len(key), delta, flags)
	return r.Number(), db.finish(&r)
}

// Decr subtracts delta; else it is [DB.Incr].
func (db *DB) Decr(key []byte, delta int64, opts ...WriteOption) (int64, error) {
	flags, err := noTTL("Decr", opts)
	if err != nil {
		return 0, err
	}
	r := cshale.CallDecr(db.raw(), ptr(key), len(key), delta, flags)
	return r.Number(), db.finish(&r)
}

// Expire gives an existing key a new time to live, in whole milliseconds, rounded up; or [DefaultTTL] or
// [Never]. [ErrNotFound]. Options: [Sync].
func (db *DB) Expire(key []byte, ttl time.Duration, opts ...WriteOption) error {
	flags, err := noTTL("Expire", opts)
	if err != nil {
		return err
	}
	r := cshale.CallExpire(db.raw(), ptr(key), len(key), millis(ttl), flags)
	return db.finish(&r)
}

// Persist takes the deadline of a key away. [ErrNotFound]. Options: [Sync].
func (db *DB) Persist(key []byte, opts ...WriteOption) error {
	flags, err := noTTL("Persist", opts)
	if err != nil {
		return err
	}
	r := cshale.CallPersist(db.raw(), ptr(key), len(key), flags)
	return db.finish(&r)
}
