// Snapshots at the level of the engine: what is held, and how it ends.
#include "engine/snapshot.h"

#include <memory>
#include <string>
#include <thread>

#include "engine/engine_home.h"
#include "engine/scan.h"

namespace shale {
namespace {

struct Home : EngineHome {
  using EngineHome::EngineHome;
  std::shared_ptr<Snapshot> Take() {
    std::shared_ptr<Snapshot> snapshot;
    ASSERT_OK(engine->NewSnapshot(&snapshot));
    return snapshot;
  }
};

std::string Get(Snapshot* snapshot, const std::string& key) {
  DiskRead read;
  Status s = snapshot->Read(key, &read);
  if (s.Is(Code::NOT_FOUND)) return "-";
  ASSERT_OK(s);
  return std::string(read.value);
}

std::string Rows(Snapshot* snapshot, bool reverse = false) {
  Engine::ScanRequest request;
  request.bounds.reverse = reverse;
  std::unique_ptr<Scan> scan;
  ASSERT_OK(snapshot->NewScan(request, &scan));
  std::string out;
  Bytes key, value;
  Status s;
  while ((s = scan->Next(&key, &value)).ok()) out.append(key).append("=").append(value).append(" ");
  assert_true(s.Is(Code::END));
  return out;
}

TEST(what_changes_later_is_not_seen) {
  for (const bool on_disk : {true, false}) {
    Home home(on_disk);
    for (const char* key : {"a", "b", "c"}) home.Put(key, "old");
    const auto snapshot = home.Take();
    home.Put("a", "new");
    home.Put("d", "new");
    ASSERT_OK(home.engine->Delete("b", WriteOptions()));
    ASSERT_STR(Rows(snapshot.get()), "a=old b=old c=old ");
    ASSERT_STR(Rows(snapshot.get(), true), "c=old b=old a=old ");
    ASSERT_STR(Get(snapshot.get(), "b"), "old");
    ASSERT_STR(Get(snapshot.get(), "d"), "-");
    ASSERT_STR(Rows(home.Take().get()), "a=new c=old d=new ");
    assert_int_equal(home.engine->OpenSnapshots(), 1);
  }
}

TEST(a_deadline_that_comes_counts_here_too) {
  for (const bool on_disk : {true, false}) {
    Home home(on_disk);
    home.Put("a", "v", 1000);
    home.Put("b", "v");
    const auto snapshot = home.Take();
    ASSERT_STR(Rows(snapshot.get()), "a=v b=v ");
    home.clock.Advance(1000);
    ASSERT_STR(Rows(snapshot.get()), "b=v ");
    ASSERT_STR(Get(snapshot.get(), "a"), "-");
  }
}

// All that the snapshot reads is garbage by then, and is collected but not removed.
TEST(segments_that_are_collected_meanwhile_stay_readable) {
  Home home(true);
  const auto value = [](int round) { return std::string(9000, static_cast<char>('a' + round)); };
  const auto key = [](int i) { return "key" + std::to_string(i); };
  for (int i = 0; i < 1500; i++) home.Put(key(i), value(0));
  const auto snapshot = home.Take();
  for (int round = 1; round < 3; round++) {
    for (int i = 0; i < 1500; i++) home.Put(key(i), value(round));
  }
  ASSERT_OK(home.engine->Reclaim([](uint64_t, uint64_t) { return true; }));
  StoreStats stats;
  assert_true(home.engine->GetStoreStats(&stats));
  assert_true(stats.gc_retired_bytes > 0);
  for (int i = 0; i < 1500; i++) ASSERT_STR(Get(snapshot.get(), key(i)), value(0));
}

TEST(walks_that_share_a_snapshot_do_not_disturb_each_other) {
  Home home(true);
  for (int i = 0; i < 3000; i++) home.Put("key" + std::to_string(10000 + i), std::to_string(i));
  const auto snapshot = home.Take();
  std::unique_ptr<Scan> up, down;
  Engine::ScanRequest request;
  ASSERT_OK(snapshot->NewScan(request, &up));
  request.bounds.reverse = true;
  ASSERT_OK(snapshot->NewScan(request, &down));
  Bytes key, value;
  for (int i = 0; i < 3000; i++) {
    ASSERT_OK(up->Next(&key, &value));
    ASSERT_STR(value, std::to_string(i));
    ASSERT_OK(down->Next(&key, &value));
    ASSERT_STR(value, std::to_string(2999 - i));
    if (i % 7 == 0) ASSERT_STR(Get(snapshot.get(), "key" + std::to_string(10000 + i)), std::to_string(i));
  }
  assert_true(up->Next(&key, &value).Is(Code::END));
  assert_true(down->Next(&key, &value).Is(Code::END));
}

TEST(a_snapshot_and_its_scans_outlive_the_close_of_their_engine) {
  for (const bool on_disk : {true, false}) {
    Home home(on_disk);
    home.Put("a", "v");
    auto snapshot = home.Take();
    std::unique_ptr<Scan> scan;
    ASSERT_OK(snapshot->NewScan(Engine::ScanRequest(), &scan));
    ASSERT_OK(home.engine->Close());
    DiskRead read;
    assert_true(snapshot->Read("a", &read).Is(Code::E_CLOSED));
    Bytes key, value;
    assert_true(scan->Next(&key, &value).Is(Code::E_CLOSED));
    snapshot.reset();
  }
}

// A scan that was freed while its engine closed went off the list of scans first and gave its index cursors
// back after; close had found no scan and met a live cursor, which ends the process. What is held is now
// given back before it goes off the list.
TEST(scans_and_snapshots_may_be_freed_while_the_engine_closes) {
  for (int round = 0; round < 12; round++) {
    Home home(true);
    home.Put("a", "v");
    std::vector<std::unique_ptr<Scan>> scans(8);
    std::vector<std::shared_ptr<Snapshot>> snapshots;
    for (size_t i = 0; i < scans.size(); i++) {
      ASSERT_OK(home.engine->NewScan(Engine::ScanRequest(), &scans[i]));
      snapshots.push_back(home.Take());
    }
    std::thread freeing([&] {
      scans.clear();
      snapshots.clear();
    });
    ASSERT_OK(home.engine->Close());
    freeing.join();
  }
}

}   // namespace
}   // namespace shale

RUN()
