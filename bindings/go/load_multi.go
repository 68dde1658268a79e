package shale

import (
	"context"
	"fmt"
	"time"
	"unsafe"

	"shale/internal/cshale"
)

// GetMultiOrLoad returns the values of many keys, in the order of the keys, as [DB.GetMulti] does, and loads
// those that are missing as [DB.GetOrLoad] does: load is called with the keys that nobody else loads at the
// moment, perhaps several times, and returns a value for each of them in their order, nil where there is
// none. Those are nil in the result too. What others load is waited for after load has returned: so two
// callers never wait for each other.
//
// An error of load is returned as it is. Options: as GetOrLoad.
func (db *DB) GetMultiOrLoad(keys [][]byte, ttl time.Duration,
	load func(missing [][]byte) ([][]byte, error), opts ...LoadOption) ([][]byte, error) {
	if load == nil {
		return nil, invalid("GetMultiOrLoad needs a function")
	}
	s, flags, err := loadSettingsOf(opts)
	if err != nil {
		return nil, err
	}
	l := &multiLoad{db: db, keys: keys, settings: &s, flags: flags, ttlMS: millis(ttl), load: load,
		values: make([][]byte, len(keys)), open: make([]int, len(keys))}
	for i := range l.open {
		l.open[i] = i
	}
	p, waitMS := patience{ctx: context.Background(), most: s.wait}, int64(0)
	for {
		leased, err := l.ask(waitMS)
		p.waited(waitMS)
		waitMS = 0
		if err == nil && leased != nil {
			err = l.loadAll(leased)
		} else if err == nil && len(l.open) > 0 {
			waitMS, err = p.next()
		}
		if err != nil {
			return nil, err
		}
		if len(l.open) == 0 {
			return l.values, nil
		}
	}
}

// multiLoad is one call of GetMultiOrLoad.
type multiLoad struct {
	db       *DB
	keys     [][]byte
	settings *loadSettings
	flags    uint32
	ttlMS    int64
	load     func([][]byte) ([][]byte, error)
	values   [][]byte
	open     []int // indexes of the keys that have no answer yet, in order
}

// leasedKeys are the keys that this caller is to load, by their indexes.
type leasedKeys struct {
	at     []int
	leases []uintptr
}

func (l *leasedKeys) free() {
	for _, lease := range l.leases {
		cshale.LeaseFree(lease)
	}
}

// ask is one call of the library about all open keys: it puts answers into values, and leaves open what
// somebody loads.
func (l *multiLoad) ask(waitMS int64) (*leasedKeys, error) {
	wanted := make([][]byte, len(l.open))
	for i, at := range l.open {
		wanted[i] = l.keys[at]
	}
	packed, err := packKeys(nil, wanted)
	if err != nil {
		return nil, err
	}
	s := l.settings
	r := cshale.CallMultiGetOrLease(l.db.raw(), ptr(packed), len(wanted), waitMS, s.holdMS, s.flags)
	if err := l.db.finish(&r); err != nil {
		return nil, err
	}
	results := r.Handle()
	defer cshale.ResultsFree(results)
	asked := l.open
	l.open = nil
	var leased leasedKeys
	for i, at := range asked {
		r := cshale.CallResultsAt(results, i)
		switch Code(r.Status()) {
		case CodeOK, CodeStale:
			l.values[at] = clone(view(r.Data(), r.Size()))
		case CodeNotFound:
		case CodeLeased:
			leased.at, leased.leases = append(leased.at, at), append(leased.leases, uintptr(r.Data2()))
			l.open = append(l.open, at)
		case CodeWouldBlock:
			l.open = append(l.open, at)
		default:
			leased.free()
			return nil, outcome(Code(r.Status()))
		}
	}
	if leased.at == nil {
		return nil, nil
	}
	return &leased, nil
}

// loadAll answers the keys that were leased. An error of the function gives all leases up.
func (l *multiLoad) loadAll(leased *leasedKeys) error {
	defer leased.free()
	wanted := make([][]byte, len(leased.at))
	for i, at := range leased.at {
		wanted[i] = l.keys[at]
	}
	loaded, err := l.load(wanted)
	if err != nil {
		return err
	}
	if len(loaded) != len(wanted) {
		return invalid(fmt.Sprintf("GetMultiOrLoad: %d values for %d keys", len(loaded), len(wanted)))
	}
	var there leasedKeys
	var values [][]byte
	for i, value := range loaded {
		if value != nil {
			there.at, there.leases = append(there.at, leased.at[i]), append(there.leases, leased.leases[i])
			values = append(values, value)
		} else {
			r := cshale.CallLeaseFail(leased.leases[i], l.settings.missingMS)
			if r.Status() < 0 {
				return check(r.Status(), r.Handle())
			}
		}
	}
	if err := l.fulfil(&there, values); err != nil {
		return err
	}
	l.close(leased.at)
	return nil
}

func (l *multiLoad) fulfil(there *leasedKeys, values [][]byte) error {
	if len(values) == 0 {
		return nil
	}
	var packed []byte
	for _, value := range values {
		if err := checkSizes(0, len(value)); err != nil {
			return err
		}
		packed = appendSized(packed, value)
	}
	statuses := make([]int32, len(values))
	r := cshale.CallMultiLeaseFulfil((*byte)(unsafe.Pointer(&there.leases[0])), ptr(packed),
		(*byte)(unsafe.Pointer(&statuses[0])), len(values), l.ttlMS, l.flags)
	if err := l.db.finish(&r); err != nil {
		return err
	}
	for i, at := range there.at {
		l.values[at] = values[i]
		if Code(statuses[i]) != CodeMismatch {
			continue
		}
		value, err := l.db.overtaken(l.keys[at], values[i])
		if err != nil {
			return err
		}
		l.values[at] = value
	}
	return nil
}

// close takes answered keys from those that are open. Both are in order.
func (l *multiLoad) close(answered []int) {
	still := l.open[:0]
	for _, at := range l.open {
		if len(answered) > 0 && answered[0] == at {
			answered = answered[1:]
		} else {
			still = append(still, at)
		}
	}
	l.open = still
}
