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
func (s *session) timedOpen(name string, keys int64, key func([]byte, int64) []byte) error {
	r := s.newAccess(0, 0)
	r.toGet(key(r.key, keys-1))
	cpu, began := cpuSeconds(), nowNs()
	if err := s.open(s.durability, plainKeyBytes); err != nil {
		return err
	}
	r.act()
	seconds := float64(nowNs()-began) * 1e-9
	cpu = cpuSeconds() - cpu
	failures := int64(0)
	if _, err := r.judge(); err != nil {
		fmt.Fprintf(os.Stderr, "peer_go: %s: %v\n", name, err)
		failures++
	}
	s.note(row{phase: name, ops: 1, seconds: seconds, opsPerS: 1 / seconds, cpuUs: cpu * 1e6,
		liveMiB: s.liveMiB(keys, len(r.key)), errors: failures})
	return nil
}

func (s *session) openClean() error {
	if err := s.loadUsers(s.keys); err != nil {
		return err
	}
	err := s.e.close()
	s.e = nil
	if err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return s.timedOpen("open", s.keys, ycsbKey)
}

// openKilled lets a child write, kills it, and opens what is left. Every key that the child had an answer for must be
// there; a sample of them is read.
func (s *session) openKilled() error {
	if s.fillOnly {
		return s.fillUntilKilled()
	}
	if err := s.open(s.durability, plainKeyBytes); err != nil {
		return err
	}
	f, ok := s.e.(forgetful)
	err := s.e.close()
	s.e = nil
	if err != nil {
		return err
	}
	if ok && f.isForgetful() {
		return notDone("it answers before the kernel has the write, so a kill loses what was acknowledged")
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
	if err := s.timedOpen("recover", keys, plainKey); err != nil {
		return err
	}
	r := s.newAccess(1, 0)
	for range checkedAfterRecovery {
		r.toGet(plainKey(r.key, r.random.below(keys)))
		r.act()
		if _, err := r.judge(); err != nil {
			if s.pending.errors == 0 {
				fmt.Fprintf(os.Stderr, "peer_go: recover: %v\n", err)
			}
			s.pending.errors++
		}
	}
	return nil
}

// fillUntilKilled writes all keys one by one, tells the parent how many, and waits for its end.
func (s *session) fillUntilKilled() error {
	if err := s.open(s.durability, plainKeyBytes); err != nil {
		return err
	}
	per := s.keys / int64(s.threads)
	o := runPhase(&phase{name: "fill", opsMax: per, sampling: sampled, workers: s.each(func(i int) worker {
		return &fillEvenly{s.newAccess(0, i), int64(i) * per, 1}
	})})
	if o.total.failures > 0 {
		return o.total.first
	}
	fmt.Println(o.total.ops)
	select {}
}
