// What tests of garbage collection share: a store that is overwritten and reclaimed by one thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "store/store_fixture.h"   // last, with test.h: cmocka has a macro named fail

namespace shale {

inline const Buffer kLarge(5000, 'L');
inline const Buffer kMedium(700, 'm');   // small enough that its overwrites are only sampled
inline const Buffer kSmall(20, 's');     // lies in the index

inline Status Reclaim(Store* store) {
  ReclaimState state;
  while (!state.finished) {
    SHALE_RETURN_IF_NOT_OK(store->ReclaimStep(&state));
    if (state.done > state.total) return Status::Error(Code::E_INTERNAL, "more done than there was");
  }
  return Status::Ok();
}

inline void AssertValid(Store* store) {
  std::string why;
  ASSERT_OK(store->DrainAll());
  if (!store->ValidateSpace(&why)) fail_msg("%s", why.c_str());
}

inline size_t SegmentFiles(const StoreHome& home, int shard) {
  size_t n = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(home.config.path + "/" + StoreShard::DirectoryName(shard)))
    n += entry.path().extension() == ".seg" ? 1 : 0;
  return n;
}

// Overwrites `keys` keys of a shard `rounds` times.
inline void Churn(StoreHome* home, int shard, int keys, int rounds, Bytes value) {
  std::vector<Buffer> names;
  for (int i = 0; i < keys; i++) names.push_back(home->KeyIn(shard, i));
  for (int round = 0; round < rounds; round++) {
    for (const Buffer& key : names) home->Put(key, Buffer(value) + std::to_string(round));
  }
}

}   // namespace shale
