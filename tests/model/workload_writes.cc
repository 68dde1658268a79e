#include "model/workload.h"

#include <charconv>

namespace shale_test {

namespace {

// The number that a counter call sees in a value; false if it is none. The generator makes canonical text
// only, so "canonical" and "parses" are the same here.
bool ParseCounter(const std::string& text, int64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

}   // namespace

void Workload::Put() {
  const Key& key = PickKey();
  const Value value = PickValue();
  const int64_t ttl_ms = PickTtl(true);
  uint32_t flags = SyncFlag() | (dice_.OneIn(10) ? SHALE_WRITE_AROUND : 0);
  if (dice_.OneIn(8))
    flags |= SHALE_IF_ABSENT;
  else if (dice_.OneIn(8))
    flags |= SHALE_IF_PRESENT;
  const bool present = model_.Find(key, now()) != nullptr;
  shale_status wanted = SHALE_OK;
  if (present && (flags & SHALE_IF_ABSENT) != 0) wanted = SHALE_EXISTS;
  if (!present && (flags & SHALE_IF_PRESENT) != 0) wanted = SHALE_NOT_FOUND;
  int64_t version = 0;
  const bool ask_version = dice_.OneIn(2);
  const shale_status status = shale_put(db_, key.data(), key.size(), value->data(), value->size(), ttl_ms,
                                        ask_version ? &version : nullptr, flags, &err_);
  Expect(wanted, status, "put", key);
  if (status != SHALE_OK) return;
  model_.Put(key, value, ttl_ms, now());
  if (ask_version) Learn(key, version, "put");
}

void Workload::Delete() {
  const Key& key = PickKey();
  const uint32_t flags = SyncFlag() | (dice_.OneIn(3) ? SHALE_IF_PRESENT : 0);
  const bool present = model_.Find(key, now()) != nullptr;
  const shale_status status = shale_delete(db_, key.data(), key.size(), flags, &err_);
  Expect(!present && (flags & SHALE_IF_PRESENT) != 0 ? SHALE_NOT_FOUND : SHALE_OK, status, "delete", key);
  model_.Erase(key);
}

void Workload::GetAndSet() {
  const Key& key = PickKey();
  const Value value = PickValue();
  const int64_t ttl_ms = PickTtl(true);
  void* old_value = nullptr;
  size_t old_len = 0;
  int64_t version = 0;
  const Entry* entry = model_.Find(key, now());
  const shale_status status = shale_get_and_set(db_, key.data(), key.size(), value->data(), value->size(),
                                                ttl_ms, &old_value, &old_len, &version, SyncFlag(), &err_);
  Expect(entry != nullptr ? SHALE_OK : SHALE_NOT_FOUND, status, "get_and_set", key);
  if (entry != nullptr) {
    ExpectBytes(entry->value, old_value, old_len, "get_and_set", key);
  } else if (old_value != nullptr || old_len != 0) {
    Differ("get_and_set", key, "an old value where there was none");
  }
  shale_mem_free(old_value);
  model_.Put(key, value, ttl_ms, now());
  // NOT_FOUND is an outcome for which the header does not promise a version.
  if (status == SHALE_OK) Learn(key, version, "get_and_set");
}

void Workload::CompareAndSet() {
  const Key& key = PickKey();
  const Entry* entry = model_.Find(key, now());
  const bool right = entry != nullptr && dice_.OneIn(2);
  const Value expected = right ? entry->value : PickValue();
  const Value value = PickValue();
  const int64_t ttl_ms = PickTtl(true);
  int64_t version = 0;
  const shale_status wanted =
      entry == nullptr ? SHALE_NOT_FOUND : (*expected == *entry->value ? SHALE_OK : SHALE_MISMATCH);
  const shale_status status =
      shale_compare_and_set(db_, key.data(), key.size(), expected->data(), expected->size(), value->data(),
                            value->size(), ttl_ms, &version, SyncFlag(), &err_);
  Expect(wanted, status, "compare_and_set", key);
  if (status != SHALE_OK) return;
  model_.Put(key, value, ttl_ms, now());
  Learn(key, version, "compare_and_set");
}

void Workload::CompareVersionAndSet() {
  const Key& key = PickKey();
  const int64_t present = KnownVersion(key);
  int64_t expected = present;
  if (dice_.OneIn(3))
    expected = present == SHALE_VERSION_ABSENT ? 7 : present - 1;
  else if (dice_.OneIn(5))
    expected = SHALE_VERSION_ABSENT;
  const Value value = PickValue();
  const int64_t ttl_ms = PickTtl(true);
  int64_t version = 0;
  const shale_status status =
      shale_compare_version_and_set(db_, key.data(), key.size(), expected, value->data(), value->size(),
                                    ttl_ms, &version, SyncFlag(), &err_);
  Expect(expected == present ? SHALE_OK : SHALE_MISMATCH, status, "compare_version_and_set", key);
  if (status == SHALE_OK) {
    model_.Put(key, value, ttl_ms, now());
    Learn(key, version, "compare_version_and_set");
  } else if (version != present) {
    Differ("compare_version_and_set", key,
           "told version " + std::to_string(version) + " instead of " + std::to_string(present));
  }
}

void Workload::CompareAndDelete() {
  const Key& key = PickKey();
  const Entry* entry = model_.Find(key, now());
  const Value expected = entry != nullptr && dice_.OneIn(2) ? entry->value : PickValue();
  const shale_status wanted =
      entry == nullptr ? SHALE_NOT_FOUND : (*expected == *entry->value ? SHALE_OK : SHALE_MISMATCH);
  const shale_status status = shale_compare_and_delete(db_, key.data(), key.size(), expected->data(),
                                                       expected->size(), SyncFlag(), &err_);
  Expect(wanted, status, "compare_and_delete", key);
  if (status == SHALE_OK) model_.Erase(key);
}

void Workload::CompareVersionAndDelete() {
  const Key& key = PickKey();
  const int64_t present = KnownVersion(key);
  int64_t expected = present;
  if (present == SHALE_VERSION_ABSENT)
    expected = 7;
  else if (dice_.OneIn(2))
    expected = present - 1;
  shale_status wanted = SHALE_OK;
  if (present == SHALE_VERSION_ABSENT)
    wanted = SHALE_NOT_FOUND;
  else if (expected != present)
    wanted = SHALE_MISMATCH;
  const shale_status status =
      shale_compare_version_and_delete(db_, key.data(), key.size(), expected, SyncFlag(), &err_);
  Expect(wanted, status, "compare_version_and_delete", key);
  if (status == SHALE_OK) model_.Erase(key);
}

void Workload::Count() {
  const Key& key = PickKey();
  int64_t delta = static_cast<int64_t>(dice_.Next()) >> dice_.Below(64);
  if (dice_.OneIn(50)) delta = dice_.OneIn(2) ? INT64_MAX : INT64_MIN;
  const bool subtract = dice_.OneIn(2);
  const Entry* entry = model_.Find(key, now());
  int64_t before = 0, sum = 0;
  shale_status wanted = SHALE_OK;
  if (entry != nullptr && !ParseCounter(*entry->value, &before)) {
    wanted = SHALE_E_NOT_A_NUMBER;
  } else if (subtract ? __builtin_sub_overflow(before, delta, &sum)
                      : __builtin_add_overflow(before, delta, &sum)) {
    wanted = SHALE_E_OVERFLOW;
  }
  int64_t result = 0;
  const uint32_t flags = SyncFlag();
  const shale_status status = subtract
                                  ? shale_decr(db_, key.data(), key.size(), delta, &result, flags, &err_)
                                  : shale_incr(db_, key.data(), key.size(), delta, &result, flags, &err_);
  Expect(wanted, status, subtract ? "decr" : "incr", key);
  if (status != SHALE_OK) return;
  if (result != sum) Differ("incr", key, std::to_string(result) + " instead of " + std::to_string(sum));
  model_.Put(key, std::make_shared<std::string>(std::to_string(sum)), SHALE_TTL_KEEP, now());
}

void Workload::Expire() {
  const Key& key = PickKey();
  const int64_t ttl_ms = PickTtl(false);
  const bool present = model_.Find(key, now()) != nullptr;
  const shale_status status = shale_expire(db_, key.data(), key.size(), ttl_ms, SyncFlag(), &err_);
  Expect(present ? SHALE_OK : SHALE_NOT_FOUND, status, "expire", key);
  if (present) model_.Expire(key, ttl_ms, now());
}

void Workload::Persist() {
  const Key& key = PickKey();
  const bool present = model_.Find(key, now()) != nullptr;
  const shale_status status = shale_persist(db_, key.data(), key.size(), SyncFlag(), &err_);
  Expect(present ? SHALE_OK : SHALE_NOT_FOUND, status, "persist", key);
  if (present) model_.Expire(key, SHALE_TTL_NEVER, now());
}

}   // namespace shale_test
