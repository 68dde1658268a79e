// What every system test needs around the C ABI: directories that go away, sizes from the environment, dice
// that can be replayed, and one way to fail that works on any thread (cmocka's longjmp does not).
//  (1) a test that met a difference prints what it saw and ends the process: the model is of no use after it
//  (2) everything random comes from a Dice, and a Dice comes from TestSeed()
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "shale/shale.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHALE_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SHALE_TEST_SANITIZED 1
#endif
#endif

namespace shale_test {

#ifdef SHALE_TEST_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// Prints "seed N: ..." and ends the process with an abort, so that sanitizers and debuggers show where.
[[noreturn]] void Fatal(const char* format, ...) __attribute__((format(printf, 1, 2)));

// The seed that Fatal names.
void SetFatalSeed(uint64_t seed);

// Ends the test if the status is not the one wanted; frees the error, whose message is shown.
void Want(shale_status wanted, shale_status seen, shale_error** err, const char* what);

uint64_t EnvNumber(const char* name, uint64_t fallback);

// Printable form of bytes, cut at 80 characters.
std::string Show(std::string_view bytes);

// Lower end of an option's range ("8MiB..1TiB" gives "8MiB"); ends the test if there is no such option.
std::string OptionMinimum(const char* name);

bool HasOption(const char* name);

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  uint64_t Next() { return engine_(); }
  uint64_t Below(uint64_t n) { return engine_() % n; }
  uint64_t Between(uint64_t low, uint64_t high) { return low + Below(high - low + 1); }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

// A fresh path below TMPDIR; nothing is there yet. What is there at the end is removed.
class TempDir {
 public:
  explicit TempDir(const char* name);
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }
  void Clear();

 private:
  std::string path_;
};

inline constexpr char kTestKey[] = "a key that is known to everybody";

// Options as text, for the length of one open. With SEALED=1 in the environment all stores have a key, and
// compress.
class Options {
 public:
  Options();
  ~Options();
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  void Set(const char* name, const char* value);
  void DropKey();   // which is for stores with a path
  const shale_options* get() const { return options_; }

 private:
  shale_options* options_ = nullptr;
};

// Packed forms are little-endian, as every machine that this runs on.
void AppendU32(std::string* out, size_t number);
void AppendI64(std::string* out, int64_t number);
uint32_t LoadU32(const char* bytes);

}   // namespace shale_test
