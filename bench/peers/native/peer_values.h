// Keys and values of all workloads.
//
//  1. A value is made from its key alone: the key, then noise from a place that the key's hash chooses. So
//  whoever reads it
//     can tell whether it is the right one, whoever wrote it.
//  2. Every value that is read is checked for its length, its key and its last eight bytes, one in 64 byte by
//  byte.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bench {

inline constexpr int kPeerValueBytesMin = 40;   // room for the longest key and eight bytes more
inline constexpr int kPeerValueBytesMax = 1 << 20;

// The text of one key, made without printf: at 64 threads its cost would be in every result.
class PeerKey {
 public:
  // "key_<thread>_<number>", the keys of the first programs that were measured so.
  static PeerKey Seeds(int thread, int64_t number);
  // "user" and 19 digits of a hash, so that neighbours in number are far from each other in order.
  static PeerKey User(int64_t number);
  // 16 digits, in the order of the numbers.
  static PeerKey Digits(int64_t number);

  std::string_view view() const { return std::string_view(text_, size_); }
  // A byte more: no key of the others is the same.
  void AppendDot() { text_[size_++] = '.'; }

 private:
  char text_[32];
  size_t size_ = 0;
};

class PeerValues {
 public:
  explicit PeerValues(size_t value_bytes);
  size_t size() const { return value_bytes_; }
  // out: size() bytes.
  void Fill(std::string_view key, char* out) const;
  bool LooksRight(std::string_view key, std::string_view value) const;
  bool Equals(std::string_view key, std::string_view value) const;

 private:
  const char* Noise(std::string_view key) const;

  size_t value_bytes_;
  std::string noise_;
};

// Counts what it is shown, and looks at every 64th byte by byte.
class ValueJudge {
 public:
  explicit ValueJudge(const PeerValues* values) : values_(values) {}
  bool IsRight(std::string_view key, std::string_view value) {
    return ++count_ % 64 == 0 ? values_->Equals(key, value) : values_->LooksRight(key, value);
  }

 private:
  const PeerValues* const values_;
  int64_t count_ = 0;
};

// Different for every number, and far apart for neighbours.
uint64_t Scatter(uint64_t number);

}   // namespace bench
