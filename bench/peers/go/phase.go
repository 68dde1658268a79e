package main

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// worker is one goroutine's part of a phase. Timed is act alone: choosing a key and looking at a value are outside.
type worker interface {
	prepare()
	act()
	// judge says how many rows the operation just done was of, and what is wrong with it.
	judge() (rows int64, err error)
	// isWrite tells the writes of a mixture from its reads.
	isWrite() bool
}

const (
	latencyMaxNs   = int64(600e9)
	latencyDigits  = 2 // relative error of at most 1 %
	sampled        = 8 // where an operation may take less than a microsecond one in so many is timed
	failuresAtMost = 100
)

// phase is what is to be run.
type phase struct {
	name       string
	seconds    float64 // 0: until opsMax
	opsMax     int64   // of each worker; 0: until the time is over
	sampling   int64   // one in so many operations is timed
	untimed    bool    // no latency is told
	workers    []worker
	background worker // runs beside them, and is not counted; nil: none
}

// tally is one worker's result.
type tally struct {
	ops, writes, failures int64
	first                 error
	latency, writeLatency *hdrhistogram.Histogram
	_                     [64]byte // the neighbour's counts are in another cache line
}

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, latencyMaxNs, latencyDigits) }

func (t *tally) fail(err error) {
	if t.first == nil {
		t.first = err
	}
	t.failures++
}

// one runs one operation, and says when it ended if it was timed.
func (t *tally) one(w worker, timed bool) (endNs int64) {
	w.prepare()
	if !timed {
		w.act()
	} else {
		began := nowNs()
		w.act()
		endNs = nowNs()
		h := t.latency
		if w.isWrite() {
			h = t.writeLatency
		}
		_ = h.RecordValue(min(endNs-began, latencyMaxNs))
	}
	rows, err := w.judge()
	if err != nil {
		t.fail(err)
	}
	t.ops += rows
	if w.isWrite() {
		t.writes += rows
	}
	return endNs
}

func drive(p *phase, w worker, t *tally, deadlineNs int64) {
	for calls := int64(0); p.opsMax == 0 || calls < p.opsMax; calls++ {
		endNs := t.one(w, calls%p.sampling == 0)
		if endNs >= deadlineNs || t.failures >= failuresAtMost {
			return
		}
	}
}

// outcome of a phase over all workers.
type outcome struct {
	seconds, cpuSeconds float64
	total               tally
}

func runPhase(p *phase) outcome {
	tallies := make([]tally, len(p.workers)+1) // the last is the background's
	for i := range tallies {
		tallies[i].latency, tallies[i].writeLatency = newHistogram(), newHistogram()
	}
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	deadlineNs := int64(1) << 62
	ready.Add(len(p.workers))
	done.Add(len(p.workers))
	for i, w := range p.workers {
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			drive(p, w, &tallies[i], deadlineNs)
		}()
	}
	ready.Wait()
	cpu, began := cpuSeconds(), nowNs()
	if p.seconds > 0 {
		deadlineNs = began + int64(p.seconds*1e9)
	}
	last := &tallies[len(p.workers)]
	stop := beside(p.background, last)
	close(start)
	done.Wait()
	result := outcome{float64(nowNs()-began) * 1e-9, cpuSeconds() - cpu, tally{latency: newHistogram(), writeLatency: newHistogram()}}
	stop()
	last.ops, last.writes = 0, 0
	last.latency, last.writeLatency = nil, nil
	result.total.merge(tallies)
	if result.total.first != nil {
		fmt.Fprintf(os.Stderr, "peer_go: %s: %d failed, the first: %v\n", p.name, result.total.failures, result.total.first)
	}
	return result
}

func (t *tally) merge(parts []tally) {
	for i := range parts {
		t.ops += parts[i].ops
		t.writes += parts[i].writes
		t.failures += parts[i].failures
		if t.first == nil {
			t.first = parts[i].first
		}
		if parts[i].latency != nil {
			t.latency.Merge(parts[i].latency)
			t.latency.Merge(parts[i].writeLatency)
			t.writeLatency.Merge(parts[i].writeLatency)
		}
	}
}

// beside runs w until the returned function is called.
func beside(w worker, t *tally) (stop func()) {
	if w == nil {
		return func() {}
	}
	var enough atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for !enough.Load() && t.failures < failuresAtMost {
			t.one(w, false)
		}
	}()
	return func() {
		enough.Store(true)
		<-ended
	}
}
