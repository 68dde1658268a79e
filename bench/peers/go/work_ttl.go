package main

import (
	"errors"
	"time"
)

// Keys with a deadline of one second: every second operation puts a new one, every other one reads one of the last that
// this goroutine put, which may be over by then.

const (
	life       = time.Second
	ttlReadFor = 2000
)

func init() {
	workloads["ttl"] = workload{class: classStore, body: (*session).ttl}
}

type ttlWorker struct {
	reading
	worker int
	n      int64
	put    bool
	random *random
	value  []byte
}

func (w *ttlWorker) op() (int64, error) {
	w.put = !w.put
	if w.put {
		w.key = seedKey(w.key, w.worker, w.n)
		w.n++
		return 1, w.s.e.(expirer).putFor(w.key, w.s.v.fill(w.key, w.value), life)
	}
	w.key = seedKey(w.key, w.worker, w.n-1-w.random.below(min(w.n, ttlReadFor)))
	err := w.read()
	if errors.Is(err, errMissing) {
		err = nil
	}
	return 1, err
}

func (s *session) ttl() error {
	if _, can := s.e.(expirer); !can {
		return notDone("its keys have no deadline")
	}
	workers := make([]*ttlWorker, s.threads)
	return s.measure(phase{name: "run", seconds: s.seconds, sampling: 1, workers: s.each(func(i int) worker {
		workers[i] = &ttlWorker{s.reader(), i, 0, false, s.randomOf(1, i), make([]byte, s.valueBytes)}
		return workers[i]
	})}, func() (int64, float64) {
		keys := int64(0)
		for _, w := range workers {
			keys += w.n
		}
		return keys, -1
	})
}
