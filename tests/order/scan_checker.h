// Scans of one store held against the sorted list of its keys.
//  (1) a scan gives exactly the keys between its bounds, in its direction, at most `limit` of them
//  (2) each value begins with ValueOf(key), whatever writers append meanwhile
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/store_kit.h"
#include "shale/shale.h"

namespace shale_test {

struct OrderFixture {
  TempDir dir{"order"};
  shale_db* db = nullptr;
  uint64_t seed = 0;
  std::vector<std::string> keys;   // sorted, without repeats
};
extern OrderFixture* order_fixture;

// The beginning of the value of a key.
std::string ValueOf(const std::string& key);

// Adds a put to a buffer for shale_write_packed.
void AppendPut(std::string* packed, const std::string& key, const std::string& value);

void PutKey(shale_db* db, const std::string& key, const std::string& value);

// What one scan must give: keys [begin, end) of the sorted input.
struct Expectation {
  size_t begin, end;
  bool reverse = false;
  bool keys_only = false;
  int64_t limit = 0;
};

Expectation RandomKind(Dice* dice);

// Scans between two keys (empty: open), by rows or packed. resume_one_in: how many reads lie between two
// resumptions by token, 0 for none. begin and end of `due` are found here.
void ScanRange(const std::string& from, const std::string& to, Expectation due, bool packed,
               uint64_t resume_one_in, Dice* dice);
void ScanPrefix(const std::string& prefix, Expectation due, bool packed, Dice* dice);

}   // namespace shale_test
