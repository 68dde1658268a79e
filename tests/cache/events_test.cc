// What has left the memory tier, as told to who polls: each reason, order, bounds, and that nothing is lost
// uncounted.
#include <map>

#include "base/coding.h"
#include "cache_fixture.h"

namespace shale_test {

struct Event {
  Removal reason;
  int64_t version;
  std::string key;
  bool operator==(const Event&) const = default;
};

struct EventFixture {
  FakeClock clock;
  std::unique_ptr<Cache> cache;

  EventFixture(size_t capacity, size_t events_bytes, int shard_bits = 0, int place_percent = 0) {
    Cache::Config config;
    config.capacity_bytes = capacity;
    config.shard_bits_max = shard_bits;
    config.place_percent = place_percent;
    config.events_bytes = events_bytes;
    config.clock = &clock;
    ASSERT_OK(Cache::Create(config, &cache));
  }
  bool Put(const std::string& key, Bytes value, int64_t version, int64_t deadline_ms = 0,
           uint64_t where = 0) {
    CacheWrite write(cache.get(), Key(key), value.size());
    return write.Install({value, version, deadline_ms, where});
  }
  void Delete(const std::string& key) { CacheWrite write(cache.get(), Key(key), 0, Removal::kDeleted); }
  // All that wait, fetched through a buffer of that size.
  std::vector<Event> Poll(size_t cap = 4096) {
    std::vector<Event> events;
    std::string buf(cap, '\0');
    for (size_t used = 0, rows = 1; rows > 0;) {
      const Status s = cache->TakeEvents(buf.data(), cap, &used, &rows);
      assert_true(s.ok());
      Bytes in = Bytes(buf).substr(0, used);
      for (size_t i = 0; i < rows; i++) {
        Event event;
        Bytes key;
        assert_true(GetFixed(&in, &event.reason) && GetFixed(&in, &event.version) && GetSized32(&in, &key));
        event.key = key;
        events.push_back(event);
      }
      assert_int_equal(in.size(), 0);
    }
    return events;
  }
};

TEST(each_reason_is_told_with_key_and_version) {
  EventFixture f(1 << 20, 1 << 16);
  assert_true(f.Put("a", "1", 11));
  assert_true(f.Put("a", "2", 12));
  f.Delete("a");
  f.Delete("a");   // not here any more: nothing leaves
  assert_true(f.Put("b", "3", 13, f.clock.NowMs() + 100));
  assert_true(f.Put("c", "4", 14, f.clock.NowMs() + 100));
  f.clock.Advance(200);
  CacheRead read;
  assert_true(f.cache->Read(Key("b"), ReadMode::kMeta, nullptr, 0, &read) == Lookup::kExpired);
  f.clock.Advance(60'000);
  f.cache->ExpireSome(f.clock.NowMs(), 1000);
  const std::vector<Event> wanted = {{Removal::kOverwritten, 11, "a"},
                                     {Removal::kDeleted, 12, "a"},
                                     {Removal::kExpired, 13, "b"},
                                     {Removal::kExpired, 14, "c"}};
  assert_true(f.Poll() == wanted);
  assert_true(f.Poll().empty());
  const CacheStats stats = f.cache->Stats();
  assert_int_equal(stats.overwrites, 1);
  assert_int_equal(stats.deletions, 1);
  assert_int_equal(stats.expirations, 2);
  assert_int_equal(stats.erasures, 2);
}

TEST(every_eviction_is_told_once) {
  EventFixture f(1 << 20, 1 << 20, 2, 25);
  const std::string value(900, 'v');
  for (int i = 0; i < 5000; i++)
    assert_true(f.Put("key" + std::to_string(i), value, i + 1, 0, i % 2 ? 77 : 0));
  std::map<std::string, int> told;
  for (const Event& event : f.Poll()) {
    assert_int_equal(static_cast<int>(event.reason), static_cast<int>(Removal::kEvicted));
    assert_string_equal(event.key.c_str(), ("key" + std::to_string(event.version - 1)).c_str());
    assert_int_equal(++told[event.key], 1);
  }
  const CacheStats stats = f.cache->Stats();
  assert_int_equal(told.size(), stats.evictions);
  assert_int_equal(told.size() + stats.items + stats.passed_puts, 5000);
  assert_true(stats.places > 0);
  assert_int_equal(stats.dropped_events, 0);
  // A place that goes is no value that leaves.
  for (int i = 0; i < 5000; i++) f.Delete("key" + std::to_string(i));
  assert_int_equal(f.Poll().size(), stats.items);
}

TEST(what_there_is_no_room_for_is_counted) {
  EventFixture f(1 << 20, 100);   // five events of 19 bytes
  for (int i = 0; i < 20; i++) assert_true(f.Put("sixsix", "v", i + 1));
  const std::vector<Event> events = f.Poll(19);   // one at a time: the ring wraps
  assert_int_equal(events.size(), 5);
  for (size_t i = 0; i < events.size(); i++) assert_int_equal(events[i].version, i + 1);
  assert_int_equal(f.cache->Stats().dropped_events, 14);
  for (int round = 0; round < 50; round++) {
    assert_true(f.Put("sixsix", "v", 100 + round));
    assert_int_equal(f.Poll().size(), 1);
  }
  assert_int_equal(f.cache->Stats().dropped_events, 14);
  assert_int_equal(f.cache->Stats().event_bytes, 0);
}

TEST(a_buffer_too_small_loses_nothing) {
  EventFixture f(1 << 20, 4096);
  assert_true(f.Put("a key of 19 bytes..", "v", 1));
  f.Delete("a key of 19 bytes..");
  size_t used = 0, rows = 0;
  char buf[64];
  assert_true(f.cache->TakeEvents(nullptr, 0, &used, &rows).Is(Code::TOO_SMALL));
  assert_int_equal(used, RemovalLog::kHeaderBytes + 19);
  assert_true(f.cache->TakeEvents(buf, used - 1, &used, &rows).Is(Code::TOO_SMALL));
  assert_int_equal(rows, 0);
  assert_true(f.cache->TakeEvents(buf, used, &used, &rows).ok());
  assert_int_equal(rows, 1);
}

TEST(without_the_option_nothing_is_kept) {
  EventFixture f(1 << 20, 0);
  assert_true(f.Put("a", "1", 1));
  f.Delete("a");
  assert_true(f.Poll().empty());
  assert_int_equal(f.cache->Stats().dropped_events, 0);
  assert_int_equal(f.cache->Stats().deletions, 1);
}

TEST(hits_are_counted_by_shard_and_add_up) {
  EventFixture f(1 << 22, 0, 4);
  for (int i = 0; i < 2000; i++) assert_true(f.Put("key" + std::to_string(i), "v", 1));
  CacheRead read;
  for (int i = 0; i < 3000; i++)
    (void)f.cache->Read(Key("key" + std::to_string(i)), ReadMode::kMeta, nullptr, 0, &read);
  for (int i = 0; i < 5000; i++) (void)f.cache->Read(Key("key7"), ReadMode::kMeta, nullptr, 0, &read);
  (void)f.cache->Probe(Key("key7"), &read);   // not a read of the user
  const CacheStats stats = f.cache->Stats();
  assert_int_equal(stats.hits, 7000);
  assert_int_equal(stats.misses, 1000);
  assert_true(stats.shard_hits.most >= 5001);
  assert_true(stats.shard_hits.least <= stats.shard_hits.median && stats.shard_hits.median < 100);
  assert_true(stats.shard_items.least > 0 && stats.shard_items.least <= stats.shard_items.median);
  assert_true(stats.shard_items.median <= stats.shard_items.most && stats.shard_items.most < 400);
}

TEST(hot_keys_come_first) {
  EventFixture f(1 << 22, 0, 3);
  for (int i = 0; i < 100; i++) assert_true(f.Put("key" + std::to_string(i), "v", 1));
  CacheRead read;
  for (int i = 0; i < 10; i++) {
    for (int hit = 0; hit < 3; hit++)
      (void)f.cache->Read(Key("key" + std::to_string(i)), ReadMode::kMeta, nullptr, 0, &read);
  }
  Cache::HotKeys keys;
  f.cache->CollectHot([] { return true; }, &keys);
  size_t total = 0, hot = 0;
  for (size_t rank = 0; rank < keys.size(); rank++) {
    Bytes in = keys[rank];
    uint16_t size;
    while (GetFixed(&in, &size)) {
      total++;
      if (rank > 0) {
        hot++;
        assert_int_equal(size, 4);   // key0 to key9
      }
      in.remove_prefix(size);
    }
  }
  assert_int_equal(total, 100);
  assert_int_equal(hot, 10);
  Cache::HotKeys none;
  f.cache->CollectHot([] { return false; }, &none);
  for (const Buffer& rank : none) assert_true(rank.empty());
}

}   // namespace shale_test

RUN()
