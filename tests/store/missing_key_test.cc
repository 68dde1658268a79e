// What a store answers from its filters of keys: see store/key_filter.h.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "store/store_fixture.h"   // last, with test.h: cmocka has a macro named fail

namespace shale {
namespace {

constexpr int kShard = 9;

std::vector<Buffer> KeysIn(const StoreHome& home, const std::string& prefix, size_t count) {
  std::vector<Buffer> keys;
  for (int n = 0; keys.size() < count; n++) {
    Buffer key = prefix + std::to_string(n);
    if (DiskShardOf(home.Ref(key).hash) == kShard) keys.push_back(std::move(key));
  }
  return keys;
}

// Reads of keys that are not there; how many of them went to the index.
uint64_t ReadMissing(const StoreHome& home, const std::vector<Buffer>& keys) {
  const uint64_t before = home.store->Stats().index_reads;
  DiskRead read;
  for (const Buffer& key : keys) {
    const Status s = home.store->Read(home.Ref(key), true, &read);
    assert_true(s.Is(Code::NOT_FOUND));
  }
  return home.store->Stats().index_reads - before;
}

// Until the filter has been built: threads of the store do that, when they come to it.
void ReadMissingUntilItIsCheap(const StoreHome& home, const std::vector<Buffer>& keys) {
  while (ReadMissing(home, keys) > keys.size() / 4) {
    home.store->Tick();
    std::this_thread::yield();
  }
}

TEST(a_new_store_looks_for_no_key_that_it_never_had) {
  StoreHome home;
  home.Open();
  const std::vector<Buffer> missing = KeysIn(home, "m", 1000);
  assert_int_equal(ReadMissing(home, missing), 0);
  const std::vector<Buffer> keys = KeysIn(home, "k", 2000);
  for (const Buffer& key : keys) home.Put(key, "value");
  home.Batch({keys[0], keys[1]}, "of a batch");
  ASSERT_OK(home.store->DrainAll());
  assert_true(ReadMissing(home, missing) < missing.size() / 20);
  for (size_t i = 0; i < 500; i++) home.Delete(keys[i]);
  home.Put(keys[3], "again");
  home.AssertIs(home.model);
  for (size_t i = 0; i < 500; i++) {
    const std::string wanted = i == 3 ? "again" : Status(Code::NOT_FOUND).ToString();
    ASSERT_STR(home.Get(keys[i]), wanted);
  }
  home.Close();
}

TEST(a_store_that_was_opened_learns_its_keys_when_many_are_missed) {
  StoreHome home;
  home.Open();
  const std::vector<Buffer> keys = KeysIn(home, "k", 1500), missing = KeysIn(home, "m", 1000);
  for (const Buffer& key : keys) home.Put(key, "value");
  for (const bool crash : {false, true}) {
    if (crash) {
      home.CrashAndCopy();
    } else {
      home.Close();
    }
    home.Open();
    home.store->Tick();
    assert_int_equal(ReadMissing(home, missing), missing.size());
    home.Put(keys[0], "before it is built");
    ReadMissingUntilItIsCheap(home, missing);
    home.Put("new", "after it was built");
    home.AssertIs(home.model);
  }
  home.Close();
}

// One shard without a store around it, so that a build is done when it is asked for.
struct LoneShard {
  struct NoOtherLogs : LogSyncer {
    Status SyncLogBeforeTables() override { return Status::Ok(); }
  };

  explicit LoneShard(size_t filter_bytes_max) : pool("test-index", 2, 1) {
    ASSERT_OK(pool.Start());
    ASSERT_OK(codec.Init(ValueCodec::Config()));
    StoreShard::Config config;
    config.number = kShard;
    config.segment_bytes = config.pending_bytes_max = size_t{4} << 20;
    config.inline_max = kInlineMax;
    config.write_buffer_bytes = size_t{1} << 20;
    config.open_files_max = 10;
    config.index_pool = &pool;
    config.block_cache = cache = Index::NewBlockCache(size_t{1} << 20);
    config.syncer = &no_other_logs;
    config.clock = &clock;
    config.space = &space;
    config.codec = &codec;
    config.secret = &secret;
    config.filter_bytes_max = filter_bytes_max;
    ASSERT_OK(StoreShard::Create(config, scratch.fd(), &shard));
  }
  ~LoneShard() {
    shard.reset();
    pool.Stop();
    Index::DeleteBlockCache(cache);
  }
  void Put(Bytes key) {
    DiskWrite write;
    write.key = KeyRef{key, HashKey(secret, key)};
    write.value = "value";
    ASSERT_OK(shard->Append(&write));
    shard->Publish(write);
  }
  void ReadMissing(int count) {
    for (int i = 0; i < count; i++) {
      const Buffer key = "missing" + std::to_string(i);
      DiskRead read;
      assert_true(shard->Read(KeyRef{key, HashKey(secret, key)}, true, &read).Is(Code::NOT_FOUND));
    }
  }

  ScratchDir scratch;
  FakeClock clock;
  LogSpace space;
  ValueCodec codec;
  HashSecret secret{};
  NoOtherLogs no_other_logs;
  WorkPool pool;
  leveldb::Cache* cache = nullptr;
  std::unique_ptr<StoreShard> shard;
};

// To be built, a filter takes the hashes of all keys into memory: of a shard with thousands of times more
// keys than its filter has room for, that would be memory that no budget knows of.
TEST(a_shard_with_far_too_many_keys_for_its_filter_does_without) {
  constexpr size_t kFilterBytes = 256, kKeysMost = kFilterBytes * 4;
  LoneShard home(kFilterBytes);
  Mutex stripe;
  for (size_t i = 0; i < kKeysMost; i++) home.Put("key" + std::to_string(i));
  home.ReadMissing(100);   // as long as none is missed, a build is put off
  ASSERT_OK(home.shard->BuildFilter(&stripe));
  assert_true(home.shard->filter().answers());
  assert_int_equal(home.shard->filter().bytes(), kFilterBytes);
  home.Put("one more");
  ASSERT_OK(home.shard->BuildFilter(&stripe));
  assert_false(home.shard->filter().answers());
  assert_int_equal(home.shard->filter().bytes(), 0);
  home.ReadMissing(100);
}

// Keys that are published while the filter is built, by one who holds the stripe as the engine does: each is
// found by whoever published it.
TEST(no_key_is_denied_that_came_while_the_filter_was_built) {
  StoreHome home;
  Mutex stripe;
  home.config.stripes[kShard] = &stripe;
  home.Open();
  const std::vector<Buffer> missing = KeysIn(home, "m", 1200), keys = KeysIn(home, "k", 4000);
  for (size_t i = 0; i < 1000; i++) home.Put(keys[i], "old");
  size_t next = 1000;
  for (int round = 0; round < 3; round++) {
    home.Close();
    home.Open();
    std::atomic<bool> built{false};
    std::atomic<int> denied{0};
    const size_t first = next, end = first + 1000;
    std::thread writer([&] {
      DiskRead read;
      for (size_t i = first; i < end || !built.load(); i++) {
        const Buffer& key = keys[first + (i - first) % 1000];
        DiskWrite write = home.MakePut(key, "new");
        DurablePoint point;
        home.store->WaitForRoom(kShard);
        MutexLock lock(&stripe);
        if (!home.store->Append(&write, &point).ok()) denied++;
        home.store->Publish(write);
        if (!home.store->Read(home.Ref(key), true, &read).ok()) denied++;
      }
    });
    ReadMissingUntilItIsCheap(home, missing);
    built = true;
    writer.join();
    next = end;
    assert_int_equal(denied.load(), 0);
    for (size_t i = 0; i < next; i++) ASSERT_STR(home.Get(keys[i]), i < 1000 ? "old" : "new");
  }
  home.Close();
}

}   // namespace
}   // namespace shale

RUN()
