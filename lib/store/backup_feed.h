// Brings files into a sink, a piece at a time, and notes what they were in a manifest. Every byte is read,
// also of files that are only linked: a backup that cannot be read is found out while it is made.
#pragma once

#include <string>

#include "store/backup_sink.h"
#include "store/disk_tier.h"

namespace shale {

class BackupFeed {
 public:
  // `base` may be null. All outlive this object.
  BackupFeed(BackupSink* sink, const BackupManifest* base, BackupManifest* made, BackupCounts* counts)
      : sink_(sink), base_(base), made_(made), counts_(counts) {}

  // Begins a file of `dir`: its first `size` bytes. `fixed`: they are all of it, and never change.
  // NOT_FOUND: no such file. `shard` empty: a file of the root.
  Status Start(const Fd& dir, const std::string& shard, const std::string& file, uint64_t size, bool fixed);
  bool busy() const { return fd_.valid(); }
  // The next piece of it.
  Status Step();
  // A whole small file.
  Status Put(const std::string& name, Bytes content);
  uint64_t done() const { return done_; }   // bytes read of all files

 private:
  Status BeginWriting();
  Status Finish();
  Status Note(uint64_t size, uint64_t hash, uint64_t* counter);

  BackupSink* const sink_;
  const BackupManifest* const base_;
  BackupManifest* const made_;
  BackupCounts* const counts_;
  enum class Way { kWrite, kShared, kLinked, kCompare };
  Way way_ = Way::kWrite;
  Fd fd_;
  std::string name_;
  uint64_t size_ = 0;
  uint64_t at_ = 0;
  PieceHash hash_;
  Buffer piece_;
  uint64_t done_ = 0;
};

}   // namespace shale
