// A change found its key alive, and the key's time ended while the change was on its way. Readers that came
// in between said that the key was gone, though nobody had set it when it was back; found by histories with
// deadlines. They wait for such a change now.
#include <unistd.h>

#include <string>
#include <thread>

#include "abi/testing.h"
#include "base/clock.h"
#include "base/yield_point.h"
#include "model/store_kit.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

constexpr char kKey[] = "k";

struct Scene {
  shale::FakeClock clock;
  shale_db* db = nullptr;
  std::thread reader;
  shale_status answer = SHALE_E_INTERNAL;
  bool played = false;
};
Scene* scene = nullptr;

// On the writer's thread, with its record in the log and nothing to be seen yet.
void OnTheWay(shale::YieldPoint point) {
  if (point != shale::YieldPoint::kAppended || scene->played) return;
  scene->played = true;
  scene->clock.Advance(10);   // past the deadline
  scene->reader = std::thread([] { scene->answer = shale_exists(scene->db, kKey, sizeof kKey, 0, nullptr); });
  usleep(20'000);   // long enough for a reader that does not wait to be wrong
}

template <typename Change>
void Play(bool with_path, Change change) {
  Scene here;
  scene = &here;
  shale::SetClockForTest(&here.clock);
  const TempDir dir("overtaken");
  const Options options;
  Want(SHALE_OK, shale_open(with_path ? dir.path().c_str() : nullptr, options.get(), &here.db, nullptr),
       nullptr, "open");
  Want(SHALE_OK, shale_put(here.db, kKey, sizeof kKey, "1", 1, 10, nullptr, SHALE_WRITE_AROUND, nullptr),
       nullptr, "put");
  shale::g_yield_hook = &OnTheWay;
  change(here.db);
  shale::g_yield_hook = nullptr;
  assert_true(here.played);
  here.reader.join();
  assert_int_equal(here.answer, SHALE_OK);
  shale_free(here.db);
  shale::SetClockForTest(nullptr);
}

void Swap(shale_db* db) {
  void* old = nullptr;
  size_t size = 0;
  Want(SHALE_OK,
       shale_get_and_set(db, kKey, sizeof kKey, "2", 1, SHALE_TTL_NEVER, &old, &size, nullptr, 0, nullptr),
       nullptr, "swap");
  shale_mem_free(old);
}

void Compare(shale_db* db) {
  Want(SHALE_OK,
       shale_compare_and_set(db, kKey, sizeof kKey, "1", 1, "2", 1, SHALE_TTL_NEVER, nullptr, 0, nullptr),
       nullptr, "compare and set");
}

void PutIfPresent(shale_db* db) {
  Want(SHALE_OK,
       shale_put(db, kKey, sizeof kKey, "2", 1, SHALE_TTL_NEVER, nullptr, SHALE_IF_PRESENT, nullptr), nullptr,
       "put if present");
}

TEST(a_key_that_a_swap_found_alive_is_not_seen_to_be_gone) {
  Play(true, Swap);
  Play(false, Swap);
}

TEST(a_key_that_a_compare_found_alive_is_not_seen_to_be_gone) {
  Play(true, Compare);
  Play(false, Compare);
}

TEST(a_key_that_a_put_found_present_is_not_seen_to_be_gone) {
  Play(true, PutIfPresent);
  Play(false, PutIfPresent);
}

}   // namespace
}   // namespace shale_test

RUN()
