// Ranges deleted from a whole disk tier, by one thread: what readers see while rows are still in the index,
// after crashes, beside garbage collection; and a death at each file operation.
#include <atomic>
#include <cerrno>

#include "store/salvage.h"
#include "store/store_fixture.h"   // last, with test.h: cmocka has a macro named fail
#include "store/verify.h"

namespace shale {
namespace {

const Buffer kLarge(3000, 'L');
const Buffer kSmall(20, 's');

Status TryDeleteRange(StoreHome* home, Bytes from, Bytes to) {
  SHALE_RETURN_IF_NOT_OK(home->store->MakeRoomForRange());
  const Buffer range = EncodeRange(from, to);
  std::vector<DiskWrite> writes(kDiskShards);
  for (size_t s = 0; s < kDiskShards; s++) {
    writes[s].kind = DiskWrite::Kind::kDeleteRange;
    writes[s].key.hash = static_cast<uint64_t>(s) << (64 - kDiskShardBits);
    writes[s].value = range;
  }
  DurablePoint point;
  SHALE_RETURN_IF_NOT_OK(home->store->AppendBatch(writes.data(), writes.size(), &point));
  for (const DiskWrite& write : writes) home->store->Publish(write);
  return Status::Ok();
}

void Forget(Rows* rows, Bytes from, Bytes to) {
  rows->erase(rows->lower_bound(Buffer(from)), to.empty() ? rows->end() : rows->lower_bound(Buffer(to)));
}

void DeleteRange(StoreHome* home, Bytes from, Bytes to) {
  ASSERT_OK(TryDeleteRange(home, from, to));
  Forget(&home->model, from, to);
}

Buffer KeyAt(const char* prefix, int i) {
  char key[32];
  std::snprintf(key, sizeof key, "%s%05d", prefix, i);
  return key;
}

void Fill(StoreHome* home, const char* prefix, int count, int64_t deadline_ms = 0) {
  for (int i = 0; i < count; i++)
    home->Put(KeyAt(prefix, i), i % 3 == 0 ? kLarge : kSmall, i % 5 == 0 ? deadline_ms : 0);
}

Status Reclaim(Store* store) {
  ReclaimState state;
  while (!state.finished) SHALE_RETURN_IF_NOT_OK(store->ReclaimStep(&state));
  return Status::Ok();
}

void AssertValid(Store* store) {
  std::string why;
  ASSERT_OK(store->DrainAll());
  if (!store->ValidateSpace(&why)) fail_msg("%s", why.c_str());
}

// All keys that there ever were, present or not.
void AssertIs(StoreHome* home, std::initializer_list<const char*> prefixes, int count) {
  for (const char* prefix : prefixes) {
    for (int i = 0; i < count; i++) {
      const Buffer key = KeyAt(prefix, i);
      if (!home->model.contains(key)) ASSERT_STR(home->Get(key), "NOT_FOUND");
    }
  }
  home->AssertIs(home->model);
}

TEST(a_deleted_range_is_gone_at_once_and_for_good) {
  for (const bool drained : {false, true}) {
    StoreHome home;
    home.Open();
    for (const char* prefix : {"a", "b", "c"}) Fill(&home, prefix, 600, home.clock.NowMs() + 1'000'000);
    if (drained) ASSERT_OK(home.store->Flush());
    DeleteRange(&home, "b", "c");
    AssertIs(&home, {"a", "b", "c"}, 600);
    assert_int_equal(home.store->Stats().deleted_ranges, kDiskShards);
    home.Put("b00007", kLarge);   // newer than the range
    home.Put("b00008", kSmall);
    home.Delete("b00008");
    AssertIs(&home, {"a", "b", "c"}, 600);
    ASSERT_OK(Reclaim(home.store.get()));
    assert_int_equal(home.store->Stats().deleted_ranges, 0);
    assert_true(home.store->Stats().dropped_keys >= 598);
    AssertIs(&home, {"a", "b", "c"}, 600);
    AssertValid(home.store.get());
    home.Close();
    home.Open();
    AssertIs(&home, {"a", "b", "c"}, 600);
    home.Close();
  }
}

TEST(an_iterator_sees_all_of_a_range_or_none) {
  StoreHome home;
  home.Open();
  Fill(&home, "k", 500);
  Fill(&home, "z", 10);
  const Rows before = home.model;
  Buffer storage;
  const auto rest = [&](DiskCursor* cursor) {
    Rows rows;
    Bytes key, value;
    int64_t deadline_ms = 0;
    while (cursor->Next(&key, &storage, &value, &deadline_ms).ok())
      rows[Buffer(key)] = StoredRow{Buffer(value), deadline_ms};
    return rows;
  };
  std::unique_ptr<DiskCursor> old_cut, new_cut, back;
  ASSERT_OK(home.store->NewCursor(CursorBounds(), &old_cut));
  DeleteRange(&home, "k00100", "k00400");
  ASSERT_OK(home.store->NewCursor(CursorBounds(), &new_cut));
  CursorBounds reverse;
  reverse.reverse = true;
  reverse.to = "k00300";
  ASSERT_OK(home.store->NewCursor(reverse, &back));
  const Rows after = home.model;
  home.Put("k00200", kSmall);
  ASSERT_OK(Reclaim(home.store.get()));   // rows leave the index under the iterators
  assert_true(rest(old_cut.get()) == before);
  assert_true(rest(new_cut.get()) == after);
  assert_int_equal(rest(back.get()).size(), 100);
  old_cut.reset();
  new_cut.reset();
  back.reset();
  home.AssertIs(home.model);
  home.Close();
}

// Before and after the index tells of the range, with the tables on disk and without.
TEST(ranges_outlive_crashes) {
  for (int how = 0; how < 4; how++) {
    StoreHome home;
    home.Open();
    Fill(&home, "a", 300);
    Fill(&home, "b", 300);
    if ((how & 1) != 0) ASSERT_OK(home.store->Flush());
    DeleteRange(&home, "a", "b");
    home.Put("a00001", kLarge);
    DeleteRange(&home, "b00100", "");
    home.Put("b00200", kSmall);
    if ((how & 2) != 0) ASSERT_OK(home.store->DrainAll());
    for (int i = 0; i < 2; i++) {
      home.CrashAndCopy();
      home.Open();
      assert_true(home.store->Stats().deleted_ranges > 0);
      AssertIs(&home, {"a", "b"}, 300);
    }
    ASSERT_OK(home.store->Flush());
    home.CrashAndCopy();
    home.Open();
    AssertIs(&home, {"a", "b"}, 300);
    ASSERT_OK(Reclaim(home.store.get()));
    AssertIs(&home, {"a", "b"}, 300);
    AssertValid(home.store.get());
    home.Close();
    home.Open();
    assert_int_equal(home.store->Stats().deleted_ranges, 0);
    AssertIs(&home, {"a", "b"}, 300);
    home.Close();
  }
}

TEST(ranges_overlap_and_end_anywhere) {
  StoreHome home;
  home.Open();
  Fill(&home, "k", 400);
  DeleteRange(&home, "k00010", "k00020");
  home.Put("k00015", kSmall);
  DeleteRange(&home, "k00005", "k00012");
  DeleteRange(&home, "k00390", "");
  DeleteRange(&home, "", "k00002");
  DeleteRange(&home, "x", "y");
  AssertIs(&home, {"k"}, 400);
  DeleteRange(&home, "", "");
  assert_true(home.model.empty());
  AssertIs(&home, {"k"}, 400);
  home.Put("k00001", kLarge);
  home.Touch("k00001", home.clock.NowMs() + 100'000);
  ASSERT_OK(Reclaim(home.store.get()));
  AssertIs(&home, {"k"}, 400);
  AssertValid(home.store.get());
  home.Close();
}

// So that a reader never asks many of them, also without a collecting thread.
TEST(many_ranges_are_cleared_by_who_deletes_more) {
  StoreHome home;
  home.Open();
  Fill(&home, "k", 300);
  for (int i = 0; i < 100; i++) {
    DeleteRange(&home, KeyAt("k", 2 * i), KeyAt("k", 2 * i + 1));
    assert_true(home.store->Stats().deleted_ranges <= DeletedRanges::kCountMax * kDiskShards);
  }
  AssertIs(&home, {"k"}, 300);
  home.CrashAndCopy();
  home.Open();
  AssertIs(&home, {"k"}, 300);
  home.Close();
}

TEST(collection_beside_a_deleted_range_leaves_nothing_pointing_nowhere) {
  StoreHome home;
  home.Open();
  for (int round = 0; round < 12; round++) {
    for (int i = 0; i < 600; i++) home.Put(KeyAt(i % 2 == 0 ? "gone" : "kept", i), kLarge);
    DeleteRange(&home, "gone", "gonf");
    if (round % 4 == 3) ASSERT_OK(Reclaim(home.store.get()));
  }
  const StoreStats stats = home.store->Stats();
  assert_true(stats.gc_segments > 0 && stats.deleted_ranges == 0);
  assert_true(stats.log_bytes < 300 * 3100 * 2 + (size_t{64} << 10));
  AssertIs(&home, {"gone", "kept"}, 600);
  home.Close();
  CheckReport report;
  ASSERT_OK(VerifyStore(
      home.config.path, [](uint64_t, uint64_t) { return true; }, &report));
  assert_int_equal(report.CountFiles(Severity::kDamaged) + report.CountFiles(Severity::kSuspicious), 0);
  assert_int_equal(report.keys, 300);
}

// With rows of a range still in the index: verify finds nothing wrong, salvage does not bring them back; with
// the index and without it.
TEST(verify_and_salvage_know_of_ranges) {
  for (const bool with_index : {true, false}) {
    StoreHome home;
    home.Open();
    Fill(&home, "a", 300);
    Fill(&home, "b", 300);
    DeleteRange(&home, "a", "b");
    home.Put("a00003", kLarge);
    home.Close();
    CheckReport report;
    ASSERT_OK(VerifyStore(
        home.config.path, [](uint64_t, uint64_t) { return true; }, &report));
    assert_int_equal(report.CountFiles(Severity::kDamaged) + report.CountFiles(Severity::kSuspicious), 0);
    assert_int_equal(report.keys, 301);
    for (int s = 0; s < kDiskShards && !with_index; s++) {
      for (const auto& entry :
           std::filesystem::directory_iterator(home.config.path + "/" + StoreShard::DirectoryName(s))) {
        if (entry.path().extension() != ".seg") std::filesystem::remove(entry.path());
      }
    }
    const std::string saved = home.scratch / "saved";
    SalvageReport salvaged;
    ASSERT_OK(SalvageStore(
        home.config.path, {}, saved, home.config, [](uint64_t, uint64_t) { return true; }, &salvaged));
    assert_int_equal(salvaged.recovered, 301);
    home.config.path = saved;
    home.Open();
    AssertIs(&home, {"a", "b"}, 300);
    home.Close();
  }
}

// Everything from the n-th file operation on fails while a range is deleted and cleared.
TEST(a_death_at_any_file_operation_leaves_all_of_a_range_or_none) {
  int whole = 0, none = 0;
  for (int stop_at = 0;; stop_at += 1 + stop_at / 5) {
    StoreHome home;
    home.Open();
    Fill(&home, "a", 200);
    Fill(&home, "b", 200);
    const Rows before = home.model;
    Rows after = home.model;
    Forget(&after, "a00050", "b");
    std::atomic<int> left{stop_at};
    bool died = false, deleted = false;
    {
      StoreHook hook([&](FileOp op, const std::string&) {
        if (op == FileOp::kRead || op == FileOp::kOpen || op == FileOp::kClose) return 0;
        return left.fetch_sub(1) > 0 ? 0 : EIO;
      });
      deleted = TryDeleteRange(&home, "a00050", "b").ok();
      if (deleted) (void)home.store->Flush();
      if (deleted) (void)Reclaim(home.store.get());
      died = left.load() < 0;
      const std::string copy = home.scratch / "dead";
      std::filesystem::copy(home.config.path, copy, std::filesystem::copy_options::recursive);
      (void)home.store->Close();
      home.store.reset();
      std::filesystem::remove_all(home.config.path);
      home.config.path = copy;
    }
    home.Open();
    const Rows seen = home.Contents();
    assert_true(seen == after || (!deleted && seen == before));
    (seen == after ? whole : none)++;
    home.model = seen;
    ASSERT_OK(Reclaim(home.store.get()));
    AssertIs(&home, {"a", "b"}, 200);
    AssertValid(home.store.get());
    home.Close();
    if (!died) break;
  }
  assert_true(whole > 5 && none > 5);
}

}   // namespace
}   // namespace shale

RUN()
