// Several indexes at once on one pool and one block cache, as a store has them.
#include <leveldb/cache.h>

#include <algorithm>
#include <map>
#include <thread>

#include "base/random.h"
#include "index_fixture.h"

using namespace shale;        // NOLINT
using namespace shale_test;   // NOLINT

namespace {

constexpr int kShards = 8;

struct Shard {
  IndexDirectory scratch;
  FileCache files{scratch.fd(), 4};   // fewer than tables: they are opened again and again
  CountingSyncer syncer;
  std::unique_ptr<Index> index;
  std::map<std::string, std::string> model;
};

struct Shards {
  Shards() { ASSERT_OK(pool.Start()); }
  ~Shards() {
    for (Shard& shard : shards) shard.index.reset();
    pool.Stop();
    Index::DeleteBlockCache(cache);
  }
  void Open(bool create) {
    for (size_t i = 0; i < shards.size(); i++) {
      Index::Config config;
      config.name = "0" + std::to_string(i);
      config.dir = &shards[i].scratch.fd();
      config.files = &shards[i].files;
      config.pool = &pool;
      config.log = &shards[i].syncer;
      config.block_cache = cache;
      config.write_buffer_bytes = (64 << 10) + i * 8192;
      config.create = create;
      ASSERT_OK(Index::Open(config, &shards[i].index));
    }
    for (Shard& shard : shards) ASSERT_OK(shard.index->Commit());
  }

  leveldb::Cache* const cache = Index::NewBlockCache(256 << 10);
  WorkPool pool{"test-index", 3, 2};
  std::vector<Shard> shards{kShards};
};

// Cmocka's asserts are for the main thread.
#define CHECK_IN_THREAD(cond)                                         \
  do {                                                                \
    if (!(cond)) {                                                    \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
      std::abort();                                                   \
    }                                                                 \
  } while (0)

void WriteRandomly(Shard* shard, uint64_t seed, int batches) {
  Random random(seed);
  IndexBatch batch;
  for (int n = 0; n < batches; n++) {
    batch.Clear();
    for (int i = 0; i < 20; i++) {
      const std::string key = KeyOf(static_cast<int>(random.Below(3000)));
      if (random.Below(4) == 0) {
        batch.Delete(key);
        shard->model.erase(key);
      } else {
        const std::string row = std::to_string(random.Next()) + std::string(random.Below(200), 'r');
        batch.Put(key, row);
        shard->model[key] = row;
      }
    }
    CHECK_IN_THREAD(shard->index->Write(&batch).ok());
    if (random.Below(200) == 0) CHECK_IN_THREAD(shard->index->Flush().ok());
    Buffer row;
    const std::string key = KeyOf(static_cast<int>(random.Below(3000)));
    const Status s = shard->index->Get(key, &row);
    const auto found = shard->model.find(key);
    CHECK_IN_THREAD(found == shard->model.end() ? s.Is(Code::NOT_FOUND) : s.ok() && row == found->second);
  }
}

void AssertEqualsModel(const Shard& shard) {
  std::unique_ptr<IndexCursor> cursor;
  ASSERT_OK(shard.index->NewCursor("", "", true, &cursor));
  auto expected = shard.model.begin();
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next(), ++expected) {
    assert_true(expected != shard.model.end());
    assert_true(cursor->key() == expected->first && cursor->row() == expected->second);
  }
  ASSERT_OK(cursor->status());
  assert_true(expected == shard.model.end());
  auto backward = shard.model.rbegin();
  for (cursor->SeekToLast(); cursor->Valid(); cursor->Prev(), ++backward) {
    assert_true(backward != shard.model.rend());
    assert_true(cursor->key() == backward->first && cursor->row() == backward->second);
  }
  ASSERT_OK(cursor->status());
  assert_true(backward == shard.model.rend());
}

int FromEnvironment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::atoi(text) : otherwise;
}

}   // namespace

TEST(eight_shards_under_load_equal_their_models) {
  const uint64_t seed = TestSeed();
  const int batches = FromEnvironment("BATCHES", 1500);
  Shards all;
  for (int session = 0; session < 2; session++) {
    all.Open(session == 0);
    std::vector<std::thread> writers;
    for (size_t i = 0; i < kShards; i++) {
      writers.emplace_back([&, i] {
        WriteRandomly(&all.shards[i], seed + static_cast<uint64_t>(session) * kShards + i, batches);
      });
    }
    // Readers beside them: rows come in order and whole, whatever is flushed and compacted meanwhile.
    std::atomic<bool> stop{false};
    std::thread reader([&] {
      for (size_t i = 0; !stop; i = (i + 1) % kShards) {
        std::unique_ptr<IndexCursor> cursor;
        CHECK_IN_THREAD(all.shards[i].index->NewCursor(KeyOf(1000), KeyOf(1500), false, &cursor).ok());
        std::string last;
        for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
          CHECK_IN_THREAD(cursor->key() > last);
          CHECK_IN_THREAD(cursor->key() >= KeyOf(1000) && cursor->key() < KeyOf(1500));
          last = std::string(cursor->key());
        }
        CHECK_IN_THREAD(cursor->status().ok());
        (void)all.shards[i].index->Stats();
        (void)all.shards[i].index->memtable_bytes();
      }
    });
    for (std::thread& writer : writers) writer.join();
    stop = true;
    reader.join();
    for (Shard& shard : all.shards) {
      ASSERT_OK(shard.index->Flush());
      AssertEqualsModel(shard);
      ASSERT_VALID(*shard.index);
      assert_true(shard.index->Stats().flushes > 0);
      assert_true(shard.files.open_count() <= 4);
      ASSERT_OK(shard.index->Close());
    }
  }
  all.Open(false);
  for (Shard& shard : all.shards) AssertEqualsModel(shard);
}

TEST(the_block_cache_is_shared_and_bounded) {
  Shards all;
  all.Open(true);
  for (Shard& shard : all.shards) {
    IndexBatch batch;
    for (int i = 0; i < 1000; i++) batch.Put(KeyOf(i), std::string(200, 'v'));
    ASSERT_OK(shard.index->Write(&batch));
    ASSERT_OK(shard.index->Flush());
  }
  Buffer row;
  size_t most = 0;
  for (Shard& shard : all.shards) {
    for (int i = 0; i < 1000; i++) ASSERT_OK(shard.index->Get(KeyOf(i), &row));
    most = std::max(most, all.cache->TotalCharge());
  }
  // 8 shards have 1.6 MB; LevelDB splits the capacity over 16 lists.
  assert_in_range(most, 100 << 10, 400 << 10);
  for (Shard& shard : all.shards) {
    // The same block offsets in each: a block of one must not be taken for another's.
    ASSERT_OK(shard.index->Get(KeyOf(1), &row));
    assert_int_equal(row.size(), 200);
  }
}

TEST(closing_one_shard_does_not_wait_for_or_disturb_the_others) {
  Shards all;
  all.Open(true);
  std::vector<std::thread> writers;
  for (size_t i = 0; i < kShards; i++) {
    writers.emplace_back([&, i] {
      WriteRandomly(&all.shards[i], i + 1, 200);
      if (i % 2 == 0) CHECK_IN_THREAD(all.shards[i].index->Close().ok());
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (size_t i = 1; i < kShards; i += 2) AssertEqualsModel(all.shards[i]);
}

RUN()
