// How many bytes of each log segment the index still points to: what garbage collection chooses by. Kept by
// whoever changes the index (drain, sweep), so it knows of pointers made and of those it has met being
// replaced.
//  (1) `live` is an estimate: a drain looks up only some of the rows it replaces, and weighs them accordingly
//  (2) `live_most` is never below the truth while `most_known`: it is lowered only by rows that were looked
//      up. At 0 no row of the index points into the segment
//  (3) `pointed` is false only if no row has ever pointed into the segment. It is never wrong, also after a
//      crash: the batch with the first pointer into a segment carries the ledger
//  (4) a segment without an entry was never pointed into, unless it is among the unknown
#pragma once

#include <cstdint>
#include <map>

#include "base/bytes.h"
#include "base/mutex.h"
#include "store/log_record.h"

namespace shale {

class SegmentLedger {
 public:
  struct Entry {
    int64_t live = 0;        // may be below 0 for a moment: it is weighed samples
    int64_t live_most = 0;   // counts only while most_known
    bool most_known = true;
    bool pointed = false;
    bool unknown = false;   // nothing was ever counted: live means nothing
  };

  // A row that points there has come into the index. True if it is the first into its segment: then Encode
  // goes into the same batch.
  bool Add(LogPosition at, uint64_t bytes) EXCLUDES(mu_);
  // A row that pointed there was met on its way out; it stands for `weight` of its kind.
  void Remove(LogPosition at, uint64_t bytes, uint32_t weight) EXCLUDES(mu_);
  // Replaces the estimate.
  void SetLive(uint32_t segment, uint64_t live) EXCLUDES(mu_);
  void SetUnknown(uint32_t segment) EXCLUDES(mu_);
  void Forget(uint32_t segment) EXCLUDES(mu_);
  Entry Get(uint32_t segment) const EXCLUDES(mu_);
  uint64_t live_bytes() const EXCLUDES(mu_);   // of all segments that are known
  bool empty() const EXCLUDES(mu_);            // nothing has ever pointed into the log

  // True if the ledger has changed since the last Encode.
  bool changed() const EXCLUDES(mu_);
  Buffer Encode() EXCLUDES(mu_);
  // `exact`: the session that wrote it ended cleanly, so nothing was added since. False if malformed.
  bool Decode(Bytes raw, bool exact) EXCLUDES(mu_);

 private:
  mutable Mutex mu_;
  std::map<uint32_t, Entry> entries_ GUARDED_BY(mu_);
  bool changed_ GUARDED_BY(mu_) = false;
};

}   // namespace shale
