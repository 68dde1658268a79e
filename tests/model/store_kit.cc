#include "model/store_kit.h"

#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace shale_test {

namespace {
std::atomic<uint64_t> fatal_seed{0};
std::atomic<unsigned> temp_dirs_made{0};
}   // namespace

void SetFatalSeed(uint64_t seed) {
  fatal_seed = seed;
}

void Fatal(const char* format, ...) {
  char text[2048];
  va_list args;
  va_start(args, format);
  std::vsnprintf(text, sizeof text, format, args);
  va_end(args);
  std::fprintf(stderr, "FAILED (SEED=%llu): %s\n", static_cast<unsigned long long>(fatal_seed.load()), text);
  std::fflush(nullptr);
  std::abort();
}

void Want(shale_status wanted, shale_status seen, shale_error** err, const char* what) {
  if (wanted != seen) {
    Fatal("%s: %s instead of %s: %s", what, shale_status_name(seen), shale_status_name(wanted),
          err != nullptr ? shale_error_message(*err) : "");
  }
  if (err == nullptr) return;
  if ((seen < 0) != (*err != nullptr))
    Fatal("%s: the error object does not fit %s", what, shale_status_name(seen));
  if (shale_error_code(*err) != (seen < 0 ? seen : SHALE_OK)) Fatal("%s: the error's code is another", what);
  shale_error_free(*err);
  *err = nullptr;
}

uint64_t EnvNumber(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 10) : fallback;
}

std::string Show(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    char hex[8];
    std::snprintf(hex, sizeof hex, byte > 0x20 && byte < 0x7F ? "%c" : "\\x%02x", byte);
    out += hex;
    if (out.size() > 80) return out + "...(" + std::to_string(bytes.size()) + " bytes)";
  }
  return out;
}

std::string OptionMinimum(const char* name) {
  for (size_t i = 0; i < shale_option_count(); i++) {
    const char* seen = nullptr;
    const char* range = nullptr;
    Want(SHALE_OK, shale_option_at(i, &seen, nullptr, nullptr, &range, nullptr, nullptr), nullptr,
         "option_at");
    if (std::strcmp(seen, name) != 0) continue;
    const char* end = std::strstr(range, "..");
    if (end == nullptr) Fatal("option %s has no range but \"%s\"", name, range);
    return std::string(range, end);
  }
  Fatal("there is no option %s", name);
}

bool HasOption(const char* name) {
  for (size_t i = 0; i < shale_option_count(); i++) {
    const char* seen = nullptr;
    Want(SHALE_OK, shale_option_at(i, &seen, nullptr, nullptr, nullptr, nullptr, nullptr), nullptr,
         "option_at");
    if (std::strcmp(seen, name) == 0) return true;
  }
  return false;
}

TempDir::TempDir(const char* name) {
  const char* base = std::getenv("TMPDIR");
  path_ = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/shale-" + name + "-" +
          std::to_string(getpid()) + "-" + std::to_string(temp_dirs_made++);
  Clear();
}

TempDir::~TempDir() {
  Clear();
}

void TempDir::Clear() {
  std::error_code ignored;   // what cannot be removed makes the next open fail, visibly
  std::filesystem::remove_all(path_, ignored);
}

Options::Options() {
  Want(SHALE_OK, shale_options_new(&options_), nullptr, "options_new");
  if (EnvNumber("SEALED", 0) == 0) return;
  Set("compression.threshold", "64");
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_options_set_key(options_, kTestKey, sizeof kTestKey - 1, &err), &err, "key");
}

Options::~Options() {
  shale_options_free(options_);
}

void Options::Set(const char* name, const char* value) {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_options_set(options_, name, value, &err), &err, name);
}

void Options::DropKey() {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_options_set_key(options_, nullptr, 0, &err), &err, "no key");
}

void AppendU32(std::string* out, size_t number) {
  const auto n = static_cast<uint32_t>(number);
  out->append(reinterpret_cast<const char*>(&n), sizeof n);
}

void AppendI64(std::string* out, int64_t number) {
  out->append(reinterpret_cast<const char*>(&number), sizeof number);
}

uint32_t LoadU32(const char* bytes) {
  uint32_t n;
  std::memcpy(&n, bytes, sizeof n);
  return n;
}

}   // namespace shale_test
