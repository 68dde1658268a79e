package main

import (
	"math"
	"testing"
)

// A reader that took anything would make every engine look right.
func TestWrongValuesAreSeen(t *testing.T) {
	for _, size := range []int{16, 100, 1024} {
		v := newValues(size)
		key := ycsbKey(nil, 42)
		value := v.fill(key, make([]byte, size))
		if err := v.check(key, value); err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		if v.check(ycsbKey(nil, 43), value) == nil || v.check(key, value[:size-1]) == nil {
			t.Errorf("size %d: a value of another key, or a shorter one, is taken", size)
		}
		value[size-1] ^= 1
		if v.check(key, value) == nil {
			t.Errorf("size %d: a changed last byte is taken", size)
		}
		value[size-1] ^= 1
		value[0] ^= 1
		if v.check(key, value) == nil {
			t.Errorf("size %d: a changed first byte is taken", size)
		}
	}
}

func TestKeysHaveTheirFormAndOrder(t *testing.T) {
	for want, got := range map[string][]byte{
		"key_7_120": seedKey(nil, 7, 120), "0000000000000120": plainKey(nil, 120), "000000000000012x": absentKey(nil, 120),
	} {
		if string(got) != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if user := ycsbKey(nil, 1); len(user) != userKeyBytes || string(user[:4]) != "user" {
		t.Errorf("%q", user)
	}
}

// With theta 0.99 and a million ranks the first has 1/zeta of all draws; the inversion is exact for the first two only, and a
// few percent off for those behind.
func TestZipfHasItsFrequencies(t *testing.T) {
	const n, draws = 1000000, 400000
	z, r := newZipf(n), newRandom(5)
	counts := make([]int, 10)
	for range draws {
		if rank := z.rank(r); rank < int64(len(counts)) {
			counts[rank]++
		} else if rank >= n {
			t.Fatalf("rank %d", rank)
		}
	}
	sum, want := 0, 0.0
	for i, count := range counts {
		sum += count
		want += math.Pow(float64(i+1), -zipfTheta) / z.zetaN
	}
	for _, c := range []struct{ got, want float64 }{{float64(counts[0]) / draws, 1 / z.zetaN}, {float64(sum) / draws, want}} {
		if math.Abs(c.got-c.want) > 0.1*c.want {
			t.Errorf("share %.4f, not %.4f", c.got, c.want)
		}
	}
}

type failing struct{ n int64 }

func (f *failing) prepare()      { f.n++ }
func (f *failing) act()          {}
func (f *failing) isWrite() bool { return f.n%2 == 0 }
func (f *failing) judge() (int64, error) {
	if f.n == 3 {
		return 1, errMissing
	}
	return 1, nil
}

func TestPhaseCountsWritesAndFailures(t *testing.T) {
	o := runPhase(&phase{name: "test", opsMax: 10, sampling: 1, workers: []worker{&failing{}, &failing{}}})
	if o.total.ops != 20 || o.total.writes != 10 || o.total.failures != 2 {
		t.Errorf("%d operations, %d writes, %d failures", o.total.ops, o.total.writes, o.total.failures)
	}
	if o.total.latency.TotalCount() != 20 || o.total.writeLatency.TotalCount() != 10 {
		t.Errorf("%d and %d latencies", o.total.latency.TotalCount(), o.total.writeLatency.TotalCount())
	}
}
