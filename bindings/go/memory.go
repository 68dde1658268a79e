package shale

import (
	"strings"
	"unsafe"
)

// ptr is the address of the first byte, nil for none. Whoever takes it must keep b.
func ptr(b []byte) *byte {
	if len(b) == 0 {
		return nil
	}
	return &b[0]
}

// view makes n bytes of the library's memory a slice that cannot grow. It is never nil.
func view(p unsafe.Pointer, n int) []byte {
	if p == nil || n == 0 {
		return []byte{}
	}
	return unsafe.Slice((*byte)(p), n)
}

// clone copies; the result is exactly as large as needed and never nil.
func clone(b []byte) []byte {
	out := make([]byte, len(b))
	copy(out, b)
	return out
}

// text copies a NUL-terminated text of the library.
func text(p unsafe.Pointer) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(p), n))
}

// cstring makes a Go string one for C. A NUL inside would cut it short without a word, hence the error.
func cstring(what, s string) (*byte, error) {
	if strings.IndexByte(s, 0) >= 0 {
		return nil, invalid(what + " contains a NUL byte")
	}
	b := make([]byte, len(s)+1)
	copy(b, s)
	return &b[0], nil
}
