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
	access
	worker  int
	written *paddedCount
}

func (w *seedPuts) prepare() { w.toPut(seedKey(w.key, w.worker, w.written.n)) }

// judge: a key whose put failed is written again, so that all keys below the count are there.
func (w *seedPuts) judge() (int64, error) {
	if w.err == nil {
		w.written.n++
	}
	return w.access.judge()
}

// paddedCount stands alone in its cache line.
type paddedCount struct {
	n int64
	_ [7]int64
}

type seedHot struct {
	access
	worker int
	keys   int64
}

func (w *seedHot) prepare() { w.toGet(seedKey(w.key, w.worker, w.random.below(w.keys))) }

type seedCold struct {
	access
	ends []int64 // how many keys the workers up to and with this one have written
}

func (w *seedCold) prepare() {
	at := w.random.below(w.ends[len(w.ends)-1])
	owner := sort.Search(len(w.ends), func(i int) bool { return w.ends[i] > at })
	if owner > 0 {
		at -= w.ends[owner-1]
	}
	w.toGet(seedKey(w.key, owner, at))
}

func (s *session) seedWrites() (counts []paddedCount, err error) {
	counts = make([]paddedCount, s.threads)
	err = s.measure(phase{name: "write", seconds: s.seconds, sampling: 1, workers: s.each(func(i int) worker {
		return &seedPuts{s.newAccess(0, i), i, &counts[i]}
	})}, func() float64 { return s.seedLive(counts) })
	return counts, err
}

// seedLive sums keys, whose lengths differ, and values.
func (s *session) seedLive(counts []paddedCount) (liveMiB float64) {
	bytes := int64(0)
	for i := range counts {
		n := counts[i].n
		bytes += n * int64(s.valueBytes+len(seedKey(nil, i, 0))-1)
		digits, power := int64(1), int64(10)
		for low := int64(0); low < n; low, power = power, power*10 {
			bytes += (min(power, n) - low) * digits
			digits++
		}
	}
	return float64(bytes) / (1 << 20)
}

func (s *session) seeds() error {
	counts, err := s.seedWrites()
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
	live := func() float64 { return s.seedLive(counts) }
	err = s.measure(phase{name: "hot", seconds: s.seconds, sampling: sampled, workers: s.each(func(i int) worker {
		return &seedHot{s.newAccess(1, i), i, min(hotKeys, counts[i].n)}
	})}, live)
	if err != nil {
		return err
	}
	return s.measure(phase{name: "cold", seconds: s.seconds, sampling: sampled, workers: s.each(func(i int) worker {
		return &seedCold{s.newAccess(2, i), ends}
	})}, live)
}

func (s *session) syncPuts() error {
	if err := s.open("sync", 0); err != nil {
		return err
	}
	_, err := s.seedWrites()
	return err
}
