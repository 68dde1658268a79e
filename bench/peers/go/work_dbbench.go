package main

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// db_bench's set: each phase lasts the time of the run or as many operations as there are keys, whichever ends first.

const (
	plainKeyBytes = 16
	seekRows      = 11 // the one that is sought, and ten next
)

func init() {
	workloads["dbbench"] = workload{class: classStore, body: (*session).dbbench}
	workloads["fillsync"] = workload{class: classStore, closed: true, body: (*session).fillSync}
	for name, rows := range map[string]int{"scan10": 10, "scan1000": 1000} {
		workloads[name] = workload{class: classStore, body: func(s *session) error { return s.scans(rows) }}
	}
}

// drawn says which keys were written.
type drawn struct {
	words []atomic.Uint64
	count atomic.Int64
}

func newDrawn(keys int64) *drawn { return &drawn{words: make([]atomic.Uint64, keys/64+1)} }

func (d *drawn) add(n int64) {
	bit := uint64(1) << (n & 63)
	if d.words[n>>6].Load()&bit == 0 && d.words[n>>6].Or(bit)&bit == 0 {
		d.count.Add(1)
	}
}

func (d *drawn) has(n int64) bool { return d.words[n>>6].Load()>>(n&63)&1 == 1 }

func (d *drawn) greatest() string {
	for n := int64(len(d.words))*64 - 1; n >= 0; n-- {
		if d.has(n) {
			return string(plainKey(nil, n))
		}
	}
	return ""
}

type fillRandom struct {
	access
	drawn *drawn
	n     int64
}

func (w *fillRandom) prepare() {
	w.n = w.random.below(w.s.keys)
	w.toPut(plainKey(w.key, w.n))
}

func (w *fillRandom) judge() (int64, error) {
	if w.err == nil {
		w.drawn.add(w.n)
	}
	return w.access.judge()
}

// readRandom finds a key if it was written; one that is written meanwhile may be there or not.
type readRandom struct {
	access
	drawn   *drawn
	written bool
}

func (w *readRandom) prepare() {
	n := w.random.below(w.s.keys)
	w.written = w.drawn.has(n)
	w.toGet(plainKey(w.key, n))
}

func (w *readRandom) judge() (int64, error) {
	if !w.written && errors.Is(w.err, errMissing) {
		return 1, nil
	}
	return w.access.judge()
}

type readMissing struct{ access }

func (w *readMissing) prepare() { w.toGet(absentKey(w.key, w.random.below(w.s.keys))) }

func (w *readMissing) judge() (int64, error) {
	if errors.Is(w.err, errMissing) {
		return 1, nil
	}
	if w.err == nil {
		w.err = errors.New("was never written, and is there")
	}
	return w.access.judge()
}

type seekRandom struct {
	access
	rowsSeen
	rows int
	key  func(buf []byte, n int64) []byte
}

func (w *seekRandom) prepare() {
	w.toGet(w.key(w.access.key, w.random.below(w.access.s.keys)))
	w.begin(w.access.s, w.access.key, w.rows)
}

func (w *seekRandom) act() { w.scan() }

func (w *seekRandom) judge() (int64, error) { return 1, w.rowsSeen.judge() }

func (w *seekRandom) isWrite() bool { return false }

func (s *session) dbbench() error {
	d := newDrawn(s.keys)
	writer := func(phase, i int) worker { return &fillRandom{access: s.newAccess(phase, i), drawn: d} }
	reader := func(phase, i int) worker { return &readRandom{access: s.newAccess(phase, i), drawn: d} }
	_, ordered := s.e.(scanner)
	for number, part := range []struct {
		name     string
		sampling int64
		make     func(phase, i int) worker
	}{
		{"fillrandom", 1, writer},
		{"overwrite", 1, writer},
		{"readrandom", sampled, reader},
		{"readmissing", sampled, func(phase, i int) worker { return &readMissing{s.newAccess(phase, i)} }},
		{"seekrandom", 1, func(phase, i int) worker {
			return &seekRandom{s.newAccess(phase, i), rowsSeen{greatest: d.greatest()}, seekRows, plainKey}
		}},
		{"readwhilewriting", sampled, reader},
	} {
		if part.name == "seekrandom" && !ordered {
			continue
		}
		p := phase{name: part.name, seconds: s.seconds, opsMax: max(1, s.keys/int64(s.threads)), sampling: part.sampling,
			workers: s.each(func(i int) worker { return part.make(number, i) })}
		if part.name == "readwhilewriting" {
			p.background = writer(number, s.threads)
		}
		if err := s.measure(p, func() float64 { return s.liveMiB(d.count.Load(), plainKeyBytes) }); err != nil {
			return err
		}
	}
	return nil
}

// fillSync is fillrandom with durable writes.
func (s *session) fillSync() error {
	if err := s.open("sync", 0); err != nil {
		return err
	}
	d := newDrawn(s.keys)
	return s.measure(phase{name: "fillsync", seconds: s.seconds, opsMax: max(1, s.keys/int64(s.threads)), sampling: 1,
		workers: s.each(func(i int) worker { return &fillRandom{access: s.newAccess(0, i), drawn: d} })},
		func() float64 { return s.liveMiB(d.count.Load(), plainKeyBytes) })
}

func (s *session) scans(rows int) error {
	if _, ordered := s.e.(scanner); !ordered {
		return notDone("it has no order")
	}
	if s.keys < int64(rows) {
		return fmt.Errorf("--keys %d are too few for scans of %d rows", s.keys, rows)
	}
	if err := s.loadUsers(s.keys); err != nil {
		return err
	}
	greatest := greatestUser(s.keys)
	return s.measure(phase{name: "run", seconds: s.seconds, sampling: 1, workers: s.each(func(i int) worker {
		return &seekRandom{s.newAccess(1, i), rowsSeen{greatest: greatest}, rows, ycsbKey}
	})}, func() float64 { return s.liveMiB(s.keys, userKeyBytes) })
}
