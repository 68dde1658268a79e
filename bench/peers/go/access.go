package main

import "fmt"

// access puts or gets one key; which, the workload's worker says in prepare.
type access struct {
	s      *session
	random *random
	key    []byte
	put    bool
	value  []byte // what is put
	buf    []byte // room for what is got
	seen   []byte
	err    error
}

// newAccess is for one goroutine in one phase, whose random numbers differ from those of all others.
func (s *session) newAccess(phase, worker int) access {
	return access{s: s, random: newRandom(s.seed*1000003 + uint64(phase)*8191 + uint64(worker)),
		key: make([]byte, 0, 32), value: make([]byte, s.valueBytes), buf: make([]byte, 0, s.valueBytes+64)}
}

// toPut and toGet take a key that was made in a.key's room.
func (a *access) toPut(key []byte) {
	a.key, a.put = key, true
	a.s.v.fill(key, a.value)
}

func (a *access) toGet(key []byte) { a.key, a.put = key, false }

func (a *access) act() {
	if a.put {
		a.err = a.s.e.put(a.key, a.value)
	} else {
		a.seen, a.err = a.s.e.get(a.key, a.buf)
	}
}

func (a *access) isWrite() bool { return a.put }

func (a *access) judge() (int64, error) {
	if a.err != nil {
		return 1, fmt.Errorf("%q: %w", a.key, a.err)
	}
	if a.put {
		return 1, nil
	}
	return 1, a.s.v.check(a.key, a.seen)
}
