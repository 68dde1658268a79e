#include "cache/arena.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "test.h"

using namespace shale;

namespace {

struct Block {
  size_t bytes;
  unsigned char fill;
};

void Fill(Arena* arena, ItemRef ref, const Block& block) {
  std::memset(reinterpret_cast<char*>(arena->At(ref)) + 4, block.fill, block.bytes - 4);
}

void CheckFill(const Arena& arena, ItemRef ref, const Block& block) {
  const auto* p = reinterpret_cast<const unsigned char*>(arena.At(ref));
  for (size_t i = 4; i < block.bytes; i++) assert_int_equal(p[i], block.fill);
}

}   // namespace

TEST(an_arena_without_memory_allocates_nothing) {
  Arena arena;
  ASSERT_OK(arena.Init(1 << 20));
  assert_int_equal(arena.Allocate(8), kNoItem);
  ASSERT_VALID(arena);
}

TEST(a_shard_above_the_address_range_is_refused) {
  Arena arena;
  assert_true(arena.Init(Arena::kBytesMax + 1).Is(Code::E_INVALID));
}

TEST(neighbours_that_are_free_become_one_block) {
  Arena arena;
  ASSERT_OK(arena.Init(1 << 20));
  assert_true(arena.GrowTo(8192));
  const ItemRef a = arena.Allocate(2000);
  const ItemRef b = arena.Allocate(2000);
  const ItemRef c = arena.Allocate(2000);
  const ItemRef d = arena.Allocate(2000);
  assert_true(a != kNoItem && b != kNoItem && c != kNoItem && d != kNoItem);
  assert_int_equal(arena.Allocate(2000), kNoItem);
  arena.Free(a);
  arena.Free(c);
  assert_int_equal(arena.Allocate(6000), kNoItem);
  arena.Free(b);   // between two free ones
  ASSERT_VALID(arena);
  assert_int_equal(arena.Allocate(6000), a);
  arena.Free(a);
  arena.Free(d);
  assert_int_equal(arena.used_bytes(), 0);
  assert_int_not_equal(arena.Allocate(8192 - 16), kNoItem);
  ASSERT_VALID(arena);
}

TEST(a_freed_block_serves_the_same_size_again) {
  // Sizes that are not the smallest of their list, which a rounded-up search alone would not find.
  for (size_t bytes = 16; bytes < 40000; bytes += 1000 + 8) {
    Arena arena;
    ASSERT_OK(arena.Init(1 << 20));
    assert_true(arena.GrowTo(RoundUpTo(bytes * 3, kPageBytes) + kPageBytes));
    std::vector<ItemRef> refs;
    for (ItemRef ref; (ref = arena.Allocate(bytes)) != kNoItem;) refs.push_back(ref);
    for (size_t i = 0; i < refs.size(); i++) {
      arena.Free(refs[i]);
      assert_int_equal(arena.Allocate(bytes), refs[i]);
    }
    ASSERT_VALID(arena);
  }
}

TEST(growing_joins_the_free_end) {
  Arena arena;
  ASSERT_OK(arena.Init(1 << 20));
  assert_true(arena.GrowTo(4096));
  assert_int_equal(arena.Allocate(5000), kNoItem);
  assert_true(arena.GrowTo(8192));
  ASSERT_VALID(arena);
  assert_int_not_equal(arena.Allocate(8192 - 16), kNoItem);
  assert_true(arena.GrowTo(1 << 20));
  assert_false(arena.GrowTo((1 << 20) + 4096));
  ASSERT_VALID(arena);
}

TEST(shrinking_stops_above_the_last_used_block) {
  Arena arena;
  ASSERT_OK(arena.Init(1 << 20));
  assert_true(arena.GrowTo(1 << 20));
  const ItemRef low = arena.Allocate(100);
  const ItemRef middle = arena.Allocate(50000);
  const ItemRef high = arena.Allocate(30000);
  arena.Free(middle);
  arena.ShrinkTo(4096);
  ASSERT_VALID(arena);
  assert_in_range(arena.limit_bytes(), 80000, 86016);
  arena.Free(high);
  arena.ShrinkTo(16384);
  ASSERT_VALID(arena);
  assert_int_equal(arena.limit_bytes(), 16384);
  arena.Free(low);
  arena.ShrinkTo(0);
  assert_int_equal(arena.limit_bytes(), 4096);
  assert_true(arena.GrowTo(1 << 20));
  ASSERT_VALID(arena);
  // All of it is one block again, which serves the longest there are.
  for (int i = 0; i < 8; i++) assert_int_not_equal(arena.Allocate(Arena::kBlockBytesMax), kNoItem);
  assert_int_not_equal(arena.Allocate((1 << 20) - 16 - 8 * Arena::kBlockBytesMax), kNoItem);
  ASSERT_VALID(arena);
}

TEST(a_block_is_no_longer_than_its_word_can_tell) {
  Arena arena;
  ASSERT_OK(arena.Init(1 << 20));
  assert_true(arena.GrowTo(1 << 20));
  assert_int_equal(arena.Allocate(Arena::kBlockBytesMax + 1), kNoItem);
  const ItemRef ref = arena.Allocate(Arena::kBlockBytesMax);
  assert_int_equal(arena.BlockBytes(ref), Arena::kBlockBytesMax);
  // The owner's half of the word stays as it is, whatever becomes of the neighbours.
  arena.At(ref)->StartBlock(kHasWhere, Arena::kBlockBytesMax - 3);
  const ItemRef next = arena.Allocate(64);
  const ItemRef last = arena.Allocate(64);
  arena.Free(ref);
  const ItemRef again = arena.Allocate(1000);
  arena.At(next)->StartBlock(kHasDeadline, 60);
  arena.Free(again);
  arena.Free(last);
  assert_int_equal(arena.At(next)->flags(), kHasDeadline);
  assert_int_equal(arena.At(next)->used_bytes(), 60);
  assert_int_equal(arena.BlockBytes(next), 64);
  ASSERT_VALID(arena);
}

TEST(random_use_keeps_every_block_intact) {
  Random random(TestSeed());
  Arena arena;
  ASSERT_OK(arena.Init(4 << 20));
  std::map<ItemRef, Block> model;
  size_t used = 0;
  for (int step = 0; step < 60000; step++) {
    const uint64_t what = random.Below(100);
    if (what < 55) {
      const size_t bytes = random.Below(20) == 0 ? 4 + random.Below(60000) : 4 + random.Below(500);
      const ItemRef ref = arena.Allocate(bytes);
      if (ref == kNoItem) {
        const size_t more = kPageBytes * (1 + random.Below(20));
        assert_true(arena.GrowTo(std::min<size_t>(arena.limit_bytes() + more, 4 << 20)));
        if (arena.limit_bytes() < (4 << 20) || model.empty()) continue;
        model.clear();   // full: start again with everything freed in address order
        for (ItemRef used_ref; (used_ref = arena.FirstUsed(1)) != kNoItem;) arena.Free(used_ref);
        used = 0;
        assert_int_equal(arena.used_bytes(), 0);
        continue;
      }
      const Block block{bytes, static_cast<unsigned char>(random.Next())};
      assert_true(arena.BlockBytes(ref) >= bytes);
      assert_true(model.emplace(ref, block).second);
      used += arena.BlockBytes(ref);
      Fill(&arena, ref, block);
    } else if (what < 99 && !model.empty()) {
      auto it = model.lower_bound(static_cast<ItemRef>(random.Below(arena.limit_bytes() / 8)));
      if (it == model.end()) it = model.begin();
      CheckFill(arena, it->first, it->second);
      used -= arena.BlockBytes(it->first);
      arena.Free(it->first);
      model.erase(it);
    } else {
      arena.ShrinkTo(random.Below(arena.limit_bytes() + 1));
    }
    assert_int_equal(arena.used_bytes(), used);
    if (step % 500 == 0) ASSERT_VALID(arena);
  }
  size_t walked = 0;
  for (ItemRef ref = arena.FirstUsed(1); ref != kNoItem; ref = arena.NextUsed(ref)) {
    assert_true(model.count(ref) == 1);
    CheckFill(arena, ref, model[ref]);
    walked++;
  }
  assert_int_equal(walked, model.size());
  ASSERT_VALID(arena);
}

RUN()
