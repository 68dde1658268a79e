// What stands on disk for a value: the value as it is, compressed, encrypted, or first one and then the
// other. This is the one place where a value becomes stored bytes, and stored bytes become a value. Everybody
// else in this room, garbage collection before all, moves stored bytes and their form as they are.
//  (1) form: kRecordCompressed and kRecordEncrypted, as in a record's flags; 0 = as it is
//  (2) in a store that has a key every value is encrypted, the empty one too, and one that is not is refused:
//      nobody without the key can put a value there
//  (3) a store can be read with compression off whatever was written with it on
#pragma once

#include "store/log_record.h"
#include "store/value_cipher.h"

namespace shale {

static_assert(kStoredBytesMax == kValueBytesMax + ValueCipher::kOverheadBytes);

struct StoredValue {
  Bytes bytes;
  uint8_t form = 0;
};

class ValueCodec {
 public:
  struct Config {
    ValueCipher::StoreId store{};
    const SecretKey* key = nullptr;   // null: not encrypted; not needed after Init
    size_t compress_bytes_min = 0;    // smaller values are not compressed; 0: none is
    int compress_level = 3;
  };

  Status Init(const Config& config);
  bool encrypts() const { return cipher_ != nullptr; }
  // False: what Seal makes of a value is always the value itself.
  bool seals() const { return encrypts() || compress_bytes_min_ != 0; }

  // Leaves *bytes alone and sets *form to 0 if the value goes to disk as it is.
  Status Seal(Bytes key, Bytes value, Buffer* bytes, uint8_t* form) const;
  // *value is a view into *storage: before the call of the stored bytes, then of the value. E_CORRUPT if they
  // are not a value of this key; E_INCOMPATIBLE if they are encrypted and there is no key.
  Status Unseal(Bytes key, uint8_t form, Buffer* storage, Bytes* value) const;

  // Most stored bytes for a value of that length.
  size_t StoredBytesMost(size_t value_len) const {
    return value_len + (encrypts() ? ValueCipher::kOverheadBytes : 0);
  }
  // Without what encryption adds: where a value lies should not depend on it.
  static size_t BytesBeforeEncryption(const StoredValue& stored) {
    return stored.bytes.size() -
           ((stored.form & kRecordEncrypted) != 0 ? ValueCipher::kOverheadBytes : size_t{0});
  }
  bool WantsCompression(Bytes value) const {
    return compress_bytes_min_ != 0 && value.size() >= compress_bytes_min_;
  }

 private:
  std::unique_ptr<ValueCipher> cipher_;
  size_t compress_bytes_min_ = 0;
  int compress_level_ = 0;
};

}   // namespace shale
