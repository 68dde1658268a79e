#include "store/index_check.h"

#include <algorithm>
#include <cstring>

#include "base/coding.h"
#include "index_fixture.h"

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
  ASSERT_OK(CheckIndexFiles(home.scratch.fd()));
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
