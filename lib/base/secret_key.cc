#include "base/secret_key.h"

#include <sodium.h>

#include <cstring>

#include "base/check.h"

namespace shale {

Status SecretKey::Allocate(std::shared_ptr<SecretKey>* out) {
  if (sodium_init() < 0) return Status::Error(Code::E_INTERNAL, "libsodium cannot be used");
  auto* const data = static_cast<unsigned char*>(sodium_malloc(kBytes));
  if (data == nullptr) return Status::Error(Code::E_NO_MEMORY, "no memory for a key");
  out->reset(new SecretKey(data));
  return Status::Ok();
}

SecretKey::~SecretKey() {
  sodium_free(data_);   // wipes
}

Status SecretKey::Copy(Bytes bytes, std::shared_ptr<const SecretKey>* out) {
  SHALE_CHECK(bytes.size() == kBytes);
  std::shared_ptr<SecretKey> made;
  SHALE_RETURN_IF_NOT_OK(Allocate(&made));
  std::memcpy(made->data_, bytes.data(), kBytes);
  *out = std::move(made);
  return Status::Ok();
}

Status SecretKey::Derive(const SecretKey& from, Bytes purpose, std::shared_ptr<const SecretKey>* out) {
  std::shared_ptr<SecretKey> made;
  SHALE_RETURN_IF_NOT_OK(Allocate(&made));
  static_assert(kBytes >= crypto_generichash_KEYBYTES_MIN && kBytes <= crypto_generichash_KEYBYTES_MAX);
  SHALE_CHECK(crypto_generichash(made->data_, kBytes, reinterpret_cast<const unsigned char*>(purpose.data()),
                                 purpose.size(), from.data_, kBytes) == 0);
  *out = std::move(made);
  return Status::Ok();
}

void SecretKey::Fingerprint(Bytes purpose, unsigned char out[16]) const {
  SHALE_CHECK(crypto_generichash(out, 16, reinterpret_cast<const unsigned char*>(purpose.data()),
                                 purpose.size(), data_, kBytes) == 0);
}

}   // namespace shale
