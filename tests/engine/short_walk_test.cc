// Short walks that go by keys known from earlier ones: they are what a walk over the whole store would be.
#include "engine/scan.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "engine_home.h"
#include "store/assert_code.h"   // last, with test.h: cmocka has a macro named fail

namespace shale {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string KeyOf(uint64_t i) {
  char text[16];
  std::snprintf(text, sizeof text, "k%06llu", static_cast<unsigned long long>(i));
  return text;
}

Rows Walk(Engine* engine, const std::string& from, const std::string& to, int64_t limit, bool reverse = false,
          bool keys_only = false) {
  Engine::ScanRequest request;
  request.bounds.from = from;
  request.bounds.to = to;
  request.bounds.reverse = reverse;
  request.bounds.keys_only = keys_only;
  request.limit = limit;
  std::unique_ptr<Scan> scan;
  ASSERT_OK(engine->NewScan(request, &scan));
  Rows rows;
  Bytes key, value;
  Status s;
  while ((s = scan->Next(&key, &value)).ok()) rows.emplace_back(key, value);
  AssertCode(s, Code::END);
  return rows;
}

void AssertKeyRuns(const Engine& engine) {
  std::string why;
  if (!engine.key_runs().Validate(&why)) fail_msg("%s", why.c_str());
}

TEST(a_walk_over_known_keys_sees_what_was_changed_since) {
  EngineHome home(true);
  for (uint64_t i = 0; i < 300; i += 2) home.Put(KeyOf(i), "v" + std::to_string(i));
  assert_int_equal(Walk(home.engine.get(), KeyOf(10), "", 20).size(), 20);
  assert_int_equal(home.engine->key_runs().GetStats().uses, 0);
  const Rows again = Walk(home.engine.get(), KeyOf(10), "", 20);
  assert_int_equal(home.engine->key_runs().GetStats().uses, 1);
  assert_true(again.front() == std::make_pair(KeyOf(10), std::string("v10")));
  home.Put(KeyOf(11), "new");
  home.Put(KeyOf(12), std::string(5000, 'L'));
  ASSERT_OK(home.engine->Delete(KeyOf(14), WriteOptions()));
  WriteBatch batch;
  ASSERT_OK(batch.Put(KeyOf(17), "b17", kTtlNever));
  ASSERT_OK(batch.Delete(KeyOf(16)));
  ASSERT_OK(home.engine->Write(batch, true, false));
  const Rows wanted{
      {KeyOf(10), "v10"}, {KeyOf(11), "new"}, {KeyOf(12), std::string(5000, 'L')}, {KeyOf(17), "b17"}};
  assert_true(Walk(home.engine.get(), KeyOf(10), "", 4) == wanted);
  assert_true(Walk(home.engine.get(), KeyOf(10), KeyOf(18), -1) == wanted);
  assert_true(Walk(home.engine.get(), "", KeyOf(18), 4, true) == Rows(wanted.rbegin(), wanted.rend()));
  assert_true(home.engine->key_runs().GetStats().uses > 2);
  ASSERT_OK(home.engine->DeleteRange(KeyOf(12), KeyOf(17), false));
  assert_true(Walk(home.engine.get(), KeyOf(10), "", 3) == (Rows{wanted[0], wanted[1], wanted[3]}));
  AssertKeyRuns(*home.engine);
}

TEST(rows_that_end_before_they_are_handed_out_are_replaced_by_those_behind) {
  EngineHome home(true);
  for (uint64_t i = 0; i < 40; i++) home.Put(KeyOf(i), "v", i % 4 == 1 ? 1000 : kTtlNever);
  (void)Walk(home.engine.get(), "", "", 10);
  Engine::ScanRequest request;
  request.limit = 10;
  std::unique_ptr<Scan> scan;
  ASSERT_OK(home.engine->NewScan(request, &scan));
  home.clock.Advance(2000);
  Bytes key, value;
  for (uint64_t i = 0, rows = 0; rows < 10; i++) {
    if (i % 4 == 1) continue;
    ASSERT_OK(scan->Next(&key, &value));
    assert_true(key == KeyOf(i));
    rows++;
  }
  AssertCode(scan->Next(&key, &value), Code::END);
}

TEST(values_too_large_for_a_block_are_left_to_the_cursor) {
  EngineHome home(true);
  const std::string large(1 << 20, 'x');
  for (uint64_t i = 0; i < 12; i++) home.Put(KeyOf(i), large);
  for (int round = 0; round < 3; round++) {
    const Rows rows = Walk(home.engine.get(), "", "", 12);
    assert_int_equal(rows.size(), 12);
    assert_true(rows.back() == std::make_pair(KeyOf(11), large));
  }
  assert_int_equal(home.engine->key_runs().GetStats().uses, 0);
  assert_int_equal(Walk(home.engine.get(), "", "", 2).size(), 2);
  assert_int_equal(home.engine->key_runs().GetStats().uses, 1);
}

uint64_t Seed() {
  const char* text = std::getenv("SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
}

void CompareWithMap(bool on_disk) {
  EngineHome home(on_disk);
  std::map<std::string, std::string> model;
  Random random(Seed());
  for (int step = 0; step < 6000; step++) {
    const std::string key = KeyOf(random.Below(3000));
    switch (random.Below(step < 1500 ? 3 : 12)) {
      case 0:
      case 1:
      case 2: {
        const std::string value = std::to_string(step) + std::string(random.Below(20) == 0 ? 4000 : 0, 'v');
        home.Put(key, value);
        model[key] = value;
        break;
      }
      case 3:
        (void)home.engine->Delete(key, WriteOptions());
        model.erase(key);
        break;
      case 4: {
        if (random.Below(20) != 0) break;
        const std::string to = KeyOf(random.Below(3000));
        ASSERT_OK(home.engine->DeleteRange(key, to, false));
        if (key < to) model.erase(model.lower_bound(key), model.lower_bound(to));
        break;
      }
      case 5:
        if (random.Below(10) == 0) ASSERT_OK(home.engine->Flush());
        break;
      default: {
        const bool reverse = random.Below(2) == 0;
        const bool keys_only = random.Below(5) == 0;
        std::string from = random.Below(8) == 0 ? "" : key;
        std::string to = random.Below(2) == 0 ? "" : KeyOf(random.Below(3000));
        const int64_t limit = random.Below(4) == 0 ? -1 : static_cast<int64_t>(random.Below(120));
        auto at = model.lower_bound(from), end = to.empty() ? model.end() : model.lower_bound(to);
        if (!to.empty() && from >= to) end = at;
        Rows wanted(at, end);
        if (reverse) wanted.assign(std::make_reverse_iterator(end), std::make_reverse_iterator(at));
        if (limit >= 0 && wanted.size() > static_cast<size_t>(limit))
          wanted.resize(static_cast<size_t>(limit));
        if (keys_only) {
          for (auto& row : wanted) row.second.clear();
        }
        const Rows seen = Walk(home.engine.get(), from, to, limit, reverse, keys_only);
        if (seen == wanted) break;
        const size_t same = static_cast<size_t>(
            std::mismatch(seen.begin(), seen.end(), wanted.begin(), wanted.end()).first - seen.begin());
        fail_msg(
            "step %d, [%s, %s), limit %lld, reverse %d: %zu rows instead of %zu, the first other is %zu: %s "
            "instead of %s",
            step, from.c_str(), to.c_str(), static_cast<long long>(limit), reverse, seen.size(),
            wanted.size(), same, same < seen.size() ? seen[same].first.c_str() : "none",
            same < wanted.size() ? wanted[same].first.c_str() : "none");
      }
    }
  }
  assert_true(home.engine->key_runs().GetStats().uses > 500);
  AssertKeyRuns(*home.engine);
}

TEST(walks_and_changes_in_any_order_agree_with_a_map) {
  CompareWithMap(true);
}

TEST(in_memory_walks_and_changes_in_any_order_agree_with_a_map) {
  CompareWithMap(false);
}

// A key that was over when the walk began, and was put again on the way, is none of its rows: the keys of a
// walk are those of its beginning. Found by the model, whose walks it saw a row too many in.
TEST(in_memory_a_key_that_comes_back_on_the_way_is_not_seen) {
  EngineHome home(false);
  for (uint64_t i = 0; i < 10; i++) home.Put(KeyOf(i), "v", i == 5 ? 1000 : kTtlNever);
  assert_int_equal(Walk(home.engine.get(), KeyOf(0), KeyOf(99), -1).size(), 10);
  home.clock.Advance(2000);
  Engine::ScanRequest request;
  request.bounds.from = KeyOf(0);
  request.bounds.to = KeyOf(99);
  std::unique_ptr<Scan> scan;
  ASSERT_OK(home.engine->NewScan(request, &scan));
  assert_int_equal(home.engine->key_runs().GetStats().uses, 1);
  home.Put(KeyOf(5), "again");
  Bytes key, value;
  for (uint64_t i = 0; i < 10; i++) {
    if (i == 5) continue;
    ASSERT_OK(scan->Next(&key, &value));
    assert_true(key == KeyOf(i));
  }
  AssertCode(scan->Next(&key, &value), Code::END);
}

// Of the keys that a walk began with some are gone before their rows are reached: others take their place.
TEST(in_memory_a_walk_whose_known_keys_go_goes_on_behind_them) {
  EngineHome home(false);
  for (uint64_t i = 0; i < 500; i++) home.Put(KeyOf(i), "v", i >= 10 && i < 300 ? 1000 : kTtlNever);
  assert_int_equal(Walk(home.engine.get(), KeyOf(10), "", 100).size(), 100);
  Engine::ScanRequest request;
  request.bounds.from = KeyOf(10);
  request.limit = 100;
  std::unique_ptr<Scan> scan;
  ASSERT_OK(home.engine->NewScan(request, &scan));
  assert_int_equal(home.engine->key_runs().GetStats().uses, 1);
  home.clock.Advance(2000);
  Bytes key, value;
  for (uint64_t i = 300; i < 400; i++) {
    ASSERT_OK(scan->Next(&key, &value));
    assert_true(key == KeyOf(i));
  }
  AssertCode(scan->Next(&key, &value), Code::END);
  AssertKeyRuns(*home.engine);
}

// Pairs are put and deleted by batches only, one half far from the other; single puts disturb both. Whoever
// walks sees halves that agree.
TEST(a_walk_sees_both_halves_of_a_batch_or_none) {
  EngineHome home(true);
  constexpr uint64_t kPairs = 40;
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (uint64_t w = 0; w < 2; w++) {
    writers.emplace_back([&, w] {
      Random random(Seed() * 7 + w);
      for (uint64_t round = 0; !stop; round++) {
        const uint64_t pair = random.Below(kPairs / 2) * 2 + w;
        const std::string tail = KeyOf(pair), value = std::to_string(round);
        WriteBatch batch;
        for (const char* half : {"p/a", "p/b"}) {
          const Status s =
              round % 5 == 4 ? batch.Delete(half + tail) : batch.Put(half + tail, value, kTtlNever);
          if (!s.ok()) stop = true;
        }
        if (!home.engine->Write(batch, true, false).ok()) stop = true;
        if (!home.engine->Put("p/c" + KeyOf(round % 50), value, WriteOptions(), nullptr).ok()) stop = true;
        if (round % 16 == 0)
          std::this_thread::sleep_for(std::chrono::microseconds(100));   // the walker's turn
      }
    });
  }
  const uint64_t before = home.engine->key_runs().GetStats().uses;
  uint64_t torn = 0;
  for (int walk = 0; walk < 1000 && !stop; walk++) {
    std::map<std::string, std::string> halves[2];
    for (const auto& [key, value] :
         Walk(home.engine.get(), "p/", "p0", walk % 2 == 0 ? 1000 : -1, walk % 3 == 0)) {
      if (key[2] != 'c') halves[key[2] - 'a'][key.substr(3)] = value;
    }
    torn += halves[0] != halves[1];
  }
  const bool failed = stop;
  stop = true;
  for (std::thread& writer : writers) writer.join();
  assert_false(failed);
  assert_int_equal(torn, 0);
  AssertKeyRuns(*home.engine);
  std::printf("  %llu of 1000 walks by known keys\n",
              static_cast<unsigned long long>(home.engine->key_runs().GetStats().uses - before));
}

}   // namespace
}   // namespace shale

RUN()
