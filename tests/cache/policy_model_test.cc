// Every policy beside a slow and plain model of it, which knows keys in lists and nothing of arenas, marks in
// buckets or ghosts of four bytes: both must choose the same victim, every time.
#include <algorithm>
#include <deque>
#include <list>
#include <set>

#include "cache/frequency_sketch.h"
#include "cache/policy_fixture.h"

using namespace shale_test;

namespace {

using Keys = std::list<std::string>;

class Model {
 public:
  virtual ~Model() = default;
  virtual void Insert(const std::string& key, size_t bytes) = 0;
  virtual void Hit(const std::string& key) = 0;
  virtual std::string Evict() = 0;
};

bool RemoveFrom(Keys* keys, const std::string& key) {
  const auto found = std::find(keys->begin(), keys->end(), key);
  if (found == keys->end()) return false;
  keys->erase(found);
  return true;
}

std::string PopFront(Keys* keys) {
  const std::string key = keys->front();
  keys->pop_front();
  return key;
}

class RecencyModel : public Model {   // fifo and lru
 public:
  explicit RecencyModel(bool hits_count) : hits_count_(hits_count) {}
  void Insert(const std::string& key, size_t) override { keys_.push_back(key); }
  void Hit(const std::string& key) override {
    if (hits_count_ && RemoveFrom(&keys_, key)) keys_.push_back(key);
  }
  std::string Evict() override { return PopFront(&keys_); }

 private:
  const bool hits_count_;
  Keys keys_;
};

class SieveModel : public Model {
 public:
  void Insert(const std::string& key, size_t) override { keys_.push_back(key); }
  void Hit(const std::string& key) override { visited_.insert(key); }
  std::string Evict() override {
    while (visited_.erase(keys_[hand_]) > 0) hand_ = (hand_ + 1) % keys_.size();
    const std::string key = keys_[hand_];
    keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(hand_));
    if (hand_ == keys_.size()) hand_ = 0;
    return key;
  }

 private:
  std::deque<std::string> keys_;
  size_t hand_ = 0;
  std::set<std::string> visited_;
};

class S3FifoModel : public Model {
 public:
  void Insert(const std::string& key, size_t) override {
    const auto ghost = ghosts_.find(key);
    const bool back = ghost != ghosts_.end() && evictions_ - ghost->second < GhostsMax();
    if (ghost != ghosts_.end()) ghosts_.erase(ghost);
    (back ? main_ : small_).push_back(key);
  }
  void Hit(const std::string& key) override { marks_[key] = std::min(marks_[key] + 1, 3); }
  std::string Evict() override {
    for (;;) {
      if (!small_.empty() && (small_.size() * 10 >= small_.size() + main_.size() || main_.empty())) {
        const std::string key = PopFront(&small_);
        if (marks_[key] < 2) {
          marks_.erase(key);
          ghosts_[key] = ++evictions_;
          return key;
        }
        marks_[key] = 0;
        main_.push_back(key);
      } else {
        const std::string key = PopFront(&main_);
        if (marks_[key] == 0) return key;
        marks_[key]--;
        main_.push_back(key);
      }
    }
  }

 private:
  size_t GhostsMax() const { return small_.size() + main_.size() - (small_.size() + main_.size()) / 10; }

  Keys small_, main_;
  std::map<std::string, int> marks_;
  std::map<std::string, size_t> ghosts_;   // with when they were evicted
  size_t evictions_ = 0;
};

class LfuModel : public Model {   // and gdsf
 public:
  explicit LfuModel(bool by_size) : by_size_(by_size) {}
  void Insert(const std::string& key, size_t bytes) override {
    items_[key] = {1, 0, 0, 0, bytes};
    bytes_ += bytes;
    Place(key);
  }
  void Hit(const std::string& key) override {
    items_[key].marks = std::min(items_[key].marks + 1, size_t{3});
  }
  std::string Evict() override {
    for (;;) {
      const auto least = std::min_element(items_.begin(), items_.end(), [](const auto& a, const auto& b) {
        return std::pair(a.second.rank, a.second.placed) < std::pair(b.second.rank, b.second.placed);
      });
      const std::string key = least->first;
      Entry& entry = least->second;
      if (entry.marks == 0) {
        floor_ = entry.rank;
        bytes_ -= entry.bytes;
        items_.erase(least);
        return key;
      }
      entry.uses = std::min(entry.uses + entry.marks, size_t{255});
      entry.marks = 0;
      Place(key);
    }
  }

 private:
  struct Entry {
    size_t uses, marks, rank, placed, bytes;
  };
  void Place(const std::string& key) {
    Entry& entry = items_[key];
    const size_t worth =
        by_size_ ? std::clamp<size_t>(8 * entry.uses * bytes_ / (items_.size() * entry.bytes), 1, 255)
                 : entry.uses;
    entry.rank = floor_ + worth;
    entry.placed = ++clock_;
  }
  const bool by_size_;
  std::map<std::string, Entry> items_;
  size_t floor_ = 0, clock_ = 0, bytes_ = 0;
};

// Its border is in bytes, though all items have the same: in items it would be rounded differently, and now and then
// a clock be just as long as the border in one and just shorter in the other.
class CarModel : public Model {
 public:
  void Insert(const std::string& key, size_t item_bytes) override {
    bytes_ = static_cast<double>(item_bytes);
    const auto once_ghosts = static_cast<double>(once_ghosts_.live());
    const auto often_ghosts = static_cast<double>(often_ghosts_.live());
    const double all = static_cast<double>(items() + 1) * bytes_;
    if (once_ghosts_.Take(key)) {
      target_ = std::min(all, target_ + bytes_ * std::max(1.0, often_ghosts / once_ghosts));
      often_.push_back(key);
    } else if (often_ghosts_.Take(key)) {
      target_ = std::max(0.0, target_ - bytes_ * std::max(1.0, once_ghosts / often_ghosts));
      often_.push_back(key);
    } else {
      once_.push_back(key);
      once_ghosts_.TrimTo(items() - once_.size());
      often_ghosts_.TrimTo(items() - std::min(items(), once_ghosts_.live()));
    }
  }
  void Hit(const std::string& key) override { marked_.insert(key); }
  std::string Evict() override {
    for (;;) {
      const bool from_once =
          often_.empty() ||
          (!once_.empty() && static_cast<double>(once_.size()) * bytes_ >= std::max(target_, 1.0));
      const std::string key = PopFront(from_once ? &once_ : &often_);
      if (marked_.erase(key) == 0) {
        (from_once ? once_ghosts_ : often_ghosts_).Remember(key);
        return key;
      }
      often_.push_back(key);
    }
  }

 private:
  // Youngest last. As long as the real one looks back with so few items.
  class Ghosts {
   public:
    void Remember(const std::string& key) {
      if (keys_.size() == 64) keys_.pop_front();
      keys_.push_back(key);
    }
    bool Take(const std::string& key) {
      const auto found = std::find(keys_.begin(), keys_.end(), key);
      if (found == keys_.end()) return false;
      found->clear();
      return true;
    }
    void TrimTo(size_t live_max) {
      while (live() > live_max) keys_.pop_front();
    }
    size_t live() const {
      return static_cast<size_t>(
          std::count_if(keys_.begin(), keys_.end(), [](const auto& k) { return !k.empty(); }));
    }

   private:
    std::deque<std::string> keys_;
  };
  size_t items() const { return once_.size() + often_.size(); }

  Keys once_, often_;
  Ghosts once_ghosts_, often_ghosts_;
  std::set<std::string> marked_;
  double target_ = 0, bytes_ = 0;
};

class WTinyLfuModel : public Model {
 public:
  WTinyLfuModel() { ASSERT_OK(sketch_.Init(10000)); }
  void Insert(const std::string& key, size_t) override {
    Count(key);
    requests_++;
    window_.push_back(key);
    MoveOverflow();
    if (sketch_.GrowthFor(items() + 1) > 0) assert_true(sketch_.Grow());
  }
  void Hit(const std::string& key) override {
    Count(key);
    requests_++;
    hits_++;
    if (RemoveFrom(&window_, key)) {
      window_.push_back(key);
    } else if (RemoveFrom(&protected_, key)) {
      protected_.push_back(key);
    } else {
      RemoveFrom(&probation_, key);
      protected_.push_back(key);
      TrimProtected();
    }
    Climb();
  }
  std::string Evict() override {
    Climb();
    MoveOverflow();
    const bool contest = window_.size() * kBytes >= Target();
    Keys* const from = !probation_.empty() ? &probation_ : !protected_.empty() ? &protected_ : nullptr;
    if (!contest) return PopFront(from != nullptr ? from : &window_);
    const std::string candidate = PopFront(&window_);
    if (from == nullptr || Estimate(candidate) <= Estimate(from->front())) return candidate;
    const std::string victim = PopFront(from);
    probation_.push_back(candidate);
    return victim;
  }

 private:
  static constexpr size_t kBytes = 48;   // of every item of this test
  size_t items() const { return window_.size() + probation_.size() + protected_.size(); }
  size_t Target() const { return static_cast<size_t>(share_ * static_cast<double>(items() * kBytes)); }
  uint32_t Estimate(const std::string& key) const {
    return sketch_.Estimate(static_cast<uint32_t>(PolicyFixture::Checksum(key)));
  }
  void Count(const std::string& key) {
    sketch_.Add(static_cast<uint32_t>(PolicyFixture::Checksum(key)));
    if (sketch_.additions() >= 10 * std::max(items(), size_t{64})) sketch_.Age();
  }
  void MoveOverflow() {
    while (window_.size() > 1 && window_.size() * kBytes >= Target() + kBytes) {
      probation_.push_back(PopFront(&window_));
    }
  }
  void TrimProtected() {
    while (static_cast<double>(protected_.size() * kBytes) >
           0.8 * static_cast<double>((protected_.size() + probation_.size()) * kBytes)) {
      probation_.push_back(PopFront(&protected_));
    }
  }
  void Climb() {
    if (requests_ < 10 * std::max(items(), size_t{64})) return;
    const double ratio = static_cast<double>(hits_) / static_cast<double>(requests_);
    const double change = ratio - last_;
    double step = change >= -0.0025 ? step_ : -step_;
    if (share_ + step < 0.01 || share_ + step > 0.8) step = -step;
    const double again = step > 0 ? 0.0625 : -0.0625;
    step_ = change >= 0.05 || change <= -0.05 ? again : 0.98 * step;
    last_ = ratio;
    hits_ = requests_ = 0;
    share_ = std::clamp(share_ + step, 0.01, 0.8);
    MoveOverflow();
    TrimProtected();
  }

  Keys window_, probation_, protected_;
  FrequencySketch sketch_;   // has a test of its own
  double share_ = 0.01, step_ = 0.0625, last_ = 0;
  size_t hits_ = 0, requests_ = 0;
};

std::unique_ptr<Model> NewModel(const std::string& policy) {
  if (policy == "s3fifo") return std::make_unique<S3FifoModel>();
  if (policy == "wtinylfu") return std::make_unique<WTinyLfuModel>();
  if (policy == "car") return std::make_unique<CarModel>();
  if (policy == "sieve") return std::make_unique<SieveModel>();
  if (policy == "lfu" || policy == "gdsf") return std::make_unique<LfuModel>(policy == "gdsf");
  return std::make_unique<RecencyModel>(policy == "lru");
}

// Skewed keys whose popular ones change now and then, with loops between.
class Traffic {
 public:
  explicit Traffic(uint64_t seed) : random_(seed) {}
  std::string Next() {
    if (++step_ % 700 == 0) shift_ += random_.Below(50);
    uint64_t number = random_.Below(1 + random_.Below(1 + random_.Below(150))) + shift_;
    if (step_ % 1000 > 900) number = 10000 + step_ % 40;
    return "k" + std::to_string(100000 + number);
  }

 private:
  Random random_;
  uint64_t step_ = 0;
  uint64_t shift_ = 0;
};

}   // namespace

TEST(every_policy_chooses_the_victims_of_its_model) {
  const uint64_t seed = TestSeed();
  constexpr size_t kItems = 30;
  for (const std::string& name : PolicyNames()) {
    PolicyFixture policy(name);
    const std::unique_ptr<Model> model = NewModel(name);
    Traffic traffic(seed);
    Random sizes(seed);
    size_t hits = 0;
    for (int step = 0; step < 40000; step++) {
      const std::string key = traffic.Next();
      if (policy.Has(key)) {
        policy.Hit(key);
        model->Hit(key);
        hits++;
        continue;
      }
      if (policy.size() == kItems) {
        const std::string victim = policy.Evict();
        if (victim != model->Evict()) fail_msg("%s: step %d: %s", name.c_str(), step, victim.c_str());
      }
      const size_t value_len = name == "gdsf" ? sizes.Below(500) : 4;
      policy.Insert(key, value_len);
      model->Insert(key, policy.BytesOf(key));
    }
    assert_true(hits > 4000 && hits < 36000);
  }
}

RUN()
