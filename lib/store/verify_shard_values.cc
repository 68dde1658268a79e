// The part of verify that looks at values: can what is stored be turned into one?
#include "store/verify_shard.h"

namespace shale {

void ShardVerifier::CheckValue(const std::string& path, uint64_t offset, Bytes key,
                               const StoredValue& stored) {
  const bool encrypted = (stored.form & kRecordEncrypted) != 0;
  if (config_.report->superblock && encrypted != config_.report->encrypted)
    return Add(path, Severity::kDamaged, offset,
               encrypted ? "an encrypted value in a store that is not" : "a value that is not encrypted");
  if (encrypted && !config_.codec->encrypts()) {
    config_.report->values_checked = false;
    return;
  }
  if (stored.form == 0) return;
  value_.assign(stored.bytes);
  Bytes value = value_;
  const Status s = config_.codec->Unseal(key, stored.form, &value_, &value);
  if (!s.ok()) Add(path, Severity::kDamaged, offset, s.message());
}

}   // namespace shale
