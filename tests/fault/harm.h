// One harm to the bytes of a store's files, drawn by chance: what a disk, a file system or a person does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fault/store_bytes.h"
#include "model/store_kit.h"

namespace shale_test {

struct Harm {
  std::string what;                       // for messages
  std::vector<std::string> files;         // whose content is not what it was
  uint64_t from = 0, upto = UINT64_MAX;   // bytes of files[0] that are not what they were
  StoreBytes after;
};

inline constexpr int kHarmedKinds = 5, kHarmWays = 8;

// number: goes through all kinds of file in all ways.
Harm DrawHarm(const StoreBytes& store, uint64_t number, Dice* dice);

}   // namespace shale_test
