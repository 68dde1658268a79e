// Memory that one thread writes, under a lock, while others read it without one. A reader may see a mixture
// of old and new; it finds out by a version that it checks afterwards, and throws away what it read. So what
// is needed of a single access is little: it is atomic by itself and has no order (relaxed). The order comes
// from fences beside the version (bucket.h).
//  (1) every store to such memory goes through here; a load by the writer itself, under its lock, need not
//  (2) byte copies go word by word, each word aligned, and may touch the rest of the first and last word: the
//      memory around must be readable, and for CopyIn the writer's own. That is how they are built for the
//      thread sanitizer, which so sees every access. Elsewhere libc's copy stands in their place: it is twice
//      as fast, and what it may do with bytes that change meanwhile, wrong bytes, is what the version is
//      there for.
// Little-endian machines only, as the library is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace shale {

template <typename T>
class Racy {
 public:
  Racy() = default;
  constexpr Racy(T value) : value_(value) {}   // NOLINT: stands for a T
  Racy(const Racy& other) : value_(other.Get()) {}
  Racy& operator=(const Racy& other) {
    Set(other.Get());
    return *this;
  }
  Racy& operator=(T value) {
    Set(value);
    return *this;
  }
  operator T() const { return Get(); }   // NOLINT: stands for a T

  T Get() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }
  void Set(T value) { __atomic_store_n(&value_, value, __ATOMIC_RELAXED); }
  // A load and a store, not one atomic step: there is one writer.
  Racy& operator|=(T bits) { return *this = static_cast<T>(Get() | bits); }
  Racy& operator&=(T bits) { return *this = static_cast<T>(Get() & bits); }
  void operator++(int) { Set(static_cast<T>(Get() + 1)); }
  void operator--(int) { Set(static_cast<T>(Get() - 1)); }
  // The next are one atomic step, for the few words that many write. Exchange: false if another was faster.
  void AddShared(T more) { __atomic_fetch_add(&value_, more, __ATOMIC_RELAXED); }
  bool Exchange(T expected, T value) {
    return __atomic_compare_exchange_n(&value_, &expected, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  }

 private:
  T value_;
};

namespace racy {

inline uint64_t LoadWord(const uint64_t* word) {
  return __atomic_load_n(word, __ATOMIC_RELAXED);
}
inline void StoreWord(uint64_t* word, uint64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELAXED);
}

// Writes the low `bytes` (0 to 7) bytes of a word.
inline void PutTail(char* to, uint64_t value, size_t bytes) {
  if ((bytes & 4) != 0) {
    std::memcpy(to, &value, 4);
    to += 4;
    value >>= 32;
  }
  if ((bytes & 2) != 0) {
    std::memcpy(to, &value, 2);
    to += 2;
    value >>= 16;
  }
  if ((bytes & 1) != 0) *to = static_cast<char>(value);
}

// The low `bytes` (0 to 7) bytes of memory that nobody else writes.
inline uint64_t GetTail(const char* from, size_t bytes) {
  uint64_t value = 0;
  unsigned shift = 0;
  if ((bytes & 4) != 0) {
    uint32_t part;
    std::memcpy(&part, from, 4);
    value = part;
    from += 4;
    shift = 32;
  }
  if ((bytes & 2) != 0) {
    uint16_t part;
    std::memcpy(&part, from, 2);
    value |= uint64_t{part} << shift;
    from += 2;
    shift += 16;
  }
  if ((bytes & 1) != 0) value |= uint64_t{static_cast<unsigned char>(*from)} << shift;
  return value;
}

// Calls each(word) for every eight bytes from `from` on, then returns what is left, in the low n % 8 bytes;
// stops with false when each() does. No word is loaded that holds none of the n bytes.
template <typename Each>
inline bool WalkWords(const char* from, size_t n, uint64_t* rest, Each each) {
  const auto address = reinterpret_cast<uintptr_t>(from);
  const auto* word = reinterpret_cast<const uint64_t*>(address & ~uintptr_t{7});
  const unsigned shift = static_cast<unsigned>(address & 7) * 8;
  *rest = 0;
  if (shift == 0) {
    for (; n >= 8; n -= 8) {
      if (!each(LoadWord(word++))) return false;
    }
    if (n > 0) *rest = LoadWord(word);
    return true;
  }
  if (n == 0) return true;
  uint64_t low = LoadWord(word);
  for (; n >= 8; n -= 8) {
    const uint64_t high = LoadWord(++word);
    if (!each(low >> shift | high << (64 - shift))) return false;
    low = high;
  }
  *rest = low >> shift;
  if (n * 8 > 64 - shift) *rest |= LoadWord(++word) << (64 - shift);
  return true;
}

inline void CopyOutByWords(void* to, const char* from, size_t n) {
  char* out = static_cast<char*>(to);
  uint64_t rest;
  (void)WalkWords(from, n, &rest, [&out](uint64_t word) {
    std::memcpy(out, &word, 8);
    out += 8;
    return true;
  });
  PutTail(out, rest, n & 7);
}

inline bool EqualByWords(const char* shared, const char* own, size_t n) {
  uint64_t rest;
  const bool same = WalkWords(shared, n, &rest, [&own](uint64_t word) {
    uint64_t mine;
    std::memcpy(&mine, own, 8);
    own += 8;
    return word == mine;
  });
  const uint64_t mask = (uint64_t{1} << (n & 7) * 8) - 1;
  return same && ((rest ^ GetTail(own, n & 7)) & mask) == 0;
}

inline void CopyInByWords(char* to, const void* from, size_t n) {
  const char* in = static_cast<const char*>(from);
  const auto address = reinterpret_cast<uintptr_t>(to);
  auto* word = reinterpret_cast<uint64_t*>(address & ~uintptr_t{7});
  const size_t skip = address & 7;
  if (skip != 0 && n > 0) {
    const size_t first = n < 8 - skip ? n : 8 - skip;   // 1 to 7 bytes
    const uint64_t mask = ((uint64_t{1} << first * 8) - 1) << skip * 8;
    StoreWord(word, (LoadWord(word) & ~mask) | (GetTail(in, first) << skip * 8));
    word++;
    in += first;
    n -= first;
  }
  for (; n >= 8; n -= 8, in += 8) {
    uint64_t value;
    std::memcpy(&value, in, 8);
    StoreWord(word++, value);
  }
  if (n > 0) {
    const uint64_t mask = (uint64_t{1} << n * 8) - 1;
    StoreWord(word, (LoadWord(word) & ~mask) | GetTail(in, n));
  }
}

#if defined(__SANITIZE_THREAD__)
inline constexpr bool kByWords = true;
#else
inline constexpr bool kByWords = false;
#endif
inline constexpr size_t kCallFrom = 64;   // bytes to compare

inline void CopyOut(void* to, const char* from, size_t n) {
  if (kByWords) return CopyOutByWords(to, from, n);
  if (n > 0) std::memcpy(to, from, n);
}
inline bool Equal(const char* shared, const char* own, size_t n) {
  if (kByWords) return EqualByWords(shared, own, n);
  if (n > kCallFrom || n < 8) return std::memcmp(shared, own, n) == 0;
  // As most keys are: a call would cost as much as the work. The last word may overlap the one before it.
  uint64_t differs = 0;
  for (size_t at = 0;; at = at + 16 <= n ? at + 8 : n - 8) {
    uint64_t theirs, mine;
    std::memcpy(&theirs, shared + at, 8);
    std::memcpy(&mine, own + at, 8);
    differs |= theirs ^ mine;
    if (at + 8 == n) return differs == 0;
  }
}
inline void CopyIn(char* to, const void* from, size_t n) {
  if (kByWords) return CopyInByWords(to, from, n);
  if (n > 0) std::memcpy(to, from, n);
}

}   // namespace racy
}   // namespace shale
