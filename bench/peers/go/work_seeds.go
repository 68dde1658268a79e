package main

import (
	"fmt"
	"sort"
)

// The workload of the project's first goals: every goroutine writes keys of its own, then reads its first thousand,
// then any key of anybody. sync is its first phase with durable writes.

const hotKeys = 1000

func init() {
	workloads["seeds"] = workload{class: classStore, body: (*session).seeds}
	workloads["sync"] = workload{class: classStore, closed: true, body: (*session).syncPuts}
}

type seedPuts struct {
	s          *session
	worker     int
	written    *int64
	key, value []byte
}

func (w *seedPuts) op() (int64, error) {
	w.key = seedKey(w.key, w.worker, *w.written)
	err := w.s.e.put(w.key, w.s.v.fill(w.key, w.value))
	if err == nil {
		*w.written++
	}
	return 1, err
}

// paddedCount stands alone in its cache line.
type paddedCount struct {
	n int64
	_ [7]int64
}

// reading gets one key and checks what came.
type reading struct {
	s        *session
	key, buf []byte
}

func (w *reading) read() error {
	value, err := w.s.e.get(w.key, w.buf)
	if err != nil {
		return fmt.Errorf("get %q: %w", w.key, err)
	}
	return w.s.v.check(w.key, value)
}

func (s *session) reader() reading { return reading{s: s, buf: make([]byte, 0, s.valueBytes+64)} }

type seedHot struct {
	reading
	worker int
	keys   int64
	random *random
}

func (w *seedHot) op() (int64, error) {
	w.key = seedKey(w.key, w.worker, w.random.below(w.keys))
	return 1, w.read()
}

type seedCold struct {
	reading
	ends   []int64 // how many keys the workers up to and with this one have written
	random *random
}

func (w *seedCold) op() (int64, error) {
	at := w.random.below(w.ends[len(w.ends)-1])
	owner := sort.Search(len(w.ends), func(i int) bool { return w.ends[i] > at })
	if owner > 0 {
		at -= w.ends[owner-1]
	}
	w.key = seedKey(w.key, owner, at)
	return 1, w.read()
}

func (s *session) seedWrites(name string) (counts []paddedCount, err error) {
	counts = make([]paddedCount, s.threads)
	err = s.measure(phase{name: name, seconds: s.seconds, sampling: 1, workers: s.each(func(i int) worker {
		return &seedPuts{s: s, worker: i, written: &counts[i].n, value: make([]byte, s.valueBytes)}
	})}, func() (int64, float64) { return s.seedLive(counts) })
	return counts, err
}

// seedLive counts keys and their bytes, whose lengths differ.
func (s *session) seedLive(counts []paddedCount) (keys int64, liveMiB float64) {
	bytes := int64(0)
	for i := range counts {
		n := counts[i].n
		keys += n
		bytes += n * int64(s.valueBytes+len(seedKey(nil, i, 0))-1)
		for low, digits := int64(0), int64(1); low < n; digits++ {
			high := pow10(digits)
			bytes += (min(high, n) - low) * digits
			low = high
		}
	}
	return keys, float64(bytes) / (1 << 20)
}

func pow10(n int64) int64 {
	p := int64(1)
	for ; n > 0; n-- {
		p *= 10
	}
	return p
}

func (s *session) seeds() error {
	counts, err := s.seedWrites("write")
	if err != nil {
		return err
	}
	var ends []int64
	total := int64(0)
	for i := range counts {
		if counts[i].n == 0 {
			return fmt.Errorf("goroutine %d wrote no key in %v s", i, s.seconds)
		}
		total += counts[i].n
		ends = append(ends, total)
	}
	live := func() (int64, float64) { return s.seedLive(counts) }
	err = s.measure(phase{name: "hot", seconds: s.seconds, sampling: 1, workers: s.each(func(i int) worker {
		return &seedHot{s.reader(), i, min(hotKeys, counts[i].n), s.randomOf(1, i)}
	})}, live)
	if err != nil {
		return err
	}
	return s.measure(phase{name: "cold", seconds: s.seconds, sampling: 1, workers: s.each(func(i int) worker {
		return &seedCold{s.reader(), ends, s.randomOf(2, i)}
	})}, live)
}

func (s *session) syncPuts() error {
	if err := s.open("sync", 0); err != nil {
		return err
	}
	_, err := s.seedWrites("sync")
	return err
}
