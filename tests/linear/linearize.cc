#include "linear/linearize.h"

#include <algorithm>
#include <set>

namespace shale_test {

namespace {

constexpr const char* kNames[] = {"get",           "put",    "delete",
                                  "incr",          "swap",   "compare_and_set",
                                  "put_if_absent", "fulfil", "compare_and_delete",
                                  "expire",        "ttl"};
constexpr size_t kShownEvents = 60;   // before the one that has no explanation

std::string Show(int64_t value) {
  return value == kAbsent ? "absent" : std::to_string(value);
}

uint64_t Bit(const Op& op) {
  return uint64_t{1} << op.thread;
}

struct Event {
  uint64_t at;
  const Op* op;
  bool is_end;
};

std::vector<Event> EventsOf(const std::vector<Op>& ops) {
  std::vector<Event> events;
  events.reserve(2 * ops.size());
  for (const Op& op : ops) {
    events.push_back({op.start, &op, false});
    if (op.end != 0) events.push_back({op.end, &op, true});
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
  return events;
}

bool SetsDeadline(const Op& op) {
  return op.ttl_ms > 0 && op.kind != OpKind::kGet && op.kind != OpKind::kTtl;
}

}   // namespace

std::string Show(const Op& op) {
  return "[" + std::to_string(op.start) + ".." + std::to_string(op.end) + "] thread " +
         std::to_string(op.thread) + " " + kNames[static_cast<int>(op.kind)] + " " + Show(op.argument) +
         (op.done ? "" : " (not done)") + " expected " + Show(op.expected) + " result " + Show(op.result) +
         " ttl " + std::to_string(op.ttl_ms) + " clock " + std::to_string(op.clock_start) + ".." +
         std::to_string(op.clock_end);
}

Linearizer::Linearizer() : ways_{Way{}} {}

// What the plain register does. False if it would have answered something else; nobody knows the answer to an
// operation without an end.
bool Linearizer::Step(const Op& op, bool over, int64_t set_ms, Way* way) {
  const bool answered = op.end != 0;
  if (over) *way = Way{kAbsent, 0, way->past};
  const int64_t before = way->value;
  const int64_t kept_ms = before == kAbsent ? kNever : way->deadline_ms;
  const auto set = [&](int64_t value) {
    way->value = value;
    way->deadline_ms = op.ttl_ms == kKeep ? kept_ms : (op.ttl_ms == kNever ? kNever : set_ms + op.ttl_ms);
  };
  // Answered with op.done: whether the key was as it had to be.
  const auto set_if = [&](bool fits, int64_t value) {
    if (answered && fits != op.done) return false;
    if (fits) set(value);
    return true;
  };
  switch (op.kind) {
    case OpKind::kGet:
      return !answered || op.result == before;
    case OpKind::kTtl:
      if (!answered) return true;
      if (before == kAbsent || way->deadline_ms == kNever)
        return op.result == (before == kAbsent ? kAbsent : kNever);
      return op.result >= 1 && op.clock_start <= way->deadline_ms - op.result &&
             way->deadline_ms - op.result <= op.clock_end;
    case OpKind::kPut:
      set(op.argument);
      return true;
    case OpKind::kDelete:
      way->value = kAbsent;
      return true;
    case OpKind::kIncr:
      way->value = (before == kAbsent ? 0 : before) + op.argument;
      way->deadline_ms = kept_ms;
      return !answered || op.result == way->value;
    case OpKind::kSwap:
      set(op.argument);
      return !answered || op.result == before;
    case OpKind::kCompareAndSet:
      return set_if(before == op.expected, op.argument);
    case OpKind::kPutIfAbsent:
      return set_if(before == kAbsent, op.argument);
    case OpKind::kFulfil:   // what was written and deleted again meanwhile ended the lease too
      if (answered && !op.done) return true;
      return before == kAbsent ? set_if(true, op.argument) : !answered;
    case OpKind::kCompareAndDelete:
      return set_if(before == op.expected, kAbsent);
    case OpKind::kExpire:
      return before == kAbsent ? !answered || !op.done : set_if(true, before);
  }
  return false;
}

void Linearizer::TryAll(const Op& op, const Way& from, std::vector<Way>* out) {
  const bool mortal = from.value != kAbsent && from.deadline_ms != kNever;
  const int64_t last_ms = SetsDeadline(op) ? op.clock_end : op.clock_start;
  for (const bool over : {false, true}) {
    if (over && (!mortal || from.deadline_ms > op.clock_end)) continue;
    if (!over && mortal && from.deadline_ms <= op.clock_start) continue;
    for (int64_t set_ms = op.clock_start; set_ms <= last_ms; set_ms++) {
      Way way = from;
      if (!Step(op, over, set_ms, &way)) continue;
      way.past |= Bit(op);
      if (way.value == kAbsent) way.deadline_ms = 0;
      out->push_back(way);
    }
  }
}

// Every way in which `ended` has had its instant, each with no more of the others than that takes: what has
// not ended can wait (Lowe's "just in time"). Null: every way there is.
void Linearizer::Explore(const std::vector<const Op*>& under_way, const Op* ended) {
  std::vector<Way> done, todo, next;
  for (const Way& way : ways_)
    (ended != nullptr && (way.past & Bit(*ended)) != 0 ? done : todo).push_back(way);
  std::set<Way> met(todo.begin(), todo.end());
  while (!todo.empty()) {
    const Way way = todo.back();
    todo.pop_back();
    if (ended == nullptr) done.push_back(way);
    for (const Op* op : under_way) {
      if ((way.past & Bit(*op)) != 0) continue;
      next.clear();
      TryAll(*op, way, &next);
      for (const Way& n : next) {
        if (op == ended) {
          done.push_back(n);
        } else if (met.insert(n).second) {
          todo.push_back(n);
        }
      }
    }
  }
  ways_ = std::move(done);
}

// These threads begin their next operations.
void Linearizer::Forget(uint64_t threads) {
  for (Way& way : ways_) way.past &= ~threads;
  std::sort(ways_.begin(), ways_.end());
  ways_.erase(std::unique(ways_.begin(), ways_.end()), ways_.end());
}

bool Linearizer::Check(const std::vector<Op>& ops, std::string* why) {
  const std::vector<Event> events = EventsOf(ops);
  std::vector<const Op*> under_way;
  for (size_t i = 0; i < events.size(); i++) {
    const Event& event = events[i];
    if (!event.is_end) {
      under_way.push_back(event.op);
      continue;
    }
    Explore(under_way, event.op);
    Forget(Bit(*event.op));
    std::erase(under_way, event.op);
    if (!ways_.empty()) continue;
    *why = "no order explains the end of " + Show(*event.op) + "; the last that ended before it:";
    for (size_t k = i > kShownEvents ? i - kShownEvents : 0; k < i; k++) {
      if (events[k].is_end) *why += "\n  " + Show(*events[k].op);
    }
    for (const Op* op : under_way) *why += "\n  under way: " + Show(*op);
    return false;
  }
  Explore(under_way, nullptr);   // of those that were killed each has happened or not
  Forget(~uint64_t{0});
  return true;
}

}   // namespace shale_test
