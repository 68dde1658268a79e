// The stores that are measured beside each other, behind one interface that costs each of them the same: an
// indirect call.
//
//  1. A store is opened in a directory that is its own and acknowledges a write as `durability` says; none
//  compresses.
//  2. A session is what one thread has of a store (a connection, a transaction that is renewed, a cursor).
//  Sessions are made
//     by the main thread, used by one thread at a time, and freed before the store is closed.
//  3. A store that cannot do something says so by its capabilities, before anything is measured.
//  4. Each store is one file that adds itself to the table; what is not linked is not there.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

enum class Durability { kOs, kSync, kNone };

struct PeerSettings {
  std::string engine;
  std::string workload;
  int threads = 64;
  double seconds = 3;
  int value_bytes = 1024;
  int64_t keys = 1'000'000;
  int64_t budget_mib = 512;
  Durability durability = Durability::kOs;
  std::string directory;
  uint64_t seed = 0;
  int64_t warm_mib = 0;

  int64_t budget_bytes() const { return budget_mib << 20; }
  size_t value_size() const { return static_cast<size_t>(value_bytes); }
};

struct Row {
  std::string key;
  std::string value;
};

enum class Answer { kFound, kMissing, kFailed };

// Gets each row of a scan; false: the row is wrong.
using RowJudge = std::function<bool(std::string_view key, std::string_view value)>;

class PeerSession {
 public:
  PeerSession() = default;
  PeerSession(const PeerSession&) = delete;
  PeerSession& operator=(const PeerSession&) = delete;
  virtual ~PeerSession() = default;

  // False on an error, which why() tells.
  virtual bool Put(std::string_view key, std::string_view value) = 0;
  // *value lies in *buffer or in the store, until the next call: each store answers in its own cheapest way.
  virtual Answer Get(std::string_view key, std::string* buffer, std::string_view* value) = 0;
  // Rows from the first key that is not below `from`, at most `limit`; how many, or -1 on an error.
  virtual int64_t Scan(std::string_view, int64_t, const RowJudge&) {
    why_ = "it has no order";
    return -1;
  }
  // In the way that the store recommends for loading: one by one if it has no other.
  virtual bool PutMany(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      if (!Put(row.key, row.value)) return false;
    }
    return true;
  }
  virtual bool PutFor(std::string_view, std::string_view, int64_t) { return false; }

  const std::string& why() const { return why_; }

 protected:
  std::string why_;
};

class PeerStore {
 public:
  PeerStore() = default;
  PeerStore(const PeerStore&) = delete;
  PeerStore& operator=(const PeerStore&) = delete;
  virtual ~PeerStore() = default;

  virtual std::unique_ptr<PeerSession> NewSession(std::string* why) = 0;
  virtual bool Close(std::string* why) = 0;
  // Bytes of log that this open had to apply; -1 if the store does not tell.
  virtual int64_t ReplayedBytes() { return -1; }
  // Of a store that is a process of its own: processor time so far, and its greatest size. They are added to
  // this process's.
  virtual double ServerCpuSeconds() { return 0; }
  virtual double ServerPeakMib() { return 0; }
};

struct PeerKind {
  std::string name;
  std::string version;
  std::string clazz = "store";
  bool has_deadlines = false;
  bool has_none = false;   // can do without a log
  std::string
      log_file_suffix;   // of files that hold what is not yet applied; empty: none can be told by its name
  std::function<std::unique_ptr<PeerStore>(const PeerSettings& settings, std::string* why)> open;
};

// In the order of their names.
std::vector<PeerKind>& PeerKinds();

struct PeerKindAdder {
  explicit PeerKindAdder(PeerKind kind);
};

}   // namespace bench
