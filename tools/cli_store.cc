#include "cli_store.h"

#include <fcntl.h>
#include <string.h>   // NOLINT: explicit_bzero
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli_text.h"

namespace shale::tool {
namespace {

int ExitCodeOf(shale_status status) {
  if (status == SHALE_E_LOCKED) return kExitLocked;
  return status == SHALE_E_INVALID ? kExitUsage : kExitError;
}

void SetOption(shale_options* options, const std::string& name, const std::string& value) {
  ErrorSlot error;
  Try(shale_options_set(options, name.c_str(), value.c_str(), error), error);
}

constexpr size_t kKeyBytes = 32;

// Also from a pipe.
std::string ReadKeyFile(const std::string& name) {
  const int fd = open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw Failure{kExitUsage, "key file " + name + ": " + std::strerror(errno)};
  std::string bytes(4 * kKeyBytes, '\0');   // enough to see that it is too long
  size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = read(fd, bytes.data() + got, bytes.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;   // an error leaves too few bytes, which is told
    got += static_cast<size_t>(n);
  }
  close(fd);
  bytes.resize(got);
  return bytes;
}

void SetKey(shale_options* options, const std::string& key_file) {
  if (key_file.empty()) return;
  std::string text = ReadKeyFile(key_file);
  std::string key = text;
  while (text.size() > 2 * kKeyBytes && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  const bool good = key.size() == kKeyBytes ||
                    (text.size() == 2 * kKeyBytes && HexDecode(text, &key) && key.size() == kKeyBytes);
  ErrorSlot error;
  const shale_status status =
      good ? shale_options_set_key(options, key.data(), key.size(), error) : SHALE_E_INVALID;
  explicit_bzero(text.data(), text.size());
  explicit_bzero(key.data(), key.size());
  if (!good)
    throw Failure{kExitUsage, "key file " + key_file + " must hold 32 bytes, or 64 hexadecimal digits"};
  Try(status, error);
}

Options NewOptions() {
  shale_options* made = nullptr;
  Try(shale_options_new(&made), ErrorSlot());
  return Options(made);
}

}   // namespace

Options KeyOptions(const std::string& key_file) {
  Options options = NewOptions();
  SetKey(options.get(), key_file);
  return options;
}

Options MakeOptions(const Globals& globals, IfAbsent if_absent) {
  Options options = KeyOptions(globals.key_file);
  shale_options* const made = options.get();
  if (if_absent == IfAbsent::kRefuse) SetOption(made, "open.create", "false");
  if (!globals.memory.empty()) SetOption(made, "memory.budget", globals.memory);
  if (!globals.durability.empty()) SetOption(made, "durability", globals.durability);
  for (const std::string& setting : globals.settings) {
    const size_t equals = setting.find('=');
    if (equals == std::string::npos) throw Failure{kExitUsage, "--option takes name=value, not: " + setting};
    SetOption(made, setting.substr(0, equals), setting.substr(equals + 1));
  }
  return options;
}

shale_status Try(shale_status status, const ErrorSlot& slot) {
  if (status >= SHALE_OK) return status;
  const std::string_view detail = shale_error_message(slot.get());
  const std::string_view text = detail.empty() ? std::string_view(shale_status_text(status)) : detail;
  throw Failure{ExitCodeOf(status), std::string(shale_status_name(status)).append(": ").append(text)};
}

const std::string& DirOf(const Globals& globals) {
  if (globals.dir.empty()) throw Failure{kExitUsage, "no store named: give --db DIR or set SHALE_DB"};
  return globals.dir;
}

Store::Store(const Globals& globals, IfAbsent if_absent) {
  const std::string& dir = DirOf(globals);
  const Options options = MakeOptions(globals, if_absent);
  ErrorSlot error;
  Try(shale_open(dir.c_str(), options.get(), &db_, error), error);
}

void Store::Close() {
  ErrorSlot error;
  Try(shale_close(db_, error), error);
}

bool NextRow(shale_iter* iter, std::string_view* key, std::string_view* value) {
  const void* key_data = nullptr;
  const void* value_data = nullptr;
  size_t key_len = 0;
  size_t value_len = 0;
  ErrorSlot error;
  if (Try(shale_iter_next(iter, &key_data, &key_len, &value_data, &value_len, error), error) != SHALE_OK)
    return false;
  *key = std::string_view(static_cast<const char*>(key_data), key_len);
  *value = std::string_view(static_cast<const char*>(value_data), value_len);
  return true;
}

}   // namespace shale::tool
