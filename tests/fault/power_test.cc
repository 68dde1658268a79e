// Power cuts: a store's life is recorded operation by operation; behind operations drawn by chance the
// directory is made as a power cut could have left it, and opened as after another boot. What was
// acknowledged as durable must be there, each shard at one moment of its past, batches whole, and the store
// in order.
//
//   make test-fault IMAGES=5000 SEED=7
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "fault/disk_model.h"
#include "fault/file_layer.h"
#include "fault/history.h"
#include "fault/life.h"
#include "store/superblock.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

constexpr char kBoot[] = "11111111-1111-1111-1111-111111111111";
constexpr char kNextBoot[] = "22222222-2222-2222-2222-222222222222";
constexpr char kThirdBoot[] = "33333333-3333-3333-3333-333333333333";
constexpr uint64_t kImagesPerLife = 100;
constexpr unsigned kHangSeconds = 120;

struct Tally {
  uint64_t lives = 0, events = 0, images = 0, nested = 0, backups = 0, absent = 0;
};

// Ends the test, and leaves the image where it can be looked at.
[[noreturn]] void Fail(const DiskImage& image, const std::string& where, const std::string& what) {
  const std::string kept = "/tmp/shale-image-" + std::to_string(getpid());
  std::filesystem::remove_all(kept);
  image.WriteTo(kept);
  Fatal("%s: %s\nthe image is in %s", where.c_str(), what.c_str(), kept.c_str());
}

class Cutter {
 public:
  Cutter(uint64_t seed, Tally* tally) : dice_(seed), root_("fault"), tally_(tally) { SetFatalSeed(seed); }

  void Run(uint64_t images) {
    shale::SetBootIdForTest(kBoot);
    LifePlan plan;
    plan.seed = dice_.Next();
    plan.durable = dice_.OneIn(2);
    SetSystemRandomSeed(plan.seed);
    root_.Clear();
    std::filesystem::create_directory(root_.path());
    DiskRecorder recorder(root_.path());
    FileLayer::The().SetRecorder(&recorder);
    Life life(plan, root_.path(), &history_, &recorder);
    life.Run();
    FileLayer::The().SetRecorder(nullptr);
    if (life.failures() != 0)
      Fatal("%llu calls failed without a fault", static_cast<unsigned long long>(life.failures()));
    shard_of_ = ShardsOfKeys(Life::StorePath(root_.path()));
    tally_->lives++;
    tally_->events += recorder.events().size();
    CutEverywhere(recorder.events(), images);
  }

 private:
  void CutEverywhere(const std::vector<DiskEvent>& events, uint64_t images) {
    DiskModel model;
    // Spread over the life, a random place in each stretch.
    size_t applied = 0;
    for (uint64_t i = 0; i < images; i++) {
      const size_t from = events.size() * i / images, upto = events.size() * (i + 1) / images;
      const size_t cut = from + dice_.Below(upto - from + 1);
      for (; applied < cut; applied++) model.Apply(&events[applied]);
      CutOnce(model, cut);
    }
  }

  void CutOnce(const DiskModel& model, size_t event) {
    CutPolicy policy;
    policy.files = static_cast<CutPolicy::Files>(dice_.Below(5));
    policy.entries = static_cast<CutPolicy::Entries>(dice_.Below(4));
    const std::string where = "cut behind operation " + std::to_string(event) + ", " + policy.Name();
    const DiskImage image = model.Cut(policy, &dice_);
    tally_->images++;
    shale::SetBootIdForTest(kNextBoot);
    if (dice_.OneIn(4)) CutRecovery(image, event, where);
    Check(image, event, where);
  }

  // The recovery is cut off as well, in the boot after that.
  void CutRecovery(const DiskImage& image, size_t event, const std::string& where) {
    root_.Clear();
    image.WriteTo(root_.path());
    DiskRecorder recorder(root_.path(), &image);
    FileLayer::The().SetRecorder(&recorder);
    shale_db* const db = Open(image, where + ", recovery");
    FileLayer::The().SetRecorder(nullptr);
    shale_close(db, nullptr);
    shale_free(db);
    const auto& events = recorder.events();
    CutPolicy policy;
    policy.files = static_cast<CutPolicy::Files>(dice_.Below(5));
    policy.entries = static_cast<CutPolicy::Entries>(dice_.Below(4));
    DiskModel model(&image);
    const size_t cut = dice_.Below(events.size() + 1);
    for (size_t i = 0; i < cut; i++) model.Apply(&events[i]);
    const DiskImage second = model.Cut(policy, &dice_);
    tally_->nested++;
    shale::SetBootIdForTest(kThirdBoot);
    Check(second, event,
          where + "; recovery cut behind its operation " + std::to_string(cut) + " of " +
              std::to_string(events.size()) + ", " + policy.Name());
    shale::SetBootIdForTest(kNextBoot);
  }

  shale_db* Open(const DiskImage& image, const std::string& where) {
    Options options;
    SetSmall(&options, true);
    shale_db* db = nullptr;
    shale_error* err = nullptr;
    const shale_status status = shale_open(Life::StorePath(root_.path()).c_str(), options.get(), &db, &err);
    if (status != SHALE_OK)
      Fail(image, where,
           std::string("refused: ") + shale_status_name(status) + ": " + shale_error_message(err));
    return db;
  }

  void Check(const DiskImage& image, size_t event, const std::string& where) {
    alarm(kHangSeconds);
    root_.Clear();
    image.WriteTo(root_.path());
    shale_db* const db = Open(image, where);
    shale_status error = SHALE_OK;
    const StoreState seen = ReadStore(db, &error);
    if (error != SHALE_OK) Fail(image, where, std::string("reads fail: ") + shale_status_name(error));
    tally_->absent += seen.empty();
    // A store that had no superblock yet is a new one, with shards of its own.
    if (const std::string wrong = history_.JudgeAfterCut(seen, event, shard_of_); !wrong.empty())
      Fail(image, where, wrong);
    shale_error* err = nullptr;
    if (shale_close(db, &err) != SHALE_OK)
      Fail(image, where, std::string("close: ") + shale_error_message(err));
    shale_free(db);
    Verify(image, Life::StorePath(root_.path()), where);
    CheckBackup(image, event, where);
    alarm(0);
  }

  void Verify(const DiskImage& image, const std::string& path, const std::string& where) {
    Options options;
    int64_t problems = 0;
    char* report = nullptr;
    shale_error* err = nullptr;
    const shale_status status =
        shale_verify_with(path.c_str(), options.get(), nullptr, nullptr, &problems, &report, 0, &err);
    if (status != SHALE_OK || problems != 0)
      Fail(image, where,
           "verify: " + std::string(shale_error_message(err)) + (report != nullptr ? report : ""));
    shale_mem_free(report);
  }

  void CheckBackup(const DiskImage& image, size_t event, const std::string& where) {
    const std::string path = Life::BackupPath(root_.path());
    const bool there = std::filesystem::exists(path);
    for (size_t i = 0; i < history_.deeds().size(); i++) {
      const Deed& deed = history_.deeds()[i];
      if (deed.backup.empty() || deed.begin > event) continue;
      if (!there && deed.end <= event) Fail(image, where, "an acknowledged backup is gone");
      if (!there) continue;
      tally_->backups++;
      Options options;
      SetSmall(&options, true);
      shale_db* db = nullptr;
      shale_error* err = nullptr;
      if (shale_open(path.c_str(), options.get(), &db, &err) != SHALE_OK)
        Fail(image, where, std::string("the backup: ") + shale_error_message(err));
      shale_status error = SHALE_OK;
      if (ReadStore(db, &error) != history_.StateBefore(i))
        Fail(image, where, "the backup holds something else");
      shale_close(db, nullptr);
      shale_free(db);
      Verify(image, path, where + ", backup");
    }
  }

  Dice dice_;
  TempDir root_;
  Tally* const tally_;
  History history_;
  std::map<std::string, int> shard_of_;
};

TEST(a_power_cut_behind_any_operation_loses_nothing_that_was_durable) {
  const uint64_t images = EnvNumber("IMAGES", kSanitized ? 40 : 200);
  const uint64_t seed = TestSeed();
  Dice dice(seed);
  Tally tally;
  const auto began = std::chrono::steady_clock::now();
  for (uint64_t left = images; left > 0;) {
    const uint64_t now = std::min(left, kImagesPerLife);
    // The first life is that of the seed, so that a failing one is found by its own number.
    const uint64_t life = tally.lives == 0 ? seed : dice.Next() >> 16;
    Cutter(life, &tally).Run(now);
    left -= now;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const auto n = [](uint64_t x) { return static_cast<unsigned long long>(x); };
  std::printf(
      "  %llu images of %llu lives (%llu operations), %llu more of cut recoveries, %llu backups opened, %llu "
      "empty; %.1f s\n",
      n(tally.images), n(tally.lives), n(tally.events), n(tally.nested), n(tally.backups), n(tally.absent),
      seconds);
  assert_true(tally.images >= images);
}

}   // namespace
}   // namespace shale_test

int main() {
  // A place in memory, if there is one: thousands of small directories are made.
  if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0);
  return shale_test::RunTests(__FILE__);
}
