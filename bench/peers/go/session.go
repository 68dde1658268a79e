package main

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// session is one engine that is open, and the rows measured on it. The row of the last phase is printed after the
// engine was closed, because what it wrote while closing belongs to it.
type session struct {
	run
	peer    peer
	e       engine
	v       *values
	pending *row
}

// row is one line of the output; -1 stands for an empty column.
type row struct {
	phase                    string
	ops, errors              int64
	seconds, opsPerS, cpuUs  float64
	p50, p99, p999, most     float64
	rssMiB, diskMiB, liveMiB float64
	writtenBefore            int64
	writes                   *row // of a mixture the writes once more, for they are what stalls
}

// workload is a class of engine and what to do with it.
type workload struct {
	class    string
	keyBytes int // for engines that count entries
	body     func(*session) error
	closed   bool // the body opens the engine by itself
}

// workloads is filled by each workload's file.
var workloads = map[string]workload{}

func (r run) inSession(p peer, work workload) error {
	if err := warmMemory(r.warmMiB); err != nil {
		return fmt.Errorf("warming: %w", err)
	}
	s := &session{run: r, peer: p, v: newValues(r.valueBytes)}
	if !work.closed {
		if err := s.open(r.durability, work.keyBytes); err != nil {
			return err
		}
	}
	err := work.body(s)
	if s.e != nil {
		if closeErr := s.e.close(); err == nil && closeErr != nil {
			err = fmt.Errorf("close: %w", closeErr)
		}
	}
	s.flush()
	return err
}

func (s *session) open(durability string, keyBytes int) error {
	e, err := s.peer.open(settings{s.dir, durability, s.budgetMiB << 20, s.valueBytes, keyBytes})
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	s.e = e
	return nil
}

func (s *session) liveMiB(keys int64, keyBytes int) float64 {
	return float64(keys) * float64(keyBytes+s.valueBytes) / (1 << 20)
}

// measure runs a phase; liveMiB, called after it, says how large the keys and values are that there are then.
func (s *session) measure(p phase, liveMiB func() float64) error {
	s.flush()
	written := max(0, procField("io", "write_bytes"))
	o := runPhase(&p)
	r := row{phase: p.name, ops: o.total.ops, seconds: o.seconds, opsPerS: float64(o.total.ops) / o.seconds,
		cpuUs: -1, p50: -1, p99: -1, p999: -1, most: -1, rssMiB: peakRSSMiB(), diskMiB: -1, liveMiB: liveMiB(),
		errors: o.total.failures, writtenBefore: written}
	if o.total.ops > 0 {
		r.cpuUs = o.cpuSeconds * 1e6 / float64(o.total.ops)
	}
	if !p.untimed {
		r.setLatency(o.total.latency)
	}
	if s.peer.class == classStore {
		r.diskMiB = diskMiB(s.dir)
	}
	if n := o.total.writes; n > 0 && n < o.total.ops {
		part := row{phase: p.name + "-writes", ops: n, seconds: o.seconds, opsPerS: float64(n) / o.seconds}
		part.setLatency(o.total.writeLatency)
		r.writes = &part
	}
	s.pending = &r
	if o.total.failures >= failuresAtMost {
		return fmt.Errorf("%s: too many failures: %w", p.name, o.total.first)
	}
	return nil
}

// note adds a row that is one figure.
func (s *session) note(r row) {
	s.flush()
	r.p50, r.p99, r.p999, r.most = -1, -1, -1, -1
	r.rssMiB, r.writtenBefore = peakRSSMiB(), -1
	if s.peer.class == classStore {
		r.diskMiB = diskMiB(s.dir)
	} else {
		r.diskMiB = -1
	}
	s.pending = &r
}

// flush prints the row that waits, with what was written to the disk until now.
func (s *session) flush() {
	r := s.pending
	if r == nil {
		return
	}
	s.pending = nil
	written := -1.0
	if r.writtenBefore >= 0 && r.ops > 0 && s.peer.class == classStore {
		written = float64(max(0, procField("io", "write_bytes")-r.writtenBefore)) / float64(r.ops)
	}
	s.print(r, column(r.cpuUs, 4), fmt.Sprintf("%s,%.1f,%s,%s", column(written, 1), r.rssMiB, column(r.diskMiB, 1),
		column(r.liveMiB, 1)))
	if r.writes != nil {
		s.print(r.writes, "", ",,,") // a part of a phase has no share of the process of its own
	}
}

func (s *session) print(r *row, cpuUs, process string) {
	fmt.Printf("%s,%s,%s,%d,%d,%d,%.6f,%d,%.3f,%s,%s,%s,%s,%s,%s,%d\n", s.engine, s.workload, r.phase, s.threads,
		s.valueBytes, s.keys, r.seconds, r.ops, r.opsPerS, cpuUs, column(r.p50, 3), column(r.p99, 3), column(r.p999, 3),
		column(r.most, 3), process, r.errors)
}

func (r *row) setLatency(h *hdrhistogram.Histogram) {
	if h.TotalCount() == 0 {
		return
	}
	r.p50, r.p99 = micros(h.ValueAtQuantile(50)), micros(h.ValueAtQuantile(99))
	r.p999, r.most = micros(h.ValueAtQuantile(99.9)), micros(h.Max())
}

func column(x float64, digits int) string {
	if x < 0 {
		return ""
	}
	return fmt.Sprintf("%.*f", digits, x)
}

func micros(ns int64) float64 { return float64(ns) / 1e3 }

// each makes one worker a goroutine.
func (s *session) each(make func(i int) worker) []worker {
	var all []worker
	for i := 0; i < s.threads; i++ {
		all = append(all, make(i))
	}
	return all
}
