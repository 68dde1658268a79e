// A backup, or a restored store, that is made in a directory: under its unfinished name (new_place.h) until
// all of it is durable.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "store/backup_sink.h"
#include "store/dir_lock.h"
#include "store/new_place.h"

namespace shale {

class BackupDirectory : public BackupSink {
 public:
  // EXISTS if something is at `path`; E_LOCKED if somebody else makes it now. What an earlier one left under
  // the unfinished name is removed. `base`: the directory of the base, or empty. `may_share`: files and
  // blocks, with the store.
  static Status Create(const std::string& path, const std::string& base, bool may_share,
                       std::unique_ptr<BackupDirectory>* out);
  ~BackupDirectory() override;
  Status Begin(const std::string& name, uint64_t size) override;
  Status Append(Bytes piece) override;
  Status Share(const Fd& from, bool* taken) override;
  Status AppendFrom(const Fd& from, uint64_t offset, Bytes piece) override;
  Status End() override;
  Status Link(const Fd& dir, const std::string& shard, const std::string& file, bool* taken) override;
  Status Same(const std::string& name, const BackupManifest::File& file, bool* taken) override;
  Status Finish(const BackupManifest& manifest) override;

 private:
  BackupDirectory() = default;
  Status OpenShard(const std::string& shard, Fd* out);

  NewPlace place_;
  Fd root_, base_;
  bool may_share_ = false;
  bool may_copy_ = true;   // the kernel copied what it was last asked to
  std::unique_ptr<DirLock> lock_;
  std::set<std::string> shards_;   // whose directories were made
  Fd file_;                        // being written
  std::string file_name_;
  uint64_t file_size_ = 0;
  uint64_t file_at_ = 0;
  bool finished_ = false;
};

}   // namespace shale
