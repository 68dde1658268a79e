// The keys and values of the store benchmark, and its three kinds of load.
//
//  1. Thread t writes key_<t>_0, key_<t>_1, ...: every key once.
//  2. A value starts with its key and a newline; the rest is noise that differs from value to value.
//  3. Every value read is checked for size and key, one in kFullCheckEvery byte by byte.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engines.h"
#include "phase.h"

namespace bench {

inline constexpr int64_t kHotKeysPerThread = 1000;
inline constexpr int64_t kFullCheckEvery = 64;
inline constexpr int64_t kStoreBatchOps = 16;
inline constexpr int kValueBytesMin = 40;   // room for the longest key and the newline
inline constexpr int kValueBytesMax = 1 << 20;
inline constexpr int kThreadsMax = 4096;

// The text of one key, made without printf: at 64 threads its cost would be in every result.
class Key {
 public:
  Key(int thread, int64_t number);
  std::string_view view() const { return std::string_view(text_, size_); }
  // Different for every key; picks the noise of its value.
  uint64_t id() const { return id_; }

 private:
  char text_[32];
  size_t size_;
  uint64_t id_;
};

// Shared by all threads, constant after construction.
class Values {
 public:
  Values(size_t value_bytes, int noise_bits);
  size_t size() const { return value_bytes_; }
  void Fill(const Key& key, char* out) const;
  bool CarriesKey(const Key& key, std::string_view value) const;
  bool Equals(const Key& key, std::string_view value) const;

 private:
  const char* Noise(const Key& key) const;

  size_t value_bytes_;
  std::string noise_;
};

// How many keys each thread wrote: what the reads choose from.
using KeyCounts = std::vector<int64_t>;

// One load per thread. `counts` is filled by the writes and read by the reads; it outlives the loads.
std::vector<std::unique_ptr<Load>> MakeWrites(Engine* engine, const Values* values, KeyCounts* counts);
// Each thread reads among the first kHotKeysPerThread keys that it wrote.
std::vector<std::unique_ptr<Load>> MakeHotReads(Engine* engine, const Values* values,
                                                const KeyCounts* counts);
// Each thread reads among all keys of all threads, each as likely as any other.
std::vector<std::unique_ptr<Load>> MakeUniformReads(Engine* engine, const Values* values,
                                                    const KeyCounts* counts);

}   // namespace bench
