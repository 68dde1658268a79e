package main

import "sort"

const (
	// rowsAlone is how many rows an engine without a way to load gets one after the other.
	rowsAlone = 1000
	// loadersMost: more only take memory for their groups.
	loadersMost = 4
)

// loading writes rows next .. end in groups, each sorted, as the engines' manuals advise.
type loading struct {
	s         *session
	next, end int64
	rows      int
	keys      [][]byte
	vals      [][]byte
	err       error
}

func (w *loading) prepare() {
	count := int(min(int64(w.rows), w.end-w.next))
	w.keys, w.vals = w.keys[:count], w.vals[:count]
	for i := range w.keys {
		w.keys[i] = ycsbKey(w.keys[i], w.next)
		w.next++
	}
	sort.Slice(w.keys, func(i, j int) bool { return string(w.keys[i]) < string(w.keys[j]) })
	for i, key := range w.keys {
		w.s.v.fill(key, w.vals[i])
	}
}

func (w *loading) act() {
	w.err = nil
	if len(w.keys) == 0 {
		return
	}
	if l, ok := w.s.e.(loader); ok {
		w.err = l.load(w.keys, w.vals)
		return
	}
	for i := 0; i < len(w.keys) && w.err == nil; i++ {
		w.err = w.s.e.put(w.keys[i], w.vals[i])
	}
}

func (w *loading) isWrite() bool { return true }

func (w *loading) judge() (int64, error) { return int64(len(w.keys)), w.err }

// loadUsers writes the rows 0 .. n as a phase of the name "load", which tells no latency.
func (s *session) loadUsers(n int64) error {
	rows := rowsAlone
	if l, ok := s.e.(loader); ok {
		rows = l.rowsPerLoad()
	}
	loaders := int64(min(s.threads, loadersMost))
	share := (n + loaders - 1) / loaders
	var workers []worker
	for i := int64(0); i < loaders; i++ {
		w := &loading{s: s, next: min(n, i*share), end: min(n, (i+1)*share), rows: rows}
		w.keys, w.vals = make([][]byte, rows), make([][]byte, rows)
		for j := range w.vals {
			w.keys[j], w.vals[j] = make([]byte, 0, 32), make([]byte, s.valueBytes)
		}
		workers = append(workers, w)
	}
	return s.measure(phase{name: "load", opsMax: (share + int64(rows) - 1) / int64(rows), sampling: 1, untimed: true,
		workers: workers}, func() float64 { return s.liveMiB(n, userKeyBytes) })
}
