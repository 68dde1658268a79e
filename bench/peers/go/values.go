package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
)

// The noise stays in the second-level cache, so that making a value costs little beside storing it.
const noiseBytes = 256 << 10

// values makes the value that belongs to a key: the key, and noise that its bytes choose. Constant after it is made.
type values struct {
	size  int
	noise []byte
}

func newValues(size int) *values {
	random := newRandom(0)
	noise := make([]byte, noiseBytes+size)
	for i := range noise {
		noise[i] = byte(random.next() >> 56)
	}
	return &values{size, noise}
}

// noiseOf is the rest of the value behind `head` bytes of key.
func (v *values) noiseOf(key []byte, head int) []byte {
	h := uint64(len(key))
	if len(key) >= 8 {
		h ^= binary.LittleEndian.Uint64(key[len(key)-8:]) * 0x9E3779B97F4A7C15
		h ^= binary.LittleEndian.Uint64(key) * 0xC2B2AE3D27D4EB4F
	} else {
		for _, b := range key {
			h = h*31 + uint64(b)
		}
	}
	at := int((h * 0x9E3779B97F4A7C15 >> 32) % noiseBytes)
	return v.noise[at : at+v.size-head]
}

// fill writes the value of key to out, which has room for it.
func (v *values) fill(key, out []byte) []byte {
	out = out[:v.size]
	head := copy(out, key)
	copy(out[head:], v.noiseOf(key, head))
	return out
}

// check compares length, key and the last eight bytes.
func (v *values) check(key, value []byte) error {
	if len(value) != v.size {
		return fmt.Errorf("value of %q has %d bytes, not %d", key, len(value), v.size)
	}
	head := min(len(key), v.size)
	if !bytes.Equal(value[:head], key[:head]) {
		return fmt.Errorf("value of %q belongs to another key", key)
	}
	rest, want := value[head:], v.noiseOf(key, head)
	tail := min(8, len(rest))
	if !bytes.Equal(rest[len(rest)-tail:], want[len(want)-tail:]) {
		return fmt.Errorf("value of %q ends with other bytes than were written", key)
	}
	return nil
}

// Keys are appended to a buffer: no call of fmt is in any result.

// seedKey is key_<worker>_<n>.
func seedKey(buf []byte, worker int, n int64) []byte {
	buf = append(buf[:0], "key_"...)
	buf = strconv.AppendInt(buf, int64(worker), 10)
	buf = append(buf, '_')
	return strconv.AppendInt(buf, n, 10)
}

// ycsbKey is user<19 digits>, of a hash of the row's number.
func ycsbKey(buf []byte, n int64) []byte {
	return padded(append(buf[:0], "user"...), scatter(uint64(n)+1)>>1, 19)
}

// plainKey is the number in 16 digits, so that keys are ordered as their numbers.
func plainKey(buf []byte, n int64) []byte { return padded(buf[:0], uint64(n), 16) }

// absentKey lies between two plain keys and is as long as they are.
func absentKey(buf []byte, n int64) []byte {
	return append(padded(buf[:0], uint64(n), 16)[:15], 'x')
}

func padded(buf []byte, n uint64, digits int) []byte {
	start := len(buf)
	buf = append(buf, "0000000000000000000"[:digits]...)
	for i := start + digits - 1; i >= start && n > 0; i-- {
		buf[i] = byte('0' + n%10)
		n /= 10
	}
	return buf
}

// scatter is the finalizer of MurmurHash3, a bijection.
func scatter(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xFF51AFD7ED558CCD
	x ^= x >> 33
	x *= 0xC4CEB9FE1A85EC53
	return x ^ x>>33
}
