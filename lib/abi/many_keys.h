// Calls with many keys: their keys, all checked before the first is touched, and the errors that are not one
// key's answer.
#pragma once

#include <vector>

#include "abi/arguments.h"

namespace shale {

inline Status TakeKeys(const shale_slice* keys, size_t count, std::vector<Bytes>* out) {
  SHALE_RETURN_IF_NOT_OK(CheckSlices("keys", keys, count));
  out->reserve(count);
  for (size_t i = 0; i < count; i++) {
    SHALE_RETURN_IF_NOT_OK(CheckKey(keys[i].data, keys[i].size));
    out->push_back(MakeBytes(keys[i].data, keys[i].size));
  }
  return Status();
}

// What ends the call for all keys; any other error of one key is that key's answer.
inline bool EndsTheCall(const Status& s) {
  return s.Is(Code::E_CLOSED) || s.Is(Code::E_NO_MEMORY);
}

}   // namespace shale
