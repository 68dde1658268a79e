#include "shale_handle.h"

namespace bench {

// Takes the error over and makes one line of it.
static bool Fail(const char* what, shale_status status, shale_error* error, std::string* why) {
  *why = std::string(what) + ": " + shale_status_name(status) + ": " + shale_error_message(error);
  shale_error_free(error);
  return false;
}

bool ShaleHandle::Open(const char* path, const ShaleSettings& settings, std::string* why,
                       std::string_view key) {
  shale_options* options = nullptr;
  shale_status status = shale_options_new(&options);
  if (status != SHALE_OK) return Fail("shale_options_new", status, nullptr, why);
  shale_error* error = nullptr;
  for (const auto& [name, value] : settings) {
    status = shale_options_set(options, name.c_str(), value.c_str(), &error);
    if (status != SHALE_OK) break;
  }
  if (status == SHALE_OK) status = shale_options_set_key(options, key.data(), key.size(), &error);
  if (status == SHALE_OK) status = shale_open(path, options, &db_, &error);
  shale_options_free(options);
  return status == SHALE_OK || Fail("shale_open", status, error, why);
}

bool ShaleHandle::Close(std::string* why) {
  shale_error* error = nullptr;
  const shale_status status = shale_close(db_, &error);
  shale_free(std::exchange(db_, nullptr));
  return status == SHALE_OK || Fail("shale_close", status, error, why);
}

}   // namespace bench
