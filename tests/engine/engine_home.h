// An engine on a clock that stands still, with a directory of its own or in memory only.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "engine/engine.h"
#include "store/scratch_dir.h"
#include "test.h"

namespace shale {

struct EngineHome {
  explicit EngineHome(bool on_disk) {
    Clock::SetDefaultForTest(&clock);
    Options options;
    ASSERT_OK(options.Set("memory.budget", "16MiB"));
    ASSERT_OK(options.Set("log.segment_bytes", "1MiB"));
    ASSERT_OK(Engine::Open(on_disk ? scratch.path() + "/store" : "", options, &engine));
  }
  ~EngineHome() {
    engine.reset();
    Clock::SetDefaultForTest(nullptr);
  }
  void Put(const std::string& key, const std::string& value, int64_t ttl_ms = kTtlNever) {
    WriteOptions options;
    options.ttl_ms = ttl_ms;
    ASSERT_OK(engine->Put(key, value, options, nullptr));
  }
  FakeClock clock;
  ScratchDir scratch;
  std::shared_ptr<Engine> engine;
};

}   // namespace shale
