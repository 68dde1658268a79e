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
	access
	worker int
	n      int64
}

func (w *ttlWorker) prepare() {
	if !w.put {
		w.toPut(seedKey(w.key, w.worker, w.n))
		w.n++
		return
	}
	w.toGet(seedKey(w.key, w.worker, w.n-1-w.random.below(min(w.n, ttlReadFor))))
}

func (w *ttlWorker) act() {
	if w.put {
		w.err = w.s.e.(expirer).putFor(w.key, w.value, life)
		return
	}
	w.access.act()
}

func (w *ttlWorker) judge() (int64, error) {
	if !w.put && errors.Is(w.err, errMissing) {
		return 1, nil
	}
	return w.access.judge()
}

func (s *session) ttl() error {
	if _, can := s.e.(expirer); !can {
		return notDone("its keys have no deadline")
	}
	return s.measure(phase{name: "run", seconds: s.seconds, sampling: 1, workers: s.each(func(i int) worker {
		return &ttlWorker{access: s.newAccess(1, i), worker: i}
	})}, func() float64 { return -1 })
}
