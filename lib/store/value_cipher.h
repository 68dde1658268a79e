// Values under a caller's key: XChaCha20-Poly1305, with what a value belongs to bound to it. FORMAT.md has
// the bytes and says why no nonce is used twice.
//  (1) a nonce of 24 bytes is drawn from the kernel for every value that is encrypted: nothing has to be
//      remembered over a crash, a fork, or in a copy
//  (2) store, key and form are authenticated with the value: it can be read only where it was written for, in
//      whichever place of log or index it lies
#pragma once

#include <array>
#include <memory>

#include "base/secret_key.h"

namespace shale {

class ValueCipher {
 public:
  using StoreId = std::array<unsigned char, 16>;
  using KeyId = std::array<unsigned char, 16>;
  static constexpr size_t kNonceBytes = 24;
  static constexpr size_t kTagBytes = 16;
  static constexpr size_t kOverheadBytes = kNonceBytes + kTagBytes;

  // What the superblock says of the key: of no use to find it.
  static KeyId IdOf(const SecretKey& key, const StoreId& store);
  static Status Make(const SecretKey& key, const StoreId& store, std::unique_ptr<ValueCipher>* out);

  // `form`: the flags of a record that say what was done to the value before. *out is replaced.
  Status Encrypt(Bytes key, uint8_t form, Bytes plain, Buffer* out) const;
  // With a nonce that the caller answers for.
  void EncryptWith(const unsigned char nonce[kNonceBytes], Bytes key, uint8_t form, Bytes plain,
                   Buffer* out) const;
  // In place: *plain lies in [sealed, sealed + size). False if these are not bytes that Encrypt made of a
  // value of this key, and then they are destroyed.
  bool Decrypt(Bytes key, uint8_t form, char* sealed, size_t size, Bytes* plain) const;

 private:
  ValueCipher(std::shared_ptr<const SecretKey> key, const StoreId& store)
      : key_(std::move(key)), store_(store) {}
  Bytes Bound(Bytes key, uint8_t form) const;

  const std::shared_ptr<const SecretKey> key_;   // this store's own
  const StoreId store_;
};

}   // namespace shale
