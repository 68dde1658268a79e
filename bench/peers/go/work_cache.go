package main

import (
	"errors"
	"time"
)

// Caches in memory. cache-read, -write and -mixed: keys that are loaded first and fit, each as likely as any other, as in
// the benchmark of a cache of 256 shards that this project began from; with --keys 10000 it is as hot as there. cache-zipf:
// four times more keys than fit; what is missing is put. A row hit_percent says what part of the reads found its key: a
// cache may lose keys, but then it has done less.

const (
	mixedPutPercent = 25
	zipfTimesBudget = 4
	// settleFor is time for caches that take in what was put by a queue.
	settleFor = 50 * time.Millisecond
)

func init() {
	for name, puts := range map[string]int64{"cache-read": 0, "cache-mixed": mixedPutPercent, "cache-write": 100} {
		workloads[name] = workload{class: classCache, keyBytes: plainKeyBytes,
			body: func(s *session) error { return s.cacheFits(puts) }}
	}
	workloads["cache-zipf"] = workload{class: classCache, keyBytes: plainKeyBytes, body: (*session).cacheZipf}
}

type cacheWorker struct {
	access
	keys         int64
	puts         int64 // percent
	zipf         *zipf // nil: evenly
	fill         bool  // put what is missing
	gets, misses int64
}

func (w *cacheWorker) prepare() {
	n := int64(0)
	if w.zipf != nil {
		n = w.zipf.scrambled(w.random)
	} else {
		n = w.random.below(w.keys)
	}
	if key := plainKey(w.key, n); w.puts > 0 && w.random.below(100) < w.puts {
		w.toPut(key)
	} else {
		w.toGet(key)
	}
}

func (w *cacheWorker) act() {
	w.access.act()
	if w.put {
		return
	}
	w.gets++
	if w.err == errMissing {
		w.misses++
		if w.fill {
			w.toPut(w.key)
			w.access.act()
		}
	}
}

func (w *cacheWorker) judge() (int64, error) {
	if errors.Is(w.err, errMissing) {
		return 1, nil
	}
	return w.access.judge()
}

// fillEvenly puts every so manieth key.
type fillEvenly struct {
	access
	next, step int64
}

func (w *fillEvenly) prepare() {
	w.toPut(plainKey(w.key, w.next))
	w.next += w.step
}

// cacheLoad puts count keys, stride apart, all goroutines together.
func (s *session) cacheLoad(count, stride int64) error {
	threads := int64(s.threads)
	err := s.measure(phase{name: "load", opsMax: (count + threads - 1) / threads, sampling: sampled,
		workers: s.each(func(i int) worker {
			return &fillEvenly{s.newAccess(0, i), int64(i) * stride, threads * stride}
		})}, func() float64 { return s.liveMiB(count, plainKeyBytes) })
	time.Sleep(settleFor)
	return err
}

// cachePhase measures, and adds the row of hits.
func (s *session) cachePhase(p phase, keys int64, make func(i int) *cacheWorker) error {
	var all []*cacheWorker
	p.sampling = sampled
	p.workers = s.each(func(i int) worker {
		all = append(all, make(i))
		return all[i]
	})
	if err := s.measure(p, func() float64 { return s.liveMiB(keys, plainKeyBytes) }); err != nil {
		return err
	}
	gets, misses := int64(0), int64(0)
	for _, w := range all {
		gets += w.gets
		misses += w.misses
	}
	if p.seconds > 0 && gets > 0 {
		s.note(row{phase: "hit_percent", ops: gets, seconds: s.pending.seconds,
			opsPerS: 100 * float64(gets-misses) / float64(gets), cpuUs: -1, liveMiB: -1})
	}
	return nil
}

func (s *session) cacheFits(puts int64) error {
	if s.liveMiB(s.keys, plainKeyBytes) > float64(s.budgetMiB)/2 {
		return notDone("%d keys with values of %d bytes are more than half of the budget of %d MiB", s.keys, s.valueBytes, s.budgetMiB)
	}
	if err := s.cacheLoad(s.keys, 1); err != nil {
		return err
	}
	return s.cachePhase(phase{name: "run", seconds: s.seconds}, s.keys, func(i int) *cacheWorker {
		return &cacheWorker{access: s.newAccess(1, i), keys: s.keys, puts: puts}
	})
}

// cacheZipf fills the cache with keys that are spread evenly, lets the likely ones come in, and measures then.
func (s *session) cacheZipf() error {
	if u, ok := s.e.(unbounded); ok && u.isUnbounded() {
		return notDone("it has no bound on its memory")
	}
	fit := s.budgetMiB << 20 / int64(plainKeyBytes+s.valueBytes)
	keys := fit * zipfTimesBudget
	z := newZipf(keys)
	if err := s.cacheLoad(fit, zipfTimesBudget); err != nil {
		return err
	}
	worker := func(phase int) func(int) *cacheWorker {
		return func(i int) *cacheWorker {
			return &cacheWorker{access: s.newAccess(phase, i), keys: keys, zipf: z, fill: true}
		}
	}
	if err := s.cachePhase(phase{name: "warm", opsMax: fit/int64(s.threads) + 1}, keys, worker(1)); err != nil {
		return err
	}
	return s.cachePhase(phase{name: "run", seconds: s.seconds}, keys, worker(2))
}
