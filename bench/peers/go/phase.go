package main

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// worker is one goroutine's part of a phase. op does one operation and says how many rows it was.
type worker interface {
	op() (rows int64, err error)
}

const (
	latencyMaxNs   = int64(600e9)
	latencyDigits  = 2 // relative error of at most 1 %
	cacheSampling  = 8 // of the operations of an engine in memory one in so many is timed
	failuresAtMost = 100
)

// phase is what is to be run.
type phase struct {
	name       string
	seconds    float64 // 0: until opsMax
	opsMax     int64   // of each worker; 0: until the time is over
	sampling   int64   // one in so many operations is timed; 0: none
	workers    []worker
	background worker // runs beside them, and is not counted; nil: none
}

// tally is one worker's result.
type tally struct {
	ops, failures int64
	first         error
	latency       *hdrhistogram.Histogram
}

func (t *tally) fail(err error) bool {
	if t.first == nil {
		t.first = err
	}
	t.failures++
	return t.failures < failuresAtMost
}

// drive runs one worker to the end of the phase. Where every operation is timed the end of one is the start of the
// next, so that there is one reading of the clock an operation.
func drive(p *phase, w worker, t *tally, deadlineNs int64) {
	sampling := p.sampling
	if sampling == 0 {
		sampling = 1
	}
	var calls int64
	before := nowNs()
	for p.opsMax == 0 || calls < p.opsMax {
		timed := calls%sampling == 0
		if timed && sampling > 1 {
			before = nowNs()
		}
		rows, err := w.op()
		calls++
		t.ops += rows
		if err != nil && !t.fail(err) {
			return
		}
		if !timed {
			continue
		}
		after := nowNs()
		if p.sampling > 0 {
			_ = t.latency.RecordValue(min(after-before, latencyMaxNs))
		}
		before = after
		if after >= deadlineNs {
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
	tallies := make([]tally, len(p.workers))
	for i := range tallies {
		tallies[i].latency = hdrhistogram.New(1, latencyMaxNs, latencyDigits)
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
	stop := beside(p.background, &tallies[0])
	close(start)
	done.Wait()
	ended := nowNs()
	result := outcome{float64(ended-began) * 1e-9, cpuSeconds() - cpu, tally{latency: tallies[0].latency}}
	stop()
	result.total.merge(tallies)
	if result.total.first != nil {
		fmt.Fprintf(os.Stderr, "peer_go: %s: %d failed, the first: %v\n", p.name, result.total.failures, result.total.first)
	}
	return result
}

func (t *tally) merge(parts []tally) {
	for i := range parts {
		t.ops += parts[i].ops
		t.failures += parts[i].failures
		if t.first == nil {
			t.first = parts[i].first
		}
		if i > 0 {
			t.latency.Merge(parts[i].latency)
		}
	}
}

// beside runs w until the returned function is called. Its failures go to t, after that.
func beside(w worker, t *tally) (stop func()) {
	if w == nil {
		return func() {}
	}
	var enough atomic.Bool
	var failures int64
	var first error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for !enough.Load() && failures < failuresAtMost {
			if _, err := w.op(); err != nil {
				failures++
				first = err
			}
		}
	}()
	return func() {
		enough.Store(true)
		<-ended
		t.failures += failures
		if t.first == nil {
			t.first = first
		}
	}
}
