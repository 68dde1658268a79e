#include "store/index_check.h"

#include <algorithm>
#include <cstring>

#include "base/coding.h"
#include "index_fixture.h"
#include "store/index_manifest.h"

using namespace shale;        // NOLINT
using namespace shale_test;   // NOLINT

namespace {

// A closed index with two flushes after its opening, so that its manifest has several records.
void MakeIndex(IndexHome* home) {
  home->Start(true);
  for (const char* key : {"a", "b"}) {
    ASSERT_OK(home->Put(key, "row"));
    ASSERT_OK(home->index->Flush());
  }
  home->Close();
}

// Opens must fail as damage, without a change.
void AssertRefused(IndexHome* home, const std::string& file, const std::string& content, const char* what,
                   size_t at) {
  home->scratch.Write(file, content);
  const auto before = home->scratch.Content();
  const Status s = home->Open(false);
  if (!s.Is(Code::E_CORRUPT)) fail_msg("%s with %s at %zu: %s", file.c_str(), what, at, s.ToString().c_str());
  assert_true(home->scratch.Content() == before);
}

}   // namespace

TEST(every_flipped_bit_of_current_and_manifest_is_refused) {
  IndexHome home;
  MakeIndex(&home);
  for (const std::string& file : {std::string("CURRENT"), home.scratch.Named("MANIFEST-").at(0)}) {
    const std::string good = home.scratch.Read(file);
    for (size_t bit = 0; bit < 8 * good.size(); bit++) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
      AssertRefused(&home, file, bad, "bit flipped", bit);
    }
    home.scratch.Write(file, good);
    home.Start(false);   // rewrites both
    ASSERT_STR(home.Get("b"), "row");
    home.Close();
  }
}

TEST(a_manifest_with_a_hole_of_zeros_is_refused) {
  IndexHome home;
  MakeIndex(&home);
  const std::string file = home.scratch.Named("MANIFEST-").at(0);
  const std::string good = home.scratch.Read(file);
  for (size_t at = 0; at + 8 < good.size(); at++) {
    for (const size_t length : {size_t{7}, size_t{16}, size_t{64}}) {
      std::string bad = good;
      const size_t end = std::min(at + length, good.size() - 1);
      std::fill(bad.begin() + static_cast<ptrdiff_t>(at), bad.begin() + static_cast<ptrdiff_t>(end), '\0');
      // Zeros to the very end are what a power cut may leave of the last write.
      if (bad == good || bad.find_first_not_of('\0', at) == std::string::npos) continue;
      AssertRefused(&home, file, bad, "zeros", at);
    }
  }
}

TEST(a_manifest_whose_last_write_was_cut_opens_as_before_that_write) {
  IndexHome home;
  MakeIndex(&home);
  const std::string file = home.scratch.Named("MANIFEST-").at(0);
  const std::string good = home.scratch.Read(file);
  const std::string header("\1\2\3\4\x40\0\1", 7);
  const std::string half = header + std::string(20, 'x');   // says 64 bytes, has 20
  for (const std::string& tail : {half, header, header.substr(0, 3), std::string(100, '\0')}) {
    home.scratch.Write(file, good + tail);
    const auto before = home.scratch.Content();
    ASSERT_OK(home.Open(false));
    ASSERT_STR(home.Get("a"), "row");
    ASSERT_STR(home.Get("b"), "row");
    home.index.reset();
    assert_true(home.scratch.Content() == before);
  }
}

// A power cut left zeros and then garbage in the place of the last edit, and the store did not open any more:
// "records after a gap of zeros". Lengths in garbage that no record can have were paid for as if they had
// been read, and what costs too much counts as a record. One power-cut image in some thousands is so.
TEST(a_manifest_whose_last_edit_is_garbage_opens_as_before_it) {
  IndexHome home;
  MakeIndex(&home);
  const std::string file = home.scratch.Named("MANIFEST-").at(0);
  const std::string good = home.scratch.Read(file);
  const uint64_t seed = TestSeed();
  for (uint64_t i = 0; i < 40; i++) {
    const size_t zeros = i % 2 == 0 ? 0 : 4096 - good.size() % 4096;
    std::string garbage(5000 + i * 500, '\0');
    Random random(seed + i);
    for (char& byte : garbage) byte = static_cast<char>(random.Next());
    home.scratch.Write(file, good + std::string(zeros, '\0') + garbage);
    uint64_t counts = 0;
    ASSERT_OK(CheckIndexFiles(home.scratch.fd(), true, &counts));
    assert_int_equal(counts, good.size());
    ASSERT_OK(home.Open(false, true));
    ASSERT_STR(home.Get("b"), "row");
    home.index.reset();
  }
}

// A power cut while an edit of several pages was being written left some of them, and the store did not open
// any more: "record fails its checksum". Found by power cuts behind every operation, with keys of some
// kilobytes. After the death of the machine, and only then, the last edit is left out as if it had not been
// begun.
TEST(a_manifest_that_lost_pages_of_its_last_edit_opens_as_before_it) {
  IndexHome home;
  home.Start(true);
  const std::string file = home.scratch.Named("MANIFEST-").at(0);
  ASSERT_OK(home.Put("a", "row"));
  ASSERT_OK(home.index->Flush());
  // Edits of some 20 KiB, so that the third crosses a block of the format as well.
  std::string before, whole;
  for (int i = 0; i < 4; i++) {
    before = home.scratch.Read(file);
    ASSERT_OK(home.Put(KeyOf(i) + std::string(10'000, 'k'), "row"));
    ASSERT_OK(home.Put(KeyOf(i) + std::string(10'000, 'l'), "row"));
    ASSERT_OK(home.index->Flush());
    whole = home.scratch.Read(file);
    size_t refused = 0, opened = 0;
    const size_t first = before.size() / 4096, last = whole.size() / 4096;
    for (size_t lost = 1; lost < (size_t{1} << (last - first + 1)); lost++) {
      std::string torn = whole;
      for (size_t page = first; page <= last; page++) {
        const size_t from = std::max(before.size(), page * 4096),
                     upto = std::min(whole.size(), (page + 1) * 4096);
        if ((lost >> (page - first) & 1) != 0)
          std::fill(torn.begin() + static_cast<ptrdiff_t>(from), torn.begin() + static_cast<ptrdiff_t>(upto),
                    '\0');
      }
      home.scratch.Write(file, torn);
      uint64_t counts = 0;
      ASSERT_OK(CheckIndexFiles(home.scratch.fd(), true, &counts));
      if (torn.find_first_not_of('\0', before.size()) != std::string::npos) {
        // The format may leave some bytes of a block unused behind the last edit.
        assert_in_range(counts, before.size() - 7, before.size());
        opened++;
      }
      const Status s = CheckIndexFiles(home.scratch.fd(), false, &counts);
      refused += s.Is(Code::E_CORRUPT);
      assert_int_equal(counts, UINT64_MAX);
    }
    assert_true(opened > 0 && refused > 0);
    home.scratch.Write(file, whole);
  }
  // LevelDB sees the same. What this test wrote last is flushed, and so only the tables are as before.
  home.Close();
  std::string torn = home.scratch.Read(file);
  assert_true(torn == whole);
  std::fill(torn.begin() + static_cast<ptrdiff_t>(before.size() + 100),
            torn.begin() + static_cast<ptrdiff_t>(before.size() + 5000), '\0');
  home.scratch.Write(file, torn);
  assert_true(home.Open(false).Is(Code::E_CORRUPT));
  ASSERT_OK(home.Open(false, true));
  ASSERT_OK(home.index->Commit());
  ASSERT_STR(home.Get("a"), "row");
  ASSERT_STR(home.Get(KeyOf(2) + std::string(10'000, 'k')), "row");
  ASSERT_STR(home.Get(KeyOf(3) + std::string(10'000, 'k')), "NOT_FOUND");
  home.Close();
}

TEST(an_edit_behind_the_damaged_one_makes_it_damage_after_a_power_cut_too) {
  IndexHome home;
  MakeIndex(&home);
  const std::string file = home.scratch.Named("MANIFEST-").at(0);
  const std::string good = home.scratch.Read(file);
  IndexManifest manifest;
  ASSERT_OK(ReadIndexManifest(home.scratch.fd(), &manifest));
  assert_int_equal(manifest.whole_bytes, good.size());
  size_t refused = 0;
  for (size_t at = 0; at < good.size(); at++) {
    std::string bad = good;
    bad[at] ^= 0x10;
    home.scratch.Write(file, bad);
    uint64_t counts = 0;
    const Status s = CheckIndexFiles(home.scratch.fd(), true, &counts);
    if (s.ok()) {
      assert_in_range(counts, 1, at);   // the last edit: it may be a torn one
    } else {
      assert_true(s.Is(Code::E_CORRUPT));
      refused++;
    }
  }
  assert_true(refused > good.size() / 2);
}

TEST(a_manifest_of_many_blocks_passes) {
  IndexHome home;
  home.Start(true);
  size_t manifest_bytes = 0;
  const std::string file = home.scratch.Named("MANIFEST-").at(0);
  for (int i = 0; manifest_bytes < (80 << 10); i++) {
    const std::string key = KeyOf(i % 10) + std::string(4000, 'k');   // long keys: each edit names two
    ASSERT_OK(home.Put(key, "row"));
    ASSERT_OK(home.index->Flush());
    manifest_bytes = home.scratch.Read(file).size();
  }
  home.Close();
  uint64_t counts = 0;
  ASSERT_OK(CheckIndexFiles(home.scratch.fd(), true, &counts));
  assert_int_equal(counts, UINT64_MAX);
  std::string bad = home.scratch.Read(file);
  bad[40 << 10] ^= 1;
  AssertRefused(&home, file, bad, "bit flipped", 40 << 10);
}

TEST(current_must_name_one_manifest_that_exists) {
  IndexHome home;
  MakeIndex(&home);
  const std::string name = home.scratch.Named("MANIFEST-").at(0);
  for (const std::string& text :
       {std::string(), std::string("\n"), name, name + "\n\n", name + "\n" + name + "\n", "../" + name + "\n",
        std::string("MANIFEST-\n"), std::string("MANIFEST-000000\n"), std::string("MANIFEST-999999\n"),
        std::string("MANIFEST-99999999999999999999999\n"), name + "x\n", " " + name + "\n",
        std::string(1000, 'M')}) {
    AssertRefused(&home, "CURRENT", text, "text", text.size());
  }
  home.scratch.Remove("CURRENT");
  assert_true(home.Open(false).Is(Code::E_CORRUPT));
  home.scratch.Write("CURRENT", name + "\n");
  AssertRefused(&home, name, "", "nothing", 0);
}

TEST(a_footer_must_end_the_table_without_a_gap) {
  const auto footer = [](uint64_t meta_at, uint64_t meta_size, uint64_t index_at, uint64_t index_size) {
    Buffer text;
    for (const uint64_t v : {meta_at, meta_size, index_at, index_size}) PutVarint64(&text, v);
    text.resize(40);
    PutFixed<uint64_t>(&text, 0xDB4775248B80FB57u);
    return text;
  };
  assert_false(IsDamagedTableFooter(footer(100, 20, 125, 70), 200));
  assert_true(IsDamagedTableFooter(footer(100, 20, 125, 70), 201));
  assert_true(IsDamagedTableFooter(footer(100, 21, 125, 70), 200));
  assert_true(IsDamagedTableFooter(footer(100, 20, 125, ~uint64_t{0} - 3), 200));
  assert_true(IsDamagedTableFooter(footer(~uint64_t{0}, 120, 125, 70), 200));
  Buffer endless(40, '\xFF');
  PutFixed<uint64_t>(&endless, 0xDB4775248B80FB57u);
  assert_true(IsDamagedTableFooter(endless, 200));
  assert_false(IsDamagedTableFooter(Buffer(48, 'x'), 200));   // a data block
  assert_false(IsDamagedTableFooter(Buffer(47, 'x'), 200));
}

RUN()
