// The stores that are compared, behind one interface narrow enough that it costs each of them the same: an
// indirect call.
//
//  1. Every engine is opened on an empty directory and acknowledges a write when it is in the page cache.
//  2. No engine compresses, unless Shale is asked to by an option.
//  3. Put and Get may be called from any number of threads; Close once, after them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shale_handle.h"

namespace bench {

struct EngineSettings {
  int64_t shale_budget_bytes = int64_t{512} << 20;
  int64_t leveldb_cache_bytes = int64_t{256} << 20;
  ShaleSettings shale_options;
  bool shale_encrypts = false;
};

class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  // False with one line in *why on an error.
  virtual bool Put(std::string_view key, std::string_view value, std::string* why) = 0;

  // *value lies in *buffer, which the thread keeps from call to call: each engine fills it in its own
  // cheapest way, and none pays for a copy or an allocation that its API does not ask for. A missing key is
  // an error here.
  virtual bool Get(std::string_view key, std::string* buffer, std::string_view* value, std::string* why) = 0;

  virtual bool Close(std::string* why) = 0;
};

// "shale", "leveldb", "leveldb64".
const std::vector<std::string>& EngineNames();
// Null with one line in *why on an error.
std::unique_ptr<Engine> OpenEngine(const std::string& name, const std::string& directory,
                                   const EngineSettings& settings, std::string* why);

}   // namespace bench
