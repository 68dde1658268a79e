package main

import "sort"

// rowsAlone is how many rows an engine without a way to load gets one after the other.
const rowsAlone = 1000

// loading writes rows first, first+step, ... in groups, each sorted, as the engines' manuals advise.
type loading struct {
	s          *session
	key        func(buf []byte, n int64) []byte
	next, step int64
	end        int64
	rows       int
	keys, vals [][]byte
}

func (w *loading) op() (int64, error) {
	count := 0
	for ; count < w.rows && w.next < w.end; w.next += w.step {
		w.keys[count] = w.key(w.keys[count], w.next)
		count++
	}
	keys := w.keys[:count]
	sort.Slice(keys, func(i, j int) bool { return string(keys[i]) < string(keys[j]) })
	for i, key := range keys {
		w.vals[i] = w.s.v.fill(key, w.vals[i])
	}
	if l, ok := w.s.e.(loader); ok {
		return int64(count), l.load(keys, w.vals[:count])
	}
	for i, key := range keys {
		if err := w.s.e.put(key, w.vals[i]); err != nil {
			return int64(i), err
		}
	}
	return int64(count), nil
}

// loadKeys writes keys [0, n) with all goroutines, as a phase of the name "load".
func (s *session) loadKeys(n int64, keyBytes int, key func([]byte, int64) []byte) error {
	rows := rowsAlone
	if l, ok := s.e.(loader); ok {
		rows = l.rowsPerLoad()
	}
	threads := int64(s.threads)
	group := int64(rows)
	calls := (n/threads + group) / group
	workers := s.each(func(i int) worker {
		w := &loading{s: s, key: key, next: int64(i), step: threads, end: n, rows: rows}
		w.keys, w.vals = make([][]byte, rows), make([][]byte, rows)
		for j := range w.vals {
			w.keys[j], w.vals[j] = make([]byte, 0, 32), make([]byte, s.valueBytes)
		}
		return w
	})
	return s.measure(phase{name: "load", opsMax: calls, workers: workers},
		func() (int64, float64) { return n, s.liveMiB(n, keyBytes) })
}
