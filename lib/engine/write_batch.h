// A list of puts and deletes to be applied together. Holds its own copies; knows nothing of stores.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace shale {

// A row of a call with many keys, borrowed for the call.
struct KeyValue {
  Bytes key;
  Bytes value;
};

class WriteBatch {
 public:
  struct Op {
    bool is_delete = false;
    int64_t ttl_ms = 0;
    size_t key_at = 0, key_len = 0;   // in data_
    size_t value_at = 0, value_len = 0;
  };

  Status Put(Bytes key, Bytes value, int64_t ttl_ms);   // E_TOO_LARGE above kBatchBytesMax
  Status Delete(Bytes key);
  void Clear();
  size_t count() const { return ops_.size(); }
  size_t bytes() const { return data_.size(); }

  const std::vector<Op>& ops() const { return ops_; }
  Bytes key(const Op& op) const { return Bytes(data_).substr(op.key_at, op.key_len); }
  Bytes value(const Op& op) const { return Bytes(data_).substr(op.value_at, op.value_len); }

 private:
  Buffer data_;
  std::vector<Op> ops_;
};

}   // namespace shale
