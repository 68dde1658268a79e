// A store to be harmed: small, drawn from a seed, with all that a store holds: values in the log and in the
// index, long keys, deadlines, batches, deletes, a deleted range, several segments and tables a shard; with
// every fourth seed compressed and encrypted. And what its keys are, and ever were.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "fault/store_bytes.h"
#include "model/store_kit.h"
#include "shale/shale.h"

namespace shale_test {

class Specimen {
 public:
  // `unclean`: its process was killed, and what it had not flushed is only in its logs.
  Specimen(uint64_t seed, bool unclean);
  const StoreBytes& bytes() const { return bytes_; }
  const shale_options* options() const { return options_.text; }
  const shale_options* read_only() const { return read_only_.text; }
  const std::map<std::string, std::string>& rows() const { return rows_; }
  bool WasEver(const std::string& key, std::string_view value) const;
  // May the key's value be gone with these bytes of a file of the clean store?
  bool LiesIn(const std::string& key, const std::string& file, uint64_t from, uint64_t upto) const;
  // The child that writes the store and dies ("--write-and-die path seed").
  [[noreturn]] static void WriteAndDie(const char* path, uint64_t seed);

 private:
  struct Draft;   // draws and notes, and writes where there is a store
  struct OwnOptions {
    explicit OwnOptions(uint64_t seed);
    ~OwnOptions() { shale_options_free(text); }
    OwnOptions(const OwnOptions&) = delete;
    OwnOptions& operator=(const OwnOptions&) = delete;
    void Set(const char* name, const char* value);
    shale_options* text = nullptr;
  };

  const uint64_t seed_;
  OwnOptions options_, read_only_;
  StoreBytes bytes_;
  std::map<std::string, std::string> rows_;
  std::map<std::string, std::set<std::string>> ever_;
};

}   // namespace shale_test
