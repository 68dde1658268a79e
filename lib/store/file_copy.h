// Bytes from one open file into another that is new, without passing through this process: as shared blocks,
// or copied by the kernel (or by the machine that serves the file system).
//  (1) that it cannot be done this way is no error, whatever the kernel calls it: it is left to the caller's
//      reads and writes, which say what is wrong
//  (2) of a file that is still appended to, only bytes are asked for that no longer change
#pragma once

#include <cstdint>
#include <string>

#include "store/files.h"

namespace shale {

// Makes the first `size` bytes of `from` the whole of `to`, which is empty, sharing the blocks until one of
// them is written to. *shared false: these two files cannot, and `to` is empty. An error: the length of `to`
// (`name`) could not be set.
Status ShareBytes(const Fd& from, const Fd& to, const std::string& name, uint64_t size, bool* shared);

// Copies up to `size` bytes at `offset` of both files; how many were copied, which may be none.
uint64_t CopyBytes(const Fd& from, const Fd& to, uint64_t offset, uint64_t size);

}   // namespace shale
