// Somebody put a symbolic link, a FIFO or a second name in the place of a file of a store. It is refused, at
// once, and what the link leads to is neither changed nor read as the store's.
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

namespace fs = std::filesystem;

std::string Content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void MakeStore(const std::string& path) {
  const Options options;
  shale_db* db = nullptr;
  Want(SHALE_OK, shale_open(path.c_str(), options.get(), &db, nullptr), nullptr, "open");
  const std::string value(3000, 'v');
  for (int i = 0; i < 200; i++) {
    const std::string key = "key" + std::to_string(i);
    Want(SHALE_OK,
         shale_put(db, key.data(), key.size(), value.data(), i % 2 == 0 ? 9 : value.size(), SHALE_TTL_NEVER,
                   nullptr, 0, nullptr),
         nullptr, "put");
  }
  Want(SHALE_OK, shale_close(db, nullptr), nullptr, "close");
  shale_free(db);
}

// One file of each kind.
std::vector<std::string> Names(const std::string& store) {
  std::vector<std::string> names = {"LOCK", "SHALE-A", "SHALE-B"};
  for (const auto& entry : fs::directory_iterator(store + "/07"))
    names.push_back("07/" + entry.path().filename().string());
  return names;
}

bool IsSuperblock(const std::string& name) {
  return name.starts_with("SHALE-");   // there are two, and one good one is enough
}

shale_status OpenAndClose(const std::string& path, std::string* message) {
  const Options options;
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  const shale_status s = shale_open(path.c_str(), options.get(), &db, &err);
  *message = shale_error_message(err);
  shale_error_free(err);
  shale_free(db);
  return s;
}

enum class Planted { kSymlink, kFifo, kDangling, kDirectory };

void Try(Planted what, const char* text) {
  int refused = 0;
  const TempDir good("planted-good");
  MakeStore(good.path());
  for (const std::string& name : Names(good.path())) {
    const TempDir store("planted");
    const TempDir elsewhere("elsewhere");
    fs::create_directory(elsewhere.path());
    fs::copy(good.path(), store.path(), fs::copy_options::recursive);
    const fs::path place = store.path() + "/" + name;
    const fs::path target = elsewhere.path() + "/file";
    if (what == Planted::kSymlink) fs::copy_file(place, target);
    fs::remove(place);
    if (what == Planted::kFifo) {
      assert_int_equal(mkfifo(place.c_str(), 0600), 0);
    } else if (what == Planted::kDirectory) {
      fs::create_directory(place);
    } else {
      fs::create_symlink(target, place);
    }
    const std::string before = Content(target);
    std::string message;
    const shale_status s = OpenAndClose(store.path(), &message);
    if (s >= 0 && !IsSuperblock(name)) Fatal("%s in the place of %s was taken", text, name.c_str());
    if (s < 0 && message.empty()) Fatal("%s in the place of %s: no message", text, name.c_str());
    refused += s < 0;
    if (what == Planted::kSymlink && Content(target) != before)
      Fatal("what %s leads to was changed", name.c_str());
    if (what == Planted::kDangling && fs::exists(target)) Fatal("what %s leads to was made", name.c_str());
  }
  std::printf("             %d names refused\n", refused);
  assert_true(refused >= 4);
}

TEST(a_symbolic_link_is_refused) {
  Try(Planted::kSymlink, "a symbolic link");
}

TEST(a_symbolic_link_to_nothing_is_refused) {
  Try(Planted::kDangling, "a symbolic link");
}

TEST(a_fifo_is_refused_without_waiting) {
  Try(Planted::kFifo, "a FIFO");
}

TEST(a_directory_is_refused) {
  Try(Planted::kDirectory, "a directory");
}

// A second name of what is written would let somebody outside of the directory read it, or change it. Of what
// never changes a backup makes second names itself.
TEST(a_second_name_of_what_is_written_is_refused) {
  const TempDir store("planted-links"), other("planted-other");
  MakeStore(store.path());
  fs::create_directory(other.path());
  fs::create_hard_link(store.path() + "/LOCK", other.path() + "/second");
  std::string message;
  assert_true(OpenAndClose(store.path(), &message) < 0);
  assert_non_null(std::strstr(message.c_str(), "hard link"));
}

TEST(a_store_below_a_link_to_its_directory_is_the_same_store) {
  const TempDir store("planted-dir"), link("planted-alias");
  MakeStore(store.path());
  fs::create_directory_symlink(store.path(), link.path());
  std::string message;
  assert_int_equal(OpenAndClose(link.path(), &message), SHALE_OK);
  fs::remove(link.path());
}

}   // namespace
}   // namespace shale_test

RUN()
