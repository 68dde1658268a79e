// Ordered iteration as the user sees it: one consistent cut of the disk tier, or a snapshot; in memory-only
// mode the sorted keys of the moment it was made with values read on the way. Used by one thread at a time;
// Close of the engine may come from another.
//  (1) rows come in order, each key at most once, expired ones left out
//  (2) a token says what is left: bounds behind the last row, direction, what is left of the limit
//  (3) a short walk over keys that are known is done when it begins (short_walk.cc); else it learns the keys
//  it
//      passes, and a few behind them, for the next
//  (4) after the engine was closed every call returns E_CLOSED, and the scan may still be destroyed
#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "engine/engine.h"
#include "engine/row_block.h"
#include "engine/snapshot.h"

namespace shale {

class Scan {
 public:
  ~Scan();

  // OK, END or an error. Views live until the next call.
  Status Next(Bytes* key, Bytes* value) EXCLUDES(mu_);
  // Makes the next call of Next return the row of the last one again (it did not fit where it should go).
  void StepBack() EXCLUDES(mu_);
  Status Token(Bytes* token) EXCLUDES(mu_);
  // Instead of Next: steps over up to rows_max rows and adds them up. END if no more are left. Limits do not
  // count, nor is there a token of it.
  Status Count(uint64_t rows_max, RangeCount* count) EXCLUDES(mu_);
  bool keys_only() const { return bounds_.keys_only; }
  const std::shared_ptr<Engine>& engine() const { return engine_; }

  // E_INVALID if it is no token.
  static Status ParseToken(Bytes token, Engine::ScanRequest* request);

 private:
  friend class Engine;
  // snapshot may be null.
  Scan(std::shared_ptr<Engine> engine, std::shared_ptr<Snapshot> snapshot,
       const Engine::ScanRequest& request);
  Status Start();
  Status StartOnDisk() REQUIRES(mu_);
  void StartInMemory() REQUIRES(mu_);
  bool TakeKnownKeys() REQUIRES(mu_);
  void CollectKeys() REQUIRES(mu_);
  void LearnCollected() REQUIRES(mu_);
  bool MoreKeys() REQUIRES(mu_);
  bool MayBeShort() const REQUIRES(mu_);
  void EndByClose() EXCLUDES(mu_);
  Status NextRow(Bytes* key, Bytes* value) REQUIRES(mu_);
  bool NextOfBlock(Bytes* key, Bytes* value) REQUIRES(mu_);
  Status NextOfCursor(Bytes* key, Bytes* value) REQUIRES(mu_);
  bool IsWithin(Bytes key) const REQUIRES(mu_);
  void LearnKey(Bytes key) noexcept REQUIRES(mu_);
  void GiveUpLearning() noexcept REQUIRES(mu_);
  void EndLearning() noexcept REQUIRES(mu_);
  void LearnAhead() REQUIRES(mu_);
  Status NextFromMemory(Bytes* key, Bytes* value) REQUIRES(mu_);

  const std::shared_ptr<Engine> engine_;
  const std::shared_ptr<Snapshot> snapshot_;   // null: a cut of its own
  const bool has_cursor_;                      // else rows are read from the memory tier
  CursorBounds bounds_;
  const bool short_ok_;
  int64_t left_;   // rows of the limit; -1: no limit

  Mutex mu_;
  bool closed_ GUARDED_BY(mu_) = false;
  bool repeat_ GUARDED_BY(mu_) = false;
  bool have_row_ GUARDED_BY(mu_) = false;
  std::unique_ptr<DiskCursor> cursor_ GUARDED_BY(mu_);
  bool has_block_ GUARDED_BY(mu_) = false;   // all rows are in it
  RowBlock block_ GUARDED_BY(mu_);
  size_t next_row_ GUARDED_BY(mu_) = 0;
  bool learning_ GUARDED_BY(mu_) = false;
  bool ended_ GUARDED_BY(mu_) = false;        // the cursor has passed the bounds
  bool passed_end_ GUARDED_BY(mu_) = false;   // the cursor has no more, also outside the bounds
  uint64_t learning_ticket_ GUARDED_BY(mu_) = 0;
  std::vector<Buffer> learned_ GUARDED_BY(mu_);   // keys passed, in the order of the walk
  std::vector<Buffer> keys_ GUARDED_BY(mu_);      // memory-only mode, in scan order
  size_t next_key_ GUARDED_BY(mu_) = 0;
  bool all_keys_ GUARDED_BY(mu_) = true;   // no more are behind keys_
  Buffer row_key_ GUARDED_BY(mu_);         // have_row_: the row handed out last
  Buffer done_key_ GUARDED_BY(mu_);   // the row before it, or without have_row_ the last one; empty: none
  // With a disk tier; the caller may look at it while another thread closes.
  Buffer row_storage_ GUARDED_BY(mu_);
  Bytes row_value_ GUARDED_BY(mu_);
  int64_t row_deadline_ms_ GUARDED_BY(mu_) = 0;   // with a disk tier
  ReadResult row_pin_ GUARDED_BY(mu_);
  Buffer token_ GUARDED_BY(mu_);
};

}   // namespace shale
