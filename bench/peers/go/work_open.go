package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// How long it takes from opening a store until the first get has its answer: after a clean close, and after the
// process that wrote it was killed.

const checkedAfterRecovery = 1000

func init() {
	workloads["open"] = workload{class: classStore, body: (*session).openClean}
	workloads["recover"] = workload{class: classStore, closed: true, body: (*session).openKilled}
}

// timedOpen opens the store and gets one key.
func (s *session) timedOpen(name string, keys int64) error {
	r := s.reader()
	r.key = plainKey(r.key, keys-1)
	cpu, began := cpuSeconds(), nowNs()
	if err := s.open(s.durability, plainKeyBytes); err != nil {
		return err
	}
	err := r.read()
	seconds := float64(nowNs()-began) * 1e-9
	cpu = cpuSeconds() - cpu
	failures := int64(0)
	if err != nil {
		fmt.Fprintf(os.Stderr, "peer_go: %s: %v\n", name, err)
		failures++
	}
	s.note(row{phase: name, keys: keys, ops: 1, seconds: seconds, opsPerS: 1 / seconds,
		liveMiB: s.liveMiB(keys, plainKeyBytes), errors: failures})
	s.pending.cpuUs = cpu * 1e6
	return nil
}

func (s *session) openClean() error {
	if err := s.loadKeys(s.keys, plainKeyBytes, plainKey); err != nil {
		return err
	}
	err := s.e.close()
	s.e = nil
	if err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return s.timedOpen("open", s.keys)
}

// openKilled lets a child write, kills it, and opens what is left. Every key that the child had an answer for must be
// there; a sample of them is read.
func (s *session) openKilled() error {
	if s.fillOnly {
		return s.fillUntilKilled()
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(program, append(os.Args[1:], "--fill-only")...)
	child.Stderr = os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	line, readErr := bufio.NewReader(out).ReadString('\n')
	killErr := child.Process.Kill()
	_ = child.Wait()
	keys, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if readErr != nil || killErr != nil || err != nil {
		return fmt.Errorf("the process that writes ended by itself (%v, %v)", readErr, killErr)
	}
	if err := s.timedOpen("recover", keys); err != nil {
		return err
	}
	random, r := s.randomOf(1, 0), s.reader()
	for range checkedAfterRecovery {
		r.key = plainKey(r.key, random.below(keys))
		if err := r.read(); err != nil {
			if s.pending.errors == 0 {
				fmt.Fprintf(os.Stderr, "peer_go: recover: %v\n", err)
			}
			s.pending.errors++
		}
	}
	return nil
}

type fillInOrder struct {
	s          *session
	next, end  int64
	key, value []byte
}

func (w *fillInOrder) op() (int64, error) {
	w.key = plainKey(w.key, w.next)
	w.next++
	return 1, w.s.e.put(w.key, w.s.v.fill(w.key, w.value))
}

// fillUntilKilled writes all keys one by one, tells the parent how many, and waits for its end.
func (s *session) fillUntilKilled() error {
	if err := s.open(s.durability, plainKeyBytes); err != nil {
		return err
	}
	per := s.keys / int64(s.threads)
	o := runPhase(&phase{name: "fill", opsMax: per, workers: s.each(func(i int) worker {
		return &fillInOrder{s, int64(i) * per, int64(i+1) * per, nil, make([]byte, s.valueBytes)}
	})})
	if o.total.failures > 0 {
		return o.total.first
	}
	fmt.Println(o.total.ops)
	select {}
}
