// Chapter 4: counters, time to live, compare-and-set, and a batch that nobody sees half done.

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "demo/demo.h"

namespace shale::demo {
namespace {

constexpr size_t kSectionsShown = 6;
constexpr int64_t kTtlMs = 300;
constexpr int kMovesMin = 40;
constexpr int64_t kLooksMin = 200;
constexpr double kMovingSecondsMax = 1.5;

void DeletePrefix(shale_db* db, std::string_view prefix) {
  const Iter iter = ScanPrefix(db, prefix, SHALE_KEYS_ONLY);
  const Batch batch = NewBatch();
  std::string_view key;
  std::string_view none;
  while (Next(iter.get(), &key, &none)) BatchDelete(batch.get(), key);
  WriteBatch(db, batch.get());
}

void ShowCounters(Demo* demo) {
  shale_db* const db = demo->db.get();
  for (const std::string& section : demo->packages.sections) {
    const std::string key = "section/" + section;
    int64_t sum = 0;
    shale_error* error = nullptr;
    Must(shale_incr(db, key.data(), key.size(), 1, &sum, 0, &error), error);
  }
  std::vector<std::pair<int64_t, std::string>> sections;
  int64_t total = 0;
  {
    const Iter iter = ScanPrefix(db, "section/", 0);
    std::string_view key;
    std::string_view value;
    while (Next(iter.get(), &key, &value)) {
      sections.emplace_back(std::stoll(std::string(value)), key.substr(key.find('/') + 1));
      total += sections.back().first;
    }
  }
  std::sort(sections.rbegin(), sections.rend());
  demo->screen.Line("counters", "packages by section, counted by shale_incr");
  for (size_t i = 0; i < std::min(sections.size(), kSectionsShown); ++i) {
    demo->screen.Bar(sections[i].second, sections[i].first, sections[0].first);
  }
  demo->screen.Prove(
      total == static_cast<int64_t>(demo->packages.sections.size()),
      Count(static_cast<int64_t>(sections.size())) + " counters add up to " + Count(total) + " packages");
  DeletePrefix(db, "section/");
}

void ShowTtl(Demo* demo) {
  shale_db* const db = demo->db.get();
  constexpr std::string_view kKey = "session/guest";
  shale_error* error = nullptr;
  std::string value;
  int64_t left_ms = 0;
  Must(shale_put(db, kKey.data(), kKey.size(), "hello", 5, kTtlMs, nullptr, 0, &error), error);
  const bool seen = Get(db, kKey, &value) && value == "hello";
  Must(shale_ttl(db, kKey.data(), kKey.size(), &left_ms, 0, &error), error);
  std::this_thread::sleep_for(std::chrono::milliseconds(kTtlMs + 50));
  std::string_view row_key;
  std::string_view row_value;
  const bool gone = !Get(db, kKey, &value) && !Next(ScanPrefix(db, kKey, 0).get(), &row_key, &row_value);
  demo->screen.Prove(seen && gone && left_ms <= kTtlMs, "a key with " + Count(kTtlMs) +
                                                            " ms to live: seen with " + Count(left_ms) +
                                                            " ms left, gone after, for get and scan");
}

void ShowCompareAndSet(Demo* demo) {
  shale_db* const db = demo->db.get();
  constexpr std::string_view kKey = "lock/demo";
  const auto set_if = [db, kKey](int64_t expected, std::string_view value, int64_t* version) {
    shale_error* error = nullptr;
    return Must(shale_compare_version_and_set(db, kKey.data(), kKey.size(), expected, value.data(),
                                              value.size(), SHALE_TTL_DEFAULT, version, 0, &error),
                error);
  };
  int64_t first = 0;
  int64_t second = 0;
  int64_t present = 0;
  const bool made = set_if(SHALE_VERSION_ABSENT, "one", &first) == SHALE_OK;
  const bool changed = set_if(first, "two", &second) == SHALE_OK;
  const bool refused = set_if(first, "three", &present) == SHALE_MISMATCH && present == second;
  std::string value;
  const bool kept = Get(db, kKey, &value) && value == "two";
  demo->screen.Prove(
      made && changed && refused && kept,
      "compare-and-set by version: the holder of the present version wins, a stale one is refused");
  shale_error* error = nullptr;
  Must(shale_delete(db, kKey.data(), kKey.size(), 0, &error), error);
}

// Moves all fields of a package between two prefixes, each time in one batch, while another thread keeps
// looking at both.
class Mover {
 public:
  Mover(shale_db* db, const Packages& packages)
      : db_(db), here_("pkg/" + packages.example + "/"), there_("pkg/" + packages.example + ".moved/") {
    const auto& fields = packages.fields;
    for (auto it = fields.lower_bound(here_); it != fields.end() && it->first.starts_with(here_); ++it) {
      names_.emplace_back(it->first.substr(here_.size()), it->second);
    }
  }

  void Run() {
    std::thread watcher([this] { Watch(); });
    const Stopwatch moving;
    std::string complaint;
    try {
      // An even number of moves leaves the fields where they were.
      while (moves_ % 2 == 1 || (!IsEnough() && moving.seconds() < kMovingSecondsMax))
        Move(moves_++ % 2 == 0);
    } catch (const DemoFailure& failure) {
      complaint = failure.message;
    }
    stop_.store(true);
    watcher.join();
    if (!complaint.empty()) throw DemoFailure{complaint};
    if (!watcher_complaint_.empty()) throw DemoFailure{watcher_complaint_};
  }

  size_t fields() const { return names_.size(); }
  int moves() const { return moves_; }
  int64_t looks() const { return looks_.load(); }
  int64_t torn() const { return torn_; }

 private:
  bool IsEnough() const { return moves_ >= kMovesMin && looks_.load() >= kLooksMin; }

  void Move(bool away) const {
    const Batch batch = NewBatch();
    for (const auto& [name, value] : names_) {
      BatchDelete(batch.get(), (away ? here_ : there_) + name);
      BatchPut(batch.get(), (away ? there_ : here_) + name, value);
    }
    WriteBatch(db_, batch.get());
  }

  // '.' sorts before '/', so one range, and with it one consistent cut, covers both prefixes and nothing
  // else.
  void LookOnce() {
    const Iter iter = ScanRange(db_, there_, here_.substr(0, here_.size() - 1) + "0", SHALE_KEYS_ONLY);
    std::string_view key;
    std::string_view none;
    size_t in_here = 0;
    size_t in_there = 0;
    while (Next(iter.get(), &key, &none)) {
      in_here += key.starts_with(here_) ? 1 : 0;
      in_there += key.starts_with(there_) ? 1 : 0;
    }
    ++looks_;
    if (in_here + in_there != names_.size() || (in_here != 0 && in_there != 0)) ++torn_;
  }

  void Watch() {
    try {
      do LookOnce();
      while (!stop_.load());
    } catch (const DemoFailure& failure) {
      watcher_complaint_ = failure.message;
    }
  }

  shale_db* const db_;
  const std::string here_;
  const std::string there_;
  std::vector<std::pair<std::string, std::string>> names_;   // field name, value
  int moves_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> looks_{0};
  int64_t torn_ = 0;   // the watcher's until it is joined, and so is what follows
  std::string watcher_complaint_;
};

void ShowBatch(Demo* demo) {
  Mover mover(demo->db.get(), demo->packages);
  mover.Run();
  demo->screen.Prove(mover.torn() == 0 && mover.looks() > 0,
                     "a batch over many shards: the " + Count(static_cast<int64_t>(mover.fields())) +
                         " fields of " + demo->packages.example + " moved to another prefix and back, " +
                         Count(mover.moves()) + " times; a second thread looked " + Count(mover.looks()) +
                         " times and saw a half move " + Count(mover.torn()) + " times");
}

}   // namespace

void ShowVerbs(Demo* demo) {
  demo->screen.Chapter("More than get and put",
                       "Counters, keys that expire, compare-and-set, atomic batches.");
  ShowCounters(demo);
  ShowTtl(demo);
  ShowCompareAndSet(demo);
  ShowBatch(demo);
}

}   // namespace shale::demo
