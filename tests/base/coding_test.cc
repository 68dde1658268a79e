#include "base/coding.h"

#include <string>
#include <vector>

#include "base/random.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

std::vector<uint64_t> Interesting() {
  std::vector<uint64_t> numbers = {0, ~uint64_t{0}};
  for (int shift = 0; shift < 64; shift++) {
    const uint64_t power = uint64_t{1} << shift;
    numbers.insert(numbers.end(), {power - 1, power, power + 1, ~power});
  }
  return numbers;
}

Buffer Varint(uint64_t v) {
  Buffer out;
  PutVarint64(&out, v);
  return out;
}

TEST(fixed_numbers_are_little_endian_and_round_trip) {
  Buffer out;
  PutFixed<uint32_t>(&out, 0x04030201);
  PutFixed<uint64_t>(&out, 0x0C0B0A0908070605);
  PutFixed<int64_t>(&out, -2);
  assert_true(out ==
              Buffer("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 20));
  Bytes in = out;
  uint32_t a = 0;
  uint64_t b = 0;
  int64_t c = 0;
  assert_true(GetFixed(&in, &a) && GetFixed(&in, &b) && GetFixed(&in, &c) && in.empty());
  assert_true(a == 0x04030201 && b == 0x0C0B0A0908070605 && c == -2);
  assert_int_equal(LoadLE<uint32_t>(out.data()), 0x04030201);
  StoreLE<uint16_t>(out.data() + 1, 0xBBAA);   // at any alignment
  assert_int_equal(LoadLE<uint16_t>(out.data() + 1), 0xBBAA);
}

TEST(a_fixed_number_cut_short_is_refused_and_nothing_is_taken) {
  for (size_t size = 0; size < 8; size++) {
    const Buffer raw(size, 'x');
    Bytes in = raw;
    uint64_t v = 42;
    assert_false(GetFixed(&in, &v));
    assert_int_equal(v, 42);
    assert_int_equal(in.size(), size);
  }
}

TEST(varints_round_trip_in_the_least_bytes) {
  for (const uint64_t v : Interesting()) {
    const Buffer raw = Varint(v) + "rest";
    size_t bytes = 1;
    for (uint64_t rest = v >> 7; rest != 0; rest >>= 7) bytes++;
    assert_int_equal(raw.size(), bytes + 4);
    Bytes in = raw;
    uint64_t read = 0;
    assert_true(GetVarint64(&in, &read));
    assert_true(read == v && in == "rest");
  }
  assert_true(Varint(300) == Buffer("\xAC\x02", 2));
}

TEST(random_varints_round_trip_in_a_row) {
  Random random(TestSeed());
  std::vector<uint64_t> numbers;
  Buffer raw;
  for (int i = 0; i < 10000; i++) {
    numbers.push_back(random.Next() >> random.Below(64));
    PutVarint64(&raw, numbers.back());
  }
  Bytes in = raw;
  for (const uint64_t v : numbers) {
    uint64_t read = 0;
    assert_true(GetVarint64(&in, &read));
    assert_true(read == v);
  }
  assert_true(in.empty());
}

TEST(a_varint_cut_short_is_refused) {
  for (const uint64_t v : Interesting()) {
    const Buffer raw = Varint(v);
    for (size_t size = 0; size < raw.size(); size++) {
      Bytes in = Bytes(raw).substr(0, size);
      uint64_t read = 0;
      assert_false(GetVarint64(&in, &read));
    }
  }
}

TEST(a_varint_above_64_bits_is_refused) {
  uint64_t read = 0;
  for (int last = 0; last < 256; last++) {
    const Buffer raw = Buffer(9, '\xFF') + static_cast<char>(last);
    Bytes in = raw;
    assert_int_equal(GetVarint64(&in, &read), last <= 1);
    if (last == 1) assert_true(read == ~uint64_t{0});
  }
  const Buffer endless(100, '\x80');
  Bytes in = endless;
  assert_false(GetVarint64(&in, &read));
  assert_true(in.size() >= 90);   // and it did not run on
}

TEST(sized_parts_are_taken_whole_or_not_at_all) {
  Buffer raw;
  PutFixed<uint32_t>(&raw, 3);
  raw += "abc";
  PutFixed<uint32_t>(&raw, 0);
  PutFixed<uint32_t>(&raw, 5);
  raw += "1234";
  Bytes in = raw, part;
  assert_true(GetSized32(&in, &part) && part == "abc");
  assert_true(GetSized32(&in, &part) && part.empty());
  assert_false(GetSized32(&in, &part));
  Buffer huge("\xFF\xFF\xFF\xFFx", 5);
  in = huge;
  assert_false(GetSized32(&in, &part));
  in = "abc";
  assert_false(GetSized32(&in, &part));
}

TEST(big_endian_bytes_sort_like_their_numbers) {
  const std::vector<uint64_t> numbers = Interesting();
  for (const uint64_t a : numbers) {
    Buffer a_raw;
    PutBE64(&a_raw, a);
    assert_true(LoadBE64(a_raw.data()) == a);
    for (const uint64_t b : numbers) {
      Buffer b_raw;
      PutBE64(&b_raw, b);
      assert_int_equal(a < b, a_raw < b_raw);
    }
  }
}

TEST(the_end_of_a_prefix_is_the_first_key_above_all_that_have_it) {
  ASSERT_STR(PrefixEnd("abc"), "abd");
  assert_true(PrefixEnd("a\xFF\xFF") == "b");
  assert_true(PrefixEnd(Bytes("\x00", 1)) == Buffer("\x01", 1));
  assert_true(PrefixEnd("\x7F") == "\x80");
  assert_true(PrefixEnd("\xFF\xFF").empty());
  assert_true(PrefixEnd("").empty());
}

}   // namespace
}   // namespace shale

RUN()
