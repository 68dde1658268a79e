// Garbage that somebody can still read: it stays, is told by who reads it, and goes when he has ended.
#include <chrono>
#include <functional>
#include <thread>

#include "store/collector_kit.h"   // last, with test.h: cmocka has a macro named fail

namespace shale {
namespace {

TEST(a_cursor_keeps_the_segments_that_it_can_reach) {
  StoreHome home;
  home.Open();
  Churn(&home, 3, 40, 1, kLarge);
  const Rows then = home.model;
  std::unique_ptr<DiskCursor> cursor;
  ASSERT_OK(home.store->NewCursor(CursorBounds(), &cursor));
  Churn(&home, 3, 40, 20, kLarge + "new");
  ASSERT_OK(Reclaim(home.store.get()));
  assert_true(home.store->Stats().gc_retired_bytes > 0);
  Rows seen;
  Buffer storage;
  Bytes key, value;
  int64_t deadline_ms = 0;
  while (true) {
    const Status s = cursor->Next(&key, &storage, &value, &deadline_ms);
    if (s.Is(Code::END)) break;
    ASSERT_OK(s);
    seen[Buffer(key)] = StoredRow{Buffer(value), deadline_ms};
  }
  assert_true(seen == then);
  home.AssertIs(home.model);
  cursor.reset();
  ASSERT_OK(Reclaim(home.store.get()));
  assert_int_equal(home.store->Stats().gc_retired_bytes, 0);
  home.AssertIs(home.model);
  home.Close();
}

TEST(the_bytes_that_pins_keep_are_told_by_what_the_pin_is_for) {
  StoreHome home;
  home.Open();
  Store* const store = home.store.get();
  const auto overwrite = [&] {
    Churn(&home, 3, 40, 20, kLarge);
    ASSERT_OK(Reclaim(store));
    return store->Stats();
  };
  StoreStats stats = overwrite();
  assert_true(stats.gc_freed_bytes > 0);
  assert_int_equal(stats.space_pinned_bytes, 0);
  std::unique_ptr<DiskSnapshot> snapshot;
  ASSERT_OK(store->NewSnapshot(&snapshot));
  stats = overwrite();
  const uint64_t first = stats.space_pinned_bytes;
  assert_true(first > size_t{2} << 20 && first == stats.space_snapshot_pinned_bytes);
  assert_int_equal(first, stats.gc_retired_bytes);
  assert_true(stats.space_iterator_pinned_bytes == 0 && stats.space_backup_pinned_bytes == 0);
  std::unique_ptr<DiskCursor> cursor;
  ASSERT_OK(store->NewCursor(CursorBounds(), &cursor));
  std::unique_ptr<DiskBackup> backup;
  BackupRequest request;
  request.path = home.scratch / "backup";
  ASSERT_OK(store->NewBackup(request, &backup));
  // What was collected before they came is not their doing.
  stats = store->Stats();
  assert_true(stats.space_iterator_pinned_bytes == 0 && stats.space_backup_pinned_bytes == 0);
  stats = overwrite();
  const uint64_t second = stats.space_iterator_pinned_bytes;
  assert_true(second > 0 && second == stats.space_backup_pinned_bytes);
  assert_true(stats.space_pinned_bytes == first + second &&
              stats.space_snapshot_pinned_bytes == first + second);
  snapshot.reset();   // its own can go; the others' stay
  ASSERT_OK(Reclaim(store));
  stats = store->Stats();
  assert_true(stats.space_pinned_bytes == second && stats.space_snapshot_pinned_bytes == 0);
  cursor.reset();
  assert_int_equal(store->Stats().space_backup_pinned_bytes, second);
  backup.reset();
  assert_int_equal(store->Stats().space_pinned_bytes, 0);   // though not removed yet
  ASSERT_OK(Reclaim(store));
  assert_int_equal(store->Stats().gc_retired_bytes, 0);
  home.AssertIs(home.model);
  home.Close();
}

// Collection holds back while an old iterator would keep what it collects. It took that for having nothing to
// do: when the iterator ended and nobody wrote any more, the garbage stayed for ever.
TEST(what_was_held_back_for_an_iterator_is_collected_when_it_has_ended) {
  StoreHome home;
  home.config.gc_background = true;
  home.Open();
  Store* const store = home.store.get();
  const auto tick_until = [&](const std::function<bool(const StoreStats&)>& enough) {
    for (int i = 0; i < 3000 && !enough(store->Stats()); i++) {
      store->Tick();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    assert_true(enough(store->Stats()));
  };
  home.Put("first", kLarge);
  std::unique_ptr<DiskCursor> cursor;
  ASSERT_OK(store->NewCursor(CursorBounds(), &cursor));
  for (int i = 0; i < 20; i++) store->Tick();   // an old one
  // No segment without something live, or it would be dropped all the same.
  const Buffer again = home.KeyIn(3);
  for (int i = 0, name = 0; i < 15'000; i++) {
    Buffer key = again;
    while (i % 10 == 0 && (key == again || DiskShardOf(home.Ref(key).hash) != 3))
      key = "key" + std::to_string(name++);
    home.Put(key, kLarge);
  }
  tick_until([](const StoreStats& s) { return s.space_pinned_bytes > size_t{10} << 20; });
  const StoreStats held = store->Stats();
  assert_int_equal(held.space_pinned_bytes, held.space_iterator_pinned_bytes);
  assert_int_equal(held.gc_freed_bytes, 0);
  for (int i = 0; i < 20; i++) {   // it looks again, and finds nothing to do
    store->Tick();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  cursor.reset();
  tick_until([](const StoreStats& s) { return s.gc_freed_bytes > size_t{10} << 20; });
  home.AssertIs(home.model);
  home.Close();
}

}   // namespace
}   // namespace shale

RUN()
