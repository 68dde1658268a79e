#include "cache/arena.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "arena_alone.h"
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

// Takes every chunk below 128 KiB whole.
void TakeSmallChunks(Arena* arena) {
  for (size_t at = 0; at < ArenaSpace::kChunkBytesMax;) {
    const ArenaSpace::Chunk chunk = ArenaSpace::ChunkWith(at);
    assert_int_not_equal(arena->Allocate(chunk.bytes - Arena::kChunkMarksBytes), kNoItem);
    at = chunk.end();
  }
}

}   // namespace

TEST(chunks_tile_every_lane_and_lanes_do_not_meet) {
  constexpr size_t kShards = 3, kLaneBytes = 700000;
  std::shared_ptr<ArenaSpace> space;
  ASSERT_OK(ArenaSpace::Create(kShards, kLaneBytes, false, &space));
  assert_true(space->lane_bytes() >= kLaneBytes);
  std::vector<bool> taken(kShards * space->lane_bytes() / kPageBytes);
  size_t at = 0;
  while (at < space->lane_bytes()) {
    const ArenaSpace::Chunk chunk = ArenaSpace::ChunkWith(at);
    assert_int_equal(chunk.start, at);
    assert_int_equal(ArenaSpace::ChunkWith(chunk.end() - 1).start, at);
    for (size_t shard = 0; shard < kShards; shard++) {
      const size_t offset = space->OffsetOf(shard, chunk);
      for (size_t page = 0; page < chunk.bytes; page += kPageBytes) {
        assert_int_equal(space->ChunkAtOffset(offset + page).start, at);
        assert_false(taken[(offset + page) / kPageBytes]);
        taken[(offset + page) / kPageBytes] = true;
      }
      assert_true(space->Commit(shard, chunk));
      std::memset(space->base() + offset, 1, chunk.bytes);
    }
    at = chunk.end();
  }
  assert_int_equal(at, space->lane_bytes());
  assert_int_equal(std::count(taken.begin(), taken.end(), false), 0);
}

TEST(an_arena_without_memory_allocates_nothing) {
  Arena arena;
  InitAlone(&arena, 1 << 20);
  assert_int_equal(arena.Allocate(8), kNoItem);
  ASSERT_VALID(arena);
}

TEST(lanes_above_the_reach_of_references_are_refused) {
  std::shared_ptr<ArenaSpace> space;
  assert_true(ArenaSpace::Create(1, ArenaSpace::kBytesMax + 1, false, &space).Is(Code::E_INVALID));
  assert_true(ArenaSpace::Create(3, Arena::kBytesMax, false, &space).Is(Code::E_INVALID));
  assert_int_equal(ArenaSpace::ShardsMax(Arena::kBytesMax), 2);
}

TEST(neighbours_that_are_free_become_one_block) {
  Arena arena;
  InitAlone(&arena, 1 << 20);
  assert_true(arena.GrowTo(16384));   // 4, 4 and 8 KiB
  const ItemRef low[] = {arena.Allocate(4080), arena.Allocate(4080)};
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
  for (const ItemRef ref : low) arena.Free(ref);
  assert_int_equal(arena.used_bytes(), 0);
  assert_int_not_equal(arena.Allocate(8192 - 16), kNoItem);
  ASSERT_VALID(arena);
}

TEST(a_freed_block_serves_the_same_size_again) {
  // Sizes that are not the smallest of their list, which a rounded-up search alone would not find.
  for (size_t bytes = 16; bytes < 40000; bytes += 1000 + 8) {
    Arena arena;
    InitAlone(&arena, 1 << 20);
    assert_true(arena.GrowTo(RoundUpTo(bytes * 4, kPageBytes) + kPageBytes));
    std::vector<ItemRef> refs;
    for (ItemRef ref; (ref = arena.Allocate(bytes)) != kNoItem;) refs.push_back(ref);
    for (size_t i = 0; i < refs.size(); i++) {
      arena.Free(refs[i]);
      assert_int_equal(arena.Allocate(bytes), refs[i]);
    }
    ASSERT_VALID(arena);
  }
}

TEST(growing_joins_the_free_end_of_a_chunk) {
  Arena arena;
  InitAlone(&arena, 1 << 20);
  for (const size_t limit : {4096, 8192, 12288}) {
    assert_true(arena.GrowTo(limit));
    assert_int_equal(arena.Allocate(5000), kNoItem);
    ASSERT_VALID(arena);
  }
  assert_true(arena.GrowTo(16384));
  ASSERT_VALID(arena);
  assert_int_not_equal(arena.Allocate(8192 - 16), kNoItem);
  assert_true(arena.GrowTo(1 << 20));
  assert_false(arena.GrowTo((1 << 20) + 4096));
  ASSERT_VALID(arena);
}

TEST(shrinking_stops_above_the_last_used_block) {
  Arena arena;
  InitAlone(&arena, 1 << 20);
  assert_true(arena.GrowTo(1 << 20));
  const ItemRef low = arena.Allocate(100);
  const ItemRef high = arena.Allocate(100000);
  const size_t end = arena.EndOf(high);
  assert_true(end > 100000);
  arena.ShrinkTo(4096);
  ASSERT_VALID(arena);
  assert_in_range(arena.limit_bytes(), end + 8, end + 8192);
  arena.Free(high);
  arena.ShrinkTo(16384);
  ASSERT_VALID(arena);
  assert_int_equal(arena.limit_bytes(), 16384);
  assert_true(arena.EndOf(low) <= 8192);
  arena.Free(low);
  arena.ShrinkTo(0);
  assert_int_equal(arena.limit_bytes(), 4096);
  assert_true(arena.GrowTo(1 << 20));
  ASSERT_VALID(arena);
  // Every chunk is one block again.
  TakeSmallChunks(&arena);
  for (int i = 0; i < 7; i++) assert_int_not_equal(arena.Allocate(Arena::kBlockBytesMax), kNoItem);
  assert_int_equal(arena.Allocate(1), kNoItem);
  ASSERT_VALID(arena);
}

TEST(a_block_is_no_longer_than_its_word_can_tell) {
  Arena arena;
  InitAlone(&arena, 1 << 20);
  assert_true(arena.GrowTo(1 << 20));
  assert_int_equal(arena.Allocate(Arena::kBlockBytesMax + 1), kNoItem);
  const ItemRef longest = arena.Allocate(Arena::kBlockBytesMax);
  assert_int_equal(arena.BlockBytes(longest), Arena::kBlockBytesMax);
  TakeSmallChunks(&arena);
  // The owner's half of the word stays as it is, whatever becomes of the neighbours.
  const ItemRef ref = arena.Allocate(100000);
  arena.At(ref)->StartBlock(kHasWhere, 100000 - 3);
  const ItemRef next = arena.Allocate(64);
  assert_int_equal(arena.EndOf(ref) + 64, arena.EndOf(next));
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
  InitAlone(&arena, 4 << 20);
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
        for (ItemRef used_ref; (used_ref = arena.FirstUsed()) != kNoItem;) arena.Free(used_ref);
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
  for (ItemRef ref = arena.FirstUsed(); ref != kNoItem; ref = arena.NextUsed(ref)) {
    assert_true(model.count(ref) == 1);
    CheckFill(arena, ref, model[ref]);
    walked++;
  }
  assert_int_equal(walked, model.size());
  ASSERT_VALID(arena);
}

TEST(arenas_of_one_space_leave_each_other_alone) {
  constexpr size_t kShards = 5, kLaneBytes = 512 << 10;
  Random random(TestSeed());
  std::shared_ptr<ArenaSpace> space;
  ASSERT_OK(ArenaSpace::Create(kShards, kLaneBytes, false, &space));
  Arena arenas[kShards];
  std::map<ItemRef, Block> models[kShards];
  for (size_t i = 0; i < kShards; i++) arenas[i].Init(space, i);
  for (int step = 0; step < 40000; step++) {
    const size_t i = random.Below(kShards);
    Arena& arena = arenas[i];
    std::map<ItemRef, Block>& model = models[i];
    const uint64_t what = random.Below(100);
    if (what < 50) {
      const Block block{4 + random.Below(random.Below(20) == 0 ? 40000 : 800),
                        static_cast<unsigned char>(random.Next())};
      const ItemRef ref = arena.Allocate(block.bytes);
      if (ref == kNoItem) {
        (void)arena.GrowTo(
            std::min<size_t>(arena.limit_bytes() + kPageBytes * (1 + random.Below(9)), kLaneBytes));
      } else {
        assert_true(model.emplace(ref, block).second);
        assert_true(arena.EndOf(ref) < arena.limit_bytes());
        Fill(&arena, ref, block);
      }
    } else if (what < 98 && !model.empty()) {
      auto it = model.lower_bound(static_cast<ItemRef>(random.Below(kShards * kLaneBytes / 8)));
      if (it == model.end()) it = model.begin();
      CheckFill(arena, it->first, it->second);
      arena.Free(it->first);
      model.erase(it);
    } else {
      arena.ShrinkTo(random.Below(arena.limit_bytes() + 1));
    }
    if (step % 500 == 0) ASSERT_VALID(arena);
  }
  for (size_t i = 0; i < kShards; i++) {
    size_t before = 0;
    for (ItemRef ref = arenas[i].FirstUsed(); ref != kNoItem; ref = arenas[i].NextUsed(ref)) {
      assert_true(arenas[i].EndOf(ref) > before);   // in the order of the lane
      before = arenas[i].EndOf(ref);
      CheckFill(arenas[i], ref, models[i].at(ref));
      models[i].erase(ref);
    }
    assert_int_equal(models[i].size(), 0);
    ASSERT_VALID(arenas[i]);
  }
}

RUN()
