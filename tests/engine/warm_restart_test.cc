// Hot keys over a restart: they come back without reads from the user, as what they are now, within the time;
// and a list that is not what it should be does no harm.
#include "engine/warm_restart.h"

#include <chrono>
#include <thread>

#include "base/random.h"
#include "store/scratch_dir.h"
#include "test.h"

namespace shale {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

std::shared_ptr<Engine> Open(const std::string& path, const Settings& settings = {}) {
  Options options;
  ASSERT_OK(options.Set("memory.budget", "32MiB"));
  ASSERT_OK(options.Set("cache.warm_restart", "true"));
  ASSERT_OK(options.Set("cache.warm_restart_ms", "60000"));   // slow machines do not fail
  for (const auto& [name, value] : settings) ASSERT_OK(options.Set(name, value));
  std::shared_ptr<Engine> engine;
  ASSERT_OK(Engine::Open(path, options, &engine));
  return engine;
}

void WaitForLoading(Engine* engine) {
  for (int i = 0; engine->GetWarmStats().running; i++) {
    if (i > 30'000) fail_msg("loading does not end");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

std::string Name(int i) {
  return "key" + std::to_string(i);
}

// Whether the memory tier alone can answer, and what.
Status GetCached(Engine* engine, const std::string& key, std::string* value) {
  char buf[64];
  ReadRequest request;
  request.mode = ReadMode::kCopy;
  request.buf = buf;
  request.cap = sizeof buf;
  request.cache_only = true;
  ReadResult result;
  Status s = engine->Read(key, request, &result);
  if (s.ok()) value->assign(buf, result.value_len);
  return s;
}

int CountCached(Engine* engine, int keys) {
  int cached = 0;
  std::string value;
  for (int i = 0; i < keys; i++) {
    const Status s = GetCached(engine, Name(i), &value);
    if (s.ok()) ASSERT_STR(value, "value" + std::to_string(i));
    cached += s.ok() ? 1 : 0;
  }
  return cached;
}

// A close before the thread that loads has begun takes the loading for cut off, and leaves no new list.
void Fill(Engine* engine, int keys) {
  WaitForLoading(engine);
  for (int i = 0; i < keys; i++)
    ASSERT_OK(engine->Put(Name(i), "value" + std::to_string(i), WriteOptions(), nullptr));
}

TEST(the_hot_set_is_back_without_a_read) {
  ScratchDir scratch;
  auto engine = Open(scratch / "store");
  Fill(engine.get(), 20'000);
  ASSERT_OK(engine->Close());
  engine = Open(scratch / "store");
  WaitForLoading(engine.get());
  assert_int_equal(engine->GetCacheStats().hits, 0);
  assert_int_equal(engine->GetCacheStats().misses, 0);   // what is loaded is no read of the user
  assert_int_equal(engine->GetWarmStats().listed_keys, 20'000);
  assert_int_equal(CountCached(engine.get(), 20'000), 20'000);
}

TEST(what_was_hit_comes_back_when_not_all_of_it_fits) {
  ScratchDir scratch;
  auto engine = Open(scratch / "store");
  const std::string large(2000, 'v');
  for (int i = 0; i < 40'000; i++) {
    ASSERT_OK(engine->Put(Name(i), i < 1000 ? "value" + std::to_string(i) : large, WriteOptions(), nullptr));
    if (i % 1000 == 0 && i > 0) assert_true(CountCached(engine.get(), 1000) >= 900);   // keeps them hot
  }
  assert_true(engine->GetCacheStats().evictions > 10'000);
  ASSERT_OK(engine->Close());
  engine = Open(scratch / "store");
  WaitForLoading(engine.get());
  assert_true(engine->GetWarmStats().restored_keys > 2000);
  assert_true(CountCached(engine.get(), 1000) >= 900);
  const CacheStats stats = engine->GetCacheStats();
  assert_true(stats.committed_bytes <= stats.capacity);
}

TEST(the_list_is_a_hint_and_the_store_is_the_truth) {
  ScratchDir scratch;
  auto engine = Open(scratch / "store");
  Fill(engine.get(), 1000);
  ASSERT_OK(engine->Close());
  // A session without the option changes everything, and leaves the list as it is.
  engine = Open(scratch / "store", {{"cache.warm_restart", "false"}});
  WriteOptions soon;
  soon.ttl_ms = 1;
  ASSERT_OK(engine->Put(Name(0), "new", WriteOptions(), nullptr));
  ASSERT_OK(engine->Delete(Name(1), WriteOptions()));
  ASSERT_OK(engine->Put(Name(2), "short", soon, nullptr));
  ASSERT_OK(engine->Close());
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  engine = Open(scratch / "store");
  WaitForLoading(engine.get());
  std::string value;
  ASSERT_OK(GetCached(engine.get(), Name(0), &value));
  ASSERT_STR(value, "new");
  assert_false(GetCached(engine.get(), Name(1), &value).ok());
  assert_false(GetCached(engine.get(), Name(2), &value).ok());
  assert_int_equal(engine->GetWarmStats().restored_keys, 998);
}

TEST(writes_while_it_loads_win) {
  ScratchDir scratch;
  auto engine = Open(scratch / "store");
  Fill(engine.get(), 20'000);
  ASSERT_OK(engine->Close());
  engine = Open(scratch / "store");
  for (int i = 19'999; i >= 0; i--) ASSERT_OK(engine->Put(Name(i), "later", WriteOptions(), nullptr));
  WaitForLoading(engine.get());
  std::string value;
  for (int i = 0; i < 20'000; i++) {
    ASSERT_OK(GetCached(engine.get(), Name(i), &value));
    ASSERT_STR(value, "later");
  }
}

TEST(a_damaged_list_is_ignored_from_the_damage_on) {
  ScratchDir scratch;
  Random random(TestSeed());
  auto engine = Open(scratch / "store");
  Fill(engine.get(), 10'000);   // some blocks
  ASSERT_OK(engine->Close());
  const Buffer good = scratch.Read("store/WARM");
  assert_true(good.size() > 70'000);
  for (int round = 0; round < 12; round++) {
    Buffer bad = good;
    if (round == 0) bad.clear();
    if (round == 1) bad.assign(good.size(), '\0');
    if (round == 2) bad = Buffer(good.size(), '\xff').replace(0, 13, good, 0, 13);
    if (round >= 3 && round < 7) bad.resize(random.Below(bad.size()));
    if (round >= 7) bad[random.Below(bad.size())] ^= static_cast<char>(1 + random.Below(255));
    scratch.Write("store/WARM", bad);
    engine = Open(scratch / "store");
    WaitForLoading(engine.get());
    const uint64_t restored = engine->GetWarmStats().restored_keys;
    assert_true(restored < 10'000);
    assert_int_equal(engine->GetCacheStats().items, restored);
    assert_int_equal(CountCached(engine.get(), 10'000), static_cast<int>(restored));
    ASSERT_OK(engine->Close());
  }
}

TEST(a_session_that_ends_early_leaves_the_list) {
  ScratchDir scratch;
  auto engine = Open(scratch / "store");
  Fill(engine.get(), 30'000);
  ASSERT_OK(engine->Close());
  for (int session = 0; session < 5; session++) {
    engine = Open(scratch / "store");
    ASSERT_OK(engine->Close());   // before or after all is loaded
  }
  engine = Open(scratch / "store");
  WaitForLoading(engine.get());
  assert_int_equal(CountCached(engine.get(), 30'000), 30'000);
}

TEST(the_time_is_kept) {
  ScratchDir scratch;
  const Settings short_time = {{"cache.warm_restart_ms", "1"}};
  auto engine = Open(scratch / "store");
  Fill(engine.get(), 30'000);
  ASSERT_OK(engine->Close());
  const size_t whole = scratch.Read("store/WARM").size();
  engine = Open(scratch / "store", short_time);
  WaitForLoading(engine.get());
  assert_true(engine->GetWarmStats().restored_keys < 30'000);
  Fill(engine.get(), 30'000);
  ASSERT_OK(engine->Close());
  assert_true(scratch.Read("store/WARM").size() < whole);   // cut short, and read all the same
  engine = Open(scratch / "store");
  WaitForLoading(engine.get());
  assert_int_equal(CountCached(engine.get(), 30'000), static_cast<int>(engine->GetWarmStats().restored_keys));
}

TEST(a_list_that_cannot_be_written_is_no_error_and_destroy_removes_it) {
  ScratchDir scratch;
  auto engine = Open(scratch / "store");
  Fill(engine.get(), 100);
  std::filesystem::create_directory(scratch / "store/WARM");
  ASSERT_OK(engine->Close());
  engine = Open(scratch / "store");
  WaitForLoading(engine.get());
  assert_int_equal(engine->GetWarmStats().listed_keys, 0);
  assert_true(std::filesystem::remove(scratch / "store/WARM"));
  ASSERT_OK(engine->Close());
  engine.reset();
  assert_true(scratch.Has("store/WARM"));
  ASSERT_OK(DestroyStore(scratch / "store"));
  assert_false(scratch.Has("store"));
}

}   // namespace
}   // namespace shale

RUN()
