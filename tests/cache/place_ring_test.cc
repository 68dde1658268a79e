#include "cache/place_ring.h"

#include <deque>
#include <random>

#include "test.h"

using namespace shale;

namespace {

Place PlaceAt(uint64_t where) {
  Place place{};
  place.where = where;
  place.version = static_cast<int64_t>(where) + 1;
  place.hash = static_cast<uint32_t>(where * 7);
  place.value_len = 1000;
  return place;
}

std::string KeyOf(uint64_t i) {
  return "key_" + std::to_string(i) + std::string(i % 23, 'x');
}

}   // namespace

TEST(a_ring_of_no_bytes_holds_nothing) {
  PlaceRing ring;
  ASSERT_OK(ring.Init(0));
  assert_false(ring.WantsGrowth(kPageBytes));
  assert_false(ring.CanHold(40));
  assert_true(ring.empty());
}

TEST(what_was_put_is_there_until_it_is_the_oldest) {
  PlaceRing ring;
  ASSERT_OK(ring.Init(4 * kPageBytes));
  std::deque<std::pair<ItemRef, uint64_t>> model;
  std::mt19937_64 random(1);
  std::string why;
  for (uint64_t i = 1; i < 20'000; i++) {
    if (ring.WantsGrowth(kPageBytes)) assert_true(ring.Grow(kPageBytes));
    const std::string key = KeyOf(i);
    const int64_t deadline_ms = i % 3 == 0 ? static_cast<int64_t>(i) : kNoDeadline;
    const size_t bytes = Place::BytesFor(key.size(), deadline_ms != kNoDeadline);
    assert_true(ring.CanHold(bytes));
    while (!ring.HasRoom(bytes)) {
      const ItemRef oldest = ring.PopOldest();
      if (oldest == kNoItem) continue;
      assert_int_equal(oldest, model.front().first);
      model.pop_front();
    }
    model.emplace_back(ring.Append(PlaceAt(i), key, deadline_ms), i);
    if (random() % 4 == 0) {
      // Dead records anywhere: the tail passes them without a word.
      const size_t at = random() % model.size();
      ring.MarkDead(model[at].first);
      model.erase(model.begin() + static_cast<std::ptrdiff_t>(at));
    }
    assert_int_equal(ring.live(), model.size());
    if (i % 500 != 0) continue;
    assert_true(ring.Validate(&why));
    auto next = model.begin();
    ring.ForEachLive([&](ItemRef ref) {
      assert_int_equal(ref, next->first);
      const Place* place = ring.At(ref);
      assert_int_equal(place->where, next->second);
      assert_true(place->KeyIs(KeyOf(next->second)));
      assert_int_equal(place->deadline_ms(), next->second % 3 == 0 ? next->second : 0);
      ++next;
    });
    assert_true(next == model.end());
  }
  assert_true(model.size() > 150);   // four pages of some 60 bytes each, a quarter dead
}

TEST(released_memory_starts_anew) {
  PlaceRing ring;
  ASSERT_OK(ring.Init(kPageBytes));
  assert_true(ring.Grow(kPageBytes));
  ring.MarkDead(ring.Append(PlaceAt(5), "k", 0));
  ring.Release();
  assert_int_equal(ring.bytes(), 0);
  assert_true(ring.empty());
  assert_true(ring.WantsGrowth(kPageBytes) && ring.Grow(kPageBytes));
  const ItemRef ref = ring.Append(PlaceAt(6), "k", 0);
  assert_int_equal(ring.At(ref)->where, 6);
  assert_int_equal(ring.live(), 1);
}

RUN()
