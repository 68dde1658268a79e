#include "store/superblock.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "base/coding.h"
#include "base/hash.h"
#include "store/assert_code.h"
#include "store/hex.h"   // last, with test.h: cmocka has a macro named fail
#include "store/scratch_dir.h"
#include "test.h"

namespace shale {
namespace {

Superblock Example() {
  Superblock sb;
  for (size_t i = 0; i < sb.uuid.size(); i++) sb.uuid[i] = static_cast<unsigned char>(0xA0 + i);
  for (size_t i = 0; i < sb.secret_seed.size(); i++) sb.secret_seed[i] = static_cast<unsigned char>(i);
  std::memcpy(sb.boot_id.data(), "01234567-89ab-cdef-0123-456789abcdef", 36);
  sb.shard_count = 64;
  sb.generation = 7;
  sb.state = StoreState::kOpen;
  sb.clock_high_ms = 1'767'225'600'000;
  sb.batch_id_high = 0x0102030405060708;
  return sb;
}

Buffer WithChecksum(Buffer raw) {
  StoreLE<uint64_t>(raw.data() + 504, Checksum64(Bytes(raw).substr(0, 504)));
  return raw;
}

// With one 32-bit field changed, and a checksum that fits.
Buffer WithField(const Superblock& sb, size_t offset, uint32_t value) {
  Buffer raw = EncodeSuperblock(sb);
  StoreLE<uint32_t>(raw.data() + offset, value);
  return WithChecksum(std::move(raw));
}

bool Same(const Superblock& a, const Superblock& b) {
  return EncodeSuperblock(a) == EncodeSuperblock(b);
}

Superblock AssertReads(const ScratchDir& dir, int damaged_wanted) {
  Superblock sb;
  int damaged = -1;
  AssertCode(ReadSuperblock(dir.fd(), &sb, &damaged), Code::OK);
  assert_int_equal(damaged, damaged_wanted);
  return sb;
}

Status ReadOnly(const ScratchDir& dir) {
  Superblock sb;
  int damaged;
  return ReadSuperblock(dir.fd(), &sb, &damaged);
}

TEST(an_encoded_superblock_has_these_bytes) {
  const Buffer raw = EncodeSuperblock(Example());
  assert_int_equal(raw.size(), 512);
  static const unsigned char kStart[144] = {
      'S',  'H',  'A',  'L',  'E',  0,    0,    1,      // magic
      0x00, 0x02, 0,    0,    1,    0,    0,    0,      // length, format_version
      0,    0,    0,    0,    0,    0,    0,    0,      // incompatible, read_only_compatible
      64,   0,    0,    0,    2,    0,    0,    0,      // shard_count, state
      7,    0,    0,    0,    0,    0,    0,    0,      // generation
      0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,   // uuid
      0xA8, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF, 0,    1,    2,   3,   4,   5,   6,   7,   8,   9,
      10,   11,   12,   13,   14,   15,   // secret_seed
      16,   17,   18,   19,   20,   21,   22,   23,   24,   25,   26,  27,  28,  29,  30,  31,  '0', '1',
      '2',  '3',  '4',  '5',  '6',  '7',  '-',  '8',  '9',  'a',  'b', '-', 'c', 'd', 'e', 'f',   // boot_id
      '-',  '0',  '1',  '2',  '3',  '-',  '4',  '5',  '6',  '7',  '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
      0,    0,    0,    0,    0x00, 0xA8, 0xDA, 0x76, 0x9B, 0x01, 0,   0,   // clock_high_ms
      8,    7,    6,    5,    4,    3,    2,    1,                          // batch_id_high
  };
  assert_memory_equal(raw.data(), kStart, sizeof kStart);
  assert_true(raw.find_first_not_of('\0', 144) >= 504);
  static const unsigned char kChecksum[8] = {0x1C, 0xB5, 0x20, 0x6B, 0x18, 0x70, 0xF5, 0xD8};
  assert_memory_equal(raw.data() + 504, kChecksum, sizeof kChecksum);
}

TEST(what_was_encoded_is_decoded) {
  Superblock sb;
  AssertCode(DecodeSuperblock(EncodeSuperblock(Example()), "SHALE-A", &sb), Code::OK);
  assert_true(Same(sb, Example()));
  assert_int_equal(sb.clock_high_ms, Example().clock_high_ms);
  assert_true(sb.uuid == Example().uuid && sb.secret_seed == Example().secret_seed &&
              sb.boot_id == Example().boot_id);
  assert_true(sb.state == StoreState::kOpen && sb.generation == 7 && sb.shard_count == 64);
}

TEST(every_flipped_bit_of_one_copy_leaves_the_other) {
  ScratchDir dir;
  const Buffer good = EncodeSuperblock(Example());
  for (const char* damaged_name : {"SHALE-A", "SHALE-B"}) {
    dir.Write("SHALE-A", good);
    dir.Write("SHALE-B", good);
    for (size_t bit = 0; bit < good.size() * 8; bit++) {
      Buffer bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
      dir.Write(damaged_name, bad);
      assert_true(Same(AssertReads(dir, 1), Example()));
    }
  }
}

TEST(a_bit_flipped_in_both_copies_is_refused_naming_both) {
  ScratchDir dir;
  const Buffer good = EncodeSuperblock(Example());
  for (size_t bit = 0; bit < good.size() * 8; bit += 7) {
    Buffer bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    dir.Write("SHALE-A", bad);
    dir.Write("SHALE-B", bad);
    const Status s = ReadOnly(dir);
    AssertCode(s, Code::E_CORRUPT);
    assert_non_null(std::strstr(s.message(), "SHALE-A"));
    assert_non_null(std::strstr(s.message(), "SHALE-B"));
  }
}

TEST(a_copy_of_another_size_is_damaged) {
  ScratchDir dir;
  const Buffer good = EncodeSuperblock(Example());
  dir.Write("SHALE-B", good);
  for (const Buffer& bad : {Buffer(), good.substr(0, 511), good + '\0', good + good, Buffer(512, '\0')}) {
    dir.Write("SHALE-A", bad);
    assert_true(Same(AssertReads(dir, 1), Example()));
  }
}

TEST(a_missing_copy_is_damage_and_two_are_no_store) {
  ScratchDir dir;
  AssertCode(ReadOnly(dir), Code::NOT_FOUND);
  dir.Write("SHALE-B", EncodeSuperblock(Example()));
  assert_true(Same(AssertReads(dir, 1), Example()));
  dir.Write("SHALE-B", "no superblock");
  const Status s = ReadOnly(dir);
  AssertCode(s, Code::E_CORRUPT);
  assert_non_null(std::strstr(s.message(), "SHALE-A: missing"));
}

TEST(the_valid_copy_of_the_highest_generation_counts) {
  ScratchDir dir;
  Superblock older = Example(), newer = Example();
  newer.generation++;
  newer.state = StoreState::kClean;
  for (const bool a_is_newer : {false, true}) {
    dir.Write("SHALE-A", EncodeSuperblock(a_is_newer ? newer : older));
    dir.Write("SHALE-B", EncodeSuperblock(a_is_newer ? older : newer));
    assert_true(Same(AssertReads(dir, 0), newer));
  }
}

TEST(a_write_raises_the_generation_and_mends_both_copies) {
  ScratchDir dir;
  dir.Write("SHALE-A", "damaged");
  Superblock sb = Example();
  AssertCode(WriteSuperblock(dir.fd(), &sb), Code::OK);
  assert_int_equal(sb.generation, 8);
  assert_true(dir.Read("SHALE-A") == EncodeSuperblock(sb));
  assert_true(dir.Read("SHALE-B") == EncodeSuperblock(sb));
  assert_true(Same(AssertReads(dir, 0), sb));
}

TEST(a_write_that_fails_anywhere_leaves_the_old_or_the_new) {
  int operations;
  {
    ScratchDir dir;
    Superblock sb = Example();
    CountingHook hook;
    AssertCode(WriteSuperblock(dir.fd(), &sb), Code::OK);
    operations = hook.count;
  }
  assert_true(operations >= 14);
  bool old_seen = false, new_seen = false;
  for (int fail_at = 0; fail_at < operations; fail_at++) {
    ScratchDir dir;
    const Superblock old = Example();
    dir.Write("SHALE-A", EncodeSuperblock(old));
    dir.Write("SHALE-B", EncodeSuperblock(old));
    Superblock sb = old;
    sb.state = StoreState::kClean;
    {
      CountingHook hook(fail_at);
      assert_true(WriteSuperblock(dir.fd(), &sb).IsError());
    }
    Superblock read = AssertReads(dir, 0);
    old_seen |= Same(read, old);
    new_seen |= Same(read, sb);
    assert_true(Same(read, old) || Same(read, sb));
    AssertCode(WriteSuperblock(dir.fd(), &read), Code::OK);
    assert_true(Same(AssertReads(dir, 0), read));
  }
  assert_true(old_seen && new_seen);
}

TEST(a_copy_torn_between_old_and_new_is_damaged_wherever_it_is_torn) {
  ScratchDir dir;
  const Superblock old = Example();
  Superblock changed = old;
  changed.generation++;
  changed.state = StoreState::kClean;
  changed.clock_high_ms++;
  const Buffer old_raw = EncodeSuperblock(old), new_raw = EncodeSuperblock(changed);
  dir.Write("SHALE-B", old_raw);
  for (size_t tear = 0; tear <= 512; tear++) {
    const Buffer torn = new_raw.substr(0, tear) + old_raw.substr(tear);
    dir.Write("SHALE-A", torn);
    const bool whole = torn == old_raw || torn == new_raw;
    assert_true(Same(AssertReads(dir, whole ? 0 : 1), torn == new_raw ? changed : old));
  }
}

TEST(every_unknown_incompatible_flag_refuses_the_open) {
  ScratchDir dir;
  for (uint32_t bit = 2; bit < 32; bit++) {
    const Buffer raw = WithField(Example(), 16, uint32_t{1} << bit);
    dir.Write("SHALE-A", raw);
    dir.Write("SHALE-B", raw);
    AssertCode(ReadOnly(dir), Code::E_INCOMPATIBLE);
  }
  const Buffer later = WithField(Example(), 12, kFormatVersion + 1);
  dir.Write("SHALE-A", later);
  dir.Write("SHALE-B", later);
  AssertCode(ReadOnly(dir), Code::E_INCOMPATIBLE);
}

TEST(every_unknown_read_only_flag_lets_read_and_refuses_to_write) {
  for (uint32_t bit = 0; bit < 32; bit++) {
    ScratchDir dir;
    const Buffer raw = WithField(Example(), 20, uint32_t{1} << bit);
    dir.Write("SHALE-A", raw);
    dir.Write("SHALE-B", raw);
    Superblock sb = AssertReads(dir, 0);
    AssertCode(WriteSuperblock(dir.fd(), &sb), Code::E_INCOMPATIBLE);
    assert_true(dir.Read("SHALE-A") == raw && dir.Read("SHALE-B") == raw);
  }
}

TEST(an_unknown_state_is_damage_unless_a_flag_explains_it) {
  ScratchDir dir;
  const Buffer raw = WithField(Example(), 28, 4);
  dir.Write("SHALE-A", raw);
  dir.Write("SHALE-B", raw);
  AssertCode(ReadOnly(dir), Code::E_CORRUPT);
  Buffer flagged = raw;
  StoreLE<uint32_t>(flagged.data() + 16, 4);
  dir.Write("SHALE-A", WithChecksum(flagged));
  dir.Write("SHALE-B", WithChecksum(flagged));
  AssertCode(ReadOnly(dir), Code::E_INCOMPATIBLE);
}

TEST(bytes_reserved_for_later_versions_are_not_looked_at) {
  Buffer raw = EncodeSuperblock(Example());
  raw[124] = raw[160] = raw[503] = 'x';
  Superblock sb;
  AssertCode(DecodeSuperblock(WithChecksum(raw), "SHALE-A", &sb), Code::OK);
  assert_true(Same(sb, Example()));
}

TEST(the_id_of_a_key_and_the_flags_of_forms_are_read_again) {
  Superblock sb = Example();
  sb.incompatible = kStoreCompressed | kStoreEncrypted;
  for (size_t i = 0; i < sb.key_id.size(); i++) sb.key_id[i] = static_cast<unsigned char>(0xC0 + i);
  const Buffer raw = EncodeSuperblock(sb);
  assert_int_equal(raw[16], 3);
  ASSERT_STR(HexDump(Bytes(raw).substr(144, 16)), "c0c1c2c3 c4c5c6c7 c8c9cacb cccdcecf");
  ScratchDir dir;
  dir.Write("SHALE-A", raw);
  dir.Write("SHALE-B", raw);
  assert_true(Same(AssertReads(dir, 0), sb));
}

TEST(an_unreadable_copy_counts_as_damaged_other_obstacles_are_reported) {
  ScratchDir dir;
  dir.Write("SHALE-A", EncodeSuperblock(Example()));
  dir.Write("SHALE-B", EncodeSuperblock(Example()));
  for (const int fail_at : {0, 1, 2, 3}) {   // open and read, of A and of B
    CountingHook hook(fail_at, EIO);
    assert_true(Same(AssertReads(dir, 1), Example()));
  }
  for (const int fail_at : {0, 1, 2}) {
    CountingHook hook(fail_at, EMFILE);
    AssertCode(ReadOnly(dir), Code::E_LIMIT);
  }
  std::filesystem::remove(dir / "SHALE-A");
  std::filesystem::create_symlink("SHALE-B", dir / "SHALE-A");
  AssertCode(ReadOnly(dir), Code::E_INCOMPATIBLE);
}

// A disk that answers nothing was reported as a damaged store (E_CORRUPT), which sends people to salvage when a
// cable is loose. Found by the sweep of failing operations: an open, every read of which failed.
// Damage is what was read; what could not be read is E_IO, with its errno.
TEST(two_unreadable_copies_are_no_damage) {
  struct DeadDisk : FileFaultHook {
    DeadDisk() { SetFileFaultHookForTest(this); }
    ~DeadDisk() override { SetFileFaultHookForTest(nullptr); }
    int Before(FileOp op, const char*) override { return op == FileOp::kRead ? EIO : 0; }
  };
  ScratchDir dir;
  dir.Write("SHALE-A", EncodeSuperblock(Example()));
  dir.Write("SHALE-B", EncodeSuperblock(Example()));
  {
    const DeadDisk dead;
    AssertCode(ReadOnly(dir), Code::E_IO);
    std::filesystem::remove(dir / "SHALE-A");
    AssertCode(ReadOnly(dir), Code::E_IO);
  }
  assert_true(Same(AssertReads(dir, 1), Example()));
}

TEST(the_boot_id_is_the_kernels_unless_a_test_says_otherwise) {
  const auto real = CurrentBootId();
  assert_true(real[8] == '-' && real[13] == '-' && real[23] == '-');
  assert_true(CurrentBootId() == real);
  SetBootIdForTest("another boot");
  assert_string_equal(CurrentBootId().data(), "another boot");
  SetBootIdForTest(nullptr);
  assert_true(CurrentBootId() == real);
  CountingHook hook(0);
  assert_true((CurrentBootId() == std::array<char, 36>{}));
}

}   // namespace
}   // namespace shale

RUN()
