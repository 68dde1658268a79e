#include "store/value_codec.h"

#include "base/thread_scratch.h"
#include "store/value_zip.h"

namespace shale {

namespace {
constexpr size_t kKeptBytes = size_t{256} << 10;   // a larger value's memory is given back

Buffer* ZipScratch() {
  struct Zipped;
  return ThreadScratch<Buffer, Zipped>();
}

void Trim(Buffer* scratch) {
  if (scratch->capacity() > kKeptBytes) Buffer().swap(*scratch);
}
}   // namespace

Status ValueCodec::Init(const Config& config) {
  compress_bytes_min_ = config.compress_bytes_min;
  compress_level_ = config.compress_level;
  cipher_.reset();
  return config.key != nullptr ? ValueCipher::Make(*config.key, config.store, &cipher_) : Status::Ok();
}

Status ValueCodec::Seal(Bytes key, Bytes value, Buffer* bytes, uint8_t* form) const {
  *form = 0;
  if (!encrypts()) {
    if (WantsCompression(value) && ZipValue(value, compress_level_, bytes)) *form = kRecordCompressed;
    return Status::Ok();
  }
  Buffer* const zipped = ZipScratch();
  if (WantsCompression(value) && ZipValue(value, compress_level_, zipped)) {
    *form = kRecordCompressed;
    value = *zipped;
  }
  const Status s = cipher_->Encrypt(key, *form, value, bytes);
  *form |= kRecordEncrypted;
  Trim(zipped);
  return s;
}

Status ValueCodec::Unseal(Bytes key, uint8_t form, Buffer* storage, Bytes* value) const {
  const bool encrypted = (form & kRecordEncrypted) != 0;
  if (encrypted != encrypts()) {
    return encrypted ? Status::Error(Code::E_INCOMPATIBLE, "an encrypted value, and there is no key")
                     : Status::Corrupt("a value that is not encrypted, in a store that is");
  }
  const uint8_t before = form & kRecordCompressed;
  if (encrypted) {
    char* const sealed = storage->data() + (value->data() - storage->data());
    if (!cipher_->Decrypt(key, before, sealed, value->size(), value))
      return Status::Corrupt("an encrypted value was not written for this key, or was changed");
  }
  if (before == 0) return Status::Ok();
  Buffer* const unzipped = ZipScratch();
  SHALE_RETURN_IF_NOT_OK(UnzipValue(*value, unzipped));
  storage->swap(*unzipped);
  *value = *storage;
  Trim(unzipped);
  return Status::Ok();
}

}   // namespace shale
