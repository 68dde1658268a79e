// Whose directory a store lies in: one that belongs to somebody else, that others may write to, or whose
// place others could give away, is refused without a change, unless open.shared_directory says that it is
// meant so.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "model/store_kit.h"
#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kSomebody = 4242;

shale_status Open(const std::string& path, const char* shared, std::string* message) {
  Options options;
  options.Set("open.shared_directory", shared);
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  const shale_status status = shale_open(path.c_str(), options.get(), &db, &err);
  *message = shale_error_message(err);
  shale_error_free(err);
  if (status == SHALE_OK)
    assert_int_equal(shale_put(db, "k", 1, "v", 1, SHALE_TTL_NEVER, nullptr, 0, nullptr), SHALE_OK);
  shale_free(db);
  return status;
}

void InsistRefused(const std::string& path, const char* says) {
  std::string message;
  assert_int_equal(Open(path, "false", &message), SHALE_E_INCOMPATIBLE);
  if (message.find(path) == std::string::npos || message.find(says) == std::string::npos ||
      message.find("open.shared_directory") == std::string::npos)
    fail_msg("\"%s\" does not say %s", message.c_str(), says);
}

void InsistOpens(const std::string& path, const char* shared) {
  std::string message;
  if (Open(path, shared, &message) != SHALE_OK) fail_msg("%s", message.c_str());
}

// A directory of our own, and in it one for the store.
struct Place {
  Place() : above("directory"), store(above.path() + "/store") {
    fs::create_directory(above.path());
    Mode(above.path(), 0755);
    fs::create_directory(store);
    Mode(store, 0755);
  }
  static void Mode(const std::string& path, mode_t mode) { assert_int_equal(chmod(path.c_str(), mode), 0); }
  const TempDir above;
  const std::string store;
};

TEST(a_directory_that_others_may_write_to_is_refused_empty_or_not) {
  for (const mode_t mode : {0775, 0757, 01777}) {
    const Place place;
    Place::Mode(place.store, mode);
    InsistRefused(place.store, "chmod go-w");
    assert_true(fs::is_empty(place.store));
    InsistOpens(place.store, "true");
    InsistRefused(place.store, "chmod go-w");
    Place::Mode(place.store, 0755);
    InsistOpens(place.store, "false");
  }
}

TEST(a_directory_whose_place_everybody_could_give_away_is_refused) {
  const Place place;
  InsistOpens(place.store, "false");
  Place::Mode(place.above.path(), 0777);
  InsistRefused(place.store, "0777");
  InsistRefused(place.store + "/../store", "0777");
  InsistOpens(place.store, "true");
  Place::Mode(place.above.path(), 01777);   // as /tmp: only who owns an entry can move it
  InsistOpens(place.store, "false");
  Place::Mode(place.above.path(), 0775);
  InsistOpens(place.store, "false");
}

TEST(a_store_that_is_refused_leaves_no_directory_that_it_made) {
  const Place place;
  Place::Mode(place.above.path(), 0777);
  InsistRefused(place.above.path() + "/new", "0777");
  assert_false(fs::exists(place.above.path() + "/new"));
}

TEST(the_directory_of_another_user_is_refused) {
  const Place place;
  if (geteuid() != 0) {   // cannot give one away; the root directory is another's already
    InsistRefused("/", "belongs to user 0");
    return;
  }
  assert_int_equal(chown(place.store.c_str(), kSomebody, 0), 0);
  InsistRefused(place.store, "belongs to user 4242");
  InsistOpens(place.store, "true");
  assert_int_equal(chown(place.store.c_str(), 0, 0), 0);
  assert_int_equal(chown(place.above.path().c_str(), kSomebody, 0), 0);
  InsistRefused(place.store, "the directory above belongs to user 4242");
  InsistOpens(place.store, "true");
  assert_int_equal(chown(place.above.path().c_str(), 0, 0), 0);
  InsistOpens(place.store, "false");
}

// What was opened is asked, not what the path is by then: a link to a directory is judged by the directory.
TEST(a_link_is_judged_by_where_it_leads) {
  const Place place;
  const Place elsewhere;
  const std::string link = place.above.path() + "/link";
  fs::create_directory_symlink(elsewhere.store, link);
  InsistOpens(link, "false");
  Place::Mode(elsewhere.above.path(), 0777);
  InsistRefused(link, "0777");
}

}   // namespace
}   // namespace shale_test

RUN()
