package shale

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"

	"shale/internal/cshale"
)

// Error is what every failed call returns. Compare with errors.Is, which looks at the code:
//
//	if errors.Is(err, shale.ErrNotFound) { ... }
//
// or take it apart with errors.As.
type Error struct {
	Code    Code
	Message string        // one line: what was seen and where; never contains a value. "" for outcomes
	Errno   syscall.Errno // of the failed system call, 0 if none was involved
	Shard   int           // the disk shard that failed, -1 if the error concerns no single shard
}

// One error for each code, to compare with. The first six are outcomes, which correct programs meet.
var (
	ErrNotFound   = outcome(CodeNotFound)   // no such key, or its time is over
	ErrExists     = outcome(CodeExists)     // the key exists and must not
	ErrMismatch   = outcome(CodeMismatch)   // a compared value or version differs
	ErrTooSmall   = outcome(CodeTooSmall)   // the buffer is too small for the value
	ErrWouldBlock = outcome(CodeWouldBlock) // memory alone cannot answer (CacheOnly), or the time to wait is over
	ErrCancelled  = outcome(CodeCancelled)  // ended because the progress function asked for it

	ErrInvalid      = outcome(CodeInvalid)      // an argument is not valid
	ErrClosed       = outcome(CodeClosed)       // the database or the cursor was closed
	ErrForked       = outcome(CodeForked)       // the database belongs to the parent of this process
	ErrIO           = outcome(CodeIO)           // the operating system reported an error
	ErrCorrupt      = outcome(CodeCorrupt)      // stored bytes are damaged
	ErrNoSpace      = outcome(CodeNoSpace)      // the disk, or in memory-only mode the budget, is full
	ErrNoMemory     = outcome(CodeNoMemory)     // memory allocation failed
	ErrLocked       = outcome(CodeLocked)       // another process or handle has the store open
	ErrReadOnly     = outcome(CodeReadOnly)     // this shard had a write error and refuses writes until reopened
	ErrTooLarge     = outcome(CodeTooLarge)     // a key, value or batch is above its limit
	ErrOverflow     = outcome(CodeOverflow)     // a counter would leave the range of int64
	ErrNotANumber   = outcome(CodeNotANumber)   // Incr or Decr of a value that is no decimal int64
	ErrIncompatible = outcome(CodeIncompatible) // not a Shale store, or one that cannot be opened so
	ErrNoStore      = outcome(CodeNoStore)      // nothing is at that path and it is not to be created
	ErrLimit        = outcome(CodeLimit)        // a limit of the process (files, threads) is too low
	ErrInternal     = outcome(CodeInternal)     // a defect of the library
)

// Error says the code and the message.
func (e *Error) Error() string {
	if e == nil {
		return "shale: " + CodeOK.String()
	}
	message := e.Message
	if message == "" {
		message = text(cshale.StatusText(int32(e.Code)))
	}
	return fmt.Sprintf("shale: %s: %s", e.Code, message)
}

// Is makes errors.Is(err, ErrX) true for every error with the code of ErrX.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && e != nil && t != nil && t.Code == e.Code && t.Message == ""
}

// Unwrap gives the error number of the system call, so that errors.Is(err, syscall.ENOSPC) works.
func (e *Error) Unwrap() error {
	if e == nil || e.Errno == 0 {
		return nil
	}
	return e.Errno
}

// CodeOf gives the code of an error of this package, also inside other errors; CodeOK for nil, CodeInternal
// for errors that are not of this package.
func CodeOf(err error) Code {
	if err == nil {
		return CodeOK
	}
	var e *Error
	if errors.As(err, &e) && e != nil {
		return e.Code
	}
	return CodeInternal
}

func outcome(code Code) error { return &Error{Code: code, Shard: -1} }

func invalid(message string) error {
	return &Error{Code: CodeInvalid, Message: message, Shard: -1}
}

// check turns a status into an error; handle is that of the error object, which is freed.
func check(status int32, handle uintptr) error {
	if status == 0 {
		return nil
	}
	return failure(Code(status), handle)
}

func failure(code Code, handle uintptr) error {
	switch code {
	case CodeNotFound:
		return ErrNotFound
	case CodeExists:
		return ErrExists
	case CodeMismatch:
		return ErrMismatch
	case CodeTooSmall:
		return ErrTooSmall
	case CodeWouldBlock:
		return ErrWouldBlock
	case CodeCancelled:
		return ErrCancelled
	}
	if code >= 0 || handle == 0 {
		return outcome(code)
	}
	defer cshale.ErrorFree(handle)
	return &Error{
		Code:    Code(cshale.ErrorCode(handle)),
		Message: text(cshale.ErrorMessage(handle)),
		Errno:   syscall.Errno(cshale.ErrorErrno(handle)),
		Shard:   int(cshale.ErrorShard(handle)),
	}
}

// finish is check for the common case: a result that holds nothing but a status, of a call on db, which must
// not be collected before the call is over.
func (db *DB) finish(r *cshale.Result) error {
	runtime.KeepAlive(db)
	if r.Status() == 0 {
		return nil
	}
	return failure(Code(r.Status()), r.Handle())
}

// alive is the end of a call on db that was successful: db must not be collected before.
func (db *DB) alive() error {
	runtime.KeepAlive(db)
	return nil
}
