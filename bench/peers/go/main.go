// Command peer_go measures one engine of the Go world with one workload and prints a CSV row a phase. What the
// columns and workloads are is said in bench/peers/README.md, what each engine is given in PROGRAMS.md beside it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

// Exit statuses that the runner knows.
const (
	exitFailed  = 1
	exitUsage   = 2
	exitNotDone = 3
)

// errNotDone is wrapped by errors that say why an engine cannot do a workload at all.
var errNotDone = errors.New("not done")

func notDone(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errNotDone, fmt.Sprintf(format, args...))
}

// run is what one call of the program was asked for.
type run struct {
	engine, workload, durability, dir string
	threads, valueBytes               int
	keys, budgetMiB, warmMiB          int64
	seconds                           float64
	seed                              uint64
	fillOnly                          bool
}

func parse() (r run, list bool) {
	flag.BoolVar(&list, "list", false, "print the engines: name, version, class")
	flag.StringVar(&r.engine, "engine", "", "engine to measure")
	flag.StringVar(&r.workload, "workload", "", "what to do with it")
	flag.IntVar(&r.threads, "threads", 1, "goroutines")
	flag.Float64Var(&r.seconds, "seconds", 3, "length of a phase")
	flag.IntVar(&r.valueBytes, "value-bytes", 1024, "bytes of a value")
	flag.Int64Var(&r.keys, "keys", 1000000, "keys loaded")
	flag.Int64Var(&r.budgetMiB, "budget-mib", 512, "memory the engine may use")
	flag.StringVar(&r.durability, "durability", "os", "os, sync or none")
	flag.StringVar(&r.dir, "dir", "", "directory for the store")
	flag.Uint64Var(&r.seed, "seed", 1, "start of the random numbers")
	flag.Int64Var(&r.warmMiB, "warm-mib", 0, "memory touched and given back before the engine is opened")
	flag.BoolVar(&r.fillOnly, "fill-only", false, "write the keys, say so, and wait to be killed (used by recover)")
	flag.Parse()
	return r, list
}

func (r run) check() error {
	switch {
	case r.threads < 1 || r.threads > 4096:
		return fmt.Errorf("--threads %d: 1 to 4096", r.threads)
	case r.valueBytes < 16 || r.valueBytes > 1<<20:
		return fmt.Errorf("--value-bytes %d: 16 to 1048576", r.valueBytes)
	case r.keys < 1000 || r.keys > 1<<32:
		return fmt.Errorf("--keys %d: 1000 to 4294967296", r.keys)
	case r.budgetMiB < 16:
		return fmt.Errorf("--budget-mib %d: at least 16", r.budgetMiB)
	case r.seconds <= 0:
		return fmt.Errorf("--seconds %v: more than 0", r.seconds)
	case r.durability != "os" && r.durability != "sync" && r.durability != "none":
		return fmt.Errorf("--durability %s: os, sync or none", r.durability)
	}
	return nil
}

func main() {
	r, list := parse()
	if list {
		for _, e := range engines {
			fmt.Printf("%s\t%s\t%s\n", e.name, e.version(), e.class)
		}
		return
	}
	err := r.check()
	if err == nil {
		err = r.measure()
	}
	if err == nil {
		return
	}
	fmt.Fprintf(os.Stderr, "peer_go: %s: %s: %v\n", r.engine, r.workload, err)
	if errors.Is(err, errNotDone) {
		os.Exit(exitNotDone)
	}
	os.Exit(exitFailed)
}

// measure opens the engine that is named, in the class that the workload needs, and runs the workload.
func (r run) measure() error {
	work, known := workloads[r.workload]
	if !known {
		return fmt.Errorf("no such workload")
	}
	found := false
	for _, e := range engines {
		if e.name != r.engine {
			continue
		}
		found = true
		if e.class == work.class {
			return r.inSession(e, work)
		}
	}
	if found {
		return notDone("this workload is for a %s", work.class)
	}
	return fmt.Errorf("no such engine; --list names them")
}
