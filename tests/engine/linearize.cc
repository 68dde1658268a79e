#include "engine/linearize.h"

#include <algorithm>

namespace shale_test {

namespace {

constexpr const char* kNames[] = {"get",           "put",   "delete", "incr", "swap", "compare_and_set",
                                  "put_if_absent", "fulfil"};

// What the plain register does. False if it would have answered something else.
bool Step(const Op& op, int64_t* value) {
  const int64_t before = *value;
  switch (op.kind) {
    case OpKind::kGet:
      return op.result == before;
    case OpKind::kPut:
      *value = op.argument;
      return true;
    case OpKind::kDelete:
      *value = kAbsent;
      return true;
    case OpKind::kIncr:
      *value = (before == kAbsent ? 0 : before) + op.argument;
      return op.result == *value;
    case OpKind::kSwap:
      *value = op.argument;
      return op.result == before;
    case OpKind::kCompareAndSet:
      if (op.done) *value = op.argument;
      return op.done == (before == op.expected);
    case OpKind::kPutIfAbsent:
      if (op.done) *value = op.argument;
      return op.done == (before == kAbsent);
    case OpKind::kFulfil:
      if (op.done) *value = op.argument;
      return !op.done || before == kAbsent;
  }
  return false;
}

std::string Show(int64_t value) {
  return value == kAbsent ? "absent" : std::to_string(value);
}

struct Event {
  uint64_t at;
  const Op* op;
  bool is_end;
};

}   // namespace

std::string Show(const Op& op) {
  return "[" + std::to_string(op.start) + ".." + std::to_string(op.end) + "] thread " +
         std::to_string(op.thread) + " " + kNames[static_cast<int>(op.kind)] + " " + Show(op.argument) +
         (op.done ? "" : " (not done)") + " expected " + Show(op.expected) + " result " + Show(op.result);
}

Linearizer::Linearizer() : ways_{Way{kAbsent, 0}} {}

// Adds every way in which more of the operations under way have had their instant.
void Linearizer::Explore(const std::vector<const Op*>& under_way) {
  for (size_t i = 0; i < ways_.size(); i++) {
    for (const Op* op : under_way) {
      Way way = ways_[i];
      const uint64_t bit = uint64_t{1} << op->thread;
      if ((way.past & bit) != 0 || !Step(*op, &way.value)) continue;
      way.past |= bit;
      if (std::find(ways_.begin(), ways_.end(), way) == ways_.end()) ways_.push_back(way);
    }
  }
}

bool Linearizer::Check(const std::vector<Op>& ops, std::string* why) {
  std::vector<Event> events;
  events.reserve(2 * ops.size());
  for (const Op& op : ops) {
    events.push_back({op.start, &op, false});
    events.push_back({op.end, &op, true});
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
  std::vector<const Op*> under_way;
  for (size_t i = 0; i < events.size(); i++) {
    const Event& event = events[i];
    if (!event.is_end) {
      under_way.push_back(event.op);
      continue;
    }
    Explore(under_way);
    const uint64_t bit = uint64_t{1} << event.op->thread;
    std::erase_if(ways_, [&](const Way& way) { return (way.past & bit) == 0; });
    for (Way& way : ways_) way.past &= ~bit;
    std::sort(ways_.begin(), ways_.end());
    ways_.erase(std::unique(ways_.begin(), ways_.end()), ways_.end());
    std::erase(under_way, event.op);
    if (!ways_.empty()) continue;
    *why = "no order explains the end of " + Show(*event.op) + "; the last that ended before it:";
    for (size_t k = i > 60 ? i - 60 : 0; k < i; k++) {
      if (events[k].is_end) *why += "\n  " + Show(*events[k].op);
    }
    return false;
  }
  return true;
}

}   // namespace shale_test
