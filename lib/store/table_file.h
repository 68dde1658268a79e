// One table of an index, read without LevelDB: for looking at every byte of it, and for what is left of a
// damaged one. LevelDB passes over a block that it cannot read as if its rows were not there.
//  (1) only rows of blocks whose checksum is right are handed out
//  (2) what rows may be missing is told as ranges of keys, never too small
//  (3) no bytes lead to a crash, to a read outside the file or to more memory than the file is large
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "store/files.h"

namespace shale {

struct TableEntry {
  Bytes key;               // of the row
  uint64_t sequence = 0;   // LevelDB's: of all entries of a key, in all tables, the highest counts
  bool deleted = false;
  Bytes row;
};

// Rows with from <= key <= to; `to` empty: to the end.
struct KeySpan {
  Buffer from;
  Buffer to;
  bool Contains(Bytes key) const { return key >= from && (to.empty() || key <= to); }
};

struct FileFault {
  uint64_t offset = 0;
  std::string what;
};

struct TableScan {
  uint64_t entries = 0;
  uint64_t blocks = 0;
  std::vector<FileFault> faults;   // in order; empty: every byte is as it should be
  std::vector<KeySpan> lost;       // where rows may be missing
  Buffer smallest, largest;        // keys of the first and the last row seen
};

// `size`: of the table, as the manifest says; 0: not known, that of the file counts. `span`: keys that the
// table holds, as the manifest says. An error is one of reading the file.
Status ReadTable(const Fd& dir, const std::string& path, const std::string& name, uint64_t size,
                 const KeySpan& span, const std::function<void(const TableEntry&)>& visit, TableScan* scan);

}   // namespace shale
