// Stores with a key, through the ABI: who may open them, what verify, salvage and rewrite do with them, and
// that nothing shows the key.
#include <cstring>
#include <filesystem>
#include <map>
#include <string>

#include "abi/store_files.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

using Entries = std::map<std::string, std::string>;

constexpr char kMarker[] = "value that stays between us";
const std::string kOne(32, '1'), kTwo(32, '2');

// Empty: no key.
struct WithKey : Options {
  explicit WithKey(const std::string& key) {
    shale_error* err = nullptr;
    const void* bytes = key.empty() ? nullptr : key.data();
    Want(SHALE_OK, shale_options_set_key(const_cast<shale_options*>(get()), bytes, key.size(), &err), &err,
         "set_key");
  }
};

Entries Example() {
  Entries entries;
  for (int i = 0; i < 300; i++) {
    std::string value = kMarker + std::to_string(i);
    while (value.size() < static_cast<size_t>(i) * 20) value += value;
    entries["key/" + std::to_string(i)] = value;
  }
  return entries;
}

shale_db* OpenWith(const std::string& path, const WithKey& options) {
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(path.c_str(), options.get(), &db, &err), &err, "open");
  return db;
}

void CloseDb(shale_db* db) {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_close(db, &err), &err, "close");
  shale_free(db);
}

void MakeStore(const std::string& path, const WithKey& options) {
  shale_db* db = OpenWith(path, options);
  shale_error* err = nullptr;
  for (const auto& [key, value] : Example()) {
    Want(SHALE_OK,
         shale_put(db, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, nullptr, 0, &err),
         &err, "put");
  }
  CloseDb(db);
}

void WantStore(const std::string& path, const std::string& key) {
  shale_db* db = OpenWith(path, WithKey(key));
  for (const auto& [name, wanted] : Example()) {
    shale_error* err = nullptr;
    void* value = nullptr;
    size_t size = 0;
    Want(SHALE_OK, shale_get(db, name.data(), name.size(), &value, &size, nullptr, 0, &err), &err, "get");
    if (std::string_view(static_cast<char*>(value), size) != wanted) Fatal("%s: wrong value", name.c_str());
    shale_mem_free(value);
  }
  CloseDb(db);
}

void WantNoOpen(const std::string& path, const std::string& key) {
  const uint64_t before = HashStore(path);
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  const WithKey options(key);
  Want(SHALE_E_INCOMPATIBLE, shale_open(path.c_str(), options.get(), &db, &err), &err, "open");
  assert_null(db);
  assert_true(HashStore(path) == before);
}

// "" or what is wrong.
std::string Verified(const std::string& path, const std::string& key, std::string* report) {
  int64_t problems = -1;
  char* text = nullptr;
  shale_error* err = nullptr;
  const WithKey options(key);
  const shale_status s =
      shale_verify_with(path.c_str(), options.get(), nullptr, nullptr, &problems, &text, 0, &err);
  shale_error_free(err);
  report->assign(text != nullptr ? text : "");
  shale_mem_free(text);
  if (s != SHALE_OK) return shale_status_name(s);
  return problems == 0 ? "" : std::to_string(problems) + " problems";
}

bool Says(const std::string& report, const char* what) {
  return report.find(what) != std::string::npos;
}

shale_status Rewrite(const std::string& from, const std::string& key, const std::string& to,
                     const std::string& new_key, int64_t* keys) {
  const WithKey options(key), new_options(new_key);
  return shale_rewrite(from.c_str(), options.get(), to.c_str(), new_options.get(), nullptr, nullptr, keys, 0,
                       nullptr);
}

TEST(each_store_opens_with_its_key_only) {
  TempDir plain("key-plain"), one("key-one");
  MakeStore(plain.path(), WithKey(""));
  MakeStore(one.path(), WithKey(kOne));
  WantNoOpen(plain.path(), kOne);
  WantNoOpen(one.path(), "");
  WantNoOpen(one.path(), kTwo);
  std::string almost = kOne;
  almost[31] ^= 1;
  WantNoOpen(one.path(), almost);
  WantStore(plain.path(), "");
  WantStore(one.path(), kOne);
  assert_int_equal(shale_live_handles(), 0);
}

TEST(no_call_shows_the_key_and_a_store_in_memory_has_none) {
  const WithKey options(kOne);
  for (size_t i = 0; i < shale_option_count(); i++) {
    const char* name = nullptr;
    const char* value = nullptr;
    Want(SHALE_OK, shale_option_at(i, &name, nullptr, nullptr, nullptr, nullptr, nullptr), nullptr, "option");
    Want(SHALE_OK, shale_options_get(options.get(), name, &value), nullptr, name);
    assert_null(std::strstr(value, "1111"));
  }
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_E_INVALID, shale_open(nullptr, options.get(), &db, &err), &err, "open in memory");
}

TEST(a_key_can_be_taken_away_again) {
  TempDir dir("key-away");
  WithKey options(kOne);
  Want(SHALE_OK, shale_options_set_key(const_cast<shale_options*>(options.get()), nullptr, 0, nullptr),
       nullptr, "no key");
  MakeStore(dir.path(), options);
  WantStore(dir.path(), "");
}

TEST(verify_reads_what_it_has_a_key_for) {
  TempDir plain("key-plain"), one("key-one");
  MakeStore(plain.path(), WithKey(""));
  MakeStore(one.path(), WithKey(kOne));
  std::string report;
  ASSERT_STR(Verified(one.path(), kOne, &report), "");
  assert_true(Says(report, "\"encrypted\":true,\"values_checked\":true"));
  ASSERT_STR(Verified(one.path(), "", &report), "");
  assert_true(Says(report, "\"encrypted\":true,\"values_checked\":false"));
  ASSERT_STR(Verified(one.path(), kTwo, &report), "E_INCOMPATIBLE");
  ASSERT_STR(Verified(plain.path(), kOne, &report), "E_INCOMPATIBLE");
  ASSERT_STR(Verified(plain.path(), "", &report), "");
  assert_true(Says(report, "\"encrypted\":false,\"values_checked\":true"));
  for (const std::string& file : FindFiles(one.path(), "", ""))
    assert_true(ReadAll(file).find(kMarker) == std::string::npos);
}

TEST(a_store_is_rewritten_under_another_key_without_one_and_back) {
  TempDir one("key-one"), two("key-two"), plain("key-plain"), back("key-back");
  MakeStore(one.path(), WithKey(kOne));
  const uint64_t before = HashStore(one.path());
  int64_t keys = 0;
  assert_int_equal(Rewrite(one.path(), "", two.path(), kTwo, &keys), SHALE_E_INCOMPATIBLE);
  assert_int_equal(Rewrite(one.path(), kTwo, two.path(), kTwo, &keys), SHALE_E_INCOMPATIBLE);
  assert_false(std::filesystem::exists(two.path()));
  assert_int_equal(Rewrite(one.path(), kOne, two.path(), kTwo, &keys), SHALE_OK);
  assert_int_equal(keys, 300);
  assert_int_equal(Rewrite(one.path(), kOne, two.path(), kTwo, &keys), SHALE_EXISTS);
  assert_int_equal(Rewrite(two.path(), kTwo, plain.path(), "", &keys), SHALE_OK);
  assert_int_equal(Rewrite(plain.path(), "", back.path(), kOne, &keys), SHALE_OK);
  assert_true(HashStore(one.path()) == before);
  WantStore(two.path(), kTwo);
  WantNoOpen(two.path(), kOne);
  WantStore(plain.path(), "");
  WantStore(back.path(), kOne);
}

TEST(a_damaged_store_is_salvaged_and_not_rewritten) {
  TempDir one("key-one"), two("key-two");
  MakeStore(one.path(), WithKey(kOne));
  uint64_t flipped = 0;
  for (const std::string& file : FindFiles(one.path(), "0", ".seg")) {
    if (DataEnd(file) < 1000) continue;
    FlipByte(file, DataEnd(file) - 500, 1);
    if (++flipped == 5) break;
  }
  assert_int_equal(flipped, 5);
  int64_t keys = 0;
  assert_int_equal(Rewrite(one.path(), kOne, two.path(), kTwo, &keys), SHALE_E_CORRUPT);
  assert_false(std::filesystem::exists(two.path()));
  assert_false(std::filesystem::exists(two.path() + ".unfinished"));
  const WithKey options(kOne), new_options(kTwo), none("");
  int64_t recovered = 0, suspicious = 0, dropped = 0;
  const auto salvage = [&](const WithKey& with) {
    return shale_salvage_with(one.path().c_str(), with.get(), two.path().c_str(), new_options.get(), nullptr,
                              nullptr, &recovered, &suspicious, &dropped, nullptr, 0, nullptr);
  };
  assert_int_equal(salvage(none), SHALE_E_INCOMPATIBLE);
  assert_int_equal(salvage(new_options), SHALE_E_INCOMPATIBLE);
  assert_int_equal(salvage(options), SHALE_OK);
  assert_int_equal(recovered + dropped, 300);
  assert_true(dropped >= 1 && dropped <= 5);
  shale_db* db = OpenWith(two.path(), WithKey(kTwo));
  for (const auto& [name, wanted] : Example()) {
    void* value = nullptr;
    size_t size = 0;
    const shale_status s = shale_get(db, name.data(), name.size(), &value, &size, nullptr, 0, nullptr);
    dropped -= s == SHALE_NOT_FOUND;
    if (s == SHALE_OK) assert_true(std::string_view(static_cast<char*>(value), size) == wanted);
    shale_mem_free(value);
  }
  assert_int_equal(dropped, 0);
  CloseDb(db);
}

// Nobody knows any more whether there is a key, or which: every value says so itself.
TEST(a_store_without_superblocks_is_salvaged_with_its_key) {
  TempDir one("key-one"), two("key-two");
  MakeStore(one.path(), WithKey(kOne));
  std::filesystem::remove(one.path() + "/SHALE-A");
  std::filesystem::remove(one.path() + "/SHALE-B");
  int64_t recovered = 0, suspicious = 0, dropped = 0;
  const auto salvage = [&](const WithKey& with) {
    return shale_salvage_with(one.path().c_str(), with.get(), two.path().c_str(), with.get(), nullptr,
                              nullptr, &recovered, &suspicious, &dropped, nullptr, 0, nullptr);
  };
  assert_int_equal(salvage(WithKey("")), SHALE_E_INCOMPATIBLE);
  assert_false(std::filesystem::exists(two.path()));
  assert_int_equal(salvage(WithKey(kOne)), SHALE_OK);
  assert_int_equal(recovered, 300);
  WantStore(two.path(), kOne);
}

TEST(every_bit_of_an_encrypted_record_counts) {
  TempDir one("key-one");
  {
    shale_db* db = OpenWith(one.path(), WithKey(kOne));
    const std::string value(1000, 'v');
    Want(SHALE_OK, shale_put(db, "rock", 4, value.data(), value.size(), SHALE_TTL_NEVER, nullptr, 0, nullptr),
         nullptr, "put");
    CloseDb(db);
  }
  std::string segment;
  for (const std::string& file : FindFiles(one.path(), "0", ".seg")) {
    if (DataEnd(file) > 1000) segment = file;
  }
  const std::string good = ReadAll(segment);
  const size_t key_at = good.find("rock");   // the only thing of it that is in the clear
  assert_true(key_at != std::string::npos && key_at >= 128 + 32);
  const size_t begin = key_at - 32;
  shale_db* db = OpenWith(one.path(), WithKey(kOne));
  for (size_t at = begin; at < begin + 32 + 4 + 1040; at++) {
    FlipByte(segment, at, static_cast<unsigned char>(1 << at % 8));
    void* value = nullptr;
    size_t size = 0;
    const shale_status s = shale_get(db, "rock", 4, &value, &size, nullptr, SHALE_NO_FILL, nullptr);
    assert_int_equal(s, SHALE_E_CORRUPT);
    assert_null(value);
    FlipByte(segment, at, static_cast<unsigned char>(1 << at % 8));
  }
  CloseDb(db);
}

}   // namespace
}   // namespace shale_test

RUN()
