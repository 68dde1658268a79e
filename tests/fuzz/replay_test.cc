// Everything that fuzzing has found worth keeping, and all that it has found wrong, again: each file of
// tests/fuzz/corpus through its target, and each with small damages. CORPUS=directory takes another one.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/targets.h"
#include "model/store_kit.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

std::vector<std::filesystem::path> FilesOf(const char* target) {
  const char* const root = std::getenv("CORPUS");
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::string(root != nullptr ? root : "tests/fuzz/corpus") + "/" + target)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// One byte another, cut short, or a part twice: as a fuzzer begins.
std::string Damaged(std::string data, Dice* dice) {
  if (data.empty()) return data;
  const size_t at = dice->Below(data.size());
  switch (dice->Below(3)) {
    case 0:
      data[at] = static_cast<char>(dice->Next());
      return data;
    case 1:
      return data.substr(0, at);
    default:
      return data.insert(at, data.substr(at, dice->Between(1, 16)));
  }
}

void Replay(const char* name) {
  const FuzzTarget* const target =
      std::find_if(kFuzzTargets, kFuzzTargets + kFuzzTargetCount,
                   [&](const FuzzTarget& t) { return std::strcmp(t.name, name) == 0; });
  Dice dice(1);
  size_t files = 0;
  for (const std::filesystem::path& path : FilesOf(name)) {
    std::ifstream in(path, std::ios::binary);
    const std::string data(std::istreambuf_iterator<char>(in), {});
    target->run(data);
    for (int i = 0; i < 4; i++) target->run(Damaged(data, &dice));
    files++;
  }
  std::printf("             %zu files\n", files);
  assert_true(files > 0);
}

#define REPLAY(name)                           \
  TEST(name##_takes_all_that_was_ever_found) { \
    Replay(#name);                             \
  }

REPLAY(superblock)
REPLAY(records)
REPLAY(rows)
REPLAY(packed)
REPLAY(token)
REPLAY(value)
REPLAY(manifest)
REPLAY(table)
REPLAY(backup)
REPLAY(stream)
REPLAY(options)
REPLAY(command)
REPLAY(calls)

TEST(every_target_has_a_corpus) {
  assert_int_equal(kFuzzTargetCount + 1, static_cast<int>(Tests().size()));
}

}   // namespace
}   // namespace shale_test

RUN()
