package main

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// db_bench's set: each phase lasts the time of the run or as many operations as there are keys, whichever ends first.

const (
	plainKeyBytes = 16
	seekRows      = 10
)

func init() {
	workloads["dbbench"] = workload{class: classStore, body: (*session).dbbench}
	for name, rows := range map[string]int{"scan10": 10, "scan1000": 1000} {
		workloads[name] = workload{class: classStore, body: func(s *session) error { return s.scans(rows) }}
	}
}

// drawn says which keys were written.
type drawn struct {
	words []atomic.Uint64
	count atomic.Int64
}

func (d *drawn) add(n int64) {
	bit := uint64(1) << (n & 63)
	if d.words[n>>6].Load()&bit == 0 && d.words[n>>6].Or(bit)&bit == 0 {
		d.count.Add(1)
	}
}

func (d *drawn) has(n int64) bool { return d.words[n>>6].Load()>>(n&63)&1 == 1 }

type fillRandom struct {
	s          *session
	drawn      *drawn
	random     *random
	key, value []byte
}

func (w *fillRandom) op() (int64, error) {
	n := w.random.below(w.s.keys)
	w.key = plainKey(w.key, n)
	err := w.s.e.put(w.key, w.s.v.fill(w.key, w.value))
	if err == nil {
		w.drawn.add(n)
	}
	return 1, err
}

// readRandom finds a key exactly if it was written; one that is written meanwhile may be there or not.
type readRandom struct {
	reading
	drawn  *drawn
	random *random
}

func (w *readRandom) op() (int64, error) {
	n := w.random.below(w.s.keys)
	w.key = plainKey(w.key, n)
	written := w.drawn.has(n)
	err := w.read()
	if errors.Is(err, errMissing) && !written {
		return 1, nil
	}
	return 1, err
}

type readMissing struct {
	reading
	random *random
}

func (w *readMissing) op() (int64, error) {
	w.key = absentKey(w.key, w.random.below(w.s.keys))
	_, err := w.s.e.get(w.key, w.buf)
	if errors.Is(err, errMissing) {
		return 1, nil
	}
	if err == nil {
		err = fmt.Errorf("%q was never written, and is there", w.key)
	}
	return 1, err
}

type seekRandom struct {
	s      *session
	rows   int
	starts int64
	whole  bool
	random *random
	key    []byte
}

func (w *seekRandom) op() (int64, error) {
	w.key = plainKey(w.key, w.random.below(w.starts))
	return 1, w.s.scanRows(w.key, w.rows, w.whole)
}

func (s *session) dbbench() error {
	d := &drawn{words: make([]atomic.Uint64, s.keys/64+1)}
	writer := func(phase, i int) worker {
		return &fillRandom{s, d, s.randomOf(phase, i), nil, make([]byte, s.valueBytes)}
	}
	reader := func(phase, i int) worker { return &readRandom{s.reader(), d, s.randomOf(phase, i)} }
	_, ordered := s.e.(scanner)
	for number, part := range []struct {
		name    string
		make    func(phase, i int) worker
		beside  bool
		durable bool
	}{
		{name: "fillrandom", make: writer},
		{name: "overwrite", make: writer},
		{name: "readrandom", make: reader},
		{name: "readmissing", make: func(phase, i int) worker { return &readMissing{s.reader(), s.randomOf(phase, i)} }},
		{name: "seekrandom", make: func(phase, i int) worker {
			return &seekRandom{s: s, rows: seekRows, starts: max(1, s.keys/2), random: s.randomOf(phase, i)}
		}},
		{name: "readwhilewriting", make: reader, beside: true},
		{name: "fillsync", make: writer, durable: true},
	} {
		if part.name == "seekrandom" && !ordered {
			continue
		}
		if part.durable {
			if err := s.reopen("sync"); err != nil {
				return err
			}
		}
		p := phase{name: part.name, seconds: s.seconds, opsMax: max(1, s.keys/int64(s.threads)), sampling: 1,
			workers: s.each(func(i int) worker { return part.make(number, i) })}
		if part.beside {
			p.background = writer(number, s.threads)
		}
		err := s.measure(p, func() (int64, float64) { return d.count.Load(), s.liveMiB(d.count.Load(), plainKeyBytes) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *session) scans(rows int) error {
	if _, ordered := s.e.(scanner); !ordered {
		return notDone("it has no order")
	}
	if err := s.loadKeys(s.keys, plainKeyBytes, plainKey); err != nil {
		return err
	}
	starts := s.keys - int64(rows)
	if starts < 1 {
		return fmt.Errorf("--keys %d are too few for scans of %d rows", s.keys, rows)
	}
	return s.measure(phase{name: "run", seconds: s.seconds, sampling: 1, workers: s.each(func(i int) worker {
		return &seekRandom{s: s, rows: rows, starts: starts, whole: true, random: s.randomOf(1, i)}
	})}, func() (int64, float64) { return s.keys, s.liveMiB(s.keys, plainKeyBytes) })
}
