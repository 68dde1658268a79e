// Memory for the caller: made by malloc, so that it can be handed over as it is and freed by shale_mem_free,
// and grown without filling it with zeros first.
//  (1) data() + size() has room() bytes behind it that may be written
//  (2) Reserve may move everything: keep offsets, not pointers, until the last one
#pragma once

#include <cstdlib>
#include <cstring>

#include "base/bytes.h"
#include "base/status.h"

namespace shale {

class OutBuffer {
 public:
  OutBuffer() = default;
  ~OutBuffer() { std::free(data_); }
  OutBuffer(const OutBuffer&) = delete;
  OutBuffer& operator=(const OutBuffer&) = delete;

  char* data() const { return data_; }
  size_t size() const { return size_; }
  size_t room() const { return capacity_ - size_; }

  // Makes room for `more` bytes at least; E_NO_MEMORY leaves everything as it was.
  Status Reserve(size_t more) {
    if (room() >= more) return Status();
    size_t capacity;
    if (__builtin_add_overflow(size_, more, &capacity)) return Code::E_NO_MEMORY;
    if (capacity < 2 * capacity_)
      capacity = 2 * capacity_;   // cannot overflow: no object is larger than half of it
    void* const grown = std::realloc(data_, capacity);
    if (grown == nullptr) return Code::E_NO_MEMORY;
    data_ = static_cast<char*>(grown);
    capacity_ = capacity;
    return Status();
  }
  // Takes `count` bytes that were written behind the end, within room().
  void Commit(size_t count) { size_ += count; }
  Status Append(Bytes bytes) {
    SHALE_RETURN_IF_NOT_OK(Reserve(bytes.size()));
    if (!bytes.empty()) std::memcpy(data_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return Status();
  }
  // For std::free; never NULL unless memory ran out.
  char* Release() {
    char* const released = data_ != nullptr ? data_ : static_cast<char*>(std::malloc(1));
    data_ = nullptr;
    size_ = capacity_ = 0;
    return released;
  }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// A copy of bytes for the caller. A valid pointer also for no bytes.
inline Status CopyOut(Bytes bytes, void** copy, size_t* copy_len) {
  void* const memory = std::malloc(bytes.empty() ? 1 : bytes.size());
  if (memory == nullptr) return Code::E_NO_MEMORY;
  if (!bytes.empty()) std::memcpy(memory, bytes.data(), bytes.size());
  *copy = memory;
  *copy_len = bytes.size();
  return Status();
}

}   // namespace shale
