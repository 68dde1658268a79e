#include "peer_values.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "fast_random.h"

namespace bench {
namespace {

// The noise stays in the second-level cache, so that making a value costs little beside storing it.
constexpr size_t kPeerNoiseBytes = size_t{256} << 10;

char* WriteDecimal(char* out, uint64_t number) {
  char digits[20];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count > 0) *out++ = digits[--count];
  return out;
}

void WritePadded(char* out, size_t width, uint64_t number) {
  for (size_t i = width; i-- > 0; number /= 10) out[i] = static_cast<char>('0' + number % 10);
}

}   // namespace

// The finalizer of MurmurHash3: a bijection.
uint64_t Scatter(uint64_t x) {
  x ^= x >> 33;
  x *= 0xFF51AFD7ED558CCDu;
  x ^= x >> 33;
  x *= 0xC4CEB9FE1A85EC53u;
  x ^= x >> 33;
  return x;
}

PeerKey PeerKey::Seeds(int thread, int64_t number) {
  PeerKey key;
  std::memcpy(key.text_, "key_", 4);
  char* end = WriteDecimal(key.text_ + 4, static_cast<uint64_t>(thread));
  *end++ = '_';
  end = WriteDecimal(end, static_cast<uint64_t>(number));
  key.size_ = static_cast<size_t>(end - key.text_);
  return key;
}

// 19 digits hold 63 bits; two numbers with the same 63 bits would need some billions of keys.
PeerKey PeerKey::User(int64_t number) {
  PeerKey key;
  std::memcpy(key.text_, "user", 4);
  WritePadded(key.text_ + 4, 19, Scatter(static_cast<uint64_t>(number) + 1) >> 1);
  key.size_ = 23;
  return key;
}

PeerKey PeerKey::Digits(int64_t number) {
  PeerKey key;
  WritePadded(key.text_, 16, static_cast<uint64_t>(number));
  key.size_ = 16;
  return key;
}

PeerValues::PeerValues(size_t value_bytes)
    : value_bytes_(value_bytes), noise_(kPeerNoiseBytes + value_bytes, '\0') {
  FastRandom random(0);
  for (char& byte : noise_) byte = static_cast<char>(random.Next() >> 56);
}

const char* PeerValues::Noise(std::string_view key) const {
  return noise_.data() + XXH3_64bits(key.data(), key.size()) % kPeerNoiseBytes;
}

void PeerValues::Fill(std::string_view key, char* out) const {
  std::memcpy(out, key.data(), key.size());
  std::memcpy(out + key.size(), Noise(key), value_bytes_ - key.size());
}

bool PeerValues::LooksRight(std::string_view key, std::string_view value) const {
  if (value.size() != value_bytes_ || std::memcmp(value.data(), key.data(), key.size()) != 0) return false;
  return std::memcmp(value.data() + value_bytes_ - 8, Noise(key) + value_bytes_ - key.size() - 8, 8) == 0;
}

bool PeerValues::Equals(std::string_view key, std::string_view value) const {
  return value.size() == value_bytes_ && std::memcmp(value.data(), key.data(), key.size()) == 0 &&
         std::memcmp(value.data() + key.size(), Noise(key), value_bytes_ - key.size()) == 0;
}

}   // namespace bench
