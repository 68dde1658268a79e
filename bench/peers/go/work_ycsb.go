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
	userKeyBytes = 23
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

// inserts gives out numbers of new rows, and knows up to which all are written: only those are asked for.
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

type verb int

const (
	verbRead verb = iota
	verbUpdate
	verbInsert
	verbScan
	verbModify
)

type ycsbWorker struct {
	access
	mix
	zipf     *zipf
	rows     *inserts
	verb     verb
	number   int64
	scanRows rowsSeen
}

func (w *ycsbWorker) choose() int64 {
	if w.latest {
		return max(0, w.rows.limit.Load()-1-w.zipf.rank(w.random))
	}
	return w.zipf.scrambled(w.random)
}

func (w *ycsbWorker) draw() verb {
	part := w.random.below(100)
	switch {
	case part < w.update:
		return verbUpdate
	case part < w.update+w.insert:
		return verbInsert
	case part < w.update+w.insert+w.scan:
		return verbScan
	case part < w.update+w.insert+w.scan+w.modify:
		return verbModify
	}
	return verbRead
}

func (w *ycsbWorker) prepare() {
	w.verb = w.draw()
	switch w.verb {
	case verbInsert:
		w.number = w.rows.next.Add(1) - 1
		w.toPut(ycsbKey(w.key, w.number))
	case verbUpdate:
		w.toPut(ycsbKey(w.key, w.choose()))
	case verbScan:
		w.toGet(ycsbKey(w.key, w.choose()))
		w.scanRows.begin(w.s, w.key, 1+int(w.random.below(scanRowsMost)))
	default:
		w.toGet(ycsbKey(w.key, w.choose()))
	}
}

func (w *ycsbWorker) act() {
	if w.verb == verbScan {
		w.scanRows.scan()
		return
	}
	w.access.act()
	if w.verb == verbModify && w.err == nil {
		w.seen = append(w.value[:0], w.seen...)
		w.err = w.s.e.put(w.key, w.seen)
	}
}

func (w *ycsbWorker) isWrite() bool { return w.verb != verbRead && w.verb != verbScan }

func (w *ycsbWorker) judge() (int64, error) {
	if w.verb == verbScan {
		return 1, w.scanRows.judge()
	}
	if w.verb == verbInsert && w.err == nil {
		w.rows.acknowledge(w.number)
	}
	return w.access.judge()
}

func (s *session) ycsb(m mix) error {
	if _, ordered := s.e.(scanner); m.scan > 0 && !ordered {
		return notDone("it has no order")
	}
	if err := s.loadUsers(s.keys); err != nil {
		return err
	}
	z := newZipf(s.keys)
	rows := &inserts{done: map[int64]bool{}}
	rows.next.Store(s.keys)
	rows.limit.Store(s.keys)
	sampling, greatest := int64(sampled), ""
	if m.scan > 0 {
		sampling, greatest = 1, greatestUser(s.keys)
	}
	return s.measure(phase{name: "run", seconds: s.seconds, sampling: sampling, workers: s.each(func(i int) worker {
		return &ycsbWorker{access: s.newAccess(1, i), mix: m, zipf: z, rows: rows,
			scanRows: rowsSeen{greatest: greatest}}
	})}, func() float64 { return s.liveMiB(rows.limit.Load(), userKeyBytes) })
}

// rowsSeen is one scan, whose rows are looked at as they come.
type rowsSeen struct {
	s     *session
	from  []byte
	limit int
	count int
	last  []byte
	err   error
	// greatest key that was there before the phase
	greatest string
}

func (r *rowsSeen) begin(s *session, from []byte, limit int) {
	r.s, r.from, r.limit, r.count, r.last = s, from, limit, 0, r.last[:0]
}

func (r *rowsSeen) scan() { r.err = r.s.e.(scanner).scan(r.from, r.limit, r.visit) }

func (r *rowsSeen) visit(key, value []byte) error {
	if r.count == 0 && string(key) < string(r.from) || r.count > 0 && string(key) <= string(r.last) {
		return fmt.Errorf("%q comes after %q", key, r.last)
	}
	r.last = append(r.last[:0], key...)
	r.count++
	return r.s.v.check(key, value)
}

// judge: a scan ends early only at the end of what was there before the phase.
func (r *rowsSeen) judge() error {
	if r.err != nil {
		return fmt.Errorf("scan from %q: %w", r.from, r.err)
	}
	atEnd := r.count == 0 && string(r.from) > r.greatest || r.count > 0 && string(r.last) >= r.greatest
	if r.count == r.limit || r.count < r.limit && atEnd {
		return nil
	}
	return fmt.Errorf("scan from %q: %d rows, not %d", r.from, r.count, r.limit)
}

// greatestUser is the last of the first n rows in order.
func greatestUser(n int64) string {
	greatest, key := "", []byte(nil)
	for i := int64(0); i < n; i++ {
		if key = ycsbKey(key, i); string(key) > greatest {
			greatest = string(key)
		}
	}
	return greatest
}
