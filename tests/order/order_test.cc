// One ordered store over 64 shards: every kind of scan against the sorted input, quiet and under writers.
// N=n sets the number of keys, SEED=n replays.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "model/store_kit.h"
#include "order/scan_checker.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

uint64_t KeyCount() {
  return EnvNumber("N", kSanitized ? 50'000 : 1'000'000);
}

std::string MakeKey(Dice* dice) {
  switch (dice->Below(4)) {
    case 0:
      return "a/" + std::to_string(dice->Next());
    case 1:
      return "b/" + std::to_string(dice->Below(1000)) + "/" + std::to_string(dice->Next() % 1'000'000'000);
    case 2: {
      std::string key(dice->Between(5, 20), '\0');
      for (char& c : key) c = static_cast<char>(dice->Below(256));
      return key;
    }
    default:
      return "c" + std::string(dice->Below(3), '\xFF') + std::string(dice->Below(3), '\0') +
             std::to_string(dice->Next());
  }
}

void Load() {
  order_fixture = new OrderFixture;
  order_fixture->seed = TestSeed();
  SetFatalSeed(order_fixture->seed);
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(order_fixture->dir.path().c_str(), nullptr, &order_fixture->db, &err), &err,
       "open");
  Dice dice(order_fixture->seed);
  std::string packed;
  size_t in_batch = 0;
  for (uint64_t i = 0; i < KeyCount(); i++) {
    order_fixture->keys.push_back(MakeKey(&dice));
    AppendPut(&packed, order_fixture->keys.back(), ValueOf(order_fixture->keys.back()));
    if (++in_batch < 1000 && i + 1 < KeyCount()) continue;
    Want(SHALE_OK, shale_write_packed(order_fixture->db, packed.data(), packed.size(), in_batch, 0, &err),
         &err, "write_packed");
    packed.clear();
    in_batch = 0;
  }
  std::sort(order_fixture->keys.begin(), order_fixture->keys.end());
  order_fixture->keys.erase(std::unique(order_fixture->keys.begin(), order_fixture->keys.end()),
                            order_fixture->keys.end());
}

void Unload() {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_close(order_fixture->db, &err), &err, "close");
  shale_free(order_fixture->db);
  delete order_fixture;
  if (shale_live_handles() != 0) Fatal("handles are left");
}

// ---- the scans
// ------------------------------------------------------------------------------------------------------

void AllRows(bool reverse, bool packed, bool keys_only) {
  Dice dice(order_fixture->seed);
  Expectation due{};
  due.reverse = reverse;
  due.keys_only = keys_only;
  ScanRange("", "", due, packed, 0, &dice);
}

TEST(a_scan_forward_equals_the_sorted_input) {
  AllRows(false, false, false);
}
TEST(a_scan_in_reverse_equals_the_input_turned_round) {
  AllRows(true, false, false);
}
TEST(packed_rows_equal_the_sorted_input) {
  AllRows(false, true, false);
}
TEST(packed_rows_in_reverse_equal_the_input_turned_round) {
  AllRows(true, true, false);
}
TEST(packed_keys_equal_the_sorted_input) {
  AllRows(false, true, true);
}

// Many scans of random kinds over random short ranges.
void RandomScans(uint64_t scans, uint64_t seed) {
  Dice dice(seed);
  const auto any = [&dice] { return order_fixture->keys[dice.Below(order_fixture->keys.size())]; };
  for (uint64_t i = 0; i < scans; i++) {
    const Expectation due = RandomKind(&dice);
    if (dice.OneIn(3)) {
      std::string prefix = any();
      prefix.resize(std::min(prefix.size(), static_cast<size_t>(dice.Between(3, 8))));
      ScanPrefix(prefix, due, dice.OneIn(2), &dice);
      continue;
    }
    const size_t begin = dice.Below(order_fixture->keys.size());
    const size_t end = std::min(begin + dice.Below(5000), order_fixture->keys.size() - 1);
    std::string from = order_fixture->keys[begin], to = order_fixture->keys[end];
    if (dice.OneIn(3)) from += '\0';   // between two keys
    if (dice.OneIn(3)) to += '\0';
    ScanRange(from, to, due, dice.OneIn(2), dice.OneIn(3) ? dice.Between(2, 500) : 0, &dice);
  }
}

TEST(bounds_prefixes_limits_and_tokens_cut_the_sorted_input) {
  RandomScans(200, order_fixture->seed + 1);
}

TEST(a_whole_scan_resumed_at_random_rows_misses_and_repeats_nothing) {
  Dice dice(order_fixture->seed + 2);
  Expectation due{};
  ScanRange("", "", due, false, KeyCount() / 40 + 2, &dice);
  due.reverse = true;
  ScanRange("", "", due, true, 200, &dice);
}

TEST(bounds_outside_all_keys_and_turned_round_are_empty_or_all) {
  Dice dice(1);
  const std::string first = order_fixture->keys.front(), last = order_fixture->keys.back();
  ScanRange(first, last + '\0', Expectation{}, true, 0, &dice);
  const std::string same = order_fixture->keys[order_fixture->keys.size() / 2];
  ScanRange(same, same, Expectation{}, false, 0, &dice);
  shale_iter* iter = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK,
       shale_iter_new(order_fixture->db, last.data(), last.size(), first.data(), first.size(), 0, &iter, 0,
                      &err),
       &err, "iter_new with bounds turned round");
  const void* bytes = nullptr;
  size_t size = 0;
  Want(SHALE_END, shale_iter_next(iter, &bytes, &size, &bytes, &size, &err), &err, "iter_next");
  shale_iter_free(iter);
}

// ---- under writers
// --------------------------------------------------------------------------------------------------

// Runs body while two threads write with `write(dice)`.
void UnderWriters(const std::function<void(Dice*)>& write, const std::function<void()>& body) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (uint64_t i = 0; i < 2; i++) {
    writers.emplace_back([&, i] {
      Dice dice(order_fixture->seed + 50 + i);
      while (!stop) write(&dice);
    });
  }
  body();
  stop = true;
  for (std::thread& writer : writers) writer.join();
}

TEST(writers_of_the_same_keys_do_not_change_the_sequence) {
  UnderWriters(
      [](Dice* dice) {
        const std::string& key = order_fixture->keys[dice->Below(order_fixture->keys.size())];
        PutKey(order_fixture->db, key, ValueOf(key) + std::string(dice->Below(900), '+'));
      },
      [] {
        AllRows(false, true, false);
        AllRows(true, false, false);
        RandomScans(60, order_fixture->seed + 3);
      });
}

// Keys come and go on both sides of the scanned range; the range itself stays as loaded.
TEST(writers_of_other_keys_do_not_show) {
  const std::string from = "a/", to = "a0";   // all keys "a/..."
  UnderWriters(
      [](Dice* dice) {
        const std::string key =
            (dice->OneIn(2) ? "A-other/" : "z-other/") + std::to_string(dice->Below(20000));
        shale_error* err = nullptr;
        if (dice->OneIn(3))
          Want(SHALE_OK, shale_delete(order_fixture->db, key.data(), key.size(), 0, &err), &err, "delete");
        else
          PutKey(order_fixture->db, key, std::string(dice->Below(1500), '-'));
      },
      [&] {
        Dice dice(order_fixture->seed + 4);
        for (int i = 0; i < 4; i++) {
          Expectation due{};
          due.reverse = i % 2 == 1;
          ScanRange(from, to, due, i < 2, i % 2 == 0 ? 300 : 0, &dice);
        }
      });
}

}   // namespace
}   // namespace shale_test

int main() {
  using namespace shale_test;
  Load();
  const int failed = RunTests("order_test");
  Unload();
  return failed;
}
