// Ranges of keys as wholes, through the ABI: deleted, counted, estimated, compacted. RANGE_KEYS sets how many
// keys the estimates are held against.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "base/yield_point.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

struct Sum {
  int64_t keys = 0;
  int64_t bytes = 0;
  bool operator==(const Sum&) const = default;
};

Sum Count(shale_db* db, const std::string& from, const std::string& to, uint32_t flags = 0) {
  Sum sum;
  shale_error* err = nullptr;
  Want(SHALE_OK,
       shale_count(db, from.data(), from.size(), to.data(), to.size(), nullptr, nullptr, &sum.keys,
                   &sum.bytes, flags, &err),
       &err, "count");
  return sum;
}

Sum Estimate(shale_db* db, const std::string& from, const std::string& to, uint32_t flags = 0) {
  Sum sum;
  shale_error* err = nullptr;
  Want(SHALE_OK,
       shale_estimate(db, from.data(), from.size(), to.data(), to.size(), &sum.keys, &sum.bytes, flags, &err),
       &err, "estimate");
  return sum;
}

void Put(shale_db* db, const std::string& key, const std::string& value, int64_t ttl_ms = SHALE_TTL_NEVER) {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_put(db, key.data(), key.size(), value.data(), value.size(), ttl_ms, nullptr, 0, &err),
       &err, "put");
}

shale_db* OpenAt(const char* path) {
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(path, nullptr, &db, &err), &err, "open");
  return db;
}

std::string KeyAt(uint64_t number) {
  char key[32];
  std::snprintf(key, sizeof key, "user/%09llu", static_cast<unsigned long long>(number));
  return key;
}

// With a path and without one.
TEST(a_count_is_exact_and_knows_bounds_prefixes_and_expired_keys) {
  TempDir dir("count");
  const char* paths[] = {dir.path().c_str(), ""};
  for (const char* path : paths) {
    shale_db* db = OpenAt(path);
    for (uint64_t i = 0; i < 1000; i++) Put(db, KeyAt(i), std::string(i, 'v'));
    Put(db, "user", "");
    Put(db, "user/x", "gone", 1);
    Put(db, "\xff\xff", "last");
    while (shale_exists(db, "user/x", 6, 0, nullptr) == SHALE_OK) continue;
    const int64_t all_bytes = 1000 * 14 + 999 * 1000 / 2 + 4 + 6;
    for (Sum (*look)(shale_db*, const std::string&, const std::string&, uint32_t) : {Count, Estimate}) {
      assert_true((look(db, "", "", 0) == Sum{1002, all_bytes}));
      assert_true((look(db, "", "", SHALE_PREFIX) == Sum{1002, all_bytes}));
      assert_int_equal(look(db, "user/", "", SHALE_PREFIX).keys, 1000);
      assert_int_equal(look(db, "\xff", "", SHALE_PREFIX).keys, 1);
      assert_int_equal(look(db, KeyAt(10), KeyAt(20), 0).keys, 10);
      assert_true((look(db, KeyAt(10), KeyAt(11), 0) == Sum{1, 24}));
      assert_true((look(db, "b", "a", 0) == Sum{}));
      assert_true((look(db, "a", "a", 0) == Sum{}));
    }
    Want(SHALE_OK, shale_delete(db, "user", 4, 0, nullptr), nullptr, "delete");
    shale_error* err = nullptr;
    Want(SHALE_OK, shale_compact(db, nullptr, 0, nullptr, 0, nullptr, nullptr, 0, &err), &err, "compact");
    Want(SHALE_OK, shale_compact(db, "user", 4, nullptr, 0, nullptr, nullptr, SHALE_PREFIX, &err), &err,
         "compact a prefix");
    assert_int_equal(Count(db, "", "").keys, 1001);
    shale_free(db);
  }
}

shale_status Exists(shale_db* db, const std::string& key, uint32_t flags = 0) {
  return shale_exists(db, key.data(), key.size(), flags, nullptr);
}

void DeleteRange(shale_db* db, const std::string& from, const std::string& to, uint32_t flags = 0) {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_delete_range(db, from.data(), from.size(), to.data(), to.size(), flags, &err), &err,
       "delete_range");
}

// With a path and without one; keys that are in memory, and keys that are not.
TEST(a_deleted_range_is_gone_from_memory_and_disk) {
  TempDir dir("delete");
  const char* paths[] = {dir.path().c_str(), ""};
  for (const char* path : paths) {
    shale_db* db = OpenAt(path);
    for (uint64_t i = 0; i < 2000; i++) Put(db, KeyAt(i), std::string(i, 'v'), i % 7 == 0 ? 3600000 : -1);
    int64_t sum = 0, old_version = 0;
    Want(SHALE_OK, shale_incr(db, "user/n", 6, 41, &sum, 0, nullptr), nullptr, "incr");
    size_t size = 0;
    char number[8];
    assert_int_equal(shale_get_into(db, "user/n", 6, number, sizeof number, &size, &old_version, 0, nullptr),
                     SHALE_OK);
    shale_iter* iter = nullptr;
    Want(SHALE_OK, shale_iter_prefix(db, "user/", 5, 0, &iter, SHALE_KEYS_ONLY, nullptr), nullptr,
         "iterator");
    DeleteRange(db, KeyAt(100), KeyAt(200));
    assert_int_equal(Exists(db, KeyAt(100)), SHALE_NOT_FOUND);
    assert_int_equal(Exists(db, KeyAt(199)), SHALE_NOT_FOUND);
    assert_int_equal(Exists(db, KeyAt(99)), SHALE_OK);
    assert_int_equal(Exists(db, KeyAt(200)), SHALE_OK);
    DeleteRange(db, "user/n", "", SHALE_PREFIX | SHALE_SYNC);
    assert_int_equal(Exists(db, "user/n", SHALE_CACHE_ONLY),
                     *path != 0 ? SHALE_WOULD_BLOCK : SHALE_NOT_FOUND);
    Want(SHALE_OK, shale_incr(db, "user/n", 6, 1, &sum, 0, nullptr), nullptr, "incr of a deleted counter");
    assert_int_equal(sum, 1);
    int64_t version = 0;
    assert_int_equal(shale_get_into(db, "user/n", 6, number, sizeof number, &size, &version, 0, nullptr),
                     SHALE_OK);
    assert_true(version > old_version);
    assert_int_equal(Count(db, "", "").keys, 1901);
    DeleteRange(db, "b", "a");
    assert_int_equal(Count(db, "", "").keys, 1901);
    const void *key = nullptr, *value = nullptr;
    size_t key_len = 0, value_len = 0, rows = 0;
    while (shale_iter_next(iter, &key, &key_len, &value, &value_len, nullptr) == SHALE_OK) rows++;
    assert_int_equal(rows, *path != 0 ? 2001 : 1901);
    shale_iter_free(iter);
    Want(SHALE_OK, shale_reclaim(db, nullptr, nullptr, 0, nullptr), nullptr, "reclaim");
    assert_int_equal(Count(db, "", "").keys, 1901);
    DeleteRange(db, "", "");
    assert_int_equal(Count(db, "", "").keys, 0);
    Put(db, KeyAt(5), "again");
    assert_int_equal(Count(db, "", "").keys, 1);
    shale_free(db);
  }
  assert_int_equal(shale_live_handles(), 0);
}

TEST(a_deleted_range_ends_leases) {
  shale_db* db = OpenAt("");
  for (const char* key : {"in/1", "out/1"}) {
    shale_pin* pin = nullptr;
    shale_lease* lease = nullptr;
    const void* value = nullptr;
    size_t value_len = 0;
    assert_int_equal(shale_get_or_lease(db, key, std::strlen(key), 0, 0, nullptr, 0, &pin, &value, &value_len,
                                        nullptr, &lease, 0, nullptr),
                     SHALE_LEASED);
    DeleteRange(db, "in/", "", SHALE_PREFIX);
    assert_int_equal(shale_lease_fulfil(lease, "v", 1, SHALE_TTL_NEVER, nullptr, 0, nullptr),
                     key[0] == 'i' ? SHALE_MISMATCH : SHALE_OK);
    shale_lease_free(lease);
  }
  shale_free(db);
}

// One thread fills a range with the number of its round and deletes it; the others read. What they see never
// goes back, and is never what was deleted before they asked. Values are written around the memory tier, so
// that readers bring them in while the range is being deleted.
TEST(no_reader_sees_or_brings_back_what_was_deleted) {
  const int rounds = static_cast<int>(EnvNumber("RANGE_ROUNDS", kSanitized ? 60 : 300));
  TempDir dir("readers");
  shale_db* db = OpenAt(dir.path().c_str());
  std::atomic<int> deleted{0};
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> hits{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; t++) {
    readers.emplace_back([&, t] {
      std::vector<int> last(8, 0);
      for (size_t i = static_cast<size_t>(t); !stop.load(); i++) {
        const std::string key = "r/" + std::to_string(i % last.size());
        const int before = deleted.load();
        char value[16] = {};
        size_t size = 0;
        const shale_status s =
            shale_get_into(db, key.data(), key.size(), value, sizeof value - 1, &size, nullptr, 0, nullptr);
        if (s == SHALE_NOT_FOUND) continue;
        if (s != SHALE_OK) Fatal("a read beside range deletes: %s", shale_status_name(s));
        const int round = std::atoi(value);
        if (round <= before)
          Fatal("%s: round %d, which was deleted before round %d", key.c_str(), round, before);
        if (round < last[i % last.size()]) Fatal("%s: a value went back", key.c_str());
        last[i % last.size()] = round;
        hits++;
      }
    });
  }
  for (int round = 1; round <= rounds; round++) {
    const std::string value = std::to_string(round);
    for (int k = 0; k < 8; k++) {
      const std::string key = "r/" + std::to_string(k);
      Want(SHALE_OK,
           shale_put(db, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, nullptr,
                     k % 2 == 0 ? SHALE_WRITE_AROUND : 0, nullptr),
           nullptr, "put");
    }
    DeleteRange(db, "r/", "", SHALE_PREFIX);
    deleted.store(round);
  }
  stop.store(true);
  for (std::thread& reader : readers) reader.join();
  std::printf("  %llu values seen\n", static_cast<unsigned long long>(hits.load()));
  shale_free(db);
}

std::atomic<bool> hold_fill{false}, fill_held{false};

void HoldFill(shale::YieldPoint point) {
  if (point != shale::YieldPoint::kFill || !hold_fill.load()) return;
  fill_held.store(true);
  while (hold_fill.load()) std::this_thread::yield();
}

// The same, made certain: a reader has the value in hand while the range is deleted. What it brought would
// have stayed in memory for good.
TEST(a_value_that_was_read_before_is_not_installed_after) {
  TempDir dir("fill");
  shale_db* db = OpenAt(dir.path().c_str());
  Want(SHALE_OK, shale_put(db, "r/1", 3, "old", 3, SHALE_TTL_NEVER, nullptr, SHALE_WRITE_AROUND, nullptr),
       nullptr, "put");
  hold_fill.store(true);
  shale::g_yield_hook = &HoldFill;
  std::thread reader([&] {
    char value[8];
    size_t size = 0;
    const shale_status s = shale_get_into(db, "r/1", 3, value, sizeof value, &size, nullptr, 0, nullptr);
    if (s != SHALE_OK) Fatal("the read that began before: %s", shale_status_name(s));
  });
  while (!fill_held.load()) std::this_thread::yield();
  DeleteRange(db, "r/", "", SHALE_PREFIX);
  hold_fill.store(false);
  reader.join();
  shale::g_yield_hook = nullptr;
  assert_int_equal(Exists(db, "r/1"), SHALE_NOT_FOUND);
  shale_free(db);
}

struct Told {
  int calls = 0;
  int end_at = 0;
  int64_t done = 0, total = 0;
  shale_db* close = nullptr;
};

int32_t Tell(void* context, int64_t done, int64_t total) {
  auto* t = static_cast<Told*>(context);
  if (done < t->done || done > total) Fatal("progress goes astray");
  t->done = done;
  t->total = total;
  if (t->close != nullptr) Want(SHALE_OK, shale_close(t->close, nullptr), nullptr, "close inside");
  return ++t->calls == t->end_at ? 1 : 0;
}

TEST(progress_of_a_count_and_a_compaction_is_told_and_can_end_them) {
  TempDir dir("progress");
  shale_db* db = OpenAt(dir.path().c_str());
  for (uint64_t i = 0; i < 10000; i++) Put(db, KeyAt(i), "value");
  Sum sum{7, 7};
  const auto count = [&](Told* told) {
    return shale_count(db, nullptr, 0, nullptr, 0, Tell, told, &sum.keys, &sum.bytes, 0, nullptr);
  };
  Told told;
  assert_int_equal(count(&told), SHALE_OK);
  assert_true(told.calls > 1 && told.done == told.total && told.done == 10000 * 19);
  told = Told{.end_at = 1};
  assert_int_equal(count(&told), SHALE_CANCELLED);
  assert_true(told.calls == 1 && sum == Sum{});
  told = Told{.end_at = 3};
  assert_int_equal(shale_compact(db, nullptr, 0, nullptr, 0, Tell, &told, 0, nullptr), SHALE_CANCELLED);
  told = Told();
  assert_int_equal(shale_compact(db, nullptr, 0, nullptr, 0, Tell, &told, 0, nullptr), SHALE_OK);
  assert_true(told.calls == SHALE_DISK_SHARDS && told.done == told.total);
  told = Told{.close = db};
  assert_int_equal(count(&told), SHALE_E_CLOSED);
  assert_int_equal(shale_compact(db, nullptr, 0, nullptr, 0, Tell, &told, 0, nullptr), SHALE_E_CLOSED);
  shale_free(db);
}

void WantNear(const char* what, int64_t seen, int64_t truth, double part) {
  const double off = std::fabs(static_cast<double>(seen) / static_cast<double>(truth) - 1);
  std::printf("  %s: %lld, about %lld, off by %.2f %%\n", what, static_cast<long long>(truth),
              static_cast<long long>(seen), off * 100);
  if (off > part) Fatal("%s: an estimate is off by more than %.0f %%", what, part * 100);
}

// Keys in order, as of a log, and keys in no order; with all that makes it harder: part of it in memtables,
// some overwritten. 3 % is ten times the standard deviation of the part that is chance.
TEST(estimates_are_near_while_much_is_written) {
  const uint64_t count = EnvNumber("RANGE_KEYS", kSanitized ? 20000 : 120000);
  const double part = count > 1000000 ? 0.15 : 0.03;
  for (const bool in_order : {true, false}) {
    TempDir dir("estimate");
    shale_db* db = OpenAt(dir.path().c_str());
    shale_batch* batch = nullptr;
    Want(SHALE_OK, shale_batch_new(&batch), nullptr, "batch");
    for (uint64_t i = 0; i < count; i++) {
      const std::string key = KeyAt(in_order ? i : i * 2654435761u % 1000000007u);
      const std::string value(20 + i % 180, 'v');
      shale_batch_put(batch, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, nullptr);
      if (shale_batch_count(batch) < 1000 && i + 1 < count) continue;
      Want(SHALE_OK, shale_write(db, batch, 0, nullptr), nullptr, "write");
      shale_batch_clear(batch);
    }
    for (uint64_t i = 0; i < count / 10; i++)
      Put(db, KeyAt(in_order ? i : i * 2654435761u % 1000000007u), "x");
    for (const char* prefix : {"", "user/0000", "user/00005"}) {
      const Sum truth = Count(db, prefix, "", SHALE_PREFIX);
      const Sum about = Estimate(db, prefix, "", SHALE_PREFIX);
      if (truth.keys == 0) continue;
      WantNear(in_order ? "keys in order" : "keys in no order", about.keys, truth.keys, part);
      WantNear("  their bytes", about.bytes, truth.bytes, 2 * part);
    }
    shale_batch_free(batch);
    shale_free(db);
  }
}

}   // namespace
}   // namespace shale_test

RUN()
