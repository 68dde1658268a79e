// The phases of the db_bench programs that LevelDB and RocksDB brought: random numbers below N as keys of 16
// digits.
//
//  1. Which numbers were put is noted, a bit each, so that a read that finds nothing is known to be right or
//  wrong.
//  2. fillrandom and overwrite end after N puts or S seconds, whichever is first; so most stores hold fewer
//  than N keys.
#include <atomic>
#include <bit>

#include "peer_loads.h"
#include "peer_workloads.h"

namespace bench {
namespace {

constexpr int64_t kDigitsKeyBytes = 16;
constexpr int64_t kSeekRows = 10;

class WrittenBits {
 public:
  explicit WrittenBits(int64_t count) : words_(static_cast<size_t>(count / 64 + 1)) {}
  // Relaxed: a bit that is seen late makes a check weaker, never wrong; phases are apart by a join.
  void Set(int64_t i) { words_[Word(i)].fetch_or(uint64_t{1} << (i % 64), std::memory_order_relaxed); }
  bool Has(int64_t i) const { return (words_[Word(i)].load(std::memory_order_relaxed) >> (i % 64) & 1) != 0; }
  int64_t Count() const {
    int64_t count = 0;
    for (const std::atomic<uint64_t>& word : words_)
      count += std::popcount(word.load(std::memory_order_relaxed));
    return count;
  }

 private:
  static size_t Word(int64_t i) { return static_cast<size_t>(i / 64); }
  std::vector<std::atomic<uint64_t>> words_;
};

class RandomPuts final : public KeyLoad {
 public:
  RandomPuts(PeerRun* run, int thread, int salt, WrittenBits* bits)
      : KeyLoad(run, thread), keys_(run->settings().keys), bits_(bits) {
    random_ = FastRandom(random_.Next() + static_cast<uint64_t>(salt));
  }
  void Prepare() override { ChoosePut(PeerKey::Digits(number_ = random_.Below(keys_))); }
  bool Judge() override {
    if (ok_) bits_->Set(number_);
    return ok_;
  }

 private:
  const int64_t keys_;
  WrittenBits* const bits_;
  int64_t number_ = 0;
};

class RandomGets final : public KeyLoad {
 public:
  RandomGets(PeerRun* run, int thread, const WrittenBits* bits, bool missing)
      : KeyLoad(run, thread), keys_(run->settings().keys), bits_(bits), missing_(missing) {}

  void Prepare() override {
    number_ = random_.Below(keys_);
    PeerKey key = PeerKey::Digits(number_);
    if (missing_) key.AppendDot();
    must_be_there_ = !missing_ && bits_->Has(number_);   // before the get: a put may come after it
    ChooseGet(key);
  }
  bool Judge() override {
    if (missing_) return answer_ == Answer::kMissing;
    if (answer_ == Answer::kMissing) return !must_be_there_;
    return answer_ == Answer::kFound && judge_.IsRight(key_.view(), seen_);
  }
  int sample() const override { return 8; }

 private:
  const int64_t keys_;
  const WrittenBits* const bits_;
  const bool missing_;
  int64_t number_ = 0;
  bool must_be_there_ = false;
};

// To a random key, there or not, and ten rows from there.
class RandomSeeks final : public PeerLoad {
 public:
  RandomSeeks(PeerRun* run, int thread, const WrittenBits* bits)
      : session_(run->session(thread)),
        judge_(&run->values()),
        random_(run->settings().seed * 1'000'003 + static_cast<uint64_t>(thread)),
        keys_(run->settings().keys),
        bits_(bits) {}

  void Prepare() override { from_ = PeerKey::Digits(number_ = random_.Below(keys_)); }
  void Act() override {
    last_.clear();
    is_right_ = true;
    rows_ = session_->Scan(from_.view(), kSeekRows, [this](std::string_view key, std::string_view value) {
      if (last_.empty()) is_right_ = key >= from_.view() && (key == from_.view() || !bits_->Has(number_));
      is_right_ = is_right_ && key > last_ && judge_.IsRight(key, value);
      last_.assign(key);
      return is_right_;
    });
  }
  // Nothing is put or deleted meanwhile: fewer rows only where the numbers behind the last one were never
  // put.
  bool Judge() override {
    if (!is_right_ || rows_ < 0) return false;
    if (rows_ == kSeekRows) return true;
    for (int64_t i = rows_ > 0 ? std::stoll(last_) + 1 : number_; i < keys_; ++i) {
      if (bits_->Has(i)) return false;
    }
    return true;
  }
  std::string why() const override { return "seek to " + std::string(from_.view()) + ": " + session_->why(); }

 private:
  PeerSession* const session_;
  ValueJudge judge_;
  FastRandom random_;
  const int64_t keys_;
  const WrittenBits* const bits_;
  int64_t number_ = 0;
  PeerKey from_;
  std::string last_;
  int64_t rows_ = 0;
  bool is_right_ = true;
};

PeerLoads MakePuts(PeerRun* run, int salt, WrittenBits* bits) {
  PeerLoads loads;
  for (int t = 0; t < run->settings().threads; ++t)
    loads.push_back(std::make_unique<RandomPuts>(run, t, salt, bits));
  return loads;
}

PeerLoads MakeGets(PeerRun* run, const WrittenBits* bits, bool missing) {
  PeerLoads loads;
  for (int t = 0; t < run->settings().threads; ++t) {
    loads.push_back(std::make_unique<RandomGets>(run, t, bits, missing));
  }
  return loads;
}

}   // namespace

bool RunDbBenchWorkload(PeerRun* run) {
  const PeerSettings& settings = run->settings();
  WrittenBits bits(settings.keys);
  const auto live = [&] { return bits.Count(); };
  const PeerLimits puts = {settings.seconds, (settings.keys + settings.threads - 1) / settings.threads};
  const PeerLimits reads = {settings.seconds, 0};
  run->Run("fillrandom", MakePuts(run, 1, &bits), puts, kDigitsKeyBytes, live);
  run->Run("overwrite", MakePuts(run, 2, &bits), puts, kDigitsKeyBytes, live);
  run->Run("readrandom", MakeGets(run, &bits, false), reads, kDigitsKeyBytes, live);
  run->Run("readmissing", MakeGets(run, &bits, true), reads, kDigitsKeyBytes, live);
  PeerLoads seeks;
  for (int t = 0; t < settings.threads; ++t) seeks.push_back(std::make_unique<RandomSeeks>(run, t, &bits));
  run->Run("seekrandom", seeks, reads, kDigitsKeyBytes, live);
  // The writer has the session that no thread has.
  PeerLoads writer;
  writer.push_back(std::make_unique<RandomPuts>(run, settings.threads, 3, &bits));
  run->Run("readwhilewriting", MakeGets(run, &bits, false), reads, kDigitsKeyBytes, live, writer);
  return true;
}

bool RunFillSyncWorkload(PeerRun* run) {
  WrittenBits bits(run->settings().keys);
  run->Run("fillsync", MakePuts(run, 1, &bits), {run->settings().seconds, 0}, kDigitsKeyBytes,
           [&] { return bits.Count(); });
  return true;
}

}   // namespace bench
