#include "model/workload.h"

#include <algorithm>

namespace shale_test {

namespace {
constexpr size_t kHeldMax = 6;
}   // namespace

void Workload::Get() {
  const Key& key = PickKey();
  const uint32_t flags = ReadFlags();
  void* value = nullptr;
  size_t size = 0;
  int64_t version = 0;
  const bool ask_version = dice_.OneIn(2);
  const shale_status status =
      shale_get(db_, key.data(), key.size(), &value, &size, ask_version ? &version : nullptr, flags, &err_);
  const Entry* entry = model_.Find(key, now());
  if (!CheckRead(status, entry, flags, "get", key)) {
    if (value != nullptr || size != 0) Differ("get", key, "outputs are set without a value");
    return;
  }
  if (value == nullptr) Differ("get", key, "a value that is NULL");
  ExpectBytes(entry->value, value, size, "get", key);
  if (ask_version) Learn(key, version, "get");
  shale_mem_free(value);
}

void Workload::GetInto() {
  const Key& key = PickKey();
  const uint32_t flags = ReadFlags();
  const size_t cap = dice_.OneIn(4) ? dice_.Below(1024) : buffer_.size();
  size_t size = 0;
  int64_t version = 0;
  const shale_status status = shale_get_into(db_, key.data(), key.size(), cap == 0 ? nullptr : buffer_.data(),
                                             cap, &size, &version, flags, &err_);
  const Entry* entry = model_.Find(key, now());
  if (status == SHALE_TOO_SMALL && entry != nullptr && entry->value->size() > cap) {
    Expect(SHALE_TOO_SMALL, status, "get_into", key);
    if (size != entry->value->size()) Differ("get_into", key, "another needed size: " + std::to_string(size));
    return;
  }
  if (!CheckRead(status, entry, flags, "get_into", key)) return;
  if (size > cap) Differ("get_into", key, "OK for a value above the buffer");
  ExpectBytes(entry->value, buffer_.data(), size, "get_into", key);
  Learn(key, version, "get_into");
}

void Workload::GetView() {
  static constexpr size_t kCaps[] = {0, 16, 512, 4096, 65536};
  const Key& key = PickKey();
  const uint32_t flags = ReadFlags();
  const size_t cap = kCaps[dice_.Below(5)];
  shale_pin* pin = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  int64_t version = 0;
  const shale_status status = shale_get_view(db_, key.data(), key.size(), buffer_.data(), cap, &pin, &value,
                                             &size, &version, flags, &err_);
  const Entry* entry = model_.Find(key, now());
  if (!CheckRead(status, entry, flags, "get_view", key)) {
    if (pin != nullptr || value != nullptr) Differ("get_view", key, "outputs are set without a value");
    return;
  }
  if ((pin == nullptr) != (size <= cap)) Differ("get_view", key, "pinned and copied are mixed up");
  if (pin == nullptr && value != buffer_.data())
    Differ("get_view", key, "a copied value that is not in the buffer");
  ExpectBytes(entry->value, value, size, "get_view", key);
  Learn(key, version, "get_view");
  shale_pin_free(pin);
}

void Workload::GetPinned() {
  if (held_.size() == kHeldMax) DropPin(dice_.Below(kHeldMax));
  const Key& key = PickKey();
  const uint32_t flags = ReadFlags();
  shale_pin* pin = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  int64_t version = 0;
  const shale_status status =
      shale_get_pinned(db_, key.data(), key.size(), &pin, &value, &size, &version, flags, &err_);
  const Entry* entry = model_.Find(key, now());
  if (!CheckRead(status, entry, flags, "get_pinned", key)) {
    if (pin != nullptr) Differ("get_pinned", key, "a pin without a value");
    return;
  }
  if (pin == nullptr) Differ("get_pinned", key, "OK without a pin");
  ExpectBytes(entry->value, value, size, "get_pinned", key);
  Learn(key, version, "get_pinned");
  held_.push_back({pin, value, entry->value});
  if (dice_.OneIn(2)) DropPin(dice_.Below(held_.size()));
}

void Workload::DropPin(size_t index) {
  const Held held = held_[index];
  ExpectBytes(held.expected, held.bytes, held.expected->size(), "pin_free", "");
  shale_pin_free(held.pin);
  held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(index));
}

void Workload::Exists() {
  const Key& key = PickKey();
  const uint32_t flags = ReadFlags();
  const shale_status status = shale_exists(db_, key.data(), key.size(), flags, &err_);
  CheckRead(status, model_.Find(key, now()), flags, "exists", key);
}

void Workload::Ttl() {
  const Key& key = PickKey();
  const uint32_t flags = ReadFlags();
  int64_t ttl_ms = 0;
  const shale_status status = shale_ttl(db_, key.data(), key.size(), &ttl_ms, flags, &err_);
  const Entry* entry = model_.Find(key, now());
  if (!CheckRead(status, entry, flags, "ttl", key)) return;
  const int64_t wanted = entry->deadline_ms == 0 ? SHALE_TTL_NEVER : entry->deadline_ms - now();
  if (ttl_ms != wanted) {
    Differ("ttl", key, std::to_string(ttl_ms) + " instead of " + std::to_string(wanted));
  }
}

}   // namespace shale_test
