#include "engine/write_batch.h"

#include "base/limits.h"

namespace shale {

namespace {
Status CheckRoom(size_t present, size_t more) {
  if (present + more <= kBatchBytesMax) return Status::Ok();
  return Status::Error(Code::E_TOO_LARGE,
                       "a batch holds at most " + std::to_string(kBatchBytesMax) + " bytes");
}
}   // namespace

Status WriteBatch::Put(Bytes key, Bytes value, int64_t ttl_ms) {
  SHALE_RETURN_IF_NOT_OK(CheckRoom(data_.size(), key.size() + value.size()));
  const Op op{false, ttl_ms, data_.size(), key.size(), data_.size() + key.size(), value.size()};
  data_.append(key);
  data_.append(value);
  ops_.push_back(op);
  return Status::Ok();
}

Status WriteBatch::Delete(Bytes key) {
  SHALE_RETURN_IF_NOT_OK(CheckRoom(data_.size(), key.size()));
  const Op op{true, 0, data_.size(), key.size(), 0, 0};
  data_.append(key);
  ops_.push_back(op);
  return Status::Ok();
}

void WriteBatch::Clear() {
  data_.clear();
  ops_.clear();
}

}   // namespace shale
