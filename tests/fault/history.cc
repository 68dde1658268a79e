#include "fault/history.h"

#include <algorithm>
#include <set>

#include "model/store_kit.h"

namespace shale_test {

namespace {

const KeyState kAbsent;

const KeyState& StateIn(const StoreState& state, const std::string& key) {
  const auto found = state.find(key);
  return found == state.end() ? kAbsent : found->second;
}

// One shard's changes, in order, and behind which of them it may have been cut.
class ShardPast {
 public:
  ShardPast(int shard, const StoreState& seen) : shard_(shard), seen_(&seen) {}

  void Add(size_t deed, const std::vector<Change>& changes, bool is_durable) {
    steps_.push_back({deed, changes});
    if (is_durable) Require();
  }
  void Require() { least_ = steps_.size(); }

  // The numbers of steps that fit what was seen.
  std::string Match() {
    std::set<std::string> wrong;   // keys that are not as the steps so far leave them
    for (const auto& [key, state] : *seen_) wrong.insert(key);
    StoreState now;
    size_t fewest = SIZE_MAX;
    for (size_t n = 0; n <= steps_.size(); n++) {
      if (n > 0) {
        for (const Change& change : steps_[n - 1].changes) {
          now[change.key] = change.state;
          if (StateIn(*seen_, change.key) == change.state)
            wrong.erase(change.key);
          else
            wrong.insert(change.key);
        }
      }
      if (n < least_) continue;
      if (wrong.empty()) fits_.push_back(n);
      if (wrong.size() >= fewest) continue;
      fewest = wrong.size();
      closest_ = Tell(n, wrong, now);
    }
    return fits_.empty() ? closest_ : "";
  }

  bool CertainlyHas(size_t deed) const { return StepOf(deed) < fits_.front(); }
  bool CertainlyLacks(size_t deed) const { return StepOf(deed) >= fits_.back(); }

 private:
  struct Step {
    size_t deed;
    std::vector<Change> changes;
  };
  size_t StepOf(size_t deed) const {
    size_t n = 0;
    while (steps_[n].deed != deed) n++;
    return n;
  }
  std::string Tell(size_t n, const std::set<std::string>& wrong, const StoreState& now) const {
    std::string text = "shard " + std::to_string(shard_) + " is at none of its " +
                       std::to_string(steps_.size()) + " states, of which " + std::to_string(least_) +
                       " must be there; nearest is " + std::to_string(n) + ":";
    size_t told = 0;
    for (const std::string& key : wrong) {
      if (told++ == 4) break;
      text += " " + key.substr(0, 8) + " is " + ShowState(StateIn(*seen_, key)) + ", should be " +
              ShowState(StateIn(now, key)) + ";";
    }
    return text;
  }

  const int shard_;
  const StoreState* const seen_;
  std::vector<Step> steps_;
  size_t least_ = 0;
  std::vector<size_t> fits_;
  std::string closest_;
};

}   // namespace

std::string ShowState(const KeyState& state) {
  if (state.empty()) return "absent";
  return Show(state.substr(0, 24)) + " (" + std::to_string(state.size() - 1) +
         (state.back() == 'T' ? ", expires)" : ")");
}

std::string History::GroupOf(const std::string& key) {
  const size_t slash = key.find('/');
  return slash == std::string::npos ? "" : key.substr(0, slash + 1);
}

Deed* History::Begin(std::string what, size_t event) {
  deeds_.emplace_back();
  deeds_.back().what = std::move(what);
  deeds_.back().begin = event;
  return &deeds_.back();
}

void History::Acknowledge(Deed* deed, size_t event) {
  deed->acknowledged = true;
  deed->end = event;
}

StoreState History::StateBefore(size_t upto) const {
  StoreState state;
  for (size_t i = 0; i < upto; i++) {
    if (!deeds_[i].acknowledged) continue;
    for (const Change& change : deeds_[i].changes) {
      if (change.state.empty())
        state.erase(change.key);
      else
        state[change.key] = change.state;
    }
  }
  return state;
}

History History::Before(size_t upto) const {
  History before;
  before.deeds_.assign(deeds_.begin(), deeds_.begin() + static_cast<ptrdiff_t>(upto));
  return before;
}

StoreState History::StateAt(size_t event) const {
  size_t upto = 0;
  while (upto < deeds_.size() && deeds_[upto].end <= event) upto++;
  return StateBefore(upto);
}

std::string History::JudgeAfterErrors(const StoreState& seen) const {
  // By group, or by key where it is in none: the deeds that may have been its last, each with what it left.
  std::map<std::string, std::vector<StoreState>> candidates;
  for (const Deed& deed : deeds_) {
    std::map<std::string, StoreState> by_unit;
    for (const Change& change : deed.changes) {
      const std::string group = GroupOf(change.key);
      by_unit[group.empty() ? change.key : group][change.key] = change.state;
    }
    for (auto& [unit, state] : by_unit) {
      auto& list = candidates[unit];
      if (list.empty()) list.emplace_back();   // before anything
      if (deed.acknowledged) list.clear();
      list.push_back(std::move(state));
    }
  }
  std::set<std::string> known;
  for (const auto& [unit, list] : candidates) {
    std::set<std::string> keys;
    for (const StoreState& state : list) {
      for (const auto& [key, value] : state) keys.insert(key);
    }
    known.insert(keys.begin(), keys.end());
    const bool fits = std::any_of(list.begin(), list.end(), [&](const StoreState& state) {
      return std::all_of(keys.begin(), keys.end(),
                         [&](const std::string& key) { return StateIn(seen, key) == StateIn(state, key); });
    });
    if (fits) continue;
    std::string text = unit.substr(0, 8) + " is as no deed left it:";
    for (const std::string& key : keys) text += " " + key.substr(0, 8) + " " + ShowState(StateIn(seen, key));
    text += "; the last acknowledged one left";
    for (const auto& [key, state] : list.front()) text += " " + key.substr(0, 8) + " " + ShowState(state);
    return text + ", " + std::to_string(list.size() - 1) + " later ones failed";
  }
  for (const auto& [key, state] : seen) {
    if (!known.contains(key)) return key + " is there, and nobody wrote it";
  }
  return "";
}

std::string History::JudgeAfterCut(const StoreState& seen, size_t event,
                                   const std::map<std::string, int>& shard_of, bool all_durable) const {
  std::map<int, StoreState> seen_in;
  for (const auto& [key, state] : seen) {
    if (!shard_of.contains(key)) return key + " is there, and nobody wrote it";
    seen_in[shard_of.at(key)][key] = state;
  }
  std::map<int, ShardPast> shards;
  for (const auto& [key, shard] : shard_of) shards.try_emplace(shard, shard, seen_in[shard]);
  std::vector<std::pair<size_t, std::vector<int>>> batches;
  for (size_t i = 0; i < deeds_.size() && deeds_[i].begin <= event; i++) {
    const Deed& deed = deeds_[i];
    const bool acknowledged = deed.acknowledged && deed.end <= event;
    std::map<int, std::vector<Change>> parts;
    for (const Change& change : deed.changes) parts[shard_of.at(change.key)].push_back(change);
    for (const auto& [shard, changes] : parts)
      shards.at(shard).Add(i, changes, acknowledged && (deed.durable || all_durable));
    if (acknowledged && deed.barrier) {
      for (auto& [shard, past] : shards) past.Require();
    }
    if (parts.size() < 2) continue;
    batches.emplace_back(i, std::vector<int>());
    for (const auto& [shard, changes] : parts) batches.back().second.push_back(shard);
  }
  for (auto& [shard, past] : shards) {
    if (std::string wrong = past.Match(); !wrong.empty()) return wrong;
  }
  for (const auto& [deed, parts] : batches) {
    for (const int a : parts) {
      for (const int b : parts) {
        if (shards.at(a).CertainlyHas(deed) && shards.at(b).CertainlyLacks(deed))
          return deeds_[deed].what + " is in shard " + std::to_string(a) + " and not in shard " +
                 std::to_string(b);
      }
    }
  }
  return "";
}

}   // namespace shale_test
