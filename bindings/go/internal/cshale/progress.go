package cshale

// #include <stdint.h>
import "C"

import "runtime/cgo"

// shaleGoProgress is called by C while a long call runs, on the thread of that call. The token is a
// cgo.Handle of the function to call, which must not panic: C would be left half way.
//
//export shaleGoProgress
func shaleGoProgress(token C.uintptr_t, done, total C.int64_t) C.int32_t {
	if cgo.Handle(token).Value().(func(done, total int64) bool)(int64(done), int64(total)) {
		return 0
	}
	return 1
}
