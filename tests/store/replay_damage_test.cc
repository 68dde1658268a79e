// What an open says whose replay goes into a damaged index. A shard's index is put back to an early state,
// with tables that no compaction can read through, as a harmed disk or a wrong restore would do; its log is
// whole.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "store/store_fixture.h"   // last, with test.h: cmocka has a macro named fail

namespace shale {
namespace {

namespace fs = std::filesystem;

constexpr int kShard = 5;
constexpr size_t kKeys = 400;
constexpr int kEarlyTables = 4;   // one more in level 0, and LevelDB compacts
// A replay writes 256 KiB at a time, a memtable each: more than the twelve tables of level 0 that LevelDB
// lets come together, so none can end before the compaction has.
constexpr int kLaterRounds = 150;

std::string ShardPath(const std::string& store) {
  return store + "/" + StoreShard::DirectoryName(kShard);
}

std::vector<Buffer> KeysOfShard(const StoreHome& home) {
  std::vector<Buffer> keys;
  for (int n = 0; keys.size() < kKeys; n++) {
    Buffer key = "k" + std::to_string(n);
    if (DiskShardOf(home.Ref(key).hash) == kShard) keys.push_back(std::move(key));
  }
  return keys;
}

// In the middle of each: the first and last blocks, with rows that say whose index it is, stay.
void DamageTables(const std::string& path) {
  for (const auto& [name, content] : FilesBelow(path)) {
    if (!name.ends_with(".ldb")) continue;
    const size_t middle = content.size() / 2;
    std::fstream file(path + "/" + name, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(middle));
    file.put(static_cast<char>(content[middle] ^ 1));
  }
}

// Leaves in home.config.path a store that nobody closed: an early, damaged index, and a log with MBs more.
void MakeStoreWithDamagedIndex(StoreHome* home) {
  home->Open();
  const std::vector<Buffer> keys = KeysOfShard(*home);
  for (int table = 0; table < kEarlyTables; table++) {
    for (const Buffer& key : keys) home->Put(key, Buffer(kInlineMax, static_cast<char>('a' + table)));
    ASSERT_OK(home->store->Flush());
  }
  const std::string early = home->scratch / "early";
  fs::copy(home->config.path, early, fs::copy_options::recursive);
  for (int round = 0; round < kLaterRounds; round++) {
    for (const Buffer& key : keys) home->Put(key, Buffer(kInlineMax, 'z'));
  }
  for (const auto& [name, content] : FilesBelow(ShardPath(home->config.path))) {
    if (!name.ends_with(".seg")) continue;
    std::ofstream(ShardPath(early) + "/" + name, std::ios::binary | std::ios::trunc) << content;
  }
  home->Close();
  home->config.path = early;
  DamageTables(ShardPath(early));
}

// LevelDB had met the damage in a compaction while the replay read the log. The next write of the replay
// found that the index takes no writes any more, and the open said E_READ_ONLY, as if somebody had asked for
// that; or a write met it itself, and the message did not name the shard. From the second open on, a
// compaction is due before the replay begins.
TEST(an_open_whose_replay_meets_damage_in_a_compaction_says_corrupt) {
  StoreHome home;
  MakeStoreWithDamagedIndex(&home);
  for (int open = 0; open < 4; open++) {
    const Status s = home.TryOpen();
    AssertCode(s, Code::E_CORRUPT);
    ASSERT_STR(s.message(), "shard 05: index: in a compaction: block checksum mismatch");
  }
}

bool HasFilesOpenBelow(const std::string& path) {
  std::error_code gone;   // while we look
  for (const auto& fd : fs::directory_iterator("/proc/self/fd")) {
    if (fs::read_symlink(fd.path(), gone).string().starts_with(path)) return true;
  }
  return false;
}

// An open that failed in the replay took its shards down one by one. A flush of another shard, which makes
// all logs of a batch durable before its table, asked one that was gone: the process crashed. Here the flush
// goes on when the first shard has closed its files, or, as it has to be, waits for that in vain.
TEST(an_open_that_fails_while_an_index_is_flushed_leaves_the_logs_to_it) {
  StoreHome home;
  home.config.write_buffer_bytes = size_t{8} << 20;   // nothing of it is in tables yet
  home.Open();
  home.Batch({home.KeyIn(0), home.KeyIn(kShard), home.KeyIn(kDiskShards - 1)}, "of a batch");
  const std::vector<Buffer> keys = KeysOfShard(home);
  for (int round = 0; round < 9; round++) {
    for (const Buffer& key : keys) home.Put(key, Buffer(kInlineMax, 'z'));
  }
  ASSERT_OK(home.store->DrainAll());
  home.CrashAndCopy();
  home.config.write_buffer_bytes = size_t{64} << 10;
  const std::string first_shard = home.config.path + "/" + StoreShard::DirectoryName(0);
  const std::string last_shard = StoreShard::DirectoryName(kDiskShards - 1);
  std::atomic<bool> starts{false}, flushes{false};
  {
    const StoreHook hook([&](FileOp op, const std::string& name) {
      if (op == FileOp::kRename && name == "SHALE-B") starts = true;
      if (op == FileOp::kCreate && name.ends_with(".ldb")) {
        flushes = true;
        for (int i = 0; i < 200 && HasFilesOpenBelow(first_shard); i++)
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      if (op != FileOp::kRead || !starts || !name.starts_with(last_shard)) return 0;
      while (!flushes) std::this_thread::yield();
      return EIO;
    });
    const Status s = home.TryOpen();
    AssertCode(s, Code::E_IO);
    assert_true(flushes);
  }
  home.Open();
  home.AssertIs(home.model);
  home.Close();
}

}   // namespace
}   // namespace shale

RUN()
