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
constexpr unsigned kHangSeconds = 300;   // of an image that takes a tenth of one

struct Tally {
  uint64_t lives = 0, operations = 0, segments_collected = 0;
  uint64_t images = 0, shortened = 0, second_cuts = 0, backups = 0, before_creation = 0;
};

// What a disk promises and does not keep: a harness that does not see it proves nothing.
enum class Lie { kNone, kFileSyncs, kDirectorySyncs };

class Cutter {
 public:
  explicit Cutter(uint64_t seed, Tally* tally, Lie lie = Lie::kNone)
      : seed_(seed), dice_(seed), root_("power"), tally_(tally), lie_(lie) {
    SetFatalSeed(seed);
  }

  // Empty, or what is wrong with the first image that is.
  std::string Run(uint64_t images) {
    images_ = images;
    LifePlan plan;
    plan.seed = dice_.Next();
    plan.durable = dice_.OneIn(2);
    History history;
    const std::vector<DiskEvent> events = Record(plan, nullptr, &history, [](Life* life) { life->Run(); });
    tally_->lives++;
    tally_->operations += events.size();
    DiskModel model;
    // Spread over the life, a random place in each stretch.
    size_t applied = 0;
    for (uint64_t i = 0; i < images; i++) {
      const size_t from = events.size() * i / images, upto = events.size() * (i + 1) / images;
      size_t cut = from + dice_.Below(upto - from + 1);
      // Most is at stake just before a sync.
      if (dice_.OneIn(2)) cut = NextSync(events, cut);
      cut = std::max(cut, applied);
      for (; applied < cut; applied++) Apply(&model, events[applied]);
      if (std::string wrong = CutOnce(model, cut, history); !wrong.empty()) return wrong;
    }
    return "";
  }

 private:
  template <typename Work>
  std::vector<DiskEvent> Record(const LifePlan& plan, const DiskImage* image, History* history, Work work) {
    SetSystemRandomSeed(plan.seed);
    shale::SetBootIdForTest(image == nullptr ? kBoot : kNextBoot);
    root_.Clear();
    if (image == nullptr)
      std::filesystem::create_directory(root_.path());
    else
      image->WriteTo(root_.path());
    DiskRecorder recorder(root_.path(), image);
    FileLayer::The().SetRecorder(&recorder);
    Life life(plan, root_.path(), history, &recorder);
    work(&life);
    FileLayer::The().SetRecorder(nullptr);
    if (life.failures() != 0) Fatal("a call failed without a fault: %s", life.first_failure().c_str());
    tally_->segments_collected += life.segments_collected();
    shard_of_ = ShardsOfKeys(Life::StorePath(root_.path()));
    return recorder.TakeEvents();
  }

  static size_t NextSync(const std::vector<DiskEvent>& events, size_t from) {
    while (from < events.size() && events[from].kind != DiskEvent::Kind::kSyncData &&
           events[from].kind != DiskEvent::Kind::kSyncDirectory)
      from++;
    return from;
  }

  void Apply(DiskModel* model, const DiskEvent& event) {
    const bool left_out = (lie_ == Lie::kFileSyncs && event.kind == DiskEvent::Kind::kSyncData) ||
                          (lie_ == Lie::kDirectorySyncs && event.kind == DiskEvent::Kind::kSyncDirectory);
    if (!left_out) model->Apply(&event);
  }

  CutPolicy DrawPolicy() {
    CutPolicy policy;
    policy.files = static_cast<CutPolicy::Files>(dice_.Below(5));
    policy.entries = static_cast<CutPolicy::Entries>(dice_.Below(4));
    return policy;
  }

  std::string CutOnce(const DiskModel& model, size_t event, const History& history) {
    const bool process_only = lie_ == Lie::kNone && dice_.OneIn(8);
    const CutPolicy all_kept{CutPolicy::Files::kAllKept, CutPolicy::Entries::kAllKept};
    const CutPolicy policy = process_only ? all_kept : DrawPolicy();
    std::string where = "behind operation " + std::to_string(event) + ", " + policy.Name();
    if (process_only) where += ", in the same boot";
    const DiskImage image = model.Cut(policy, &dice_);
    tally_->images++;
    shale::SetBootIdForTest(process_only ? kBoot : kNextBoot);
    StoreState seen;
    std::string wrong = Check(image, &seen);
    if (wrong.empty()) wrong = history.JudgeAfterCut(seen, event, shard_of_, process_only);
    if (wrong.empty()) wrong = CheckBackup(history, event);
    if (!wrong.empty()) return Keep(image, where + ": " + wrong);
    tally_->shortened += seen != history.StateAt(event);
    return lie_ == Lie::kNone && dice_.OneIn(4) ? CutAgain(image, seen, where) : "";
  }

  // What was recovered lives on, and is cut once more: anywhere in the recovery, or behind it.
  std::string CutAgain(const DiskImage& image, const StoreState& recovered, const std::string& before) {
    History history;
    Deed* const deed = history.Begin("recovery", 0);
    for (const auto& [key, shard] : shard_of_) {
      const auto found = recovered.find(key);
      deed->changes.push_back({key, found == recovered.end() ? KeyState() : found->second});
    }
    deed->barrier = true;
    history.Acknowledge(deed, 0);
    const auto first_shards = shard_of_;
    LifePlan plan;
    plan.seed = dice_.Next();
    const std::vector<DiskEvent> events =
        Record(plan, &image, &history, [](Life* life) { life->RunLater(); });
    DiskModel model(&image);
    size_t cut = dice_.Below(events.size() + 1);
    if (dice_.OneIn(2)) cut = NextSync(events, cut);
    for (size_t i = 0; i < cut; i++) model.Apply(&events[i]);
    const CutPolicy policy = DrawPolicy();
    const DiskImage second = model.Cut(policy, &dice_);
    tally_->second_cuts++;
    shale::SetBootIdForTest(kThirdBoot);
    StoreState seen;
    std::string wrong = Check(second, &seen);
    if (wrong.empty()) wrong = history.JudgeAfterCut(seen, cut, shard_of_, false);
    shard_of_ = first_shards;
    if (wrong.empty()) return "";
    return Keep(second, before + "; then behind operation " + std::to_string(cut) + " of " +
                            std::to_string(events.size()) + ", " + policy.Name() + ": " + wrong);
  }

  // Leaves the image where it can be looked at.
  std::string Keep(const DiskImage& image, const std::string& what) {
    if (lie_ != Lie::kNone) return what;
    const std::string kept = root_.path() + ".kept";
    std::filesystem::remove_all(kept);
    image.WriteTo(kept);
    return "SEED=" + std::to_string(seed_) + " IMAGES=" + std::to_string(images_) + ": " + what +
           "\n  the image is in " + kept;
  }

  // Opens, reads, closes and verifies.
  std::string Check(const DiskImage& image, StoreState* seen) {
    alarm(kHangSeconds);
    root_.Clear();
    image.WriteTo(root_.path());
    std::string wrong = dice_.OneIn(3) ? VerifyAsFound(Life::StorePath(root_.path())) : "";
    if (wrong.empty()) wrong = CheckStore(Life::StorePath(root_.path()), seen);
    tally_->before_creation += image.nodes.at(0).entries.empty();
    alarm(0);
    return wrong;
  }

  // What a cut may leave is no damage; but without a superblock there is no store yet.
  static std::string VerifyAsFound(const std::string& path) {
    if (!std::filesystem::exists(path + "/SHALE-A") && !std::filesystem::exists(path + "/SHALE-B")) return "";
    int64_t problems = 0;
    char* report = nullptr;
    shale_error* err = nullptr;
    const shale_status status = shale_verify(path.c_str(), nullptr, nullptr, &problems, &report, 0, &err);
    std::string wrong;
    if (status == SHALE_OK && std::string(report).find("\"damaged_files\":0") == std::string::npos)
      wrong = std::string("verify as found: ") + report;
    if (status != SHALE_OK && status != SHALE_E_NO_STORE)
      wrong = std::string("verify as found: ") + shale_error_message(err);
    shale_mem_free(report);
    shale_error_free(err);
    return wrong;
  }

  std::string CheckBackup(const History& history, size_t event) {
    const std::string path = Life::BackupPath(root_.path());
    const bool there = std::filesystem::exists(path);
    for (size_t i = 0; i < history.deeds().size(); i++) {
      const Deed& deed = history.deeds()[i];
      if (deed.backup.empty() || deed.begin > event) continue;
      if (!there && deed.end <= event) return "an acknowledged backup is gone";
      if (!there) continue;
      tally_->backups++;
      StoreState seen;
      if (std::string wrong = CheckStore(path, &seen); !wrong.empty()) return "backup: " + wrong;
      if (seen != history.StateBefore(i)) return "the backup holds something else than the store did";
    }
    return "";
  }

  const uint64_t seed_;
  uint64_t images_ = 0;
  Dice dice_;
  TempDir root_;
  Tally* const tally_;
  const Lie lie_;
  std::map<std::string, int> shard_of_;
};

void Print(const Tally& tally, std::chrono::steady_clock::time_point began) {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const auto n = [](uint64_t x) { return static_cast<unsigned long long>(x); };
  std::printf("  %llu images, %llu lost something, %llu before creation; %llu lives, %llu operations\n",
              n(tally.images), n(tally.shortened), n(tally.before_creation), n(tally.lives),
              n(tally.operations));
  std::printf("  %llu segments collected, %llu cut once more, %llu backups opened; %.1f s\n",
              n(tally.segments_collected), n(tally.second_cuts), n(tally.backups), seconds);
  std::fflush(stdout);
}

TEST(a_power_cut_behind_any_operation_loses_nothing_that_was_durable) {
  const uint64_t images = EnvNumber("IMAGES", kSanitized ? 40 : 220);
  const uint64_t seed = TestSeed();
  Dice dice(seed);
  Tally tally;
  const auto began = std::chrono::steady_clock::now();
  for (uint64_t left = images; left > 0;) {
    const uint64_t now = std::min(left, kImagesPerLife);
    // The first life is that of the seed, so that a failing one is found again by its own number.
    const std::string wrong = Cutter(tally.lives == 0 ? seed : dice.Next() >> 16, &tally).Run(now);
    if (!wrong.empty()) Fatal("%s", wrong.c_str());
    left -= now;
    if (left > 0 && tally.lives % 10 == 0) Print(tally, began);
  }
  Print(tally, began);
  assert_true(tally.shortened > 0 && tally.segments_collected > 0 && tally.second_cuts > 0);
}

// The harness itself.
TEST(a_disk_that_does_not_do_what_it_was_told_is_noticed) {
  for (const Lie lie : {Lie::kFileSyncs, Lie::kDirectorySyncs}) {
    Tally tally;
    std::string wrong;
    for (uint64_t seed = 1; seed <= 3 && wrong.empty(); seed++) wrong = Cutter(seed, &tally, lie).Run(20);
    assert_false(wrong.empty());
  }
}

}   // namespace
}   // namespace shale_test

int main() {
  // A place in memory, if there is one: thousands of small directories are made.
  if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0);
  return shale_test::RunTests(__FILE__);
}
