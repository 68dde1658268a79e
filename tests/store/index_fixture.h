// An index in a directory of its own, with a log syncer that counts and a hook that numbers, records and
// fails file operations. Used by the tests of the index and its parts.
#pragma once

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "scratch_dir.h"
#include "store/index.h"
#include "test.h"

namespace shale_test {

using namespace shale;   // NOLINT: a test's own namespace

class IndexDirectory : public ScratchDir {
 public:
  std::map<std::string, std::string> Content() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      const std::string name = entry.path().filename();
      files[name] = Read(name);
    }
    return files;
  }
  void Remove(const std::string& name) const { assert_true(std::filesystem::remove(*this / name)); }
  // Names that end or begin so, in order.
  std::vector<std::string> Named(const std::string& part) const {
    std::vector<std::string> names;
    for (const auto& [name, content] : Content()) {
      if (name.ends_with(part) || name.starts_with(part)) names.push_back(name);
    }
    return names;
  }
};

class CountingSyncer : public LogSyncer {
 public:
  Status SyncLogBeforeTables() override {
    calls++;
    if (on_call) on_call();
    return fail ? Status::FromErrno("sync 00000001.seg", EIO) : Status::Ok();
  }
  std::atomic<int> calls{0};
  std::atomic<bool> fail{false};
  std::function<void()> on_call;
};

// Set for the length of its life. `decide` runs under a lock, in the order of the operations.
class HookScope : public FileFaultHook {
 public:
  explicit HookScope(std::function<int(FileOp, const std::string&)> decide) : decide_(std::move(decide)) {
    SetFileFaultHookForTest(this);
  }
  ~HookScope() override { SetFileFaultHookForTest(nullptr); }
  int Before(FileOp op, const char* name) override {
    MutexLock lock(&mu_);
    return decide_(op, name);
  }

 private:
  Mutex mu_;
  const std::function<int(FileOp, const std::string&)> decide_;
};

struct IndexHome {
  explicit IndexHome(size_t buffer_bytes = 64 << 10, size_t cache_bytes = 1 << 20)
      : pool("test-index", 3, 2), write_buffer_bytes(buffer_bytes) {
    files = std::make_unique<FileCache>(scratch.fd(), 100);
    cache = Index::NewBlockCache(cache_bytes);
    ASSERT_OK(pool.Start());
  }
  ~IndexHome() {
    SetFileFaultHookForTest(nullptr);
    index.reset();
    pool.Stop();
    Index::DeleteBlockCache(cache);
  }

  Status Open(bool create, bool machine_died = false) {
    Index::Config config;
    config.name = "07";
    config.dir = &scratch.fd();
    config.files = files.get();
    config.pool = shared_pool != nullptr ? shared_pool : &pool;
    config.log = &syncer;
    config.block_cache = cache;
    config.write_buffer_bytes = write_buffer_bytes;
    config.create = create;
    config.machine_died = machine_died;
    return Index::Open(config, &index);
  }
  void Start(bool create) {
    ASSERT_OK(Open(create));
    ASSERT_OK(index->Commit());
  }
  // Closes a healthy index, after it has checked itself.
  void Close() {
    ASSERT_VALID(*index);
    ASSERT_OK(index->Close());
    index.reset();
    for (const auto& [name, content] : scratch.Content()) files->Forget(name);
  }
  Status Put(const std::string& key, const std::string& row) {
    IndexBatch batch;
    batch.Put(key, row);
    return index->Write(&batch);
  }
  std::string Get(const std::string& key) {
    Buffer row;
    const Status s = index->Get(key, &row);
    return s.ok() ? row : s.ToString();
  }

  IndexDirectory scratch;
  std::unique_ptr<FileCache> files;
  WorkPool pool;
  WorkPool* shared_pool = nullptr;   // used in its place
  leveldb::Cache* cache = nullptr;
  CountingSyncer syncer;
  size_t write_buffer_bytes;
  std::unique_ptr<Index> index;
};

inline std::string KeyOf(int i) {
  char text[32];
  std::snprintf(text, sizeof text, "key%08d", i);
  return text;
}

}   // namespace shale_test
