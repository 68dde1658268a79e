// The rule over all shards, on scans made by hand. Whole stores after crashes are in store_crash_test.cc.
#include "store/recovery.h"

#include <algorithm>
#include <cstring>

#include "base/random.h"
#include "store/assert_code.h"   // last, with test.h: cmocka has a macro named fail
#include "test.h"

namespace shale {
namespace {

using Frame = ShardScan::Frame;

constexpr uint64_t Set(std::initializer_list<int> shards) {
  uint64_t set = 0;
  for (const int s : shards) set |= uint64_t{1} << s;
  return set;
}

// A scan over frames of 100 bytes, one behind the other from 1000 on.
ShardScan Scan(std::initializer_list<std::pair<uint64_t, uint64_t>> ids_and_sets,
               uint64_t applied_batch_id = 0) {
  ShardScan scan;
  scan.from = scan.end = scan.stop = 1000;
  scan.applied_batch_id = applied_batch_id;
  for (const auto& [id, set] : ids_and_sets) {
    scan.frames.push_back(Frame{id, set, scan.end, scan.end + 100});
    scan.end += 100;
  }
  scan.stop = scan.end;
  return scan;
}

void AssertKept(const ShardScan& scan, size_t frames, LogPosition end, bool cut) {
  assert_int_equal(scan.frames.size(), frames);
  assert_int_equal(scan.end, end);
  assert_true(scan.cut == cut);
}

TEST(whole_batches_stay) {
  for (const SessionEnd how : {SessionEnd::kClean, SessionEnd::kProcessDied, SessionEnd::kMachineDied}) {
    std::vector<ShardScan> scans{Scan({{1, Set({0, 1})}, {2, Set({0})}}), Scan({{1, Set({0, 1})}}), Scan({})};
    ASSERT_OK(ResolveBatches(how, &scans));
    AssertKept(scans[0], 2, 1200, false);
    AssertKept(scans[1], 1, 1100, false);
    AssertKept(scans[2], 0, 1000, false);
  }
}

TEST(a_batch_whose_partner_is_missing_ends_the_log) {
  for (const SessionEnd how : {SessionEnd::kProcessDied, SessionEnd::kMachineDied}) {
    std::vector<ShardScan> scans{Scan({{1, Set({0, 2})}, {2, Set({0, 1})}}), Scan({}),
                                 Scan({{1, Set({0, 2})}})};
    ASSERT_OK(ResolveBatches(how, &scans));
    AssertKept(scans[0], 1, 1100, true);
    AssertKept(scans[1], 0, 1000, false);
    AssertKept(scans[2], 1, 1100, false);
  }
}

TEST(what_follows_an_incomplete_batch_goes_with_it_and_takes_other_batches_along) {
  // 1 lost its part in shard 3. So shard 0 loses 2, so shard 1 loses 3, so shard 2 loses 4: one after the
  // other.
  std::vector<ShardScan> scans{Scan({{1, Set({0, 3})}, {2, Set({0, 1})}}),
                               Scan({{2, Set({0, 1})}, {3, Set({1, 2})}}),
                               Scan({{3, Set({1, 2})}, {4, Set({2})}}), Scan({})};
  ASSERT_OK(ResolveBatches(SessionEnd::kMachineDied, &scans));
  for (size_t s = 0; s < 3; s++) AssertKept(scans[s], 0, 1000, true);
  AssertKept(scans[3], 0, 1000, false);
}

TEST(a_cascade_stops_at_frames_before_it) {
  std::vector<ShardScan> scans{Scan({{1, Set({0, 1})}, {2, Set({0, 2})}}),
                               Scan({{1, Set({0, 1})}, {3, Set({1})}}), Scan({})};
  ASSERT_OK(ResolveBatches(SessionEnd::kMachineDied, &scans));
  AssertKept(scans[0], 1, 1100, true);
  AssertKept(scans[1], 2, 1200, false);
}

TEST(a_frame_that_is_in_the_index_already_counts_as_there) {
  std::vector<ShardScan> scans{Scan({{5, Set({0, 1})}}), Scan({}, 5)};
  ASSERT_OK(ResolveBatches(SessionEnd::kMachineDied, &scans));
  AssertKept(scans[0], 1, 1100, false);
  scans = {Scan({{5, Set({0, 1})}}), Scan({}, 4)};
  ASSERT_OK(ResolveBatches(SessionEnd::kMachineDied, &scans));
  AssertKept(scans[0], 0, 1000, true);
}

TEST(a_process_that_dies_leaves_nothing_behind_an_incomplete_batch) {
  std::vector<ShardScan> scans{Scan({{1, Set({0, 1})}}), Scan({})};
  scans[0].stop += 48;   // a record follows the frame
  scans[0].end = scans[0].stop;
  const Status s = ResolveBatches(SessionEnd::kProcessDied, &scans);
  AssertCode(s, Code::E_CORRUPT);
  assert_non_null(std::strstr(s.message(), "batch 1"));
  scans = {Scan({{1, Set({0, 1})}, {2, Set({0})}}), Scan({})};
  AssertCode(ResolveBatches(SessionEnd::kProcessDied, &scans), Code::E_CORRUPT);
}

TEST(a_clean_end_leaves_no_incomplete_batch) {
  std::vector<ShardScan> scans{Scan({{1, Set({0, 1})}}), Scan({})};
  AssertCode(ResolveBatches(SessionEnd::kClean, &scans), Code::E_CORRUPT);
}

TEST(a_log_that_was_cut_already_is_cut_earlier_only) {
  std::vector<ShardScan> scans{Scan({{1, Set({0, 1})}}), Scan({})};
  scans[0].stop += 64;   // a frame that lost its members lies behind: the log ends before it
  scans[0].cut = true;
  ASSERT_OK(ResolveBatches(SessionEnd::kMachineDied, &scans));
  AssertKept(scans[0], 0, 1000, true);
}

TEST(ties_are_between_kept_frames_of_two_shards_or_more) {
  const std::vector<ShardScan> scans{Scan({{1, Set({0, 1})}, {2, Set({0})}, {3, Set({0, 1, 2})}}),
                                     Scan({{1, Set({0, 1})}, {3, Set({0, 1, 2})}}),
                                     Scan({{3, Set({0, 1, 2})}})};
  const auto links = LinksOf(scans);
  assert_int_equal(links.size(), 2);
  assert_true(links[0] == (std::vector<BatchLinks::Frame>{{0, 1100}, {1, 1100}}));
  assert_true(links[1] == (std::vector<BatchLinks::Frame>{{0, 1300}, {1, 1200}, {2, 1100}}));
}

// Random histories of which random suffixes were lost, against the definition: the largest set of kept frames
// in which each shard keeps a prefix and each batch is whole.
TEST(random_losses_leave_the_largest_consistent_prefix) {
  Random dice(TestSeed());
  for (int round = 0; round < 500; round++) {
    const size_t shards = 2 + dice.Below(5);
    std::vector<std::vector<std::pair<uint64_t, uint64_t>>> logs(shards);
    for (uint64_t id = 1; id <= 12; id++) {
      const uint64_t set = dice.Below((uint64_t{1} << shards) - 1) + 1;
      for (size_t s = 0; s < shards; s++) {
        if ((set >> s & 1) != 0) logs[s].emplace_back(id, set);
      }
    }
    std::vector<ShardScan> scans(shards);
    std::vector<size_t> kept(shards);
    for (size_t s = 0; s < shards; s++) {
      kept[s] = dice.Below(3) == 0 ? dice.Below(logs[s].size() + 1) : logs[s].size();
      scans[s].end = 1000;
      for (size_t i = 0; i < kept[s]; i++) {
        scans[s].frames.push_back(
            Frame{logs[s][i].first, logs[s][i].second, scans[s].end, scans[s].end + 100});
        scans[s].end += 100;
      }
      scans[s].stop = scans[s].end;
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t s = 0; s < shards; s++) {
        for (size_t i = 0; i < kept[s]; i++) {
          const auto& [id, set] = logs[s][i];
          bool whole = true;
          for (size_t other = 0; other < shards; other++) {
            if ((set >> other & 1) == 0) continue;
            const auto at = std::find(logs[other].begin(), logs[other].end(), logs[s][i]);
            whole = whole && static_cast<size_t>(at - logs[other].begin()) < kept[other];
          }
          if (whole) continue;
          kept[s] = i;
          changed = true;
        }
      }
    }
    ASSERT_OK(ResolveBatches(SessionEnd::kMachineDied, &scans));
    for (size_t s = 0; s < shards; s++) {
      assert_int_equal(scans[s].frames.size(), kept[s]);
      assert_int_equal(scans[s].end, 1000 + 100 * kept[s]);
    }
  }
}

}   // namespace
}   // namespace shale

RUN()
