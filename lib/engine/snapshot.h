// A store as it was at one moment, held for as long as somebody wants to read it: one cut over all shards, by
// the same means as a scan's.
//  (1) what is read does not change; a key whose deadline comes is gone from then on, here as everywhere
//  (2) any number of threads, and any number of scans, which keep it alive
//  (3) after the engine was closed every call returns E_CLOSED, and the snapshot may still be destroyed
#pragma once

#include <memory>

#include "base/mutex.h"
#include "engine/engine.h"

namespace shale {

class Snapshot : public std::enable_shared_from_this<Snapshot> {
 public:
  ~Snapshot();

  // OK or NOT_FOUND. out->value points into out->storage, or into the snapshot.
  Status Read(Bytes key, DiskRead* out);
  Status NewScan(const Engine::ScanRequest& request, std::unique_ptr<Scan>* out);
  const std::shared_ptr<Engine>& engine() const { return engine_; }

 private:
  friend class Engine;
  friend class Scan;
  explicit Snapshot(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}
  Status Hold();
  Status HoldMemory();
  // Nobody reads any more, and no scan of it has a cursor.
  void EndByClose() EXCLUDES(mu_);

  const std::shared_ptr<Engine> engine_;
  Mutex mu_;   // of the end: reads are kept apart from it by being counted in the engine
  std::unique_ptr<DiskSnapshot> cut_;
};

}   // namespace shale
