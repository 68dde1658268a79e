// One consistent cut over 64 shards: money is moved between accounts by batches, and no scan ever sees it
// twice or missing. SCANS=n sets the least number of scans, SEED=n draws the same transfers.
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "model/store_kit.h"
#include "order/scan_checker.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

constexpr uint64_t kAccounts = 1000;
constexpr int64_t kOpening = 1'000;

std::string AccountKey(uint64_t i) {
  return "\x01"
         "bank/" +
         std::to_string(i * 7919 % kAccounts) + "/" + std::to_string(i);
}

// Moves money between accounts of one half, which belongs to one thread, three accounts at a time.
void Transfer(shale_db* db, Dice* dice, uint64_t half, std::vector<int64_t>* balances) {
  const uint64_t first = half * (kAccounts / 2);
  std::string packed;
  uint64_t chosen[3];
  do {
    for (uint64_t& account : chosen) account = first + dice->Below(kAccounts / 2);
  } while (chosen[0] == chosen[1] || chosen[1] == chosen[2] || chosen[0] == chosen[2]);
  const auto amount = static_cast<int64_t>(dice->Below(100));
  (*balances)[chosen[0]] -= 2 * amount;
  (*balances)[chosen[1]] += amount;
  (*balances)[chosen[2]] += amount;
  for (const uint64_t account : chosen) {
    // Now and then above the inline limit, so that part of the cut is read from the log.
    AppendPut(&packed, AccountKey(account),
              std::to_string((*balances)[account]) + std::string(dice->OneIn(3) ? 700 : 0, ' '));
  }
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_write_packed(db, packed.data(), packed.size(), 3, 0, &err), &err, "transfer");
}

const std::string kPrefix =
    "\x01"
    "bank/";

int64_t TotalOf(shale_iter* iter) {
  shale_error* err = nullptr;
  int64_t total = 0;
  uint64_t accounts = 0;
  for (;;) {
    const void* key = nullptr;
    const void* value = nullptr;
    size_t key_len = 0, value_len = 0;
    const shale_status status = shale_iter_next(iter, &key, &key_len, &value, &value_len, &err);
    if (status == SHALE_END) break;
    Want(SHALE_OK, status, &err, "iter_next");
    total += std::stoll(std::string(static_cast<const char*>(value), value_len));
    accounts++;
  }
  shale_iter_free(iter);
  if (accounts != kAccounts) Fatal("%llu accounts in a scan", static_cast<unsigned long long>(accounts));
  return total;
}

int64_t TotalOfOneScan(shale_db* db, bool reverse) {
  shale_iter* iter = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK,
       shale_iter_prefix(db, kPrefix.data(), kPrefix.size(), 0, &iter, reverse ? SHALE_REVERSE : 0, &err),
       &err, "iter_prefix");
  return TotalOf(iter);
}

int64_t TotalAt(shale_snapshot* snapshot) {
  shale_iter* iter = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_snapshot_prefix(snapshot, kPrefix.data(), kPrefix.size(), 0, &iter, 0, &err), &err,
       "snapshot_prefix");
  return TotalOf(iter);
}

// By look-ups, account after account, while everything moves on.
int64_t TotalByGets(shale_snapshot* snapshot) {
  int64_t total = 0;
  for (uint64_t i = 0; i < kAccounts; i++) {
    char balance[1024] = {};
    size_t size = 0;
    shale_error* err = nullptr;
    const std::string key = AccountKey(i);
    Want(SHALE_OK,
         shale_snapshot_get_into(snapshot, key.data(), key.size(), balance, sizeof balance - 1, &size,
                                 nullptr, 0, &err),
         &err, "snapshot_get_into");
    total += std::stoll(balance);
  }
  return total;
}

TEST(every_scan_under_transfers_sees_the_same_total) {
  const uint64_t seed = TestSeed();
  SetFatalSeed(seed);
  const TempDir dir("cut");
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(dir.path().c_str(), nullptr, &db, &err), &err, "open");
  std::vector<int64_t> balances(kAccounts, kOpening);
  for (uint64_t i = 0; i < kAccounts; i++) PutKey(db, AccountKey(i), std::to_string(kOpening));
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> transfers{0};
  std::vector<std::thread> movers;
  for (uint64_t half = 0; half < 2; half++) {
    movers.emplace_back([&, half] {
      for (Dice dice(seed + half); !stop; transfers++) Transfer(db, &dice, half, &balances);
    });
  }
  // So many scans, and as many more as it takes to let transfers happen between them.
  const uint64_t scans = EnvNumber("SCANS", kSanitized ? 30 : 300);
  const int64_t all = kOpening * static_cast<int64_t>(kAccounts);
  shale_snapshot* held = nullptr;
  for (uint64_t scan = 0; scan < scans || transfers < 5 * scans; scan++) {
    int64_t total = TotalOfOneScan(db, scan % 4 == 3);
    if (scan % 3 == 0) {
      // Held over the next scans, and read both ways at its end.
      if (held != nullptr && TotalAt(held) != all) Fatal("a snapshot's walk sees another total");
      if (held != nullptr) total = TotalByGets(held);
      shale_snapshot_free(held);
      held = nullptr;
      Want(SHALE_OK, shale_snapshot_new(db, &held, 0, &err), &err, "snapshot_new");
    }
    if (total != all)
      Fatal("a scan sees a total of %lld instead of %lld", static_cast<long long>(total),
            static_cast<long long>(all));
  }
  shale_snapshot_free(held);
  stop = true;
  for (std::thread& mover : movers) mover.join();
  assert_int_equal(TotalOfOneScan(db, false), all);
  std::printf("  %llu transfers\n", static_cast<unsigned long long>(transfers.load()));
  Want(SHALE_OK, shale_close(db, &err), &err, "close");
  shale_free(db);
  assert_int_equal(shale_live_handles(), 0);
}

}   // namespace
}   // namespace shale_test

RUN()
