// Loads, one caller a key: who is given the lease, what ends it, what those who wait get.
#include <algorithm>
#include <chrono>

#include "engine/lease_kit.h"

namespace shale_test {
namespace {

TEST(the_first_is_leased_and_the_others_wait_for_its_value) {
  ForBoth([](bool with_path) {
    Store store(with_path);
    Asked first = Ask(store.db, "k");
    assert_int_equal(first.status, SHALE_LEASED);
    assert_false(first.has_value);
    const void* key = nullptr;
    size_t key_len = 0;
    assert_int_equal(shale_lease_key(first.lease, &key, &key_len), SHALE_OK);
    ASSERT_STR(std::string(static_cast<const char*>(key), key_len), "k");
    assert_int_equal(Ask(store.db, "k").status, SHALE_WOULD_BLOCK);
    assert_int_equal(Ask(store.db, "other").status, SHALE_LEASED);
    for (const char* loaded : {"short", "longer than the caller's buffer", ""}) {
      std::atomic<int> right{0};
      std::vector<std::thread> waiters;
      const int64_t waits = store.Stat("leases.waits");
      for (int i = 0; i < 4; i++) {
        waiters.emplace_back([&] {
          const Asked asked = Ask(store.db, "k", kLong);
          right +=
              asked.status == SHALE_OK && asked.has_value && asked.value == loaded && asked.lease == nullptr;
        });
      }
      AwaitWaiters(&store, waits + 4);
      assert_int_equal(first.Fulfil(loaded), SHALE_OK);
      for (std::thread& t : waiters) t.join();
      assert_int_equal(right.load(), 4);
      assert_int_equal(first.Fulfil(loaded), SHALE_E_INVALID);   // once
      assert_int_equal(first.Fail(0), SHALE_E_INVALID);
      assert_int_equal(Ask(store.db, "k").status, SHALE_OK);
      store.Delete("k");
      first = Ask(store.db, "k");
      assert_int_equal(first.status, SHALE_LEASED);
    }
  });
}

TEST(a_key_that_is_there_is_never_leased) {
  ForBoth([](bool with_path) {
    Store store(with_path);
    store.Put("k", "v");
    if (with_path)
      assert_int_equal(shale_put(store.db, "around", 6, "v", 1, 0, nullptr, SHALE_WRITE_AROUND, nullptr),
                       SHALE_OK);
    for (const char* key : {"k", with_path ? "around" : "k"}) {
      const Asked asked = Ask(store.db, key);
      assert_int_equal(asked.status, SHALE_OK);
      ASSERT_STR(asked.value, "v");
    }
    assert_int_equal(store.Stat("leases.held"), 0);
  });
}

// Every way to write a key ends its lease: what the loader brings is older, and is not set.
TEST(a_write_ends_the_lease_and_the_loader_is_told) {
  ForBoth([](bool with_path) {
    Store store(with_path);
    using Write = void (*)(Store*);
    const Write writes[] = {
        [](Store* s) { s->Put("k", "new"); },
        [](Store* s) { s->Delete("k"); },
        // Nothing was there to delete; the lease lived on, and what its holder brought was older than the call.
        [](Store* s) {
          assert_int_equal(shale_delete(s->db, "k", 1, SHALE_IF_PRESENT, nullptr), SHALE_NOT_FOUND);
        },
        [](Store* s) {
          s->Put("k", "new");
          s->Delete("k");
        },
        [](Store* s) {
          int64_t sum = 0;
          assert_int_equal(shale_incr(s->db, "k", 1, 7, &sum, 0, nullptr), SHALE_OK);
        },
        [](Store* s) {
          assert_int_equal(shale_compare_version_and_set(s->db, "k", 1, SHALE_VERSION_ABSENT, "new", 3, 0,
                                                         nullptr, 0, nullptr),
                           SHALE_OK);
        },
        [](Store* s) {
          shale_batch* batch = nullptr;
          assert_int_equal(shale_batch_new(&batch), SHALE_OK);
          assert_int_equal(shale_batch_put(batch, "k", 1, "new", 3, SHALE_TTL_NEVER, nullptr), SHALE_OK);
          assert_int_equal(shale_write(s->db, batch, 0, nullptr), SHALE_OK);
          shale_batch_free(batch);
        },
        [](Store* s) {
          void* old = nullptr;
          size_t size = 0;
          assert_int_equal(shale_get_and_set(s->db, "k", 1, "new", 3, 0, &old, &size, nullptr, 0, nullptr),
                           SHALE_NOT_FOUND);
        },
    };
    for (const Write& write : writes) {
      store.Delete("k");
      Asked loader = Ask(store.db, "k");
      assert_int_equal(loader.status, SHALE_LEASED);
      write(&store);
      const std::string now = store.Get("k");
      assert_int_equal(loader.Fulfil("old"), SHALE_MISMATCH);
      ASSERT_STR(store.Get("k"), now);
      // And whoever comes now does not wait for it.
      store.Delete("k");
      Asked second = Ask(store.db, "k");
      assert_int_equal(second.status, SHALE_LEASED);
      loader.Drop();
      assert_int_equal(second.Fulfil("fresh"), SHALE_OK);
      ASSERT_STR(store.Get("k"), "fresh");
    }
  });
}

TEST(those_who_wait_see_what_was_written_meanwhile) {
  ForBoth([](bool with_path) {
    Store store(with_path);
    Asked loader = Ask(store.db, "k");
    std::atomic<int> seen{0};
    std::thread waiter([&] {
      const Asked asked = Ask(store.db, "k", kLong);
      seen = asked.status == SHALE_OK && asked.value == "new";
    });
    AwaitWaiters(&store, 1);
    store.Put("k", "new");
    waiter.join();
    assert_int_equal(seen.load(), 1);
    assert_int_equal(loader.Fail(0), SHALE_MISMATCH);
  });
}

TEST(a_lease_that_is_given_up_or_failed_goes_to_one_who_waits) {
  ForBoth([](bool with_path) {
    Store store(with_path);
    for (const bool failed : {false, true}) {
      Asked loader = Ask(store.db, "k");
      std::atomic<int> loads{0}, values{0};
      std::vector<std::thread> waiters;
      const int64_t waits = store.Stat("leases.waits");
      for (int i = 0; i < 6; i++) {
        waiters.emplace_back([&] {
          Asked asked = Ask(store.db, "k", kLong);
          if (asked.status == SHALE_OK) values++;
          if (asked.status != SHALE_LEASED) return;
          if (loads++ >= 2) Must(asked.Fulfil("v") == SHALE_OK, "fulfil");   // the first two fail as well
        });
      }
      AwaitWaiters(&store, waits + 6);
      if (failed) assert_int_equal(loader.Fail(0), SHALE_OK);
      loader.Drop();
      for (std::thread& t : waiters) t.join();
      assert_int_equal(loads.load(), 3);
      assert_int_equal(values.load(), 3);
      store.Delete("k");
    }
    assert_int_equal(store.Stat("leases.held"), 0);
  });
}

TEST(a_holder_whose_time_is_over_loses_the_lease_to_who_asks) {
  ForBoth([](bool with_path) {
    Store store(with_path);
    Asked slow = Ask(store.db, "k", 0, 0, 1);
    assert_int_equal(slow.status, SHALE_LEASED);
    Asked next = Ask(store.db, "k", kLong);   // has to wait a millisecond at most
    assert_int_equal(next.status, SHALE_LEASED);
    assert_int_equal(store.Stat("leases.takeovers"), 1);
    assert_int_equal(slow.Fulfil("late"), SHALE_MISMATCH);
    ASSERT_STR(store.Get("k"), "");
    slow.Drop();
    assert_int_equal(Ask(store.db, "k").status, SHALE_WOULD_BLOCK);
    assert_int_equal(next.Fulfil("v"), SHALE_OK);
    ASSERT_STR(store.Get("k"), "v");
    // Nobody asked: late is better than never.
    Asked late = Ask(store.db, "l", 0, 0, 1);
    usleep(5000);
    assert_int_equal(late.Fulfil("v"), SHALE_OK);
  });
}

TEST(a_waiter_waits_no_longer_than_it_wants_to) {
  ForBoth([](bool with_path) {
    Store store(with_path);
    Asked loader = Ask(store.db, "k");
    const auto start = std::chrono::steady_clock::now();
    assert_int_equal(Ask(store.db, "k", 30).status, SHALE_WOULD_BLOCK);
    assert_true(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(29));
    assert_int_equal(store.Stat("leases.wait_timeouts"), 1);
    assert_int_equal(loader.Fulfil("v"), SHALE_OK);
  });
}

TEST(a_miss_is_remembered_until_its_time_is_over_or_the_key_is_written) {
  ForBoth([](bool with_path) {
    Store store(with_path);
    Asked loader = Ask(store.db, "k");
    std::atomic<int> missing{0};
    std::thread waiter([&] { missing = Ask(store.db, "k", kLong).status == SHALE_NOT_FOUND; });
    AwaitWaiters(&store, 1);
    assert_int_equal(loader.Fail(1000), SHALE_OK);
    waiter.join();
    assert_int_equal(missing.load(), 1);
    store.clock.Advance(999);
    assert_int_equal(Ask(store.db, "k").status, SHALE_NOT_FOUND);
    assert_int_equal(store.Stat("leases.missing"), 1);
    store.clock.Advance(1);
    loader = Ask(store.db, "k");
    assert_int_equal(loader.status, SHALE_LEASED);
    assert_int_equal(loader.Fail(1000), SHALE_OK);
    store.Put("k", "v");
    assert_int_equal(Ask(store.db, "k").status, SHALE_OK);
    store.Delete("k");
    assert_int_equal(Ask(store.db, "k").status, SHALE_LEASED);
    assert_int_equal(store.Stat("leases.missing"), 0);
  });
}

TEST(what_is_known_to_be_missing_stays_within_its_bytes) {
  Store store(false);
  for (int i = 0; i < 5000; i++) {
    const std::string key = std::string(200, 'm') + std::to_string(i);
    Asked loader = Ask(store.db, key);
    assert_int_equal(loader.status, SHALE_LEASED);
    assert_int_equal(loader.Fail(kLong), SHALE_OK);
  }
  assert_true(store.Stat("leases.missing_bytes") <= (16 << 20) / 128);
  assert_true(store.Stat("leases.missing") >= 64);
  assert_int_equal(Ask(store.db, std::string(200, 'm') + "4999").status, SHALE_NOT_FOUND);
  assert_int_equal(Ask(store.db, std::string(200, 'm') + "0").status, SHALE_LEASED);
  assert_true(store.Stat("cache.committed_bytes") + store.Stat("leases.missing_bytes") <= 16 << 20);
}

TEST(a_stale_value_is_for_those_who_take_it_while_one_loads) {
  ForBoth([](bool with_path) {
    Store store(with_path, "5000");
    store.Put("k", "old", 1000);
    if (with_path)
      assert_int_equal(shale_put(store.db, "k", 1, "old", 3, 1000, nullptr, SHALE_WRITE_AROUND, nullptr),
                       SHALE_OK);
    store.clock.Advance(999);
    assert_int_equal(Ask(store.db, "k", 0, SHALE_STALE_OK).status, SHALE_OK);
    store.clock.Advance(1);
    ASSERT_STR(store.Get("k"), "");
    assert_int_equal(shale_exists(store.db, "k", 1, 0, nullptr), SHALE_NOT_FOUND);
    usleep(250'000);   // two rounds of the sweeper, which must not take it
    Asked loader = Ask(store.db, "k", kLong, SHALE_STALE_OK);
    assert_int_equal(loader.status, SHALE_LEASED);
    ASSERT_STR(loader.value, "old");
    Asked other = Ask(store.db, "k", kLong, SHALE_STALE_OK);
    assert_int_equal(other.status, SHALE_STALE);
    ASSERT_STR(other.value, "old");
    other = Ask(store.db, "k");   // does not take it
    assert_int_equal(other.status, SHALE_WOULD_BLOCK);
    assert_false(other.has_value);
    ASSERT_STR(store.Get("k"), "");
    assert_int_equal(loader.Fail(0), SHALE_OK);
    loader = Ask(store.db, "k", 0, SHALE_STALE_OK);
    assert_int_equal(loader.status, SHALE_LEASED);
    assert_int_equal(loader.Fulfil("new", 1000), SHALE_OK);
    ASSERT_STR(store.Get("k"), "new");
    // The grace ends too.
    store.clock.Advance(6000);
    loader = Ask(store.db, "k", 0, SHALE_STALE_OK);
    assert_int_equal(loader.status, SHALE_LEASED);
    assert_false(loader.has_value);
    assert_int_equal(Ask(store.db, "k", 0, SHALE_STALE_OK).status, SHALE_WOULD_BLOCK);
  });
}

TEST(close_wakes_who_waits_and_a_lease_may_outlive_its_database) {
  ForBoth([](bool with_path) {
    Asked kept, given_up;
    {
      Store store(with_path);
      kept = Ask(store.db, "k");
      given_up = Ask(store.db, "l");
      std::atomic<int> closed{0};
      std::vector<std::thread> waiters;
      for (int i = 0; i < 4; i++)
        waiters.emplace_back([&] { closed += Ask(store.db, "k", kLong).status == SHALE_E_CLOSED; });
      AwaitWaiters(&store, 4);
      assert_int_equal(shale_close(store.db, nullptr), SHALE_OK);
      for (std::thread& t : waiters) t.join();
      assert_int_equal(closed.load(), 4);
      assert_int_equal(Ask(store.db, "k").status, SHALE_E_CLOSED);
      assert_int_equal(kept.Fulfil("v"), SHALE_E_CLOSED);
    }
    assert_int_equal(kept.Fulfil("v"), SHALE_E_CLOSED);
    assert_int_equal(kept.Fail(1), SHALE_E_CLOSED);
    const void* key = nullptr;
    size_t key_len = 0;
    assert_int_equal(shale_lease_key(kept.lease, &key, &key_len), SHALE_OK);
  });
}

TEST(a_value_that_is_not_used_leaves_and_one_that_is_used_stays) {
  for (const bool with_path : {false, true}) {
    shale::FakeClock clock;
    shale::SetClockForTest(&clock);
    TempDir dir("idle");
    Options options;
    options.Set("ttl.idle_ms", "1600");
    options.Set("memory.budget", "16MiB");
    shale_db* db = nullptr;
    assert_int_equal(shale_open(with_path ? dir.path().c_str() : nullptr, options.get(), &db, nullptr),
                     SHALE_OK);
    const std::string large(100'000, 'x');
    const std::string values[] = {"v", large};
    const auto here = [&](const char* key) {
      std::string buf(large.size(), ' ');
      size_t size = 0;
      return shale_get_into(db, key, 2, buf.data(), buf.size(), &size, nullptr, SHALE_CACHE_ONLY, nullptr) ==
             SHALE_OK;
    };
    for (const std::string& value : values) {
      for (const char* key : {"k1", "k2"})
        assert_int_equal(shale_put(db, key, 2, value.data(), value.size(), 0, nullptr, 0, nullptr), SHALE_OK);
      assert_int_equal(shale_put(db, "k3", 2, value.data(), value.size(), 2000, nullptr, 0, nullptr),
                       SHALE_OK);
      for (int i = 0; i < 19; i++) {
        clock.Advance(100);
        assert_true(here("k1") && here("k3"));
      }
      assert_false(here("k2"));
      int64_t left_ms = 0;
      assert_int_equal(shale_ttl(db, "k3", 2, &left_ms, 0, nullptr), SHALE_OK);
      assert_int_equal(left_ms, 100);   // its own deadline is not moved by use
      assert_int_equal(shale_ttl(db, "k1", 2, &left_ms, 0, nullptr), SHALE_OK);
      assert_int_equal(left_ms, SHALE_TTL_NEVER);
      clock.Advance(100);
      assert_false(here("k3"));
      assert_true(here("k1"));
      clock.Advance(1599);
      assert_true(here("k1"));   // not a moment too early
      clock.Advance(1701);
      assert_false(here("k1"));
      // On disk it is still there.
      const shale_status below = with_path ? SHALE_OK : SHALE_NOT_FOUND;
      assert_int_equal(shale_exists(db, "k1", 2, 0, nullptr), below);
    }
    shale_free(db);
    shale::SetClockForTest(nullptr);
  }
}

TEST(jitter_shortens_by_no_more_than_its_part) {
  Store plain(false);
  Options options;
  options.Set("ttl.jitter_percent", "20");
  shale_db* db = nullptr;
  assert_int_equal(shale_open(nullptr, options.get(), &db, nullptr), SHALE_OK);
  int64_t least = INT64_MAX, most = 0;
  for (int i = 0; i < 2000; i++) {
    const std::string key = std::to_string(i);
    int64_t left_ms = 0;
    assert_int_equal(shale_put(db, key.data(), key.size(), "v", 1, 10'000, nullptr, 0, nullptr), SHALE_OK);
    assert_int_equal(shale_ttl(db, key.data(), key.size(), &left_ms, 0, nullptr), SHALE_OK);
    least = std::min(least, left_ms);
    most = std::max(most, left_ms);
  }
  assert_true(least >= 8000 && least < 8100);
  assert_true(most <= 10'000 && most > 9900);
  int64_t left_ms = 0;
  assert_int_equal(shale_put(db, "1", 1, "v", 1, 1, nullptr, 0, nullptr), SHALE_OK);
  assert_int_equal(shale_ttl(db, "1", 1, &left_ms, 0, nullptr), SHALE_OK);
  assert_int_equal(left_ms, 1);
  shale_free(db);
}

}   // namespace
}   // namespace shale_test

RUN()
