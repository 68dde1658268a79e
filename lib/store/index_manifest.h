// Which tables make up an index, read without LevelDB: for looking at an index that LevelDB refuses to open.
//  (1) changes nothing
//  (2) what stands before the first damage is used; whether there is any is told
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "store/files.h"

namespace shale {

struct IndexManifest {
  struct Table {
    int level = 0;
    uint64_t size = 0;
    Buffer smallest, largest;   // keys of rows
  };
  std::string name;                   // of the file; empty: CURRENT does not tell
  std::map<uint64_t, Table> tables;   // by number
  uint64_t whole_bytes = 0;           // where the last edit that is whole ends
  bool whole = false;                 // read to its end, and every record of it understood
};

// Never an error but of the file system: what cannot be read is not there, and `whole` is false.
Status ReadIndexManifest(const Fd& dir, IndexManifest* manifest);

}   // namespace shale
