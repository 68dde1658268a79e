//go:build go1.24

package shale

import "runtime"

// whenCollected calls free(arg) some time after owner cannot be reached any more. Nothing that arg refers to
// may refer to owner.
func whenCollected[T, A any](owner *T, free func(A), arg A) {
	runtime.AddCleanup(owner, free, arg)
}
