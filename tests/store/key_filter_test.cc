// The filter of keys alone: what was added is never denied, little else passes, and it stays within its
// bytes.
#include "store/key_filter.h"

#include <string>
#include <vector>

#include "base/hash.h"
#include "base/random.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

constexpr uint64_t kShard = uint64_t{21} << 58;   // all keys of a shard begin alike

uint64_t HashIn(Random* random) {
  return kShard | (random->Next() >> 6);
}

std::vector<uint64_t> Hashes(size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<uint64_t> hashes(count);
  for (uint64_t& hash : hashes) hash = HashIn(&random);
  return hashes;
}

void AssertHoldsAll(const KeyFilter& filter, const std::vector<uint64_t>& hashes) {
  for (const uint64_t hash : hashes) assert_true(filter.MayHold(hash));
}

// Of 20,000 that were never added. Which they are is the same in every run.
size_t Maybes(const KeyFilter& filter) {
  size_t count = 0;
  for (const uint64_t hash : Hashes(20000, 77)) count += filter.MayHold(hash) ? 1 : 0;
  return count;
}

TEST(what_was_added_may_be_there_and_little_else) {
  KeyFilter filter(size_t{1} << 20);
  filter.StartEmpty();
  assert_true(filter.answers());
  assert_int_equal(Maybes(filter), 0);
  const std::vector<uint64_t> hashes = Hashes(60000, 1);
  for (size_t i = 0; i < hashes.size(); i++) {
    filter.Add(hashes[i]);
    if (i % 1000 == 0) assert_true(filter.MayHold(hashes[i / 2]));
  }
  AssertHoldsAll(filter, hashes);
  assert_true(Maybes(filter) < 400);
  assert_true(filter.bytes() > 60000 && filter.bytes() <= size_t{1} << 20);
}

TEST(a_filter_that_may_grow_no_more_forgets_nothing) {
  for (const size_t bytes_max : {size_t{32}, size_t{2048}, size_t{5000}, size_t{70000}}) {
    KeyFilter filter(bytes_max);
    filter.StartEmpty();
    const std::vector<uint64_t> hashes = Hashes(100000, bytes_max);
    for (const uint64_t hash : hashes) filter.Add(hash);
    AssertHoldsAll(filter, hashes);
    assert_true(filter.answers() && filter.bytes() <= bytes_max);
  }
}

TEST(the_same_key_again_fills_nothing) {
  KeyFilter filter(size_t{1} << 20);
  filter.StartEmpty();
  const std::vector<uint64_t> hashes = Hashes(1000, 3);
  for (int round = 0; round < 100; round++) {
    for (const uint64_t hash : hashes) filter.Add(hash);
  }
  assert_int_equal(filter.bytes(), 4096);
  assert_true(Maybes(filter) < 200);
}

TEST(while_it_is_being_built_everything_may_be_there) {
  KeyFilter filter(size_t{1} << 20);
  const std::vector<uint64_t> old_keys = Hashes(30000, 4), new_keys = Hashes(5000, 5);
  filter.Add(new_keys[0]);
  assert_true(!filter.answers() && filter.MayHold(1) && filter.bytes() == 0);
  filter.Begin();
  for (const uint64_t hash : new_keys) filter.Add(hash);
  assert_int_equal(Maybes(filter), 20000);
  filter.Complete(old_keys);
  AssertHoldsAll(filter, old_keys);
  AssertHoldsAll(filter, new_keys);
  assert_true(filter.answers() && Maybes(filter) < 400);
  filter.Begin();   // anew: what it knew is gone, and it says so
  assert_int_equal(Maybes(filter), 20000);
  filter.Complete({});
  assert_int_equal(Maybes(filter), 0);
}

TEST(one_that_was_forgotten_or_has_no_room_never_denies) {
  KeyFilter none(0);
  none.StartEmpty();
  none.Add(1);
  assert_true(!none.answers() && none.MayHold(1) && none.MayHold(2) && none.bytes() == 0);
  KeyFilter filter(size_t{1} << 20);
  filter.Begin();
  filter.Forget();
  filter.Complete(Hashes(10, 6));   // of a build that was given up
  assert_true(!filter.answers() && filter.MayHold(2) && filter.bytes() == 0);
}

}   // namespace
}   // namespace shale

RUN()
