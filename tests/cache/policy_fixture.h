// A policy with an arena and nothing else around it, as its tests drive it.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <string>

#include "cache/policy.h"
#include "arena_alone.h"
#include "test.h"

namespace shale_test {

using namespace shale;

// Items named by their keys, all of the same size unless said otherwise.
class PolicyFixture {
 public:
  explicit PolicyFixture(const std::string& name) {
    InitAlone(&arena_, 1 << 20);
    assert_true(arena_.GrowTo(1 << 20));
    ASSERT_OK(NewPolicy(name, &arena_, nullptr, 10000, &policy_));
  }
  void Insert(const std::string& key, size_t value_len = 0) {
    const ItemRef ref = arena_.Allocate(Item::InlineBytes(0, key.size(), value_len));
    assert_int_not_equal(ref, kNoItem);
    Item* item = arena_.At(ref);
    item->hash = static_cast<uint32_t>(Checksum(key));
    item->key_len = static_cast<uint16_t>(key.size());
    item->StartBlock(0, Item::InlineBytes(0, key.size(), value_len));
    std::memcpy(item->data(), key.data(), key.size());
    policy_->OnInsert(ref);
    if (policy_->ExtraBytesWanted() > 0) assert_true(policy_->AddExtra());
    assert_true(refs_.emplace(key, ref).second);
  }
  void InsertAll(const std::string& letters) {
    for (const char c : letters) Insert(std::string(1, c));
  }
  // What the shard does on a hit.
  void Hit(const std::string& key) {
    Item* item = arena_.At(refs_.at(key));
    if (policy_->hit_action() == HitAction::kMove) policy_->OnHit(refs_.at(key));
    if (policy_->hit_action() == HitAction::kMark && item->mark() < kMarkMax) item->SetMark(item->mark() + 1);
  }
  void Erase(const std::string& key) {
    policy_->OnErase(refs_.at(key));
    arena_.Free(refs_.at(key));
    refs_.erase(key);
  }
  // Key of the evicted item, "" if there is none.
  std::string Evict() {
    const ItemRef ref = policy_->Evict();
    ASSERT_VALID(*policy_);
    if (ref == kNoItem) return "";
    const std::string key(arena_.At(ref)->key());
    assert_int_equal(refs_.erase(key), 1);
    arena_.Free(ref);
    return key;
  }
  void SetPins(const std::string& key, uint16_t pins) { arena_.At(refs_.at(key))->SetPins(pins); }
  bool Has(const std::string& key) const { return refs_.count(key) == 1; }
  size_t BytesOf(const std::string& key) const { return arena_.BlockBytes(refs_.at(key)); }
  size_t size() const { return refs_.size(); }
  std::string Dump() const { return policy_->Dump(); }
  EvictionPolicy& policy() { return *policy_; }

  // The hash of a key, of which an item keeps the low bits.
  static uint64_t Checksum(const std::string& key) {
    uint64_t h = 14695981039346656037u;
    for (const char c : key) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return h;
  }

 private:
  Arena arena_;
  std::unique_ptr<EvictionPolicy> policy_;
  std::map<std::string, ItemRef> refs_;
};

}   // namespace shale_test
