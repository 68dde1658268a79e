// Loads of many keys in a call, and by many threads: nobody stands still, and every key is loaded once.
#include "engine/lease_kit.h"

namespace shale_test {
namespace {

TEST(many_keys_in_one_call) {
  ForBoth([](bool with_path) {
    Store store(with_path);
    store.Put("a", "va");
    Asked foreign = Ask(store.db, "d");
    const shale_slice keys[] = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"b", 1}};
    const shale_status expected[] = {SHALE_OK, SHALE_LEASED, SHALE_LEASED, SHALE_WOULD_BLOCK,
                                     SHALE_WOULD_BLOCK};
    shale_results* results = nullptr;
    // It holds leases itself, so it does not wait, long as it might.
    assert_int_equal(shale_multi_get_or_lease(store.db, keys, 5, kLong, kLong, &results, 0, nullptr),
                     SHALE_OK);
    for (size_t i = 0; i < 5; i++) {
      const void* value = nullptr;
      size_t size = 0;
      assert_int_equal(shale_results_at(results, i, &value, &size, nullptr), expected[i]);
      assert_int_equal(value != nullptr, i == 0);
    }
    shale_lease *leases[2] = {nullptr, nullptr}, *none = nullptr;
    assert_int_equal(shale_results_lease(results, 1, &leases[0]), SHALE_OK);
    assert_int_equal(shale_results_lease(results, 1, &none), SHALE_NOT_FOUND);
    assert_int_equal(shale_results_lease(results, 3, &none), SHALE_NOT_FOUND);
    shale_results_free(results);                                      // gives up "c"
    assert_int_equal(Ask(store.db, "b").status, SHALE_WOULD_BLOCK);   // "b" was handed over
    Asked c = Ask(store.db, "c");
    assert_int_equal(c.status, SHALE_LEASED);
    leases[1] = std::exchange(c.lease, nullptr);
    store.Put("c", "written");
    const shale_slice values[] = {{"vb", 2}, {"vc", 2}};
    shale_status statuses[2] = {-1, -1};
    assert_int_equal(
        shale_multi_lease_fulfil(leases, values, 2, SHALE_TTL_NEVER, statuses, SHALE_SYNC, nullptr),
        SHALE_OK);
    assert_int_equal(statuses[0], SHALE_OK);
    assert_int_equal(statuses[1], SHALE_MISMATCH);
    ASSERT_STR(store.Get("b"), "vb");
    ASSERT_STR(store.Get("c"), "written");
    for (shale_lease* lease : leases) shale_lease_free(lease);
    // Nothing of its own to load: now it waits.
    std::thread holder([&] {
      AwaitWaiters(&store, 1);
      Must(foreign.Fulfil("vd") == SHALE_OK, "fulfil");
    });
    const shale_slice again[] = {{"a", 1}, {"d", 1}};
    assert_int_equal(shale_multi_get_or_lease(store.db, again, 2, kLong, 0, &results, 0, nullptr), SHALE_OK);
    holder.join();
    const void* value = nullptr;
    size_t size = 0;
    assert_int_equal(shale_results_at(results, 1, &value, &size, nullptr), SHALE_OK);
    ASSERT_STR(std::string(static_cast<const char*>(value), size), "vd");
    shale_results_free(results);
  });
}

// Callers that ask for overlapping sets of keys in any order always come to an end.
TEST(callers_with_overlapping_keys_do_not_stand_still) {
  Store store(false);
  const uint64_t seed = TestSeed();
  std::atomic<int> loads{0};
  const auto work = [&](uint64_t number) {
    Dice dice(seed + number);
    for (int round = 0; round < 50; round++) {
      std::vector<std::string> names;
      for (int i = 0; i < 8; i++)
        names.push_back(std::to_string(round * 10 + static_cast<int>(dice.Below(10))));
      for (;;) {
        std::vector<shale_slice> keys;
        for (const std::string& name : names) keys.push_back({name.data(), name.size()});
        shale_results* results = nullptr;
        Must(shale_multi_get_or_lease(store.db, keys.data(), keys.size(), kLong, kLong, &results, 0,
                                      nullptr) == SHALE_OK,
             "get or lease");
        std::vector<std::string> left;
        for (size_t i = 0; i < keys.size(); i++) {
          const shale_status s = shale_results_at(results, i, nullptr, nullptr, nullptr);
          if (s == SHALE_WOULD_BLOCK) left.push_back(names[i]);
          if (s != SHALE_LEASED) continue;
          loads++;
          shale_lease* lease = nullptr;
          Must(shale_results_lease(results, i, &lease) == SHALE_OK, "lease");
          Must(shale_lease_fulfil(lease, "v", 1, SHALE_TTL_NEVER, nullptr, 0, nullptr) == SHALE_OK, "fulfil");
          shale_lease_free(lease);
        }
        shale_results_free(results);
        if (left.empty()) break;
        names = left;
      }
    }
  };
  std::vector<std::thread> threads;
  for (uint64_t i = 0; i < 8; i++) threads.emplace_back(work, i);
  for (std::thread& t : threads) t.join();
  assert_int_equal(loads.load(), store.Stat("cache.items"));
}

// 64 threads, each asks for 1,000 cold keys in an order of its own: every key is loaded once.
TEST(one_load_a_key_over_all_threads) {
  for (const bool with_path : {false, true}) {
    Store store(with_path);
    constexpr int kThreads = 64, kKeys = 1000;
    const uint64_t seed = TestSeed();
    std::atomic<int> loads{0}, wrong{0};
    std::vector<std::thread> threads;
    for (uint64_t number = 0; number < kThreads; number++) {
      threads.emplace_back([&, number] {
        Dice dice(seed + number);
        const uint64_t start = dice.Below(kKeys);
        for (uint64_t i = 0; i < kKeys; i++) {
          const std::string key = "cold " + std::to_string((start + i * 7) % kKeys);
          Asked asked = Ask(store.db, key, kLong, 0, kLong, 64);
          if (asked.status == SHALE_LEASED) {
            loads++;
            if (dice.OneIn(4)) std::this_thread::yield();
            if (asked.Fulfil("value of " + key) != SHALE_OK) wrong++;
          } else if (asked.status != SHALE_OK || asked.value != "value of " + key) {
            wrong++;
          }
        }
      });
    }
    for (std::thread& t : threads) t.join();
    assert_int_equal(wrong.load(), 0);
    assert_int_equal(loads.load(), kKeys);
    assert_int_equal(store.Stat("leases.fulfilled"), kKeys);
    assert_int_equal(store.Stat("leases.held"), 0);
  }
}

}   // namespace
}   // namespace shale_test

RUN()
