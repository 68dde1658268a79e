package shale

import (
	"context"
	"errors"
	"math"
	"time"

	"shale/internal/cshale"
)

// LoadOption is for the methods that load what is missing.
type LoadOption func(*loadSettings)

type loadSettings struct {
	wait      time.Duration
	holdMS    int64
	missingMS int64
	flags     uint32
	writes    []WriteOption
}

// WaitAtMost limits how long a call waits for what another caller loads; then it is [ErrWouldBlock]. Without
// this option there is no limit.
func WaitAtMost(d time.Duration) LoadOption { return func(s *loadSettings) { s.wait = d } }

// HoldFor sets how long nobody else loads the same key; the store's option [OptionLeaseHoldMs] by default.
// Whoever asks after that loads it too. Choose more than a load takes.
func HoldFor(d time.Duration) LoadOption { return func(s *loadSettings) { s.holdMS = millis(d) } }

// StaleOK takes a value whose time is over, without waiting, while another caller loads a new one. Such
// values are kept for as long as the store's option [OptionTTLGraceMs] says.
func StaleOK() LoadOption { return func(s *loadSettings) { s.flags |= flagStaleOK } }

// RememberMissing keeps in mind for so long that there is no value: until then, or until the key is written,
// nobody loads it again, and the answer is [ErrNotFound]. The memory for this is limited, so it may be
// forgotten earlier.
func RememberMissing(d time.Duration) LoadOption {
	return func(s *loadSettings) { s.missingMS = millis(d) }
}

// LoadedWith says how what was loaded is written: [Sync], [WriteAround].
func LoadedWith(opts ...WriteOption) LoadOption {
	return func(s *loadSettings) { s.writes = append(s.writes, opts...) }
}

func loadSettingsOf(opts []LoadOption) (s loadSettings, writeFlags uint32, err error) {
	s.wait = math.MaxInt64
	for _, o := range opts {
		o(&s)
	}
	if s.missingMS < 0 || s.holdMS < 0 {
		return s, 0, invalid("a load takes no negative or endless time")
	}
	writeFlags, err = noTTL("LoadedWith", s.writes)
	return s, writeFlags, err
}

// GetOrLoad returns the value of key. If there is none it calls load, sets the key to what that returns, with
// the time to live ttl ([DefaultTTL], [Never]), and returns it. However many goroutines ask, in however many
// places of the process, one of them loads; the others wait for what it brings.
//
//	page, err := db.GetOrLoad(url, time.Hour, func(url []byte) ([]byte, error) { return download(url) })
//
// An error of load is returned as it is, by the caller that loaded; one of those who wait then tries itself.
// If there is no value load returns [ErrNotFound], and see [RememberMissing]. If the key is written, or
// deleted, while load runs, then what load brought is not stored: it may be older. GetOrLoad returns the
// newer value, or what was loaded if the key is gone.
//
// load runs without a lock; it may use db, but not ask for the same key in this way. The slice is the
// caller's. Options: [WaitAtMost], [HoldFor], [StaleOK], [RememberMissing], [LoadedWith].
func (db *DB) GetOrLoad(key []byte, ttl time.Duration, load func(key []byte) ([]byte, error),
	opts ...LoadOption) ([]byte, error) {
	if load == nil {
		return nil, invalid("GetOrLoad needs a function")
	}
	loadOne := func(context.Context, []byte) ([]byte, error) { return load(key) }
	return db.GetOrLoadContext(context.Background(), key, ttl, loadOne, opts...)
}

// GetOrLoadContext is [DB.GetOrLoad] with a context: when that is done while the call waits for another
// caller's load, its error is returned. A load of its own is given the context, and is not ended by the
// method.
func (db *DB) GetOrLoadContext(ctx context.Context, key []byte, ttl time.Duration,
	load func(ctx context.Context, key []byte) ([]byte, error), opts ...LoadOption) ([]byte, error) {
	if load == nil {
		return nil, invalid("GetOrLoad needs a function")
	}
	s, flags, err := loadSettingsOf(opts)
	if err != nil {
		return nil, err
	}
	value, lease, err := db.getOrLease(ctx, key, &s)
	if lease == 0 {
		return value, err
	}
	defer cshale.LeaseFree(lease) // gives it up if load panics
	if value, err = load(ctx, key); err != nil {
		missingMS := int64(0)
		if errors.Is(err, ErrNotFound) {
			missingMS = s.missingMS
		}
		r := cshale.CallLeaseFail(lease, missingMS)
		check(r.Status(), r.Handle()) // it had ended: nothing is left to be told
		return nil, err
	}
	r := cshale.CallLeaseFulfil(lease, ptr(value), len(value), millis(ttl), flags)
	switch err = db.finish(&r); {
	case errors.Is(err, ErrMismatch):
		return db.overtaken(key, value)
	case err != nil:
		return nil, err
	}
	return value, nil
}

// overtaken is what a load returns that a write, or a second load, came before.
func (db *DB) overtaken(key, loaded []byte) ([]byte, error) {
	value, err := db.Get(key)
	if errors.Is(err, ErrNotFound) {
		return loaded, nil
	}
	return value, err
}

// getOrLease returns the value, or a lease that is not 0, or an error.
func (db *DB) getOrLease(ctx context.Context, key []byte, s *loadSettings) ([]byte, uintptr, error) {
	p, waitMS := patience{ctx: ctx, most: s.wait}, int64(0)
	for {
		value, lease, err := db.askLease(key, waitMS, s)
		p.waited(waitMS)
		if lease != 0 || !errors.Is(err, ErrWouldBlock) {
			return value, lease, err
		}
		if waitMS, err = p.next(); err != nil {
			return nil, 0, err
		}
	}
}

// askLease is one call of the library.
func (db *DB) askLease(key []byte, waitMS int64, s *loadSettings) (value []byte, lease uintptr, err error) {
	buf := scratch.Get().(*[scratchBytes]byte)
	defer scratch.Put(buf)
	r := cshale.CallGetOrLease(db.raw(), ptr(key), len(key), waitMS, s.holdMS, &buf[0], len(buf), s.flags)
	switch Code(r.Status()) {
	case CodeOK, CodeStale, CodeLeased:
		err = nil
	default:
		return nil, 0, db.finish(&r)
	}
	pin := r.Handle()
	switch {
	case Code(r.Status()) == CodeLeased: // perhaps with a value whose time is over, which is not needed
		lease = uintptr(r.Data2())
	case pin != 0:
		value = clone(view(r.Data(), r.Size()))
	default:
		value = clone(buf[:r.Size()])
	}
	cshale.PinFree(pin)
	return value, lease, db.alive()
}
