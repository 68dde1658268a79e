// Is there an order of these operations on one key, each at some instant between its start and its end, in
// which a plain register with a counter and a deadline would have given the same results? Decided exactly,
// while the history goes by (the search of Wing and Gong with Lowe's memory of states): the state is every
// way in which it can be explained so far, and it is small, because results rule most ways out.
//  (1) Check may be called piece after piece; between two pieces nothing is under way
//  (2) a key begins absent
//  (3) an operation reads the clock at any instants between its start and its end, and may read it twice:
//  once
//      to see if the key is over, once for the new deadline
//  (4) an operation without an end was under way when the process was killed: it has happened, or it never
//      will
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace shale_test {

enum class OpKind : uint8_t {
  kGet,
  kPut,
  kDelete,
  kIncr,            // argument: delta
  kSwap,            // get and set
  kCompareAndSet,   // argument: new, expected
  kPutIfAbsent,
  kFulfil,   // sets what was absent, or changes nothing
  kCompareAndDelete,
  kExpire,   // gives a new deadline
  kTtl,      // result: time left, kNever or kAbsent
};

inline constexpr int64_t kAbsent = INT64_MIN;
inline constexpr int64_t kNever = -1;   // as SHALE_TTL_NEVER
inline constexpr int64_t kKeep = -2;    // as SHALE_TTL_KEEP

struct Op {
  OpKind kind = OpKind::kGet;
  uint8_t thread = 0;   // one operation at a time each
  uint8_t key = 0;
  bool done = true;   // compare and set, put if absent, fulfil, expire: whether it changed the key
  int64_t argument = 0;
  int64_t expected = 0;
  int64_t result = 0;   // get, incr, swap: the value or kAbsent
  int64_t ttl_ms = kNever;
  int64_t clock_start = 0;   // what the clock said then
  int64_t clock_end = 0;
  uint64_t start = 0;   // all starts and ends are different numbers
  uint64_t end = 0;     // 0: none
};

std::string Show(const Op& op);

class Linearizer {
 public:
  Linearizer();
  // Operations of one key, in any order. False if there is no such order; *why shows where it ended.
  bool Check(const std::vector<Op>& ops, std::string* why);

 private:
  // One way to explain what was seen: the value, and which of the operations under way have had their
  // instant.
  struct Way {
    int64_t value = kAbsent;
    int64_t deadline_ms = 0;   // kNever, of a value that is there
    uint64_t past = 0;
    bool operator==(const Way&) const = default;
    auto operator<=>(const Way&) const = default;
  };
  static bool Step(const Op& op, bool over, int64_t set_ms, Way* way);
  static void TryAll(const Op& op, const Way& from, std::vector<Way>* out);
  void Explore(const std::vector<const Op*>& under_way, const Op* ended);
  void Forget(uint64_t threads);

  std::vector<Way> ways_;
};

}   // namespace shale_test
