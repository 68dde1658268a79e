// The append-only log of one disk shard: the write-ahead log of every write, and the home of large values.
//
//    Open -> (LogScanner reads) -> StartAppending -> Append* / Sync* / Read* -> Close
//
//  (1) appends come one at a time: the caller holds the shard's stripe
//  (2) a record is acknowledged material once Append returns: its bytes are in the page cache and outlive
//      this process
//  (3) space is allocated before bytes are written, so a full disk is an error before anything happened,
//      never a signal
//  (4) segments become durable in order; a segment's directory entry is durable before its bytes count as
//      durable
//  (5) after the first failed write or sync the log is poisoned: appends and syncs fail with that error,
//      reads go on
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "store/file_cache.h"
#include "store/files.h"
#include "store/log_chain.h"
#include "store/segment.h"

namespace shale {

struct LogStats {
  uint64_t appended_bytes = 0;   // since open
  uint64_t segment_count = 0;    // files in the chain
  uint64_t segment_bytes = 0;    // of the chain, as far as written
  uint64_t sealed_bytes = 0;     // of those, in segments that are no longer appended to
  uint64_t fsyncs = 0;
};

// Bytes on disk of all logs of a store. Relaxed: what is concluded from them may be late.
struct LogSpace {
  std::atomic<uint64_t> sealed{0};
  std::atomic<uint64_t> active{0};   // as allocated
  // Of the file system: writes are refused before less than this is left, so that indexes can still be
  // written, and what gives space back (deletes, moves) can be logged. Set before any log is opened.
  uint64_t kept = 0;
};

class ShardLog {
 public:
  struct Config {
    std::string name;             // "07", for messages
    const Fd* dir = nullptr;      // outlives the log
    FileCache* files = nullptr;   // outlives the log
    LogIdentity identity;
    size_t segment_bytes = 0;
    LogSpace* space = nullptr;   // outlives the log; may be null
  };
  // Reads the headers and finds the chain; changes nothing. E_CORRUPT, E_INCOMPATIBLE (another store's or
  // shard's segment). `may_be_torn`: the last session did not end cleanly, so a newest file without a header
  // is a creation that was cut off.
  static Status Open(const Config& config, bool may_be_torn, std::unique_ptr<ShardLog>* out);
  // The log of a new shard, with its first segment, durable and ready for appending.
  static Status Create(const Config& config, std::unique_ptr<ShardLog>* out);
  ~ShardLog();

  const LogChain& chain() const { return chain_; }   // as it was when opened
  uint64_t salt() const { return salt_; }
  std::string FileName(uint32_t segment) const { return config_.name + "/" + SegmentName(segment); }

  struct Start {
    LogPosition end = 0;   // the log ends here; all behind it is dead
    bool cut = false;      // there is something behind it: begin a new segment now, durable, so it stays dead
    LogPosition unsynced_from = 0;   // bytes from here on may not be durable; 0: all are
    int64_t next_sequence = 1;
  };
  // First change on disk: removes orphans and, if asked, cuts. Without a cut the next segment starts at the
  // first append.
  Status StartAppending(const Start& start);
  // Room for `bytes` in one piece; on an error nothing has changed. Call before Append of a record, or of
  // all records of a frame or a group. `frees`: it helps to give space back, and may take what is kept for
  // that (LogSpace).
  Status Reserve(size_t bytes, bool frees = false);
  // Writes one record into reserved room.
  Status Append(const LogRecord& record, LogPosition* at);
  // The same for many: small ones side by side in one write. On an error the first few may be there.
  Status AppendAll(const std::vector<LogRecord>& records, std::vector<LogPosition>* places);
  // Acquire: pairs with the release in WriteScratch.
  LogPosition end() const { return end_.load(std::memory_order_acquire); }
  int64_t NextSequence() { return next_sequence_++; }

  // Returns when all bytes before `target` are durable: one fdatasync serves all who wait.
  Status SyncTo(LogPosition target) EXCLUDES(sync_mu_);
  // Acquire: pairs with the release in SyncTo.
  LogPosition synced() const { return synced_.load(std::memory_order_acquire); }

  // Segments that are no longer appended to, with where their log ends, oldest first.
  std::map<uint32_t, uint32_t> Sealed() const EXCLUDES(segments_mu_);
  // Stripe held. Begins a new segment, so that the one before can be collected.
  Status Seal();
  // Stripe held. Gives back what is allocated and not used.
  void TrimActive();
  // Stripe held. True if a durable record names a position at or behind `at` as durable. Else such a record
  // was written, and is waiting for a sync.
  Status ProveDurable(LogPosition at, bool* proven);
  // A sealed segment that nothing points into any more, and that replay does not need.
  Status Remove(uint32_t segment) EXCLUDES(segments_mu_);

  // Reads and checks the put at `at`; views of *record point into *scratch. NOT_FOUND if the segment was
  // removed, E_CORRUPT unless it is this key's record, with so many stored bytes.
  Status Read(LogPosition at, Bytes key, uint32_t stored_len, Buffer* scratch, LogRecord* record);
  // The same where only the most is known that they can be.
  Status ReadUpTo(LogPosition at, Bytes key, size_t stored_len_most, Buffer* scratch, LogRecord* record);

  // Acquire: pairs with the release in Poison.
  bool poisoned() const { return poisoned_.load(std::memory_order_acquire); }
  Status PoisonStatus() const EXCLUDES(sync_mu_);
  // Poisons from outside.
  void Refuse(const Status& why) EXCLUDES(sync_mu_);
  // Everything durable, the active segment cut to its length.
  Status Close();
  LogStats Stats() const EXCLUDES(sync_mu_);

 private:
  struct File {   // a segment written in this session and not known to be durable
    uint32_t number = 0;
    Fd fd;
    bool entry_durable = false;   // changed only by the thread that is syncing
  };

  explicit ShardLog(const Config& config);
  Status NotAsIndexed(LogPosition at) const;
  Status OpenActive(size_t bytes);
  Status ResumeNewest(size_t bytes, bool* resumed);
  Status Rotate(size_t bytes);
  void SealActive();
  Status CreateSegment(uint32_t number, LogPosition previous_end, size_t bytes);
  Status Extend(uint64_t wanted_end, bool frees);
  bool HasRoomFor(uint64_t bytes) const;
  Status RemoveLeftovers();
  Status MarkSynced(LogPosition synced_now);
  void NoteProven();
  void NoteSealed(uint32_t segment, uint32_t end) EXCLUDES(segments_mu_);
  void SetAllocated(uint64_t end);
  void CutPredecessor(uint32_t segment);
  Status SizeOf(uint32_t segment, uint64_t* size) const;
  void MakeScratch(size_t bytes);
  void TrimScratch();
  LogPosition Encode(const LogRecord& record);
  Status WriteScratch();
  Status Poison(Status why) EXCLUDES(sync_mu_);
  void PoisonLocked(const Status& why) REQUIRES(sync_mu_);
  Status SyncFiles(const std::vector<std::shared_ptr<File>>& files);
  void AddUnsynced(std::shared_ptr<File> file) EXCLUDES(sync_mu_);

  const Config config_;
  const uint64_t salt_;
  LogChain chain_;

  // The appender's, guarded by the caller's stripe.
  std::shared_ptr<File> active_;
  uint32_t next_number_ = kFirstSegment;
  bool may_resume_ = false;      // the newest segment ends in free space and can be written on
  uint64_t segment_limit_ = 0;   // no record of the active segment may end behind this
  uint64_t allocated_end_ = 0;
  struct Mark {
    LogPosition position = 0;   // that a kSynced record names
    LogPosition end = 0;        // of the record
  };
  LogPosition marked_ = 0;   // last position written as kSynced
  std::deque<Mark> marks_;   // written and not known to be durable, oldest first
  LogPosition proven_ = 0;   // last position that a durable record names
  int64_t next_sequence_ = 1;
  Buffer scratch_;   // begins with what was encoded and not written yet
  size_t encoded_bytes_ = 0;
  std::vector<std::string> leftovers_;

  std::atomic<LogPosition> end_{0};
  std::atomic<LogPosition> synced_{0};
  std::atomic<bool> poisoned_{false};
  std::atomic<uint64_t> appended_bytes_{0};

  mutable Mutex segments_mu_;
  std::map<uint32_t, uint32_t> sealed_ GUARDED_BY(segments_mu_);   // number, end

  mutable Mutex sync_mu_;
  CondVar sync_done_;
  bool syncing_ GUARDED_BY(sync_mu_) = false;
  // Oldest first; the last may be the active one.
  std::deque<std::shared_ptr<File>> unsynced_ GUARDED_BY(sync_mu_);
  Status poison_status_ GUARDED_BY(sync_mu_);
  uint64_t fsyncs_ GUARDED_BY(sync_mu_) = 0;
};

}   // namespace shale
