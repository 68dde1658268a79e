package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// YCSB's core workloads A to F: parts of a hundred, and how keys are chosen.

type mix struct {
	update, insert, scan, modify int64 // the rest are reads
	latest                       bool
}

const (
	ycsbKeyBytes = 23
	scanRowsMost = 100
)

func init() {
	for name, m := range map[string]mix{
		"ycsb-a": {update: 50}, "ycsb-b": {update: 5}, "ycsb-c": {}, "ycsb-d": {insert: 5, latest: true},
		"ycsb-e": {insert: 5, scan: 95}, "ycsb-f": {modify: 50},
	} {
		workloads[name] = workload{class: classStore, body: func(s *session) error { return s.ycsb(m) }}
	}
}

// inserts gives out numbers of new rows, and knows up to which all are written.
type inserts struct {
	next, limit atomic.Int64
	mu          sync.Mutex
	done        map[int64]bool // guarded by mu: written above the limit
}

func (n *inserts) acknowledge(number int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.done[number] = true
	limit := n.limit.Load()
	for n.done[limit] {
		delete(n.done, limit)
		limit++
	}
	n.limit.Store(limit)
}

type ycsbWorker struct {
	reading
	mix
	zipf   *zipf
	rows   *inserts
	random *random
	value  []byte
}

func (w *ycsbWorker) choose() int64 {
	if w.latest {
		return max(0, w.rows.limit.Load()-1-w.zipf.rank(w.random))
	}
	return w.zipf.scrambled(w.random)
}

func (w *ycsbWorker) write(n int64) error {
	w.key = ycsbKey(w.key, n)
	return w.s.e.put(w.key, w.s.v.fill(w.key, w.value))
}

func (w *ycsbWorker) op() (int64, error) {
	part := w.random.below(100)
	switch {
	case part < w.update:
		return 1, w.write(w.choose())
	case part < w.update+w.insert:
		n := w.rows.next.Add(1) - 1
		err := w.write(n)
		if err == nil {
			w.rows.acknowledge(n)
		}
		return 1, err
	case part < w.update+w.insert+w.scan:
		w.key = ycsbKey(w.key, w.choose())
		return 1, w.s.scanRows(w.key, int(1+w.random.below(scanRowsMost)), false)
	case part < w.update+w.insert+w.scan+w.modify:
		n := w.choose()
		w.key = ycsbKey(w.key, n)
		if err := w.read(); err != nil {
			return 1, err
		}
		return 1, w.write(n)
	}
	w.key = ycsbKey(w.key, w.choose())
	return 1, w.read()
}

func (s *session) ycsb(m mix) error {
	if _, ordered := s.e.(scanner); m.scan > 0 && !ordered {
		return notDone("it has no order")
	}
	if err := s.loadKeys(s.keys, ycsbKeyBytes, ycsbKey); err != nil {
		return err
	}
	z := newZipf(s.keys)
	rows := &inserts{done: map[int64]bool{}}
	rows.next.Store(s.keys)
	rows.limit.Store(s.keys)
	return s.measure(phase{name: "run", seconds: s.seconds, sampling: 1, workers: s.each(func(i int) worker {
		return &ycsbWorker{s.reader(), m, z, rows, s.randomOf(1, i), make([]byte, s.valueBytes)}
	})}, func() (int64, float64) { return rows.limit.Load(), s.liveMiB(rows.limit.Load(), ycsbKeyBytes) })
}

// scanRows reads rows from the key on and checks their order and values; whole: there must be as many.
func (s *session) scanRows(from []byte, rows int, whole bool) error {
	var room [64]byte
	last, seen := room[:0], 0
	err := s.e.(scanner).scan(from, rows, func(key, value []byte) error {
		if seen == 0 && string(key) < string(from) || seen > 0 && string(key) <= string(last) {
			return fmt.Errorf("scan from %q: %q comes after %q", from, key, last)
		}
		last = append(last[:0], key...)
		seen++
		return s.v.check(key, value)
	})
	if err == nil && (seen == 0 || seen > rows || whole && seen != rows) {
		err = fmt.Errorf("scan from %q: %d rows, not %d", from, seen, rows)
	}
	return err
}
