// What is on a disk, as against what a process sees: a record of all that was written, synced, made, renamed
// and removed below one directory, and the directory as a power cut behind any of these operations may leave
// it.
//
// The rules, harsher than those of any one file system, and kept by all:
//  (1) what was written to a file is durable after an fdatasync of it. Of what was not, any part may be
//  there:
//      each page of 4 KiB as it was after any of the writes to it, in no order among pages, or the bytes
//      that were being written as garbage; bytes of other writes in that page stay (power-safe overwrite)
//  (2) a file that was lengthened has its old length, its new one, or one in between
//  (3) an entry of a directory (made, linked, renamed, removed) is durable after an fsync of the directory.
//  Of
//      those that are not, the first ones may be there, or any of them; a rename happens as a whole
//  (4) an fdatasync of a file says nothing of its name, and an fsync of a directory nothing of contents
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "model/store_kit.h"

namespace shale_test {

using NodeId = int;   // of a file or directory, whatever its names are; 0 is the root
inline constexpr NodeId kNoNode = -1;

struct DiskEvent {
  enum class Kind { kMake, kWrite, kAllocate, kTruncate, kSyncData, kSyncDirectory, kEntry };
  Kind kind = Kind::kMake;
  NodeId node = kNoNode;
  bool directory = false;   // kMake
  uint64_t offset = 0;      // of a write or allocation; the size of a truncation
  uint64_t size = 0;
  std::string data;
  // kEntry: `name` in `node` is now `target` (kNoNode: gone); of a rename, `old_name` in `old_dir` goes too.
  std::string name, old_name;
  NodeId target = kNoNode, old_dir = kNoNode;
};

// A directory tree, complete.
struct DiskImage {
  struct Node {
    bool directory = false;
    std::string content;
    std::map<std::string, NodeId> entries;
  };
  std::map<NodeId, Node> nodes;                  // 0 is the root; only what can be reached
  void WriteTo(const std::string& path) const;   // which must not exist
};

class DiskRecorder {
 public:
  // `image`: what lies below root already, all of it durable; nullptr: nothing.
  explicit DiskRecorder(std::string root, const DiskImage* image = nullptr);

  // The file layer holds it over an operation and its record.
  std::mutex& mu() { return mu_; }
  size_t count();                                                      // of events so far
  std::vector<DiskEvent> TakeEvents() { return std::move(events_); }   // once nobody writes any more

  void Opened(int fd, int dir, const char* name, bool creates);
  void Closed(int fd) { fds_.erase(fd); }
  void Wrote(int fd, const void* data, size_t size, off_t offset);
  void Allocated(int fd, off_t offset, off_t size);
  void Truncated(int fd, off_t size);
  void SyncedData(int fd);
  void SyncedDirectory(int fd);
  void MadeDirectory(int dir, const char* name);
  void Renamed(int from_dir, const char* from, int to_dir, const char* to);
  void Linked(int from_dir, const char* from, int to_dir, const char* to);
  void Removed(int dir, const char* name);

 private:
  // The directory that the name is in, and the name's last part; kNoNode: not below the root.
  NodeId Resolve(int dir, const char* name, std::string* leaf) const;
  NodeId Find(NodeId dir, const std::string& leaf) const;
  NodeId NodeOf(int fd) const;
  DiskEvent* Add(DiskEvent::Kind kind, NodeId node);
  void Make(NodeId dir, const std::string& leaf, bool directory);

  const std::string root_;
  std::mutex mu_;
  std::vector<DiskEvent> events_;
  std::map<int, NodeId> fds_;
  std::map<NodeId, std::map<std::string, NodeId>> tree_;   // as a process sees it
  NodeId next_node_ = 1;
};

// How much a power cut takes of what was not synced.
struct CutPolicy {
  enum class Files { kNothingKept, kPrefix, kPages, kGarbage, kAllKept };
  enum class Entries { kNothingKept, kPrefix, kAny, kAllKept };
  Files files = Files::kNothingKept;
  Entries entries = Entries::kNothingKept;
  std::string Name() const;
};

// Runs over the events in order, and knows at each place what is durable.
class DiskModel {
 public:
  explicit DiskModel(const DiskImage* image = nullptr);
  void Apply(const DiskEvent* event);   // which must stay
  DiskImage Cut(const CutPolicy& policy, Dice* dice) const;

 private:
  struct Node {
    bool directory = false;
    std::string durable;
    std::vector<const DiskEvent*> unsynced;   // of a file
    std::map<std::string, NodeId> entries;    // durable
    std::vector<const DiskEvent*> unsynced_entries;
  };
  static std::string Content(const Node& node, CutPolicy::Files policy, Dice* dice);
  static std::string Pages(const Node& node, bool garbage, Dice* dice);

  std::map<NodeId, Node> nodes_;
};

}   // namespace shale_test
