#include "store/batch_links.h"

#include <algorithm>

namespace shale {

void BatchLinks::Add(std::vector<Frame> frames) {
  MutexLock lock(&mu_);
  links_.push_back(std::move(frames));
}

void BatchLinks::Close(LogPosition goals[kDiskShards]) const {
  MutexLock lock(&mu_);
  bool changed = true;
  while (changed) {
    changed = false;
    for (const std::vector<Frame>& frames : links_) {
      const bool reached = std::any_of(frames.begin(), frames.end(),
                                       [goals](const Frame& f) { return goals[f.first] >= f.second; });
      if (!reached) continue;
      for (const Frame& f : frames) {
        if (goals[f.first] >= f.second) continue;
        goals[f.first] = f.second;
        changed = true;
      }
    }
  }
}

void BatchLinks::Forget(const LogPosition synced[kDiskShards]) {
  MutexLock lock(&mu_);
  std::erase_if(links_, [synced](const std::vector<Frame>& frames) {
    return std::all_of(frames.begin(), frames.end(),
                       [synced](const Frame& f) { return synced[f.first] >= f.second; });
  });
}

bool BatchLinks::empty() const {
  MutexLock lock(&mu_);
  return links_.empty();
}

}   // namespace shale
