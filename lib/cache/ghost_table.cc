#include "cache/ghost_table.h"

#include <bit>
#include <cstring>

namespace shale {

Status GhostTable::Init(size_t slots_max) {
  const size_t sets = std::bit_ceil((slots_max + kWays - 1) / kWays);
  SHALE_RETURN_IF_NOT_OK(region_.Reserve(sets * sizeof(Set)));
  sets_base_ = reinterpret_cast<Set*>(region_.base());
  return Status::Ok();
}

uint16_t GhostTable::Stamp() const {
  const uint16_t stamp = static_cast<uint16_t>(now_ >> shift_);
  return stamp != 0 ? stamp : 1;   // 0 means empty
}

void GhostTable::Remember(uint32_t hash) {
  if (sets_ == 0) return;
  now_++;
  const uint16_t now = Stamp();
  Set* set = SetOf(hash);
  const uint16_t print = PrintOf(hash);
  size_t place = 0;
  uint32_t oldest = 0;
  for (size_t i = 0; i < kWays; i++) {
    // An old ghost of the same key, one that no longer counts, would be found before the new one.
    if (set->prints[i] == print && set->times[i] != 0) {
      place = i;
      break;
    }
    const uint32_t age = set->times[i] == 0 ? UINT32_MAX : static_cast<uint16_t>(now - set->times[i]);
    if (age >= oldest) {
      oldest = age;
      place = i;
    }
  }
  set->prints[place] = print;
  set->times[place] = now;
}

bool GhostTable::Forget(uint32_t hash, size_t age_max) {
  size_t age;
  return Take(hash, &age) && age < age_max;
}

bool GhostTable::Take(uint32_t hash, size_t* age) {
  if (sets_ == 0) return false;
  const uint16_t now = Stamp();
  const uint16_t print = PrintOf(hash);
  Set* set = SetOf(hash);
  for (size_t i = 0; i < kWays; i++) {
    if (set->prints[i] != print || set->times[i] == 0) continue;
    *age = size_t{static_cast<uint16_t>(now - set->times[i])} << shift_;
    set->times[i] = 0;
    return true;
  }
  return false;
}

size_t GhostTable::GrowthFor(size_t items) const {
  if (items <= slots() / 16 * 15) return 0;
  const size_t more = sets_ == 0 ? kPageBytes : bytes();
  return bytes() + more <= region_.reserved() ? more : 0;
}

bool GhostTable::Grow() {
  const size_t bytes_new = sets_ == 0 ? kPageBytes : 2 * bytes();
  if (!region_.CommitTo(bytes_new)) return false;
  sets_ = bytes_new / sizeof(Set);
  // Ages up to the size of the table must be well within the 65,535 stamps.
  const int width = static_cast<int>(std::bit_width(slots()));
  const int shift = width > 14 ? width - 14 : 0;
  if (shift != shift_) {
    std::memset(sets_base_, 0, bytes_new / 2);   // old stamps mean other times
    shift_ = shift;
  }
  return true;
}

}   // namespace shale
