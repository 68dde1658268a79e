#include "store/pending.h"

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "base/random.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

constexpr size_t kPlenty = size_t{1} << 30;

KeyRef Ref(const std::string& key, uint64_t hash) {
  return KeyRef{key, hash};
}
KeyRef Ref(const std::string& key) {
  return KeyRef{key, Checksum64(key)};
}

AppliedMark MarkAt(LogPosition position) {
  AppliedMark mark;
  mark.position = position;
  mark.sequence = static_cast<int64_t>(position);
  return mark;
}

void Publish(Pending* pending, const std::string& key, const std::string& row, LogPosition position) {
  const AppliedMark mark = MarkAt(position);
  pending->Publish(Ref(key), row, &mark);
}

// The row, "" for a tombstone, nothing if the key is not pending.
std::optional<std::string> Find(const Pending& pending, const KeyRef& key) {
  Buffer row = "left over";
  if (!pending.Find(key, &row)) return std::nullopt;
  return row;
}

std::map<std::string, std::string> Rows(const PendingGeneration& generation) {
  std::map<std::string, std::string> rows;
  for (const PendingGeneration::Entry& entry : generation.entries()) {
    assert_int_equal(entry.row_key().front(), kDataSpace);
    assert_true(entry.row_key().substr(1) == entry.key());
    const bool fresh = rows.emplace(entry.key(), entry.row()).second;
    if (!fresh) fail_msg("a key stands twice in a generation");
  }
  return rows;
}

TEST(the_newest_row_of_a_key_is_found) {
  Pending pending(kPlenty);
  assert_true(Find(pending, Ref("k")) == std::nullopt);
  Publish(&pending, "k", "one", 1);
  assert_true(Find(pending, Ref("k")) == "one");
  Publish(&pending, "k", "two", 2);
  assert_true(Find(pending, Ref("k")) == "two");
  Publish(&pending, "k", "", 3);
  assert_true(Find(pending, Ref("k")) == "");   // a tombstone hides what the index still has
  assert_true(Find(pending, Ref("K")) == std::nullopt);
}

TEST(keys_of_one_hash_stay_apart) {
  Pending pending(kPlenty);
  const AppliedMark mark = MarkAt(1);
  for (int i = 0; i < 100; i++)
    pending.Publish(Ref("key" + std::to_string(i), 7), "row" + std::to_string(i), &mark);
  for (int i = 0; i < 100; i++)
    assert_true(Find(pending, Ref("key" + std::to_string(i), 7)) == "row" + std::to_string(i));
  assert_true(Find(pending, Ref("key100", 7)) == std::nullopt);
}

TEST(a_drain_takes_what_is_there_and_later_updates_go_beside_it) {
  Pending pending(kPlenty);
  assert_null(pending.BeginDrain());
  Publish(&pending, "a", "a1", 10);
  Publish(&pending, "b", "b1", 20);
  Publish(&pending, "a", "a2", 30);
  const PendingGeneration* draining = pending.BeginDrain();
  assert_non_null(draining);
  assert_true(Rows(*draining) == (std::map<std::string, std::string>{{"a", "a2"}, {"b", "b1"}}));
  assert_int_equal(draining->applied.position, 30);
  // Overwritten while draining: the drain's rows stay as they were, readers see the newer.
  Publish(&pending, "a", "a3", 40);
  Publish(&pending, "b", "", 50);
  Publish(&pending, "c", "c1", 60);
  assert_true(Rows(*draining) == (std::map<std::string, std::string>{{"a", "a2"}, {"b", "b1"}}));
  assert_int_equal(draining->applied.position, 30);
  assert_true(Find(pending, Ref("a")) == "a3" && Find(pending, Ref("b")) == "" &&
              Find(pending, Ref("c")) == "c1");
  pending.FinishDrain();
  assert_true(Find(pending, Ref("a")) == "a3" && Find(pending, Ref("b")) == "");
  draining = pending.BeginDrain();
  assert_true(Rows(*draining) == (std::map<std::string, std::string>{{"a", "a3"}, {"b", ""}, {"c", "c1"}}));
  assert_int_equal(draining->applied.position, 60);
  pending.FinishDrain();
  assert_null(pending.BeginDrain());
  assert_true(Find(pending, Ref("a")) == std::nullopt);
  assert_int_equal(pending.bytes(), 0);
}

TEST(a_drained_row_is_found_until_the_drain_is_finished) {
  Pending pending(kPlenty);
  Publish(&pending, "k", "row", 1);
  assert_non_null(pending.BeginDrain());
  assert_int_equal(pending.active_bytes(), 0);
  assert_true(pending.bytes() > 0);
  assert_true(Find(pending, Ref("k")) == "row");
  pending.FinishDrain();
  assert_true(Find(pending, Ref("k")) == std::nullopt);
}

TEST(a_frame_is_not_marked_before_its_last_member) {
  Pending pending(kPlenty);
  pending.Publish(Ref("a"), "a1", nullptr);
  assert_null(pending.BeginDrain());   // nothing may be said to be applied yet
  assert_true(Find(pending, Ref("a")) == "a1");
  const AppliedMark mark = MarkAt(100);
  pending.Publish(Ref("b"), "b1", &mark);
  const PendingGeneration* draining = pending.BeginDrain();
  assert_int_equal(draining->applied.position, 100);
  assert_int_equal(draining->entries().size(), 2);
  pending.FinishDrain();
}

TEST(a_drain_in_the_middle_of_a_frame_keeps_the_mark_before_it) {
  Pending pending(kPlenty);
  Publish(&pending, "before", "x", 10);
  pending.Publish(Ref("first"), "1", nullptr);
  const PendingGeneration* draining = pending.BeginDrain();
  assert_int_equal(draining->applied.position, 10);
  pending.FinishDrain();
  const AppliedMark mark = MarkAt(90);
  pending.Publish(Ref("last"), "2", &mark);
  draining = pending.BeginDrain();
  assert_int_equal(draining->applied.position, 90);
  assert_true(Rows(*draining) == (std::map<std::string, std::string>{{"last", "2"}}));
  pending.FinishDrain();
}

TEST(overwriting_counts_bytes_as_long_as_they_are_held) {
  Pending pending(kPlenty);
  Publish(&pending, "k", std::string(1000, 'x'), 1);
  const size_t once = pending.bytes();
  assert_true(once >= 1000);
  for (LogPosition i = 2; i <= 10; i++) Publish(&pending, "k", std::string(1000, 'x'), i);
  assert_true(pending.bytes() >= 10'000);   // memory is given back by the generation, not by the key
}

TEST(a_writer_at_the_bound_waits_until_a_drain_is_finished) {
  Pending pending(10'000);
  Publish(&pending, "small", std::string(100, 'x'), 1);
  assert_int_equal(pending.WaitForRoom(), 0);
  Publish(&pending, "large", std::string(20'000, 'x'), 2);
  std::atomic<bool> through{false};
  std::thread writer([&] {
    pending.WaitForRoom();
    through = true;
  });
  assert_non_null(pending.BeginDrain());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  assert_false(through.load());   // rows that are being written still take room
  pending.FinishDrain();
  writer.join();
  assert_true(through.load());
}

TEST(giving_up_wakes_writers_and_keeps_the_rows) {
  Pending pending(10'000);
  Publish(&pending, "a", std::string(20'000, 'x'), 1);
  assert_non_null(pending.BeginDrain());
  Publish(&pending, "b", std::string(20'000, 'y'), 2);
  std::thread writer([&] { pending.WaitForRoom(); });
  pending.GiveUp();
  writer.join();
  assert_int_equal(pending.WaitForRoom(), 0);
  assert_null(pending.BeginDrain());
  assert_true(Find(pending, Ref("a")) == std::string(20'000, 'x'));
  assert_true(Find(pending, Ref("b")) == std::string(20'000, 'y'));
}

// Against a map of the published and a map of what a drain has moved to the index.
TEST(random_updates_and_drains_agree_with_a_model) {
  Random dice(TestSeed());
  Pending pending(kPlenty);
  std::map<std::string, std::string> active, draining_model;
  const PendingGeneration* draining = nullptr;
  for (LogPosition step = 1; step <= 60'000; step++) {
    const std::string key = "key" + std::to_string(dice.Below(dice.Below(2) == 0 ? 40 : 4000));
    if (dice.Below(500) == 0) {
      if (draining == nullptr) {
        draining = pending.BeginDrain();
        if (draining != nullptr) draining_model.swap(active);
        if (draining != nullptr) assert_true(Rows(*draining) == draining_model);
      } else {
        assert_true(Rows(*draining) == draining_model);
        pending.FinishDrain();
        draining_model.clear();
        draining = nullptr;
      }
      continue;
    }
    if (dice.Below(3) == 0) {
      const auto found = Find(pending, Ref(key));
      const bool in_active = active.contains(key);
      const auto& source = in_active ? active : draining_model;
      const auto wanted = source.find(key);
      assert_true(found == (wanted == source.end() ? std::nullopt : std::optional(wanted->second)));
      continue;
    }
    // Beside small rows some that get a block of their own.
    const size_t size = dice.Below(50) == 0 ? 8'000 + dice.Below(400) : dice.Below(600);
    const std::string row(dice.Below(5) == 0 ? 0 : size, static_cast<char>('a' + dice.Below(26)));
    Publish(&pending, key, row, step);
    active[key] = row;
  }
}

TEST(readers_never_miss_a_published_key_while_drains_run) {
  Pending pending(kPlenty);
  Publish(&pending, "k", "0", 1);
  std::atomic<bool> stop{false};
  std::atomic<int> index{-1};   // what a drain has written there
  std::atomic<int> misses{0};
  std::thread reader([&] {
    int last = 0;
    while (!stop) {
      Buffer row;
      const int seen = pending.Find(Ref("k"), &row) ? std::stoi(row) : index.load();
      if (seen < last) misses++;
      last = seen;
    }
  });
  for (int i = 1; i < 3000; i++) {
    Publish(&pending, "k", std::to_string(i), static_cast<LogPosition>(i + 1));
    const PendingGeneration* draining = pending.BeginDrain();
    index = std::stoi(Buffer(draining->entries().front().row()));
    pending.FinishDrain();
  }
  stop = true;
  reader.join();
  assert_int_equal(misses.load(), 0);
}

}   // namespace
}   // namespace shale

RUN()
