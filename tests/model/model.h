// The store as it must look from outside, in the simplest form that can be right: one ordered map and the
// test's clock.
//  (1) an entry whose deadline has come is absent for every question; it is dropped only when asked about
//  (2) versions are not predicted, only bounded: each learned one is above every version the key ever had. A
//      call that tells no version leaves it open, and the next read settles it
//  (3) values are shared and never changed, so that a copy of a range (an iterator's cut) costs no bytes
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace shale_test {

using Value = std::shared_ptr<const std::string>;

struct Entry {
  Value value;
  int64_t deadline_ms = 0;   // 0: never
  int64_t version = 0;       // 0: not learned yet
};

class Model {
 public:
  explicit Model(int64_t default_ttl_ms) : default_ttl_ms_(default_ttl_ms) {}

  // The live entry of key, or null.
  Entry* Find(const std::string& key, int64_t now_ms);

  // The deadline that a write with ttl_ms gives a key now (all forms of ttl).
  int64_t DeadlineFor(const std::string& key, int64_t ttl_ms, int64_t now_ms);

  void Put(const std::string& key, Value value, int64_t ttl_ms, int64_t now_ms);
  void Erase(const std::string& key);
  void Expire(const std::string& key, int64_t ttl_ms, int64_t now_ms);

  // Notes a version told by the store; false if it breaks the order of versions of that key.
  bool Learn(const std::string& key, int64_t version);

  struct Row {
    std::string key;
    Value value;
    int64_t deadline_ms;
  };
  // Live rows with from <= key < to (empty: open), in order.
  std::vector<Row> Range(const std::string& from, const std::string& to, int64_t now_ms) const;
  size_t size() const { return entries_.size(); }

 private:
  const int64_t default_ttl_ms_;   // 0: keys do not expire by default
  std::map<std::string, Entry> entries_;
  std::map<std::string, int64_t> highest_version_;   // outlives the entry
};

// The smallest key above all that start with prefix, empty if there is none.
std::string AfterPrefix(std::string prefix);

}   // namespace shale_test
