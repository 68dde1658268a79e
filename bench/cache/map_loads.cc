#include "map_loads.h"

namespace bench {

namespace {

bool CarriesKeys(const shale_results* results, const shale_slice* keys) {
  for (size_t k = 0; k < kKeysACall; ++k) {
    const void* value = nullptr;
    size_t size = 0;
    if (shale_results_at(results, k, &value, &size, nullptr) != SHALE_OK || size != kMapValueBytes ||
        std::memcmp(value, keys[k].data, kMemoryKeyBytes) != 0)
      return false;
  }
  return true;
}

}   // namespace

bool ShaleMultiGets::RunBatch(std::string* why) {
  char texts[kKeysACall][kMemoryKeyBytes];
  shale_slice keys[kKeysACall];
  for (int64_t i = 0; i < kMapBatchOps; i += kKeysACall) {
    for (int64_t k = 0; k < kKeysACall; ++k) {
      NextKey(texts[k]);
      keys[k] = {texts[k], kMemoryKeyBytes};
    }
    shale_results* results = nullptr;
    const shale_status status = shale_multi_get(map_->db(), keys, kKeysACall, &results, 0, nullptr);
    const bool right = status == SHALE_OK && CarriesKeys(results, keys);
    shale_results_free(results);
    if (right) continue;
    *why = std::string("shale_multi_get: ") + shale_status_text(status) + ", or another key's value";
    return false;
  }
  return true;
}

}   // namespace bench
