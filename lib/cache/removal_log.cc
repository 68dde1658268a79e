#include "cache/removal_log.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace shale {

Status RemovalLog::Start(size_t bytes) {
  ring_.reset(new (std::nothrow) char[bytes]);   // not filled: pages nobody needed are never touched
  if (ring_ == nullptr) return Code::E_NO_MEMORY;
  capacity_ = bytes;
  return Status::Ok();
}

void RemovalLog::Write(const void* from, size_t count) {
  const size_t at = (first_ + used_) % capacity_;
  const size_t to_end = std::min(count, capacity_ - at);
  std::memcpy(ring_.get() + at, from, to_end);
  std::memcpy(ring_.get(), static_cast<const char*>(from) + to_end, count - to_end);
  used_ += count;
}

void RemovalLog::Peek(size_t at, void* to, size_t count) const {
  at = (first_ + at) % capacity_;
  const size_t to_end = std::min(count, capacity_ - at);
  std::memcpy(to, ring_.get() + at, to_end);
  std::memcpy(static_cast<char*>(to) + to_end, ring_.get(), count - to_end);
}

void RemovalLog::Add(Removal reason, int64_t version, Bytes key) {
  if (!on()) return;
  if (capacity_ - used_ < kHeaderBytes + key.size()) {
    dropped_++;
    return;
  }
  const auto key_len = static_cast<uint32_t>(key.size());
  Write(&reason, 1);
  Write(&version, sizeof version);
  Write(&key_len, sizeof key_len);
  Write(key.data(), key.size());
}

size_t RemovalLog::Take(char* buf, size_t cap, size_t* rows, size_t* next_bytes) {
  size_t taken = 0;
  *next_bytes = 0;
  while (used_ > 0) {
    uint32_t key_len;
    Peek(kHeaderBytes - sizeof key_len, &key_len, sizeof key_len);
    const size_t bytes = kHeaderBytes + key_len;
    if (bytes > cap - taken) {
      *next_bytes = bytes;
      break;
    }
    Peek(0, buf + taken, bytes);
    first_ = (first_ + bytes) % capacity_;
    used_ -= bytes;
    taken += bytes;
    (*rows)++;
  }
  return taken;
}

}   // namespace shale
