#include "cache/item_table.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "arena_alone.h"
#include "cache_fixture.h"

using namespace shale_test;

namespace {

class Fixture {
 public:
  // One of 2^shard_bits tables in the same rows.
  explicit Fixture(size_t buckets_max, int shard_bits = 3) {
    std::shared_ptr<TableRows> rows;
    ASSERT_OK(TableRows::Create(shard_bits, std::max(buckets_max, TableRows::kRowsMost), false, &rows));
    Init(rows, (size_t{1} << shard_bits) - 1, buckets_max);
  }
  Fixture(std::shared_ptr<TableRows> rows, size_t shard, size_t buckets_max) {
    Init(std::move(rows), shard, buckets_max);
  }
  void Insert(const std::string& key) {
    const KeyRef k = Key(key);
    const ItemRef ref = arena_.Allocate(Item::InlineBytes(0, key.size(), 0));
    assert_int_not_equal(ref, kNoItem);
    Item* item = arena_.At(ref);
    item->hash = static_cast<uint32_t>(k.hash);
    item->key_len = static_cast<uint16_t>(key.size());
    item->StartBlock(0, Item::InlineBytes(0, key.size(), 0));
    std::memcpy(item->data(), key.data(), key.size());
    Bucket* home = table_.Home(k.hash);
    if (table_.InsertNeedsPage(home)) assert_true(table_.AddOverflowPage());
    table_.Insert(home, k.hash, ref);
    model_[key] = ref;
  }
  void Erase(const std::string& key) {
    table_.Erase(table_.Home(Key(key).hash), model_.at(key));
    arena_.Free(model_.at(key));
    model_.erase(key);
  }
  // What a write over an old value does, or begins and gives up.
  void HideAndShow(const std::string& key) {
    const ItemTable::Slot slot = HideKey(key);
    table_.Show(slot);
  }
  void HideAndErase(const std::string& key) {
    table_.EraseHidden(HideKey(key));
    arena_.Free(model_.at(key));
    model_.erase(key);
  }
  ItemRef Find(const std::string& key) { return table_.Find(table_.Home(Key(key).hash), Key(key)); }
  uint64_t Version(const std::string& key) { return table_.Home(Key(key).hash)->version; }
  ItemTable& table() { return table_; }
  size_t buckets_at_first() const { return buckets_at_first_; }
  const std::map<std::string, ItemRef>& model() const { return model_; }

 private:
  void Init(std::shared_ptr<TableRows> rows, size_t shard, size_t buckets_max) {
    InitAlone(&arena_, 32 << 20);
    assert_true(arena_.GrowTo(32 << 20));
    ASSERT_OK(table_.Init(&arena_, &places_, std::move(rows), shard, buckets_max));
    buckets_at_first_ = table_.buckets();
  }
  ItemTable::Slot HideKey(const std::string& key) {
    const ItemTable::Slot slot = table_.FindKey(table_.Home(Key(key).hash), Key(key));
    assert_int_equal(slot.ref, model_.at(key));
    const uint64_t before = Version(key);
    table_.Hide(slot);
    assert_int_equal(Find(key), kNoItem);
    assert_true(Version(key) > before);
    return slot;
  }

  Arena arena_;
  PlaceRing places_;
  ItemTable table_;
  size_t buckets_at_first_ = 0;
  std::map<std::string, ItemRef> model_;
};

}   // namespace

TEST(both_ways_to_compare_tags_agree) {
  Random random(TestSeed());
  for (int i = 0; i < 100000; i++) {
    Bucket bucket{};
    const uint16_t few = static_cast<uint16_t>(random.Below(3) * 0x7FFF);
    for (int slot = 0; slot < kBucketSlots; slot++) {
      bucket.SetTag(slot, static_cast<uint16_t>(random.Below(2) == 0 ? few : random.Next()));
    }
    const uint16_t tag =
        random.Below(2) == 0 ? few : bucket.tag(static_cast<int>(random.Below(kBucketSlots)));
    assert_int_equal(MatchTags(bucket, tag), MatchTagsPlain(bucket, tag));
  }
}

TEST(every_key_is_found_while_the_table_grows_and_changes) {
  Random random(TestSeed());
  Fixture f(1 << 14);
  for (int step = 0; step < 80000; step++) {
    const std::string key = "k" + std::to_string(random.Below(60000));
    const auto it = f.model().find(key);
    if (it == f.model().end()) {
      assert_int_equal(f.Find(key), kNoItem);
      f.Insert(key);
    } else {
      assert_int_equal(f.Find(key), it->second);
      const uint64_t version = f.Version(key);
      if (random.Below(3) == 0) {
        random.Below(2) == 0 ? f.Erase(key) : f.HideAndErase(key);
      } else {
        f.HideAndShow(key);
        assert_int_equal(f.Find(key), it->second);
      }
      assert_true(f.Version(key) > version);
    }
    if (f.table().WantsSplit()) assert_true(f.table().Split());
    if (step % 5000 == 0) ASSERT_VALID(f.table());
  }
  assert_true(f.table().buckets() > 2 * f.buckets_at_first());
  for (const auto& [key, ref] : f.model()) assert_int_equal(f.Find(key), ref);
  size_t visited = 0;
  f.table().ForEach([&](ItemRef) { visited++; });
  assert_int_equal(visited, f.model().size());
  ASSERT_VALID(f.table());
}

// Tables share rows, and so pages: whatever one does, the others have their buckets for themselves.
TEST(tables_in_the_same_rows_do_not_meet) {
  Random random(TestSeed());
  constexpr size_t kTables = 4;
  constexpr size_t kBucketsMax = 1 << 10;
  std::shared_ptr<TableRows> rows;
  ASSERT_OK(TableRows::Create(2, kBucketsMax, false, &rows));
  std::vector<std::unique_ptr<Fixture>> tables;
  for (size_t i = 0; i < kTables; i++) tables.push_back(std::make_unique<Fixture>(rows, i, kBucketsMax));
  for (int step = 0; step < 20000; step++) {
    // The first grows soonest: its rows are there before the others come to them.
    Fixture& f = *tables[std::min<size_t>(random.Below(kTables), random.Below(kTables))];
    const std::string key = "k" + std::to_string(random.Below(4000));
    f.model().contains(key) ? f.Erase(key) : f.Insert(key);
    if (f.table().WantsSplit()) assert_true(f.table().Split());
  }
  for (const auto& f : tables) {
    ASSERT_VALID(f->table());
    for (const auto& [key, ref] : f->model()) assert_int_equal(f->Find(key), ref);
  }
  assert_true(tables[0]->table().buckets() > tables[kTables - 1]->table().buckets());
}

TEST(a_table_of_few_items_has_no_chains) {
  // 256 tables begin with four buckets each: what they hold first must not cost a page of overflow each.
  Fixture f(1 << 12, 8);
  for (int i = 0; i < 150; i++) {
    const std::string key = "k" + std::to_string(i);
    if (f.table().WantsSplit()) assert_true(f.table().Split());
    f.Insert(key);
    assert_int_equal(f.Find(key), f.model().at(key));
  }
  ASSERT_VALID(f.table());
  assert_in_range(f.table().bytes(), kPageBytes, 2 * kPageBytes);
}

TEST(a_table_that_may_not_grow_still_finds_everything) {
  Fixture f(1);
  for (int i = 0; i < 800; i++) f.Insert("k" + std::to_string(i));
  assert_int_equal(f.table().buckets(), f.buckets_at_first());
  assert_false(f.table().WantsSplit());
  ASSERT_VALID(f.table());
  for (const auto& [key, ref] : f.model()) assert_int_equal(f.Find(key), ref);
  for (int i = 0; i < 800; i++) f.Erase("k" + std::to_string(i));
  ASSERT_VALID(f.table());
}

TEST(long_chains_split_without_new_memory) {
  Fixture f(1 << 12);
  for (int i = 0; i < 8000; i++) f.Insert("k" + std::to_string(i));   // chains of a dozen buckets
  const size_t bytes = f.table().bytes();
  size_t pages = 0;
  while (f.table().WantsSplit()) {
    pages += f.table().SplitNeedsPage();
    assert_true(f.table().Split());
    if (f.table().buckets() % 64 == 1) ASSERT_VALID(f.table());
  }
  assert_int_equal(f.table().bytes(), bytes + pages * kPageBytes);
  ASSERT_VALID(f.table());
  for (const auto& [key, ref] : f.model()) assert_int_equal(f.Find(key), ref);
}

TEST(a_version_noted_before_a_split_never_comes_back) {
  Fixture f(1 << 12);
  std::map<std::string, uint64_t> noted;
  for (int i = 0; i < 2000; i++) noted["k" + std::to_string(i)] = f.Version("k" + std::to_string(i));
  for (int i = 0; i < 20000 && f.table().buckets() < 1000; i++) {
    f.Insert("x" + std::to_string(i));
    if (f.table().WantsSplit()) assert_true(f.table().Split());
    if (i % 100 != 0) continue;
    for (auto& [key, version] : noted) {
      assert_true(f.Version(key) >= version);
      version = f.Version(key);
    }
  }
  for (int i = 0; i < 2000; i++) {
    const std::string key = "k" + std::to_string(i);
    const uint64_t before = f.Version(key);
    const size_t buckets = f.table().buckets();
    const Bucket* home = f.table().Home(Key(key).hash);
    assert_true(f.table().Split());
    assert_int_equal(f.table().buckets(), buckets + 1);
    if (f.table().Home(Key(key).hash) != home) assert_true(f.Version(key) > before);
  }
}

RUN()
