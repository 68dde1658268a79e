// Short walks by several threads beside writes, compactions, backups and garbage collection. A thread knows
// what the keys that only it writes hold, so each of its walks over them has one right answer; and members of
// a group are only ever written together, so that a walk that sees them differ has seen no one instant.
#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "engine/scan.h"
#include "engine_home.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

constexpr int kThreads = 4;
constexpr int kGroups = 4;
constexpr int kMembers = 5;
constexpr int kOwnKeys = 60;

using Model = std::map<std::string, std::string>;

class Walker {
 public:
  Walker(Engine* engine, int number)
      : engine_(engine),
        random_(static_cast<uint64_t>(number) + 1),
        own_("own" + std::to_string(number) + "/") {}

  // Empty: all was right.
  std::string Run(int rounds) {
    for (int i = 0; i < rounds && why_.empty(); i++) {
      if (random_.Below(3) != 0) Change(i);
      if (random_.Below(4) == 0) WriteGroup(i);
      if (random_.Below(3) == 0) WalkGroups();
      WalkOwn();
    }
    return why_;
  }

 private:
  void Check(bool right, const std::string& what) {
    if (!right && why_.empty()) why_ = own_ + what;
  }

  void Change(int round) {
    const std::string key = own_ + std::to_string(random_.Below(kOwnKeys));
    if (random_.Below(4) == 0) {
      const Status s = engine_->Delete(key, WriteOptions());
      Check(s.ok() || s.Is(Code::NOT_FOUND), "delete: " + s.ToString());
      model_.erase(key);
      return;
    }
    // Some in the index, some in the log.
    const std::string value = std::to_string(round) + std::string(random_.Below(2) == 0 ? 1 : 3000, 'v');
    const Status s = engine_->Put(key, value, WriteOptions(), nullptr);
    Check(s.ok(), "put: " + s.ToString());
    model_[key] = value;
  }

  void WriteGroup(int round) {
    const std::string group = "group" + std::to_string(random_.Below(kGroups)) + "/";
    WriteBatch batch;
    for (int m = 0; m < kMembers; m++)
      Check(batch.Put(group + std::to_string(m), own_ + std::to_string(round), kTtlNever).ok(), "batch");
    const Status s = engine_->Write(batch, true, false);
    Check(s.ok(), "write: " + s.ToString());
  }

  std::vector<std::pair<std::string, std::string>> Walk(Engine::ScanRequest request) {
    std::vector<std::pair<std::string, std::string>> rows;
    std::unique_ptr<Scan> scan;
    Status s = engine_->NewScan(request, &scan);
    Bytes key, value;
    while (s.ok() && (s = scan->Next(&key, &value)).ok()) rows.emplace_back(key, value);
    Check(s.Is(Code::END), "walk: " + s.ToString());
    return rows;
  }

  void WalkGroups() {
    Engine::ScanRequest request;
    request.bounds.from = "group";
    request.bounds.to = "groupz";
    std::map<std::string, Model> groups;
    for (const auto& [key, value] : Walk(request)) groups[key.substr(0, key.find('/'))][key] = value;
    for (const auto& [name, members] : groups) {
      Check(members.size() == kMembers, "members are missing in " + name);
      for (const auto& [key, value] : members)
        Check(value == members.begin()->second, "members of " + name + " differ");
    }
  }

  void WalkOwn() {
    Engine::ScanRequest request;
    request.bounds.from = own_ + std::to_string(random_.Below(kOwnKeys));
    request.bounds.to = own_ + "z";
    request.bounds.reverse = random_.Below(3) == 0;
    request.limit = random_.Below(2) == 0 ? -1 : static_cast<int64_t>(random_.Below(kOwnKeys));
    std::vector<std::pair<std::string, std::string>> wanted(
        model_.lower_bound(std::string(request.bounds.from)), model_.end());
    if (request.bounds.reverse) std::reverse(wanted.begin(), wanted.end());
    if (request.limit >= 0 && wanted.size() > static_cast<size_t>(request.limit))
      wanted.resize(static_cast<size_t>(request.limit));
    Check(Walk(request) == wanted, "a walk from " + std::string(request.bounds.from) + " differs");
  }

  Engine* const engine_;
  Random random_;
  const std::string own_;
  Model model_;
  std::string why_;
};

// What takes the ground from under cursors, over and over.
std::string Disturb(EngineHome* home, const std::atomic<bool>* done) {
  const WorkProgress go_on = [](uint64_t, uint64_t) { return true; };
  for (int i = 0; !done->load(); i++) {
    BackupRequest backup;
    backup.path = home->scratch.path() + "/backup" + std::to_string(i);
    Status s;
    switch (i % 4) {
      case 0:
        s = home->engine->CompactRange(CursorBounds(), go_on);
        break;
      case 1:
        s = home->engine->Reclaim(go_on);
        break;
      case 2: {
        BackupCounts counts;
        s = home->engine->Backup(backup, go_on, &counts);
        std::filesystem::remove_all(backup.path);
        break;
      }
      default:
        s = home->engine->Flush();
    }
    if (!s.ok()) return "disturbance " + std::to_string(i % 4) + ": " + s.ToString();
  }
  return "";
}

TEST(each_walk_sees_one_instant_whatever_goes_on_beside_it) {
  const char* const more = std::getenv("WALKS");
  const int rounds = more != nullptr ? std::atoi(more) : 150;
  EngineHome home(true);
  std::atomic<bool> done{false};
  std::string disturbed;
  std::vector<std::string> whys(kThreads);
  std::thread disturber([&] { disturbed = Disturb(&home, &done); });
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; t++)
    threads.emplace_back([&, t] { whys[static_cast<size_t>(t)] = Walker(home.engine.get(), t).Run(rounds); });
  for (std::thread& thread : threads) thread.join();
  done = true;
  disturber.join();
  for (const std::string& why : whys) ASSERT_STR(why.c_str(), "");
  ASSERT_STR(disturbed.c_str(), "");
}

// The engine closes while walks are at work and others have just ended.
TEST(a_close_meets_walks_in_every_state) {
  for (int round = 0; round < 6; round++) {
    EngineHome home(true);
    for (int i = 0; i < 300; i++) home.Put("k" + std::to_string(i), std::string(2000, 'v'));
    std::atomic<int> walks{0};
    std::vector<std::thread> threads;
    std::vector<std::string> whys(kThreads);
    for (size_t t = 0; t < kThreads; t++) {
      threads.emplace_back([&, t] {
        for (int i = 0; whys[t].empty(); i++) {
          Engine::ScanRequest request;
          request.bounds.from = "k" + std::to_string(i % 300);
          request.limit = 20;
          std::unique_ptr<Scan> scan;
          Status s = home.engine->NewScan(request, &scan);
          Bytes key, value;
          while (s.ok()) s = scan->Next(&key, &value);
          if (s.Is(Code::E_CLOSED)) return;
          if (!s.Is(Code::END)) whys[t] = s.ToString();
          walks++;
        }
      });
    }
    while (walks < 20) std::this_thread::yield();
    ASSERT_OK(home.engine->Close());
    for (std::thread& thread : threads) thread.join();
    for (const std::string& why : whys) ASSERT_STR(why.c_str(), "");
  }
}

}   // namespace
}   // namespace shale

RUN()
