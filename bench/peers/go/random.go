package main

import (
	"math"
	"math/bits"
)

// random is xorshift64*: about a nanosecond a number, so that choosing a key is not what is measured.
type random struct{ state uint64 }

func newRandom(seed uint64) *random { return &random{(seed+1)*0x9E3779B97F4A7C15 | 1} }

func (r *random) next() uint64 {
	r.state ^= r.state >> 12
	r.state ^= r.state << 25
	r.state ^= r.state >> 27
	return r.state * 0x2545F4914F6CDD1D
}

// below draws evenly from [0, n).
func (r *random) below(n int64) int64 {
	high, _ := bits.Mul64(r.next(), uint64(n))
	return int64(high)
}

func (r *random) unit() float64 { return float64(r.next()>>11) / (1 << 53) }

const zipfTheta = 0.99

// zipf draws ranks from [0, n), rank 0 the likeliest, by the inversion of Gray et al. (SIGMOD 1994) that YCSB uses.
// Constant after it is made.
type zipf struct {
	n                 int64
	zetaN, alpha, eta float64
}

func newZipf(n int64) *zipf {
	zeta := 0.0
	for i := int64(1); i <= n; i++ {
		zeta += math.Pow(float64(i), -zipfTheta)
	}
	zeta2 := 1 + math.Pow(2, -zipfTheta)
	return &zipf{n, zeta, 1 / (1 - zipfTheta),
		(1 - math.Pow(2/float64(n), 1-zipfTheta)) / (1 - zeta2/zeta)}
}

func (z *zipf) rank(r *random) int64 {
	u := r.unit()
	scaled := u * z.zetaN
	if scaled < 1 {
		return 0
	}
	if scaled < 1+math.Pow(0.5, zipfTheta) {
		return 1
	}
	return min(z.n-1, int64(float64(z.n)*math.Pow(z.eta*u-z.eta+1, z.alpha)))
}

// scrambled spreads the likely ranks over all numbers, as YCSB does.
func (z *zipf) scrambled(r *random) int64 {
	return int64(scatter(uint64(z.rank(r))) % uint64(z.n))
}
