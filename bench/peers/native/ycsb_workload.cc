// YCSB's six mixtures: A updates half, B few, C none, D reads what was written last, E scans, F reads and
// writes back.
//
//  1. A key that is inserted while others read is chosen only after its put was acknowledged: each thread
//  inserts every
//     T-th number, and tells how many.
//  2. An update writes the value that the key has; no store can know.
#include <algorithm>
#include <atomic>

#include "key_draw.h"
#include "peer_loads.h"
#include "peer_workloads.h"

namespace bench {
namespace {

struct alignas(64) SharedCount {
  std::atomic<int64_t> value{0};
};

// What all threads of one run see.
struct YcsbState {
  YcsbState(int64_t count, size_t thread_count) : keys(count), ranks(count), counts(thread_count) {
    for (size_t t = 0; t < thread_count; ++t)
      counts[t].value = (count - 1 - static_cast<int64_t>(t)) / Threads() + 1;
    for (int64_t i = 0; i < count; ++i) greatest = std::max(greatest, std::string(PeerKey::User(i).view()));
  }
  int64_t Threads() const { return static_cast<int64_t>(counts.size()); }
  int64_t Live() const {
    int64_t sum = 0;
    for (const SharedCount& count : counts)
      sum += count.value.load(std::memory_order_relaxed);   // all is at rest
    return sum;
  }

  const int64_t keys;
  const ZipfRanks ranks;
  // counts[t]: how many of the numbers t, t + T, t + 2 T, ... are there.
  std::vector<SharedCount> counts;
  std::string greatest;   // of the keys that were loaded
};

enum class Verb { kRead, kUpdate, kInsert, kScan, kReadAndWrite };

struct Mixture {
  Verb common;
  Verb rare;
  int percent_rare;
};

Mixture MixtureOf(char which) {
  switch (which) {
    case 'a':
      return {Verb::kRead, Verb::kUpdate, 50};
    case 'b':
      return {Verb::kRead, Verb::kUpdate, 5};
    case 'd':
      return {Verb::kRead, Verb::kInsert, 5};
    case 'e':
      return {Verb::kScan, Verb::kInsert, 5};
    case 'f':
      return {Verb::kRead, Verb::kReadAndWrite, 50};
    default:
      return {Verb::kRead, Verb::kRead, 0};
  }
}

class YcsbLoad final : public KeyLoad {
 public:
  YcsbLoad(PeerRun* run, int thread, char which, YcsbState* state)
      : KeyLoad(run, thread),
        thread_(thread),
        mixture_(MixtureOf(which)),
        latest_(which == 'd'),
        state_(state) {}

  void Prepare() override {
    verb_ = random_.Below(100) < mixture_.percent_rare ? mixture_.rare : mixture_.common;
    switch (verb_) {
      case Verb::kInsert: {
        const int64_t mine = Own()->load(std::memory_order_relaxed);   // only this thread writes it
        ChoosePut(PeerKey::User(thread_ + mine * state_->Threads()));
        break;
      }
      case Verb::kUpdate:
        ChoosePut(PeerKey::User(latest_ ? Latest() : Popular()));
        break;
      default:
        ChooseGet(PeerKey::User(latest_ ? Latest() : Popular()));
        if (verb_ == Verb::kScan) limit_ = 1 + random_.Below(100);
    }
  }

  void Act() override {
    if (verb_ == Verb::kScan) {
      Scan();
      return;
    }
    KeyLoad::Act();
    if (verb_ == Verb::kReadAndWrite && answer_ == Answer::kFound) {
      value_.assign(seen_);
      ok_ = session_->Put(key_.view(), value_);
    }
  }

  bool Judge() override {
    if (verb_ == Verb::kScan)
      return scan_is_right_ && (rows_ == limit_ || (rows_ >= 0 && last_ >= state_->greatest));
    // Release: whoever sees the count may ask for the key.
    if (verb_ == Verb::kInsert && ok_) Own()->fetch_add(1, std::memory_order_release);
    if (verb_ != Verb::kReadAndWrite) return KeyLoad::Judge();
    seen_ = value_;
    return KeyLoad::Judge() && ok_;
  }

  int sample() const override { return mixture_.common == Verb::kScan ? 1 : 8; }
  bool was_write() const override { return verb_ != Verb::kRead && verb_ != Verb::kScan; }
  std::string why() const override {
    return verb_ == Verb::kScan ? "scan: " + session_->why() : KeyLoad::why();
  }

 private:
  std::atomic<int64_t>* Own() { return &state_->counts[static_cast<size_t>(thread_)].value; }

  int64_t Popular() {
    const int64_t rank = state_->ranks.Draw(&random_);
    return static_cast<int64_t>(Scatter(static_cast<uint64_t>(rank)) % static_cast<uint64_t>(state_->keys));
  }

  // A rank counted back from the youngest, going round the threads that insert.
  int64_t Latest() {
    const int64_t threads = state_->Threads();
    const int64_t rank = state_->ranks.Draw(&random_);
    const int64_t owner = (thread_ + rank) % threads;
    const int64_t count = state_->counts[static_cast<size_t>(owner)].value.load(std::memory_order_acquire);
    return owner + std::max<int64_t>(count - 1 - rank / threads, 0) * threads;
  }

  void Scan() {
    last_.clear();
    scan_is_right_ = true;
    rows_ = session_->Scan(key_.view(), limit_, [this](std::string_view key, std::string_view value) {
      scan_is_right_ = scan_is_right_ && key > last_ && key >= key_.view() && judge_.IsRight(key, value);
      last_.assign(key);
      return scan_is_right_;
    });
  }

  const int thread_;
  const Mixture mixture_;
  const bool latest_;
  YcsbState* const state_;
  Verb verb_ = Verb::kRead;
  int64_t limit_ = 0;
  int64_t rows_ = 0;
  bool scan_is_right_ = true;
  std::string last_;
};

}   // namespace

bool RunYcsbWorkload(PeerRun* run, char which) {
  const PeerSettings& settings = run->settings();
  YcsbState state(settings.keys, static_cast<size_t>(settings.threads));
  if (!LoadUserKeys(run, settings.keys)) return false;
  PeerLoads loads;
  for (int t = 0; t < settings.threads; ++t)
    loads.push_back(std::make_unique<YcsbLoad>(run, t, which, &state));
  run->Run("run", loads, {settings.seconds, 0}, 23, [&] { return state.Live(); });
  return true;
}

}   // namespace bench
