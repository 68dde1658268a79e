// Runs of keys against a plain set: whatever was learned, noted and forgotten, a range that is covered names
// every key that the set has there.
#include "engine/key_runs.h"

#include <cstdlib>
#include <optional>
#include <set>
#include <string>

#include "base/random.h"
#include "test.h"

namespace shale {
namespace {

using Keys = std::set<std::string>;

struct Learner {
  Keys cut;
  uint64_t ticket = 0;
};

class Runs {
 public:
  Runs(size_t bytes_max, uint64_t seed) : runs_(bytes_max), random_(seed) {}

  std::string AnyKey() {
    std::string key = std::to_string(random_.Below(5000));
    if (random_.Below(8) == 0) key.append(random_.Below(40), 'x');
    return key;
  }
  void Put(const std::string& key) {
    runs_.Note(key);
    keys_.insert(key);
  }
  void Delete(const std::string& key) {
    keys_.erase(key);
    runs_.Forget(key);
  }
  Learner Begin() { return {keys_, runs_.BeginLearning()}; }
  bool End(const Learner& learner, std::string from, size_t count, bool reverse) {
    std::vector<Buffer> passed;
    std::string to;
    if (!reverse) {
      auto at = learner.cut.lower_bound(from);
      for (; at != learner.cut.end() && passed.size() < count; ++at) passed.push_back(*at);
      if (at != learner.cut.end() && !passed.empty()) to = passed.back() + '\0';
    } else {
      to = std::move(from);
      auto at = to.empty() ? learner.cut.end() : learner.cut.lower_bound(to);
      for (; at != learner.cut.begin() && passed.size() < count;) passed.insert(passed.begin(), *--at);
      from = at == learner.cut.begin() || passed.empty() ? "" : passed.front();
    }
    return runs_.Learn(learner.ticket, from, to, passed);
  }
  // True if the range was covered.
  bool Look(const std::string& from, const std::string& to, bool reverse, size_t keys_min) {
    const size_t keys_max = keys_min + random_.Below(50);
    KeyRuns::Look look;
    if (!runs_.Find(from, to, reverse, keys_min, keys_max, &look)) return false;
    assert_true(look.keys.size() <= keys_max && (look.ended || look.keys.size() >= keys_min));
    for (size_t i = 1; i < look.keys.size(); i++)
      assert_true(reverse ? look.keys[i] < look.keys[i - 1] : look.keys[i] > look.keys[i - 1]);
    Keys named(look.keys.begin(), look.keys.end());
    for (const std::string& key : named) assert_true(key >= from && (to.empty() || key < to));
    for (const std::string& key : keys_) {
      const bool in_range = key >= from && (to.empty() || key < to);
      const bool looked_at =
          look.ended || (!look.keys.empty() && (reverse ? key >= look.keys.back() : key <= look.keys.back()));
      if (in_range && looked_at && !named.contains(key)) fail_msg("%s is not named", key.c_str());
    }
    assert_true(runs_.InPlace(look));
    return true;
  }
  void AssertValid() {
    std::string why;
    if (!runs_.Validate(&why)) fail_msg("%s", why.c_str());
    assert_true(runs_.bytes() <= runs_.bytes_max());
  }
  KeyRuns* runs() { return &runs_; }
  Random* random() { return &random_; }

 private:
  KeyRuns runs_;
  Random random_;
  Keys keys_;
};

uint64_t Seed() {
  const char* text = std::getenv("SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
}

TEST(every_key_of_a_covered_range_is_named_whatever_comes_and_goes) {
  uint64_t covered = 0;
  for (uint64_t round = 0; round < 40; round++) {
    Runs runs(round % 2 == 0 ? size_t{1} << 20 : 20'000, Seed() * 1000 + round);
    for (int i = 0; i < 1000; i++) runs.Put(runs.AnyKey());
    std::optional<Learner> learner;
    for (int step = 0; step < 1500; step++) {
      switch (runs.random()->Below(8)) {
        case 0:
        case 1:
          runs.Put(runs.AnyKey());
          break;
        case 2:
          runs.Delete(runs.AnyKey());
          break;
        case 3:
          if (!learner) learner = runs.Begin();
          break;
        case 4:
          if (!learner) break;
          if (runs.random()->Below(10) == 0) {
            runs.runs()->GiveUp(learner->ticket);
          } else {
            assert_true(runs.End(*learner, runs.random()->Below(9) == 0 ? "" : runs.AnyKey(),
                                 1 + runs.random()->Below(400), runs.random()->Below(2) == 0));
          }
          learner.reset();
          break;
        default: {
          std::string from = runs.AnyKey(), to = runs.random()->Below(3) == 0 ? "" : runs.AnyKey();
          if (!to.empty() && to < from) std::swap(from, to);
          if (runs.random()->Below(9) == 0) from.clear();
          covered += runs.Look(from, to, runs.random()->Below(2) == 0, 1 + runs.random()->Below(300));
        }
      }
      runs.AssertValid();
    }
  }
  assert_true(covered > 1000);
}

TEST(who_learns_while_too_many_keys_come_learns_nothing) {
  Runs runs(size_t{1} << 20, 7);
  const Learner slow = runs.Begin();
  for (size_t i = 0; i <= KeyRuns::kJournalKeysMost; i++) runs.Put("key" + std::to_string(i));
  const Learner next = runs.Begin();
  runs.Put("late");
  assert_false(runs.End(slow, "", 10'000, false));
  assert_false(runs.Look("", "", false, 10));
  assert_true(runs.End(next, "", 10'000, false));
  assert_true(runs.Look("key1", "", false, 100'000));
  assert_true(runs.Look("late", "", false, 1));
  runs.AssertValid();
}

// Loading keys into a covered range cost more than loading them elsewhere, without an end.
TEST(a_run_that_only_writers_use_is_dropped) {
  Runs runs(size_t{1} << 20, 7);
  for (int i = 0; i < 100; i++) runs.Put("key" + std::to_string(i));
  assert_true(runs.End(runs.Begin(), "", 1000, false));
  for (int i = 0; i < 10'000; i++) runs.Put("more" + std::to_string(i));
  assert_false(runs.Look("more", "", false, 10));
  assert_true(runs.runs()->GetStats().keys < 500);
  runs.AssertValid();
}

TEST(a_run_is_not_in_place_once_a_key_came_to_it) {
  KeyRuns runs(size_t{1} << 20);
  assert_true(runs.Learn(runs.BeginLearning(), "", "", {"a", "c"}));
  KeyRuns::Look look;
  assert_true(runs.Find("", "", false, 9, 9, &look));
  runs.Note("a");
  assert_true(runs.InPlace(look));
  runs.Note("b");
  assert_false(runs.InPlace(look));
  assert_int_equal(look.keys.size(), 2);   // and yet what was seen stays
  assert_true(look.keys[1] == "c");
}

}   // namespace
}   // namespace shale

RUN()
