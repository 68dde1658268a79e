// What the engine needs of whatever lies below the memory tier, and all it may know about it. Store (64
// shards of log and index) is the implementation; another ordered store could stand in its place.
//
// Stripes: the engine owns one lock per disk shard and holds it where a call says so. They order the changes
// of a shard (log, pending, memory tier), and holding all of them is what makes a cut consistent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "store/store_stats.h"

namespace shale {

struct DiskWrite {
  enum class Kind : uint8_t {
    kPut,
    kDelete,
    kTouch,   // the key exists: new deadline, same value
    // All keys of a range, in one shard: key.hash names it, and value is the range (EncodeRange). Only in a
    // batch, alone, with one for each shard.
    kDeleteRange,
  };
  Kind kind = Kind::kPut;
  KeyRef key;
  Bytes value;               // kPut, kDeleteRange
  int64_t deadline_ms = 0;   // kPut, kTouch
  // The store's own, by Prepare or Append: what goes to disk in place of `value`, and in which form that is.
  bool prepared = false;
  bool stored_apart = false;
  uint8_t form = 0;
  Buffer stored_bytes;
  Bytes stored() const { return stored_apart ? Bytes(stored_bytes) : value; }
  // Filled by Append.
  int64_t version = 0;
  uint64_t place = 0;        // the store's own
  uint64_t batch_id = 0;     // the store's own
  bool batch_last = false;   // the store's own: last member of its shard's frame
};

// Where in its shard a value lies; 0: not worth remembering (a small value lies in the index).
using DiskPlace = uint64_t;

struct DiskRead {
  DiskPlace place = 0;   // filled by Read
  int64_t version = 0;
  int64_t deadline_ms = 0;
  uint32_t value_len = 0;   // of what is stored, if the value was not asked for
  Bytes value;              // into storage; empty unless asked for
  Buffer storage;
};

// A place in one shard's history. Making it durable makes durable everything before it, and whatever batches
// tie to it.
struct DurablePoint {
  int shard = -1;
  uint64_t position = 0;
};

// Ordered walk over one consistent cut, one way. One thread at a time. Deadlines are the reader's to judge.
class DiskCursor {
 public:
  virtual ~DiskCursor() = default;
  // The next row: OK, END, or an error. *value points into *storage, which is the caller's, so that it
  // outlives the cursor; *key lives until the next call. value is empty with keys_only.
  virtual Status Next(Bytes* key, Buffer* storage, Bytes* value, int64_t* deadline_ms) = 0;
  // As with keys_only from now on.
  virtual void SkipValues() = 0;
  // Length of the value of the row that Next returned last, also with keys_only: of what is stored, if it is
  // sealed.
  virtual uint32_t value_len() const = 0;
};

// How much there is: of keys, and of bytes of keys and values.
struct RangeCount {
  uint64_t keys = 0;
  uint64_t bytes = 0;
};

struct CursorBounds {
  Buffer from;   // inclusive
  Buffer to;     // exclusive; empty: no bound
  bool reverse = false;
  bool keys_only = false;
  int64_t rows_max = -1;   // no more will be asked for; -1: who knows
};

// A consistent cut that is held: what it reads stays as it was. Any number of threads. Deadlines are the
// reader's to judge.
class DiskSnapshot {
 public:
  virtual ~DiskSnapshot() = default;
  // OK or NOT_FOUND; fills all but the place. May block.
  virtual Status Read(const KeyRef& key, DiskRead* out) = 0;
  // The snapshot must outlive the cursor.
  virtual Status NewCursor(const CursorBounds& bounds, std::unique_ptr<DiskCursor>* out) = 0;
};

// How far a reclaim has come; one caller's own.
struct ReclaimState {
  uint64_t done = 0;   // bytes of log dealt with, and all there were at the beginning
  uint64_t total = 0;
  bool finished = false;
  // The store's own.
  int shard = 0;
  bool prepared = false;
  std::vector<std::pair<uint32_t, uint32_t>> segments;
};

// How much of a backup was done in which way.
struct BackupCounts {
  uint64_t files = 0;
  uint64_t bytes = 0;           // of all files
  uint64_t written_bytes = 0;   // copied or sent
  uint64_t linked_bytes = 0;    // shared with the store
  uint64_t same_bytes = 0;      // taken from the base
};

struct BackupRequest {
  std::string path;    // of a directory to make; empty: a stream
  int fd = -1;         // of the stream
  std::string base;    // directory of an earlier backup; empty: none
  bool copy = false;   // share no files with the store
};

struct BackupState {
  uint64_t done = 0;   // bytes dealt with, and all there are, as far as known
  uint64_t total = 0;
  bool finished = false;
  BackupCounts counts;
};

// A backup that is being made. Given up if it is destroyed before it has finished; must go before Close.
class DiskBackup {
 public:
  virtual ~DiskBackup() = default;
  // A little of it. One thread at a time; no stripe held.
  virtual Status Step(BackupState* state) = 0;
};

class DiskTier {
 public:
  virtual ~DiskTier() = default;

  // The newest value of the key that was published: OK or NOT_FOUND. May block.
  virtual Status Read(const KeyRef& key, bool want_value, DiskRead* out) = 0;

  // Reads the value from a place that a Read of this key, or PlaceOf a write of it, gave. Fails if it is not
  // there any more, or damaged: then Read tells. Fills value only. May block.
  virtual Status ReadPlace(const KeyRef& key, DiskPlace place, uint32_t value_len, DiskRead* out) = 0;
  // After Append.
  virtual DiskPlace PlaceOf(const DiskWrite& write) const = 0;

  // Back-pressure, before taking the stripe: waits while the shard has too much pending.
  virtual void WaitForRoom(int shard) = 0;
  // The part of the work that needs no stripe and may take a while: compressing and encrypting. `value` stays
  // as it is until after Publish. Who leaves it out has it done by Append.
  virtual Status Prepare(DiskWrite* write) = 0;
  // Stripe held. The change is in the log and survives this process when it returns OK.
  virtual Status Append(DiskWrite* write, DurablePoint* point) = 0;
  // Stripe held. Puts and deletes of one shard's keys, each by itself: after an error or a crash some may be
  // there. A Publish of each, in order, follows.
  virtual Status AppendGroup(const std::vector<DiskWrite*>& writes, DurablePoint* point) = 0;
  // Stripe held, right after Append: readers find the change from now on.
  virtual void Publish(const DiskWrite& write) = 0;
  // Stripe held. What was appended to this shard cannot be published: no memory. It takes no more writes.
  virtual void RefuseWrites(int shard) = 0;
  // Stripes of all keys' shards held. All of the writes, or after a crash none. A Publish of each, in order,
  // follows.
  virtual Status AppendBatch(DiskWrite* writes, size_t count, DurablePoint* point) = 0;

  // Survives power loss when it returns OK. Group commit: callers share fsyncs. No stripe held.
  virtual Status MakeDurable(const DurablePoint& point) = 0;

  // Brings pending updates into the index; first without stripes (most of the work), then once more under all
  // of them.
  virtual Status DrainAll() = 0;
  // All stripes held, nothing pending.
  virtual Status NewCursor(const CursorBounds& bounds, std::unique_ptr<DiskCursor>* out) = 0;
  // The same; the snapshot must go before Close.
  virtual Status NewSnapshot(std::unique_ptr<DiskSnapshot>* out) = 0;

  virtual Status NewBackup(const BackupRequest& request, std::unique_ptr<DiskBackup>* out) = 0;

  // Before a batch that deletes a range: what earlier ones have left to do is done if it is much. No stripe
  // held. May block.
  virtual Status MakeRoomForRange() = 0;
  // About how much is in the range, from a look at some of it. May block. See range_estimate.h.
  virtual Status Estimate(const CursorBounds& bounds, RangeCount* out) = 0;
  // Rewrites one shard's index where it has keys of the range, so that what was deleted and replaced is gone.
  virtual Status CompactShard(int shard, const CursorBounds& bounds) = 0;
  // Of one shard's index, as large as it is now; nearly.
  virtual uint64_t IndexBytes(int shard, const CursorBounds& bounds) = 0;

  // Gives back disk space that holds nothing alive, a piece at a time until state->finished. No stripe held.
  virtual Status ReclaimStep(ReclaimState* state) = 0;

  virtual Status Flush() = 0;
  virtual Status SyncAll() = 0;
  // Ten times a second, from one thread: moves on what waits, and tidies what has been left alone for a
  // while.
  virtual void Tick() = 0;
  // No call is inside and no cursor alive. Reports the first error; closed all the same.
  virtual Status Close() = 0;

  // A few bytes for the next session that nothing depends on: kept by Close if it can within write_ms, cut
  // off, late or lost if not. Close follows.
  virtual void KeepHint(Buffer hint, int64_t write_ms) = 0;
  // Up to `bytes` of what was kept, fewer at its end.
  virtual Status ReadHint(uint64_t offset, size_t bytes, Buffer* out) = 0;

  virtual bool ShardReadOnly(int shard) const = 0;
  virtual StoreStats Stats() const = 0;
};

}   // namespace shale
