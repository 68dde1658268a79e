// The checker of histories itself: against trying every order, on small random histories of a right and a
// wrong register.
#include "linear/linearize.h"

#include <algorithm>
#include <numeric>

#include "model/store_kit.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

Op Make(OpKind kind, uint8_t thread, int64_t argument, int64_t result, uint64_t start, uint64_t end) {
  Op op;
  op.kind = kind;
  op.thread = thread;
  op.argument = argument;
  op.result = result;
  op.start = start;
  op.end = end;
  return op;
}

bool Linear(const std::vector<Op>& ops) {
  std::string why;
  return Linearizer().Check(ops, &why);
}

TEST(reads_that_overlap_a_write_may_see_either) {
  const Op put = Make(OpKind::kPut, 0, 7, 0, 1, 10);
  assert_true(Linear({put, Make(OpKind::kGet, 1, 0, 7, 2, 3)}));
  assert_true(Linear({put, Make(OpKind::kGet, 1, 0, kAbsent, 2, 3)}));
  // But not the new value and then, later, the old one.
  assert_true(Linear({put, Make(OpKind::kGet, 1, 0, kAbsent, 2, 3), Make(OpKind::kGet, 2, 0, 7, 4, 5)}));
  assert_false(Linear({put, Make(OpKind::kGet, 1, 0, 7, 2, 3), Make(OpKind::kGet, 2, 0, kAbsent, 4, 5)}));
}

TEST(what_is_stale_lost_or_invented_is_found) {
  assert_false(Linear({Make(OpKind::kPut, 0, 7, 0, 1, 2), Make(OpKind::kGet, 1, 0, kAbsent, 3, 4)}));
  assert_false(Linear({Make(OpKind::kPut, 0, 7, 0, 1, 2), Make(OpKind::kGet, 1, 0, 8, 3, 4)}));
  assert_false(Linear({Make(OpKind::kIncr, 0, 1, 1, 1, 4), Make(OpKind::kIncr, 1, 1, 1, 2, 3)}));
  assert_true(Linear({Make(OpKind::kIncr, 0, 1, 2, 1, 4), Make(OpKind::kIncr, 1, 1, 1, 2, 3)}));
  assert_false(Linear({Make(OpKind::kPut, 0, 7, 0, 1, 2), Make(OpKind::kFulfil, 1, 8, 0, 3, 4)}));
}

TEST(pieces_of_a_history_go_on_where_the_last_ended) {
  Linearizer linearizer;
  std::string why;
  assert_true(linearizer.Check({Make(OpKind::kPut, 0, 1, 0, 1, 4), Make(OpKind::kPut, 1, 2, 0, 2, 3)}, &why));
  assert_true(linearizer.Check({Make(OpKind::kGet, 0, 0, 2, 5, 6)}, &why));
  assert_false(linearizer.Check({Make(OpKind::kGet, 0, 0, 1, 7, 8)}, &why));
}

Op Timed(OpKind kind, int64_t argument, int64_t result, int64_t ttl_ms, uint64_t start, int64_t clock) {
  Op op = Make(kind, 0, argument, result, start, start + 1);
  op.ttl_ms = ttl_ms;
  op.clock_start = op.clock_end = clock;
  return op;
}

TEST(a_key_is_gone_at_its_deadline_and_not_before) {
  const Op put = Timed(OpKind::kPut, 7, 0, 5, 1, 100);
  assert_true(Linear({put, Timed(OpKind::kGet, 0, 7, kNever, 3, 104)}));
  assert_false(Linear({put, Timed(OpKind::kGet, 0, kAbsent, kNever, 3, 104)}));
  assert_true(Linear({put, Timed(OpKind::kGet, 0, kAbsent, kNever, 3, 105)}));
  assert_false(Linear({put, Timed(OpKind::kGet, 0, 7, kNever, 3, 105)}));
  assert_true(Linear({put, Timed(OpKind::kTtl, 0, 2, kNever, 3, 103)}));
  assert_false(Linear({put, Timed(OpKind::kTtl, 0, 3, kNever, 3, 103)}));
  const Op keep = Timed(OpKind::kPut, 8, 0, kKeep, 3, 101);
  assert_false(Linear({put, keep, Timed(OpKind::kGet, 0, 8, kNever, 5, 105)}));
  assert_true(Linear({put, keep, Timed(OpKind::kGet, 0, 8, kNever, 5, 104)}));
  // What was seen to be gone does not come back.
  Op across = Timed(OpKind::kExpire, 0, 0, 50, 3, 104);
  across.thread = 1;
  across.end = 20;
  across.clock_end = 106;
  const Op seen = Timed(OpKind::kGet, 0, 7, kNever, 22, 107);
  assert_true(Linear({put, across, seen}));
  assert_false(Linear({put, across, Timed(OpKind::kGet, 0, kAbsent, kNever, 5, 105), seen}));
}

TEST(what_was_under_way_at_a_kill_has_happened_or_never_will) {
  const Op put = Make(OpKind::kPut, 0, 7, 0, 1, 2);
  const Op killed = Make(OpKind::kDelete, 1, 0, 0, 3, 0);
  for (const int64_t after : {int64_t{7}, kAbsent}) {
    Linearizer linearizer;
    std::string why;
    assert_true(linearizer.Check({put, killed}, &why));
    assert_true(linearizer.Check({Make(OpKind::kGet, 2, 0, after, 11, 12)}, &why));
    const int64_t other = after == 7 ? kAbsent : 7;
    assert_false(linearizer.Check({Make(OpKind::kGet, 2, 0, other, 13, 14)}, &why));
  }
}

// Every order of all operations that respects time, one after the other.
bool SomeOrderFits(const std::vector<Op>& ops) {
  std::vector<size_t> order(ops.size());
  std::iota(order.begin(), order.end(), 0);
  do {
    bool fits = true;
    for (size_t i = 0; i < order.size() && fits; i++) {
      for (size_t k = i + 1; k < order.size() && fits; k++) fits = ops[order[k]].end > ops[order[i]].start;
    }
    int64_t value = kAbsent;
    for (size_t i = 0; i < order.size() && fits; i++) {
      const Op& op = ops[order[i]];
      if (op.kind == OpKind::kGet || op.kind == OpKind::kSwap) fits = op.result == value;
      if (op.kind == OpKind::kPut || op.kind == OpKind::kSwap) value = op.argument;
      if (op.kind == OpKind::kDelete) value = kAbsent;
      if (op.kind == OpKind::kIncr) {
        value = (value == kAbsent ? 0 : value) + op.argument;
        fits = op.result == value;
      }
    }
    if (fits) return true;
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

TEST(it_agrees_with_trying_every_order) {
  Dice dice(TestSeed());
  int linear = 0;
  constexpr int kHistories = 3000;
  for (int i = 0; i < kHistories; i++) {
    std::vector<Op> ops;
    std::vector<uint64_t> times(12);
    std::iota(times.begin(), times.end(), 1);
    for (size_t k = times.size() - 1; k > 0; k--) std::swap(times[k], times[dice.Below(k + 1)]);
    for (uint8_t t = 0; t < 6; t++) {
      const auto kind = static_cast<OpKind>(dice.Below(5));
      const auto [start, end] = std::minmax(times[2 * t], times[2 * t + 1]);
      const int64_t result = dice.OneIn(3) ? kAbsent : static_cast<int64_t>(dice.Between(1, 3));
      ops.push_back(Make(kind, t, static_cast<int64_t>(dice.Between(1, 2)), result, start, end));
    }
    const bool expected = SomeOrderFits(ops);
    linear += expected;
    if (Linear(ops) == expected) continue;
    for (const Op& op : ops) std::printf("%s\n", Show(op).c_str());
    fail_msg("history %d: %s", i, expected ? "there is an order, and it was not found" : "there is no order");
  }
  assert_true(linear > kHistories / 20 && linear < kHistories - kHistories / 20);   // both kinds were seen
}

}   // namespace
}   // namespace shale_test

RUN()
