// Reads a store that was killed and holds it against the oracle. Afterwards the oracle says what was found,
// so that the next victim goes on from there.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "crash/oracle.h"
#include "shale/shale.h"

namespace shale_test {

struct Findings {
  uint64_t keys = 0;   // looked at
  uint64_t present = 0;
  uint64_t lost = 0;          // acknowledged, and gone or older
  uint64_t torn = 0;          // bytes that no call wrote to this key
  uint64_t resurrected = 0;   // deleted or expired, and back
  uint64_t half = 0;          // groups that show two batches
  uint64_t miscounted = 0;    // counters beside both allowed sums
  uint64_t scan = 0;          // keys where scan and get differ, or out of order
  uint64_t Bad() const { return lost + torn + resurrected + half + miscounted + scan; }
};

class Verifier {
 public:
  // killed_ms: wall clock when the victim was certainly dead.
  Verifier(shale_db* db, Oracle* oracle, int64_t killed_ms, Findings* findings)
      : db_(db), oracle_(oracle), killed_ms_(killed_ms), found_(findings) {}
  void Run();

 private:
  struct Seen {
    bool present = false;
    std::string value;
    uint64_t sequence = 0;   // 0 with present: torn
    int64_t before_ms = 0, after_ms = 0;
  };
  Seen Look(const std::string& key);
  bool Fits(const Seen& seen, uint64_t word, int64_t from_ms, int64_t to_ms) const;
  void CheckKey(uint32_t i);
  void Classify(const std::string& key, const Seen& seen, const Slot& slot);
  void CheckGroup(uint32_t group);
  void CheckCounter(uint32_t i);
  void CheckScan();
  void Report(const char* what, const std::string& key, const std::string& detail);

  shale_db* const db_;
  Oracle* const oracle_;
  const int64_t killed_ms_;
  Findings* const found_;
  std::map<std::string, Seen> all_;   // what get said, for the scan
};

}   // namespace shale_test
