// What ties the logs of several shards together: a batch has a frame in each of them, and recovery drops a
// batch of which a frame is missing, together with everything behind it in the other shards. So nothing
// behind a frame may be called durable in one shard before the partner frames are durable too.
//  (1) a link is added while the stripes of all its shards are held, after the last frame was appended
//  (2) a link is forgotten when every frame of it is durable
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/mutex.h"
#include "store/log_record.h"

namespace shale {

class BatchLinks {
 public:
  using Frame = std::pair<int, LogPosition>;   // shard, end of its frame

  void Add(std::vector<Frame> frames) EXCLUDES(mu_);
  // goals[s] = a position of shard s that shall be durable (0: none). Raises goals until no link that starts
  // at or before a goal leads to a shard whose goal is lower.
  void Close(LogPosition goals[kDiskShards]) const EXCLUDES(mu_);
  // synced[s]: what is durable now.
  void Forget(const LogPosition synced[kDiskShards]) EXCLUDES(mu_);
  bool empty() const EXCLUDES(mu_);

 private:
  mutable Mutex mu_;
  std::vector<std::vector<Frame>> links_ GUARDED_BY(mu_);
};

}   // namespace shale
