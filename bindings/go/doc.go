// Package shale is an ordered, crash-safe key-value store inside the process: a memory tier of 256 shards
// over 64 disk shards, in C++, reached through the library libshale.
//
//	db, err := shale.Open("data", shale.WithMemory("512MiB"))
//	if err != nil {
//		return err
//	}
//	defer db.Close()
//	err = db.Put([]byte("user:1"), []byte("Ada"), shale.TTL(time.Hour))
//	value, err := db.Get([]byte("user:1"))
//	if errors.Is(err, shale.ErrNotFound) {
//		...
//	}
//
// # Bytes
//
// Keys are 1 to 65,535 bytes and values 0 to 1 GiB, of any content; keys are ordered bytewise. The package
// keeps no slice that it is given, and every slice that it gives belongs to the caller, to keep and to
// change. The one exception is the value inside [DB.View]: it is the library's memory, ends with the
// function, and must not be written to.
//
// # Outcomes and errors
//
// Every method that can fail returns an error: an *[Error] with a [Code]. What a correct program meets, such
// as [ErrNotFound], [ErrExists] and [ErrMismatch], comes the same way, without allocation; tell them apart
// with errors.Is. An error of a write means that its outcome is unknown until it is read back, but never that
// a part of a batch was done. Wrong use (a nil or zero DB, a closed one, an empty key) is an error too and
// never a panic.
//
// # Goroutines, blocking, contexts
//
// A [DB] is for any number of goroutines, and so are the functions of the package. A [Cursor] may be closed
// by any goroutine, but its rows are for one at a time; a [Batch] is for one at a time. Methods wait for the
// disk if they must; while one waits it occupies an operating system thread, as a file read does. Reads with
// [CacheOnly] never wait for the disk. [DB.GetOrLoadContext] takes a context, for the time in which it waits
// for another caller; the other methods do not, because a call that has begun in the library cannot be ended
// from outside.
//
// # Lifetime
//
// Close a DB. What was not closed is closed and freed when the collector finds it, whatever the order, but
// when that is nobody knows, and its errors are lost. After Close all methods return [ErrClosed]; a second
// Close returns nil.
//
// # Building
//
// The package needs cgo, a C compiler, and shale.h and libshale where pkg-config finds them. It does not need
// SWIG.
package shale
