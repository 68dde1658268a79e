/* Go: what the header's shapes become, so that a call costs one crossing and no allocation.
 *
 *  - Handles are uintptr: Go's collector does not look at them, and a zero handle is the library's NULL.
 *  - Bytes are a *byte and an int. A typed pointer to bytes needs no look at what else lies in the same object, which an
 *    unsafe.Pointer would get (a key that lies in a struct with pointers would then be refused), and nothing is boxed.
 *  - Everything that has results comes back as one C struct by value, shale_go_result: an output pointer would have to point
 *    into Go memory, and would make that memory escape.
 *
 * Who uses the result is the package shale, nobody else. */

%insert(cgo_comment_typedefs) %{
#cgo pkg-config: shale
#include <stdint.h>
typedef unsigned char *shale_go_bytes;
typedef struct {
  void *data;
  uint64_t size;
  int64_t number;
  void *data2;
  uint64_t size2;
  uintptr_t handle;
  int32_t status;
} shale_go_result;
%}
%{
#include <stdlib.h>
#include <string.h>
typedef unsigned char *shale_go_bytes;
typedef struct {
  void *data;       /* bytes: of the caller's buffer, or of the handle, or owned */
  uint64_t size;    /* their number */
  int64_t number;   /* a version, counter, time to live or number of rows */
  void *data2;      /* a second byte string: the value of a row */
  uint64_t size2;
  uintptr_t handle; /* of the error if status is below 0, else of what was made */
  int32_t status;
} shale_go_result;
%}
%insert(go_wrapper) %{
// Result is what a call gives back: a status, and up to two byte strings, a number and a handle.
type Result C.shale_go_result

// Data is the address of the first byte string.
func (r *Result) Data() unsafe.Pointer { return r.data }

// Size is the length of the first byte string.
func (r *Result) Size() int { return int(r.size) }

// Data2 is the address of the second byte string, the value of a row.
func (r *Result) Data2() unsafe.Pointer { return r.data2 }

// Size2 is the length of the second byte string.
func (r *Result) Size2() int { return int(r.size2) }

// Number is a version, a counter, a time to live or a number of rows.
func (r *Result) Number() int64 { return int64(r.number) }

// Handle is that of the error if Status is below 0, else of what was made.
func (r *Result) Handle() uintptr { return uintptr(r.handle) }

// Status is what the library returned.
func (r *Result) Status() int32 { return int32(r.status) }
%}
%typemap(gotype) shale_go_result "Result"
%typemap(imtype) shale_go_result "C.shale_go_result"
%typemap(out) shale_go_result %{ $result = $1; %}
%typemap(goout) shale_go_result %{ $result = Result($1) %}

%define HANDLE(TYPE)
%typemap(gotype) TYPE "uintptr"
%typemap(imtype) TYPE "uintptr"
%typemap(in) TYPE %{ $1 = *($&1_ltype)&$input; %}
%typemap(goin) TYPE %{ $result = $input %}
%enddef
HANDLE(shale_db *)
HANDLE(shale_iter *)
HANDLE(shale_pin *)
HANDLE(shale_error *)
HANDLE(const shale_error *)
HANDLE(shale_options *)
HANDLE(shale_lease *)
HANDLE(shale_results *)
HANDLE(shale_snapshot *)

/* Text that the library keeps: an address, read at once. */
%typemap(gotype) const char *, void *memory "unsafe.Pointer"
%typemap(imtype) const char *, void *memory "unsafe.Pointer"
%typemap(in) void *memory %{ $1 = $input; %}
%typemap(goin) void *memory %{ $result = $input %}
%typemap(out) const char * %{ $result = (void *)$1; %}
%typemap(goout) const char * %{ $result = $1 %}

%define BYTES(TYPE)
%typemap(gotype) TYPE "*byte"
%typemap(imtype) TYPE "C.shale_go_bytes"
%typemap(in) TYPE %{ $1 = ($1_ltype)$input; %}
%typemap(goin) TYPE %{ $result = C.shale_go_bytes(unsafe.Pointer($input)) %}
%typemap(freearg) TYPE ""   /* SWIG would free text, which it thinks it copied */
%enddef
BYTES(const void *key)
BYTES(const void *value)
BYTES(const void *expected)
BYTES(const void *from)
BYTES(const void *to)
BYTES(const void *prefix)
BYTES(const void *token)
BYTES(const void *packed)
BYTES(const void *leases)
BYTES(void *buf)
BYTES(const char *path)
BYTES(const char *name)
BYTES(const char *text)

%include <stdint.i>
%typemap(gotype) size_t "int"
%typemap(gotype) int32_t, shale_status "int32"
%typemap(gotype) uint32_t "uint32"
%typemap(gotype) int64_t "int64"

/* Constants come from generated.go: SWIG would make variables of some. Of the functions, those that have no outputs are taken
 * as they are; the others through calls.i. */
%rename("$ignore", %$isconstant) "";
%rename("$ignore", %$isfunction, regextarget=1) "^shale_";
%ignore shale_slice;
%define AS_IT_IS(GO, C)
%rename(GO) C;
%enddef
AS_IT_IS(VersionNumber, shale_version_number)
AS_IT_IS(VersionString, shale_version_string)
AS_IT_IS(StatusName, shale_status_name)
AS_IT_IS(StatusText, shale_status_text)
AS_IT_IS(ConstantCount, shale_constant_count)
AS_IT_IS(ErrorCode, shale_error_code)
AS_IT_IS(ErrorMessage, shale_error_message)
AS_IT_IS(ErrorErrno, shale_error_errno)
AS_IT_IS(ErrorShard, shale_error_shard)
AS_IT_IS(ErrorFree, shale_error_free)
AS_IT_IS(MemFree, shale_mem_free)
AS_IT_IS(LiveHandles, shale_live_handles)
AS_IT_IS(OptionsFree, shale_options_free)
AS_IT_IS(OptionCount, shale_option_count)
AS_IT_IS(Free, shale_free)
AS_IT_IS(PinFree, shale_pin_free)
AS_IT_IS(IterFree, shale_iter_free)
AS_IT_IS(LeaseFree, shale_lease_free)
AS_IT_IS(ResultsFree, shale_results_free)
AS_IT_IS(SnapshotFree, shale_snapshot_free)
AS_IT_IS(StatCount, shale_stat_count)

%rename("%(camelcase)s", %$isfunction, regextarget=1) "^call_";
%include "go/calls.i"
%include "go/calls_load.i"
%include "go/calls_snapshot.i"
%include "go/calls_tools.i"
%include "go/calls_range.i"
%include "go/calls_backup.i"
