#include "abi/packed.h"

#include <string>

#include "abi/arguments.h"
#include "base/coding.h"

namespace shale {

namespace {

constexpr uint8_t kPackedPut = 1;
constexpr uint8_t kPackedDelete = 2;

// Least sizes of an entry, with a key of one byte.
constexpr size_t kKeyEntryMin = 4 + 1;
constexpr size_t kItemEntryMin = 4 + 1 + 4;
constexpr size_t kOpEntryMin = 1 + 4 + 1;

std::string Entry(size_t index) {
  return "entry " + std::to_string(index) + " of the packed buffer";
}

Status CutShort(size_t index) {
  return Status::Invalid(Entry(index) + " goes beyond its end");
}

// Also what keeps a false count from taking memory.
Status CheckCount(Bytes packed, size_t count, size_t entry_min) {
  if (count <= packed.size() / entry_min) return Status();
  return Status::Invalid("the packed buffer of " + std::to_string(packed.size()) +
                         " bytes is too short for " + std::to_string(count) + " entries");
}

Status CheckAllRead(Bytes rest) {
  if (rest.empty()) return Status();
  return Status::Invalid(std::to_string(rest.size()) + " bytes follow the last entry of the packed buffer");
}

Status ReadKey(Bytes* in, size_t index, Bytes* key) {
  if (!GetSized32(in, key)) return CutShort(index);
  return CheckKey(key->data(), key->size());
}

Status ReadValue(Bytes* in, size_t index, Bytes* value) {
  if (!GetSized32(in, value)) return CutShort(index);
  return CheckValue(value->data(), value->size());
}

Status ReadOp(Bytes* in, size_t index, WriteBatch* batch) {
  uint8_t kind;
  Bytes key, value;
  if (!GetFixed(in, &kind)) return CutShort(index);
  if (kind != kPackedPut && kind != kPackedDelete) {
    return Status::Invalid(Entry(index) + " is of the unknown kind " + std::to_string(kind));
  }
  SHALE_RETURN_IF_NOT_OK(ReadKey(in, index, &key));
  if (kind == kPackedDelete) return batch->Delete(key);
  int64_t ttl_ms;
  if (!GetFixed(in, &ttl_ms)) return CutShort(index);
  SHALE_RETURN_IF_NOT_OK(CheckTtl(ttl_ms, false));
  SHALE_RETURN_IF_NOT_OK(ReadValue(in, index, &value));
  return batch->Put(key, value, ttl_ms);
}

}   // namespace

Status ParsePackedKeys(Bytes packed, size_t count, std::vector<Bytes>* keys) {
  SHALE_RETURN_IF_NOT_OK(CheckCount(packed, count, kKeyEntryMin));
  keys->resize(count);
  for (size_t i = 0; i < count; i++) SHALE_RETURN_IF_NOT_OK(ReadKey(&packed, i, &(*keys)[i]));
  return CheckAllRead(packed);
}

Status ParsePackedItems(Bytes packed, size_t count, std::vector<KeyValue>* items) {
  SHALE_RETURN_IF_NOT_OK(CheckCount(packed, count, kItemEntryMin));
  items->resize(count);
  for (size_t i = 0; i < count; i++) {
    SHALE_RETURN_IF_NOT_OK(ReadKey(&packed, i, &(*items)[i].key));
    SHALE_RETURN_IF_NOT_OK(ReadValue(&packed, i, &(*items)[i].value));
  }
  return CheckAllRead(packed);
}

Status ParsePackedOps(Bytes packed, size_t count, WriteBatch* batch) {
  SHALE_RETURN_IF_NOT_OK(CheckCount(packed, count, kOpEntryMin));
  for (size_t i = 0; i < count; i++) SHALE_RETURN_IF_NOT_OK(ReadOp(&packed, i, batch));
  return CheckAllRead(packed);
}

}   // namespace shale
