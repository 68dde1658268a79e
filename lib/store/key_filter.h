// Which keys a shard may have: a Bloom filter in memory over every key that was published, so that a read of
// a key that is not there ends here, and looks into no memtable, no table and no list of pending updates.
// Keys come and never go: one that was deleted is looked for below, and found to be missing there.
//
//  (1) while it answers, every key that a reader could find in the shard is in the filter; who publishes a
//      key adds it before
//  (2) it answers from the creation of a shard on. In a shard that was opened, it does when it was built from
//      the index: Begin takes what is published from then on, Complete what was there before
//  (3) it grows by layers, each four times as large as the one before, to bytes_max; beyond that it says
//      "maybe" more often
//  (4) a filter that memory fails answers no more, until it is built anew
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/mutex.h"

namespace shale {

class KeyFilter {
 public:
  explicit KeyFilter(size_t bytes_max) : bytes_max_(bytes_max) {}

  // The shard holds nothing yet, and every key will be added: it answers from now on.
  void StartEmpty() EXCLUDES(mu_);
  // Every key that is published after the call is added. Until Complete nothing is answered.
  void Begin() EXCLUDES(mu_);
  // With the hashes of all keys that were there at Begin.
  void Complete(std::span<const uint64_t> hashes) EXCLUDES(mu_);
  // It answers no more, and gives its memory back.
  void Forget() EXCLUDES(mu_);

  void Add(uint64_t hash) EXCLUDES(mu_);
  // False: the key is not in the shard.
  bool MayHold(uint64_t hash) const EXCLUDES(mu_);
  bool answers() const EXCLUDES(mu_);
  size_t bytes() const EXCLUDES(mu_);

 private:
  // 256 bits, of which a key sets eight, one in each word: a look at one line of memory.
  struct alignas(32) Block {
    std::array<uint32_t, 8> words{};
  };
  struct Layer {
    std::vector<Block> blocks;
    size_t keys = 0;
  };
  static constexpr size_t kKeysPerBlock = 16;   // 16 bits a key: one missing key in 400 is looked for
  static constexpr size_t kFirstBytes = size_t{4} << 10;
  static constexpr size_t kGrowth = 4;

  static Block BitsOf(uint64_t hash);
  static size_t BlockOf(uint64_t hash, size_t count);
  static bool Holds(const Layer& layer, uint64_t hash, const Block& bits);
  static void Set(Layer* layer, uint64_t hash, const Block& bits);
  bool HoldsLocked(uint64_t hash, const Block& bits) const REQUIRES(mu_);
  void AddLocked(uint64_t hash) REQUIRES(mu_);
  // A layer of so many bytes, or of as many as there is room for; false: there is none.
  bool AddLayer(size_t bytes) REQUIRES(mu_);
  void ForgetLocked() REQUIRES(mu_);

  const size_t bytes_max_;
  mutable Mutex mu_;
  std::vector<Layer> layers_ GUARDED_BY(mu_);   // the last one takes keys
  size_t bytes_ GUARDED_BY(mu_) = 0;
  bool takes_keys_ GUARDED_BY(mu_) = false;
  bool answers_ GUARDED_BY(mu_) = false;
};

}   // namespace shale
