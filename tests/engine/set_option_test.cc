// Options that are changed while a store is open, through the C interface.
#include <string>

#include "shale/shale.h"
#include "test.h"

namespace {

struct Store {
  shale_db* db = nullptr;
  explicit Store(const char* budget) {
    shale_options* options = nullptr;
    assert_int_equal(shale_options_new(&options), SHALE_OK);
    assert_int_equal(shale_options_set(options, "memory.budget", budget, nullptr), SHALE_OK);
    assert_int_equal(shale_open(nullptr, options, &db, nullptr), SHALE_OK);
    shale_options_free(options);
  }
  ~Store() { shale_free(db); }
  std::string Option(const char* name) {
    const char* text = nullptr;
    assert_int_equal(shale_db_option(db, name, &text), SHALE_OK);
    return text;
  }
  // "" or the message.
  std::string Set(const char* name, const char* value) {
    shale_error* error = nullptr;
    const shale_status status = shale_db_set_option(db, name, value, &error);
    const std::string message = shale_error_message(error);
    shale_error_free(error);
    assert_int_equal(status, message.empty() ? SHALE_OK : SHALE_E_INVALID);
    return message;
  }
  int64_t Stat(const char* name) {
    int64_t value = 0;
    assert_int_equal(shale_stat(db, name, &value, nullptr), SHALE_OK);
    return value;
  }
  void Fill() {
    const std::string value(1000, 'v');
    for (int i = 0; i < 60000; i++) {
      assert_int_equal(
          shale_put(db, &i, sizeof i, value.data(), value.size(), SHALE_TTL_NEVER, nullptr, 0, nullptr),
          SHALE_OK);
    }
  }
};

}   // namespace

TEST(the_memory_budget_follows) {
  Store s("8MiB");
  s.Fill();
  const int64_t items = s.Stat("cache.items");
  const char* before = nullptr;
  assert_int_equal(shale_db_option(s.db, "memory.budget", &before), SHALE_OK);
  ASSERT_STR(s.Set("memory.budget", "16MiB"), "");
  ASSERT_STR(s.Option("memory.budget"), "16MiB");
  ASSERT_STR(before, "8MiB");   // a text that was handed out stays
  assert_int_equal(s.Stat("cache.capacity_bytes"), 16 << 20);
  s.Fill();
  assert_true(s.Stat("cache.items") > items * 19 / 10);
  ASSERT_STR(s.Set("memory.budget", "2097152"), "");
  ASSERT_STR(s.Option("memory.budget"), "2MiB");
  assert_true(s.Stat("cache.items") < items / 3);
  assert_true(s.Stat("cache.committed_bytes") <= 2 << 20);
}

TEST(what_cannot_be_changed_says_so) {
  Store s("8MiB");
  ASSERT_STR(s.Set("cache.policy", "lru"), "option cache.policy cannot be changed while the store is open");
  ASSERT_STR(s.Set("no.such", "1"), "no option is called \"no.such\"");
  ASSERT_STR(s.Set("memory.budget", "much"), "option memory.budget takes size: 512KiB..16TiB");
  ASSERT_STR(s.Set("memory.budget", "64MiB"),
             "option memory.budget of this open store can be 2080768..33292288");
  ASSERT_STR(s.Option("memory.budget"), "8MiB");
  assert_int_equal(s.Stat("cache.capacity_bytes"), (8 << 20) / 128 * 127);
}

RUN()
