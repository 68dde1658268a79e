// The keys of one call on their way to their reads. A read waits twice for memory that is far away: for the
// bucket of the key and for its item. While one key is read, the bucket of one further on and the item of one
// between are asked for already, so that many keys cost little more than the copying.
//  (1) Next returns every key once, in order; the keys must outlive this
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "engine/engine.h"

namespace shale {

class KeysAhead {
 public:
  KeysAhead(const Engine* engine, const std::vector<Bytes>& keys) : engine_(engine), keys_(keys) {
    for (size_t i = 0; i < kBuckets; i++) Hash(i);
    for (size_t i = 0; i < kItems; i++) AskForItem(i);
  }
  const KeyRef& Next() {
    const KeyRef& key = refs_[next_ % kRing];
    AskForItem(next_ + kItems);
    Hash(next_ + kBuckets);
    next_++;
    return key;
  }

 private:
  // How far ahead of the read.
  static constexpr size_t kBuckets = 8;
  static constexpr size_t kItems = 4;
  static constexpr size_t kRing = 16;   // what Next returned stays until the next call
  static_assert(kBuckets < kRing && kItems < kBuckets);

  void Hash(size_t i) {
    if (i >= keys_.size()) return;
    refs_[i % kRing] = engine_->Ref(keys_[i]);
    engine_->PrefetchBucket(refs_[i % kRing]);
  }
  void AskForItem(size_t i) {
    if (i < keys_.size()) engine_->PrefetchItem(refs_[i % kRing]);
  }

  const Engine* const engine_;
  const std::vector<Bytes>& keys_;
  std::array<KeyRef, kRing> refs_;
  size_t next_ = 0;
};

}   // namespace shale
