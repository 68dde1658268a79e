// Cursors that are kept between walks: what is kept and for how long, and that a walk with them sees what one
// with new ones would.
#include "store/parked_cursors.h"

#include <filesystem>
#include <thread>

#include "base/mutex.h"
#include "base/random.h"
#include "base/yield_point.h"
#include "store/store_fixture.h"   // last, with test.h: cmocka has a macro named fail

namespace shale {
namespace {

const Buffer kLarge(3000, 'L');

TEST(a_set_is_one_walks_at_a_time_and_no_parked_one_outlives_a_drop) {
  ParkedCursors parked(2);
  auto a = parked.Take();
  auto b = parked.Take();
  auto c = parked.Take();
  CursorSet* const first = a.get();
  parked.Park(std::move(a));
  parked.Park(std::move(b));
  parked.Park(std::move(c));   // one too many
  assert_int_equal(parked.count(), 2);
  b = parked.Take();
  a = parked.Take();
  assert_ptr_equal(a.get(), first);
  parked.Park(std::move(a));
  parked.DropAll();
  assert_int_equal(parked.count(), 0);
  parked.Park(std::move(b));   // was out at the time
  assert_int_equal(parked.count(), 0);
  parked.Park(parked.Take());
  assert_int_equal(parked.count(), 1);
}

Rows Walk(StoreHome* home, Bytes from, Bytes to, bool reverse) {
  std::unique_ptr<DiskCursor> cursor;
  CursorBounds bounds{Buffer(from), Buffer(to), reverse};
  bounds.rows_max = 1'000'000;   // a short walk, for all it knows
  ASSERT_OK(home->store->NewCursor(bounds, &cursor));
  Rows seen;
  Buffer storage, last;
  Bytes key, value;
  int64_t deadline_ms = 0;
  Status s;
  while ((s = cursor->Next(&key, &storage, &value, &deadline_ms)).ok()) {
    assert_true(last.empty() || (reverse ? key < last : key > last));
    last.assign(key);
    seen[last] = StoredRow{Buffer(value), deadline_ms};
  }
  AssertCode(s, Code::END);
  return seen;
}

void AssertWalk(StoreHome* home, Bytes from, Bytes to, bool reverse) {
  const auto end = to.empty() ? home->model.end() : home->model.lower_bound(Buffer(to));
  const Rows wanted(home->model.lower_bound(Buffer(from)), end);
  assert_true(Walk(home, from, to, reverse) == wanted);
}

TEST(walks_in_a_row_see_what_was_changed_between_them) {
  StoreHome home;
  home.Open();
  Random random(11);
  for (int i = 0; i < 300; i++) home.Put("k" + std::to_string(i), i % 3 == 0 ? kLarge : Buffer("small"));
  for (int round = 0; round < 200; round++) {
    const std::string key = "k" + std::to_string(random.Below(400));
    switch (random.Below(6)) {
      case 0:
        home.Put(key, "later" + std::to_string(round));
        break;
      case 1:
        home.Put(key, kLarge, 1'000'000'000'000'000);
        break;
      case 2:
        if (home.model.contains(key)) home.Delete(key);
        break;
      case 3:
        if (random.Below(8) == 0) ASSERT_OK(home.store->Flush());
        break;
      case 4:
        if (random.Below(8) == 0) home.store->Tick();
        break;
      default:
        break;   // as it was: no cursor is made anew
    }
    const std::string from = "k" + std::to_string(random.Below(400));
    const std::string to = random.Below(2) == 0 ? "" : from + "9";
    AssertWalk(&home, from, to, random.Below(2) == 0);
  }
  home.Close();
}

// Two cursors of a set were given to two walks at once, or a cursor kept where the last walk had left it.
TEST(walks_that_overlap_do_not_disturb_each_other) {
  StoreHome home;
  home.Open();
  for (int i = 0; i < 200; i++) home.Put("k" + std::to_string(i), kLarge);
  AssertWalk(&home, "k", "", false);
  const Rows then = home.model;
  CursorBounds bounds;
  bounds.rows_max = 1000;
  std::unique_ptr<DiskCursor> one, other;
  ASSERT_OK(home.store->NewCursor(bounds, &one));
  Rows seen;
  Buffer storage;
  Bytes key, value;
  int64_t deadline_ms = 0;
  for (int i = 0; i < 100; i++) {
    ASSERT_OK(one->Next(&key, &storage, &value, &deadline_ms));
    seen[Buffer(key)] = StoredRow{Buffer(value), deadline_ms};
    if (i == 30) ASSERT_OK(home.store->NewCursor(bounds, &other));
    if (i == 50) other.reset();
    if (i % 10 == 0) home.Put("k" + std::to_string(150 - i), "later");
    if (i % 20 == 0) AssertWalk(&home, "k1", "k7", true);
  }
  while (one->Next(&key, &storage, &value, &deadline_ms).ok())
    seen[Buffer(key)] = StoredRow{Buffer(value), deadline_ms};
  assert_true(seen == then);
  one.reset();
  AssertWalk(&home, "", "", false);
  home.Close();
}

size_t TableCount(const StoreHome& home) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(home.config.path))
    count += entry.path().extension() == ".ldb" ? 1 : 0;
  return count;
}

// LevelDB looks for tables to remove when a compaction ends, and leaves those that a cursor keeps.
TEST(what_a_walk_has_left_keeps_no_table_from_a_compaction) {
  size_t counts[2];
  for (const bool walks : {false, true}) {
    StoreHome home;
    home.Open();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 500; i++) home.Put("k" + std::to_string(i), "v" + std::to_string(round));
      ASSERT_OK(home.store->Flush());
      if (walks) AssertWalk(&home, "k", "", false);
    }
    for (int s = 0; s < kDiskShards; s++) ASSERT_OK(home.store->CompactShard(s, CursorBounds()));
    counts[walks ? 1 : 0] = TableCount(home);
    home.AssertIs(home.model);
    home.Close();
  }
  assert_int_equal(counts[1], counts[0]);
}

// A store that is walked while it is written never comes to rest, and what its memtables left behind stayed
// apart: each walk looked into five tables of every shard, and took five times as long as after a rest.
TEST(tables_that_walks_have_paid_for_become_one) {
  StoreHome home;
  home.Open();
  for (int table = 0; table < 3; table++) {
    for (int i = 0; i < 640; i++) home.Put("k" + std::to_string(i), "of " + std::to_string(table));
    ASSERT_OK(home.store->Flush());
  }
  const auto compactions = [&] { return home.store->Stats().index_compactions; };
  const uint64_t before = compactions();
  const auto walk = [&](int count) {
    for (int i = 0; i < count; i++) AssertWalk(&home, "k10", "k11", i % 2 == 0);
  };
  walk(100);
  for (int i = 0; i < 5; i++) home.store->Tick();
  ASSERT_OK(home.store->Flush());   // behind what a tick would have asked for
  assert_int_equal(compactions(), before);
  walk(200);
  while (compactions() < before + kDiskShards) {
    home.store->Tick();
    std::this_thread::yield();
  }
  AssertWalk(&home, "", "", false);
  home.Close();
}

// Whoever comes waits until it is opened.
struct Gate {
  void Open() {
    MutexLock lock(&mu);
    open = true;
    changed.NotifyAll();
  }
  void Pass() {
    MutexLock lock(&mu);
    reached = true;
    changed.NotifyAll();
    while (!open) changed.Wait(&mu);
  }
  void AwaitReached() {
    MutexLock lock(&mu);
    while (!reached) changed.Wait(&mu);
  }

  Mutex mu;
  CondVar changed;
  bool reached = false, open = false;
};
Gate* g_gate = nullptr;

// A close ran whatever merges stood in the queue, one of all tables for each shard. One has begun here, and
// is held until the close has said that it is one: its tables become one, those of the other shards stay.
TEST(a_close_begins_no_merge) {
  StoreHome home;
  home.Open();
  for (int table = 0; table < 3; table++) {
    for (int i = 0; i < 640; i++) home.Put("k" + std::to_string(i), "of " + std::to_string(table));
    ASSERT_OK(home.store->Flush());
  }
  const size_t tables = TableCount(home);   // as many in each shard
  assert_true(tables >= 3 * kDiskShards && tables % kDiskShards == 0);
  for (int i = 0; i < 300; i++) AssertWalk(&home, "k10", "k11", false);
  Gate gate;
  g_gate = &gate;
  g_yield_hook = [](YieldPoint point) {
    if (point == YieldPoint::kStopping) g_gate->Open();
  };
  {
    const StoreHook hook([&](FileOp op, const std::string& name) {
      if (op == FileOp::kCreate && name.ends_with(".ldb")) gate.Pass();
      return 0;
    });
    home.store->Tick();
    gate.AwaitReached();
    home.Close();
  }
  g_yield_hook = nullptr;
  assert_int_equal(TableCount(home), tables - (tables / kDiskShards - 1));
  home.Open();
  home.AssertIs(home.model);
  home.Close();
}

}   // namespace
}   // namespace shale

RUN()
