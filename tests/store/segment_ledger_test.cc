#include "store/segment_ledger.h"

#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

constexpr LogPosition kInThree = MakePosition(3, 128), kInFour = MakePosition(4, 4096);

TEST(the_first_pointer_into_a_segment_is_told) {
  SegmentLedger ledger;
  assert_true(ledger.empty());
  assert_true(ledger.Add(kInThree, 800));
  assert_false(ledger.Add(kInThree, 80));
  assert_true(ledger.Add(kInFour, 8));
  assert_true(ledger.Get(3).pointed && ledger.Get(4).pointed);
  assert_false(ledger.Get(5).pointed);
  assert_int_equal(ledger.live_bytes(), 888);
}

TEST(what_was_met_counts_for_its_kind_but_lowers_the_upper_bound_once) {
  SegmentLedger ledger;
  ledger.Add(kInThree, 8000);
  ledger.Remove(kInThree, 80, 8);
  assert_int_equal(ledger.Get(3).live, 8000 - 640);
  assert_int_equal(ledger.Get(3).live_most, 8000 - 80);
  ledger.Remove(kInThree, 8000, 8);   // an unlucky sample
  assert_int_equal(ledger.live_bytes(), 0);
}

TEST(a_segment_that_was_collected_does_not_come_back) {
  SegmentLedger ledger;
  ledger.Add(kInThree, 800);
  ledger.Forget(3);
  ledger.Remove(kInThree, 800, 1);
  assert_false(ledger.Get(3).pointed);
  assert_int_equal(ledger.live_bytes(), 0);
}

TEST(it_is_read_as_it_was_written) {
  SegmentLedger ledger;
  ledger.Add(kInThree, 8000);
  ledger.Remove(kInThree, 80, 8);
  ledger.Add(kInFour, 64);
  ledger.SetUnknown(7);
  assert_true(ledger.changed());
  const Buffer raw = ledger.Encode();
  assert_false(ledger.changed());
  for (const bool clean : {true, false}) {
    SegmentLedger read;
    assert_true(read.Decode(raw, clean));
    assert_int_equal(read.Get(3).live, 8000 - 640);
    assert_int_equal(read.Get(3).live_most, 8000 - 80);
    // After a crash rows may have been added that this does not know of.
    assert_int_equal(read.Get(3).most_known, clean);
    assert_true(read.Get(3).pointed && read.Get(4).pointed && read.Get(7).pointed);
    assert_true(read.Get(7).unknown && !read.Get(7).most_known && !read.Get(4).unknown);
    assert_false(read.Get(5).pointed);
    assert_true(read.Encode() == raw || !clean);
  }
}

TEST(a_malformed_one_is_refused_and_changes_nothing) {
  SegmentLedger ledger;
  ledger.Add(kInThree, 800);
  const Buffer raw = ledger.Encode();
  SegmentLedger other;
  other.Add(kInFour, 80);
  for (size_t size = 1; size < raw.size(); size++) assert_false(other.Decode(raw.substr(0, size), true));
  assert_false(other.Decode(Buffer(3, '\0'), true));      // segment 0
  assert_false(other.Decode(Buffer(11, '\xff'), true));   // no varint
  assert_int_equal(other.live_bytes(), 80);
}

TEST(an_unknown_segment_counts_once_it_was_looked_at) {
  SegmentLedger ledger;
  ledger.SetUnknown(3);
  ledger.Add(kInThree, 800);
  assert_true(ledger.Get(3).unknown);
  assert_int_equal(ledger.live_bytes(), 0);
  ledger.SetLive(3, 4000);
  assert_false(ledger.Get(3).unknown);
  assert_int_equal(ledger.live_bytes(), 4000);
}

}   // namespace
}   // namespace shale

RUN()
