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
)

func init() {
	for name, puts := range map[string]int64{"cache-read": 0, "cache-mixed": mixedPutPercent, "cache-write": 100} {
		workloads[name] = workload{class: classCache, keyBytes: plainKeyBytes, body: func(s *session) error { return s.cacheFits(puts) }}
	}
	workloads["cache-zipf"] = workload{class: classCache, keyBytes: plainKeyBytes, body: (*session).cacheZipf}
}

type cacheWorker struct {
	reading
	keys         int64
	puts         int64 // percent
	zipf         *zipf // nil: evenly
	fill         bool  // put what is missing
	random       *random
	value        []byte
	gets, misses int64
}

func (w *cacheWorker) put() error { return w.s.e.put(w.key, w.s.v.fill(w.key, w.value)) }

func (w *cacheWorker) op() (int64, error) {
	if w.zipf != nil {
		w.key = plainKey(w.key, w.zipf.scrambled(w.random))
	} else {
		w.key = plainKey(w.key, w.random.below(w.keys))
	}
	if w.puts > 0 && w.random.below(100) < w.puts {
		return 1, w.put()
	}
	w.gets++
	value, err := w.s.e.get(w.key, w.buf)
	if errors.Is(err, errMissing) {
		w.misses++
		if w.fill {
			return 1, w.put()
		}
		return 1, nil
	}
	if err != nil {
		return 1, err
	}
	return 1, w.s.v.check(w.key, value)
}

// fillEvenly puts keys [next, end) of one worker, step apart.
type fillEvenly struct {
	s          *session
	next, step int64
	key, value []byte
}

func (w *fillEvenly) op() (int64, error) {
	w.key = plainKey(w.key, w.next)
	w.next += w.step
	return 1, w.s.e.put(w.key, w.s.v.fill(w.key, w.value))
}

// cacheLoad puts keys first, first+stride, ... as often as `count` says, all goroutines together.
func (s *session) cacheLoad(name string, count, stride int64) error {
	threads := int64(s.threads)
	return s.measure(phase{name: name, opsMax: (count + threads - 1) / threads, sampling: cacheSampling,
		workers: s.each(func(i int) worker {
			return &fillEvenly{s, int64(i) * stride, threads * stride, nil, make([]byte, s.valueBytes)}
		})}, func() (int64, float64) { return count, s.liveMiB(count, plainKeyBytes) })
}

// cachePhase measures and adds the row of hits.
func (s *session) cachePhase(name string, seconds float64, opsMax int64, keys int64, make func(i int) *cacheWorker) error {
	var all []*cacheWorker
	err := s.measure(phase{name: name, seconds: seconds, opsMax: opsMax, sampling: cacheSampling, workers: s.each(func(i int) worker {
		all = append(all, make(i))
		return all[i]
	})}, func() (int64, float64) { return keys, s.liveMiB(keys, plainKeyBytes) })
	if err != nil {
		return err
	}
	gets, misses := int64(0), int64(0)
	for _, w := range all {
		gets += w.gets
		misses += w.misses
	}
	if name == "run" && gets > 0 {
		seconds := s.pending.seconds
		s.note(row{phase: "hit_percent", keys: keys, ops: gets, seconds: seconds,
			opsPerS: 100 * float64(gets-misses) / float64(gets), liveMiB: -1})
	}
	return nil
}

func (s *session) cacheFits(puts int64) error {
	if s.liveMiB(s.keys, plainKeyBytes) > float64(s.budgetMiB)/2 {
		return notDone("%d keys of %d bytes are more than half of the budget of %d MiB", s.keys, s.valueBytes, s.budgetMiB)
	}
	if err := s.cacheLoad("load", s.keys, 1); err != nil {
		return err
	}
	time.Sleep(settleFor)
	return s.cachePhase("run", s.seconds, 0, s.keys, func(i int) *cacheWorker {
		return &cacheWorker{reading: s.reader(), keys: s.keys, puts: puts, random: s.randomOf(1, i), value: make([]byte, s.valueBytes)}
	})
}

// settleFor is time for caches that take in what was put by a queue.
const settleFor = 50 * time.Millisecond

// cacheZipf fills the cache with keys that are spread evenly, lets the likely ones come in, and measures then.
func (s *session) cacheZipf() error {
	fit := s.budgetMiB << 20 / int64(plainKeyBytes+s.valueBytes)
	keys := fit * zipfTimesBudget
	z := newZipf(keys)
	if err := s.cacheLoad("load", fit, zipfTimesBudget); err != nil {
		return err
	}
	make := func(phase int) func(int) *cacheWorker {
		return func(i int) *cacheWorker {
			return &cacheWorker{reading: s.reader(), keys: keys, zipf: z, fill: true, random: s.randomOf(phase, i),
				value: make([]byte, s.valueBytes)}
		}
	}
	if err := s.cachePhase("warm", 0, fit/int64(s.threads)+1, keys, make(1)); err != nil {
		return err
	}
	return s.cachePhase("run", s.seconds, 0, keys, make(2))
}
