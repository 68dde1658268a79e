package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var processStart = time.Now()

// nowNs reads the monotonic clock only.
func nowNs() int64 { return int64(time.Since(processStart)) }

// cpuSeconds is user and system time of all threads so far.
func cpuSeconds() float64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) * 1e-9
}

// procField finds "name: number" in a file of /proc/self; -1 if there is none.
func procField(file, name string) int64 {
	text, err := os.ReadFile("/proc/self/" + file)
	if err != nil {
		return -1
	}
	for _, line := range strings.Split(string(text), "\n") {
		if rest, found := strings.CutPrefix(line, name+":"); found {
			fields := strings.Fields(rest)
			if len(fields) == 0 {
				return -1
			}
			if n, err := strconv.ParseInt(fields[0], 10, 64); err == nil {
				return n
			}
		}
	}
	return -1
}

func peakRSSMiB() float64 { return float64(procField("status", "VmHWM")) / 1024 }

// diskMiB is what the files below dir occupy. Files that vanish meanwhile count nothing.
func diskMiB(dir string) float64 {
	blocks := int64(0)
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				blocks += stat.Blocks
			}
		}
		return nil
	})
	return float64(blocks) * 512 / (1 << 20)
}

// warmMemory touches memory and gives it back: on a virtual machine the first touch of a page may cost
// microseconds, and whoever came first would pay for it.
func warmMemory(mib int64) error {
	if mib <= 0 {
		return nil
	}
	region, err := syscall.Mmap(-1, 0, int(mib<<20), syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return err
	}
	for i := 0; i < len(region); i += 4096 {
		region[i] = 1
	}
	return syscall.Munmap(region)
}
