package shale

import (
	"runtime"
	"sync"
	"time"

	"shale/internal/cshale"
)

// Values up to this size take one crossing into C; longer ones are pinned there, copied once, and let go.
const scratchBytes = 4096

var scratch = sync.Pool{New: func() any { return new([scratchBytes]byte) }}

// Get returns the value of key, or [ErrNotFound]. The slice is new and the caller's; of an empty value it is
// empty and not nil. Options: [CacheOnly], [NoFill]. May wait for the disk, but not with CacheOnly.
func (db *DB) Get(key []byte, opts ...ReadOption) ([]byte, error) {
	return db.getShort(key, readFlags(opts))
}

// GetCached is Get with [CacheOnly]: it never waits for the disk, and is [ErrWouldBlock] where it would have
// to.
func (db *DB) GetCached(key []byte) ([]byte, error) {
	return db.getShort(key, flagCacheOnly)
}

// GetVersion is Get, and returns the version of the key too: it grows with every change of the key, also over
// deletes and reopening, and is what [DB.CompareVersionAndSet] and [DB.CompareVersionAndDelete] take.
func (db *DB) GetVersion(key []byte, opts ...ReadOption) (value []byte, version int64, err error) {
	return db.get(key, readFlags(opts))
}

// getShort is for most values, without a result but a length; what it cannot do get does.
func (db *DB) getShort(key []byte, flags uint32) (value []byte, err error) {
	buf := scratch.Get().(*[scratchBytes]byte)
	n := cshale.CallGetShort(db.raw(), ptr(key), len(key), &buf[0], len(buf), flags)
	runtime.KeepAlive(db)
	if n >= 0 {
		value = clone(buf[:n])
	}
	scratch.Put(buf)
	if n >= 0 {
		return value, nil
	}
	if code := Code(-n); code == CodeNotFound || code == CodeWouldBlock {
		return nil, failure(code, 0)
	}
	value, _, err = db.get(key, flags)
	return value, err
}

func (db *DB) get(key []byte, flags uint32) (value []byte, version int64, err error) {
	buf := scratch.Get().(*[scratchBytes]byte)
	r := cshale.CallGetView(db.raw(), ptr(key), len(key), &buf[0], len(buf), flags)
	if err = db.finish(&r); err == nil {
		version = r.Number()
		if pin := r.Handle(); pin == 0 {
			value = clone(buf[:r.Size()])
		} else {
			value = clone(view(r.Data(), r.Size()))
			cshale.PinFree(pin)
		}
	}
	scratch.Put(buf)
	return value, version, err
}

// AppendGet appends the value of key to dst and returns the longer slice, as append does: nothing is
// allocated if dst has room. On an error, such as [ErrNotFound], it returns dst as it was. The fastest way to
// read many values:
//
//	buf, err = db.AppendGet(buf[:0], key)
//
// Options: [CacheOnly], [NoFill]. May wait for the disk, but not with CacheOnly.
func (db *DB) AppendGet(dst, key []byte, opts ...ReadOption) ([]byte, error) {
	room := dst[len(dst):cap(dst)]
	n := cshale.CallGetShort(db.raw(), ptr(key), len(key), ptr(room), len(room), readFlags(opts))
	runtime.KeepAlive(db)
	if n >= 0 {
		return dst[:len(dst)+int(n)], nil
	}
	if code := Code(-n); code == CodeNotFound || code == CodeWouldBlock {
		return dst, failure(code, 0)
	}
	return db.appendLong(dst, key, opts)
}

// appendLong is AppendGet of a value that has no room in dst, or of an error.
func (db *DB) appendLong(dst, key []byte, opts []ReadOption) ([]byte, error) {
	r := cshale.CallGetView(db.raw(), ptr(key), len(key), nil, 0, readFlags(opts))
	if err := db.finish(&r); err != nil {
		return dst, err
	}
	dst = append(dst, view(r.Data(), r.Size())...)
	cshale.PinFree(r.Handle()) // none, if the value has become empty meanwhile
	return dst, nil
}

// GetInto copies the value of key into buf and returns its length. If buf is shorter than the value nothing
// is copied, the error is [ErrTooSmall] and the length is still the value's. Options: [CacheOnly], [NoFill].
// May wait for the disk, but not with CacheOnly.
func (db *DB) GetInto(key, buf []byte, opts ...ReadOption) (int, error) {
	r := cshale.CallGetInto(db.raw(), ptr(key), len(key), ptr(buf), len(buf), readFlags(opts))
	err := db.finish(&r)
	return r.Size(), err
}

// View calls fn with the value of key, without a copy, and returns what fn returns; [ErrNotFound] without
// calling it. The slice is the library's memory: it stays as it is until fn returns, whatever happens to the
// key meanwhile, is gone then, and must not be written to. While fn runs this memory cannot be used again, so
// be quick. fn may call any method of db. Options: [CacheOnly], [NoFill]. May wait for the disk, but not with
// CacheOnly.
func (db *DB) View(key []byte, fn func(value []byte) error, opts ...ReadOption) error {
	if fn == nil {
		return invalid("View needs a function")
	}
	r := cshale.CallGetPinned(db.raw(), ptr(key), len(key), readFlags(opts))
	if err := db.finish(&r); err != nil {
		return err
	}
	defer cshale.PinFree(r.Handle())
	return fn(view(r.Data(), r.Size()))
}

// Has reports whether key exists. Options: [CacheOnly], with which it may be [ErrWouldBlock], and [NoFill].
func (db *DB) Has(key []byte, opts ...ReadOption) (bool, error) {
	r := cshale.CallExists(db.raw(), ptr(key), len(key), readFlags(opts))
	runtime.KeepAlive(db)
	if Code(r.Status()) == CodeNotFound {
		return false, nil
	}
	return r.Status() == 0, check(r.Status(), r.Handle())
}

// TTL is the time that key has left, at least a millisecond, or [Never]; [ErrNotFound]. Options: [CacheOnly],
// [NoFill].
func (db *DB) TTL(key []byte, opts ...ReadOption) (time.Duration, error) {
	r := cshale.CallTtl(db.raw(), ptr(key), len(key), readFlags(opts))
	if err := db.finish(&r); err != nil {
		return 0, err
	}
	return duration(r.Number()), nil
}

// duration is a time to live of the library; what no Duration can say is the longest one.
func duration(ms int64) time.Duration {
	const most = int64(^uint64(0)>>1) / int64(time.Millisecond)
	switch {
	case ms == flagTTLNever:
		return Never
	case ms > most:
		return time.Duration(most) * time.Millisecond
	}
	return time.Duration(ms) * time.Millisecond
}
