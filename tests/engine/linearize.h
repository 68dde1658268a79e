// Is there an order of these operations on one key, each at some instant between its start and its end, in
// which a plain register with a counter would have given the same results? Decided exactly, while the history
// goes by: the state is every way in which it can be explained so far, and it is small, because results rule
// most ways out.
//  (1) Check may be called piece after piece; between two pieces nothing is under way
//  (2) a key begins absent
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
};

inline constexpr int64_t kAbsent = INT64_MIN;

struct Op {
  OpKind kind = OpKind::kGet;
  uint8_t thread = 0;   // one operation at a time each
  uint8_t key = 0;
  bool done = true;   // compare and set, put if absent, fulfil: whether it changed the key
  int64_t argument = 0;
  int64_t expected = 0;
  int64_t result = 0;   // get, incr, swap: the value or kAbsent
  uint64_t start = 0;   // all starts and ends are different numbers
  uint64_t end = 0;
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
    int64_t value;
    uint64_t past;
    bool operator==(const Way&) const = default;
    auto operator<=>(const Way&) const = default;
  };
  void Explore(const std::vector<const Op*>& under_way);

  std::vector<Way> ways_;
};

}   // namespace shale_test
