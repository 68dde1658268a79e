#include "replay.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace bench {
namespace {

constexpr size_t kBytesPerEntry = 1024;            // of the budget, where the store is not too small for that
constexpr size_t kBudgetMin = size_t{512} << 10;   // of the option
constexpr int kProbes = 6;

class Store {
 public:
  bool Open(const ShaleSettings& settings, size_t budget_bytes, size_t value_bytes, std::string* why) {
    ShaleSettings all = {{"memory.budget", std::to_string(budget_bytes)}};
    all.insert(all.end(), settings.begin(), settings.end());
    value_.assign(value_bytes, 'v');
    return handle_.Open(nullptr, all, why);
  }
  bool Get(uint32_t number) {
    size_t size;
    return shale_get_into(handle_.db(), &number, sizeof number, value_.data(), value_.size(), &size, nullptr,
                          0, nullptr) == SHALE_OK;
  }
  bool Put(uint32_t number, std::string* why) {
    shale_error* error = nullptr;
    if (shale_put(handle_.db(), &number, sizeof number, value_.data(), value_.size(), SHALE_TTL_DEFAULT,
                  nullptr, 0, &error) == SHALE_OK)
      return true;
    *why = std::string("shale_put: ") + shale_error_message(error);
    shale_error_free(error);
    return false;
  }
  size_t entries() {
    int64_t items = 0;
    (void)shale_stat(handle_.db(), "cache.items", &items, nullptr);
    return static_cast<size_t>(items);
  }

 private:
  ShaleHandle handle_;
  std::string value_;
};

// Items of a store that has seen three times what it can hold, and was asked for half of it again, so that
// the policy has its notes about both kinds.
bool CountWhenFull(const ShaleSettings& settings, const StoreSize& size, size_t* entries, std::string* why) {
  Store store;
  if (!store.Open(settings, size.budget_bytes, size.value_bytes, why)) return false;
  for (uint32_t i = 0; i < 3 * size.entries; i++) {
    if (!store.Put(i, why)) return false;
    for (int hit = 0; hit < 3 && i % 2 == 0; hit++) (void)store.Get(i);
  }
  *entries = store.entries();
  return true;
}

}   // namespace

bool FindStoreSize(const ShaleSettings& settings, size_t entries, StoreSize* size, std::string* why) {
  size->entries = entries;
  size->budget_bytes = std::max(kBudgetMin, entries * kBytesPerEntry);
  // An entry's block is a multiple of 8 bytes, so the length is tried in such steps.
  const size_t per_entry = size->budget_bytes / entries;
  size->value_bytes = (per_entry - per_entry / 8) / 8 * 8 + 4;
  size_t best_value = size->value_bytes;
  size_t best_off = SIZE_MAX;
  for (int probe = 0; probe < kProbes; probe++) {
    size_t held;
    if (!CountWhenFull(settings, *size, &held, why)) return false;
    const size_t off = held > entries ? held - entries : entries - held;
    if (off < best_off) {
      best_off = off;
      best_value = size->value_bytes;
    }
    if (off == 0) break;
    const double wanted =
        static_cast<double>(size->value_bytes) * static_cast<double>(held) / static_cast<double>(entries);
    size_t next = static_cast<size_t>(wanted) / 8 * 8 + 4;
    if (next == size->value_bytes) next = held > entries ? next + 8 : next - 8;
    size->value_bytes = next;
  }
  size->value_bytes = best_value;
  return true;
}

bool Replay(const ShaleSettings& settings, const StoreSize& size, const Trace& trace, ReplayResult* result,
            std::string* why) {
  Store store;
  if (!store.Open(settings, size.budget_bytes, size.value_bytes, why)) return false;
  constexpr size_t kSamples = 64;
  const size_t half = trace.keys.size() / 2;
  const size_t step = std::max<size_t>(half / kSamples, 1);
  size_t hits = 0;
  size_t samples = 0;
  double entries = 0;
  for (size_t i = 0; i < trace.keys.size(); i++) {
    if (store.Get(trace.keys[i])) {
      hits++;
    } else if (!store.Put(trace.keys[i], why)) {
      return false;
    }
    if (i >= half && i % step == 0) {
      entries += static_cast<double>(store.entries());
      samples++;
    }
  }
  result->hit_percent = 100.0 * static_cast<double>(hits) / static_cast<double>(trace.keys.size());
  result->entries = entries / static_cast<double>(samples);
  return true;
}

}   // namespace bench
