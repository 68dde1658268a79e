// Around the calls that load: a store on a clock that stands still, and one call with what it gave.
#pragma once

#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "abi/testing.h"
#include "base/clock.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {

inline constexpr int64_t kLong = 600'000;   // longer than any test takes

// A store with a path or without, on a clock that stands still.
class Store {
 public:
  explicit Store(bool with_path, const char* grace_ms = "0") : dir_("lease") {
    shale::SetClockForTest(&clock);
    Options options;
    options.Set("memory.budget", "16MiB");
    options.Set("ttl.grace_ms", grace_ms);
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_open(with_path ? dir_.path().c_str() : nullptr, options.get(), &db, &err), &err,
         "open");
  }
  ~Store() {
    shale_free(db);
    shale::SetClockForTest(nullptr);
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  void Put(const std::string& key, const std::string& value, int64_t ttl_ms = SHALE_TTL_NEVER) {
    shale_error* err = nullptr;
    Want(SHALE_OK,
         shale_put(db, key.data(), key.size(), value.data(), value.size(), ttl_ms, nullptr, 0, &err), &err,
         "put");
  }
  void Delete(const std::string& key) {
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_delete(db, key.data(), key.size(), 0, &err), &err, "delete");
  }
  // "" if there is none.
  std::string Get(const std::string& key) {
    char buf[64];
    size_t size = 0;
    const shale_status s =
        shale_get_into(db, key.data(), key.size(), buf, sizeof buf, &size, nullptr, 0, nullptr);
    return s == SHALE_OK ? std::string(buf, size) : std::string();
  }
  int64_t Stat(const char* name) {
    int64_t value = -1;
    Want(SHALE_OK, shale_stat(db, name, &value, nullptr), nullptr, name);
    return value;
  }

  shale_db* db = nullptr;
  shale::FakeClock clock;

 private:
  TempDir dir_;
};

// What one call gave. The lease is freed with it.
struct Asked {
  shale_status status = SHALE_OK;
  bool has_value = false;
  std::string value;
  shale_lease* lease = nullptr;

  Asked() = default;
  Asked(Asked&& other) noexcept { *this = std::move(other); }
  Asked& operator=(Asked&& other) noexcept {
    status = other.status;
    has_value = other.has_value;
    value = std::move(other.value);
    std::swap(lease, other.lease);
    return *this;
  }
  ~Asked() { shale_lease_free(lease); }
  void Drop() { shale_lease_free(std::exchange(lease, nullptr)); }

  shale_status Fulfil(const std::string& loaded, int64_t ttl_ms = SHALE_TTL_NEVER, uint32_t flags = 0) {
    return shale_lease_fulfil(lease, loaded.data(), loaded.size(), ttl_ms, nullptr, flags, nullptr);
  }
  shale_status Fail(int64_t missing_ttl_ms) { return shale_lease_fail(lease, missing_ttl_ms, 0, nullptr); }
};

inline Asked Ask(shale_db* db, const std::string& key, int64_t wait_ms = 0, uint32_t flags = 0,
                 int64_t hold_ms = kLong, size_t cap = 8) {
  Asked asked;
  char buf[64];
  shale_pin* pin = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  asked.status = shale_get_or_lease(db, key.data(), key.size(), wait_ms, hold_ms, buf, cap, &pin, &value,
                                    &size, nullptr, &asked.lease, flags, nullptr);
  asked.has_value = value != nullptr;
  if (asked.has_value) asked.value.assign(static_cast<const char*>(value), size);
  shale_pin_free(pin);
  return asked;
}

// Until so many callers wait for somebody's load.
inline void AwaitWaiters(Store* store, int64_t count) {
  while (store->Stat("leases.waits") < count) usleep(500);
}

inline void ForBoth(void (*body)(bool with_path)) {
  body(false);
  body(true);
  assert_int_equal(shale_live_handles(), 0);
}

// On any thread, where cmocka's asserts may not be used.
inline void Must(bool fact, const char* what) {
  if (!fact) Fatal("%s", what);
}

}   // namespace shale_test
