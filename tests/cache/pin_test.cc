#include "cache/pin.h"

#include <thread>

#include "cache_fixture.h"

using namespace shale_test;

TEST(a_pin_of_a_buffer_owns_it) {
  for (const std::string& text : {std::string(), std::string("short"), std::string(10000, 'x')}) {
    Pin pin = Pin::FromBuffer(text);
    assert_false(pin.empty());
    ASSERT_STR(std::string(pin.bytes()), text);
    Pin moved = std::move(pin);
    assert_true(pin.empty());
    ASSERT_STR(std::string(moved.bytes()), text);
    pin = std::move(moved);
    ASSERT_STR(std::string(pin.bytes()), text);
    pin.Reset();
    assert_true(pin.empty());
    assert_int_equal(pin.bytes().size(), 0);
  }
}

TEST(pins_outlive_the_cache_and_may_end_on_any_thread) {
  for (const size_t len : {20u, 3000u, 200000u}) {
    CacheRead first, second;
    const std::string value(len, 'v');
    {
      CacheFixture f(4 << 20);
      assert_true(f.Put("key", value));
      for (int i = 0; i < 1000; i++) f.Put("x" + std::to_string(i), "other");
      assert_true(f.cache->Read(Key("key"), ReadMode::kPin, nullptr, 0, &first) == Lookup::kHit);
      assert_true(f.cache->Read(Key("key"), ReadMode::kPin, nullptr, 0, &second) == Lookup::kHit);
    }
    ASSERT_STR(std::string(first.pin.bytes()), value);
    std::thread other([pin = std::move(first.pin)]() mutable { pin.Reset(); });
    other.join();
    ASSERT_STR(std::string(second.pin.bytes()), value);
  }
}

RUN()
