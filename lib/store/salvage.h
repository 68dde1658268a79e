// Makes a new store of what can be proven of a damaged one. The damaged store is not changed.
//
// Per key, what counts is decided by the best witness that is left:
//   the log, if every record that was ever written is there: the last one of the key
//   the index, where none of its rows is lost: the row, or the last record behind the index's reach
//   else the record or row of the highest version: such a key is recovered, and counted as suspicious, for a
//   newer value or a delete may be among what is lost
//  (1) no bytes are taken that did not pass a checksum at their place
//  (2) a deleted key does not come back but as a suspicious one; an expired one is left out
//  (3) a batch that is not whole in the logs is left out as a whole, but where a part of it is in an index
//      already: that is told
//  (4) the new store is complete and durable, or it is not there
#pragma once

#include <string>

#include "store/salvage_report.h"
#include "store/store.h"

namespace shale {

struct SalvageSourceOptions {
  std::shared_ptr<const SecretKey> key;   // of the damaged store; null: it has none
  // E_CORRUPT, and no new store, unless every key is recovered and nothing is damaged; E_INCOMPATIBLE if the
  // store was not closed.
  bool whole = false;
};

// EXISTS if something is at new_path; E_INCOMPATIBLE without the right key. Memory: the keys and inline
// values of the largest shard, its largest file, and what a store needs. `config` is for the new store, which
// may have another key; its path is set here.
Status SalvageStore(const std::string& path, const SalvageSourceOptions& source, const std::string& new_path,
                    Store::Config config, const WorkProgress& progress, SalvageReport* report);

}   // namespace shale
