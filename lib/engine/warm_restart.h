// Hot keys over a restart: the keys of the memory tier are listed when the store is closed, hottest first,
// and loaded in the background when it is opened. The list is a hint and nothing else: values and versions
// come from the disk tier like those of any read, so a list that is old, cut off, damaged or of another store
// costs some reads and never a wrong answer.
//  (1) neither side takes longer than warm_restart_ms; what did not fit into the time is left out
//  (2) loading stops when the memory tier is nearly full: it does not evict what users have brought
//  (3) a session that ends before the list was loaded leaves the list as it is
// The list: magic, then blocks of u32 length, u64 checksum, and so many bytes of (u16 key length, key). The
// first block that is not whole ends it.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "engine/engine.h"

namespace shale {

class WarmRestart {
 public:
  // Starts to load. Without a thread to do so, nothing is loaded.
  explicit WarmRestart(Engine* engine);
  ~WarmRestart();
  WarmRestart(const WarmRestart&) = delete;
  WarmRestart& operator=(const WarmRestart&) = delete;

  // Once, when no call is inside: ends the loading, and hands the new list to the disk tier.
  void StopAndSave();
  Engine::WarmStats Stats() const;

 private:
  void Run();
  void LoadList();
  // False when loading has to end.
  bool LoadBlock(Bytes keys);
  bool LoadKey(const KeyRef& key);
  bool InTime() const;
  void Stop();

  Engine* const engine_;
  const int64_t deadline_nanos_;
  std::vector<KeyRef> refs_;   // the thread's, as is the next
  DiskRead read_;
  // Relaxed, as they order nothing: the thread is joined before what it did is used.
  std::atomic<bool> stop_{false};
  std::atomic<bool> running_{false};
  std::atomic<uint64_t> listed_{0};
  std::atomic<uint64_t> restored_{0};
  std::thread thread_;
};

}   // namespace shale
