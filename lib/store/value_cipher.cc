#include "store/value_cipher.h"

#include <sodium.h>

#include <algorithm>

#include "base/check.h"
#include "base/random.h"
#include "base/thread_scratch.h"

namespace shale {

namespace {

static_assert(ValueCipher::kNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(ValueCipher::kTagBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(SecretKey::kBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

constexpr Bytes kKeyPurpose = "shale values 1";
constexpr Bytes kIdPurpose = "shale key id 1";

Buffer ForStore(Bytes purpose, const ValueCipher::StoreId& store) {
  return Buffer(purpose).append(reinterpret_cast<const char*>(store.data()), store.size());
}

const unsigned char* Raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}   // namespace

ValueCipher::KeyId ValueCipher::IdOf(const SecretKey& key, const StoreId& store) {
  KeyId id;
  key.Fingerprint(ForStore(kIdPurpose, store), id.data());
  return id;
}

Status ValueCipher::Make(const SecretKey& key, const StoreId& store, std::unique_ptr<ValueCipher>* out) {
  std::shared_ptr<const SecretKey> own;
  SHALE_RETURN_IF_NOT_OK(SecretKey::Derive(key, ForStore(kKeyPurpose, store), &own));
  out->reset(new ValueCipher(std::move(own), store));
  return Status::Ok();
}

// Until the next call on this thread.
Bytes ValueCipher::Bound(Bytes key, uint8_t form) const {
  struct BoundText;
  Buffer& bound = *ThreadScratch<Buffer, BoundText>();
  bound.assign(reinterpret_cast<const char*>(store_.data()), store_.size());
  bound.push_back(static_cast<char>(form));
  bound.append(key);
  return bound;
}

Status ValueCipher::Encrypt(Bytes key, uint8_t form, Bytes plain, Buffer* out) const {
  unsigned char nonce[kNonceBytes];
  SHALE_RETURN_IF_NOT_OK(SystemRandom(nonce, sizeof nonce));
  EncryptWith(nonce, key, form, plain, out);
  return Status::Ok();
}

void ValueCipher::EncryptWith(const unsigned char nonce[kNonceBytes], Bytes key, uint8_t form, Bytes plain,
                              Buffer* out) const {
  const Bytes bound = Bound(key, form);
  out->resize(plain.size() + kOverheadBytes);
  auto* const p = reinterpret_cast<unsigned char*>(out->data());
  std::copy_n(nonce, kNonceBytes, p);
  unsigned long long size = 0;
  SHALE_CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(p + kNonceBytes, &size, Raw(plain), plain.size(),
                                                         Raw(bound), bound.size(), nullptr, nonce,
                                                         key_->data()) == 0);
}

bool ValueCipher::Decrypt(Bytes key, uint8_t form, char* sealed, size_t size, Bytes* plain) const {
  if (size < kOverheadBytes) return false;
  const Bytes bound = Bound(key, form);
  auto* const nonce = reinterpret_cast<unsigned char*>(sealed);
  unsigned char* const text = nonce + kNonceBytes;
  unsigned long long length = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(text, &length, nullptr, text, size - kNonceBytes, Raw(bound),
                                                 bound.size(), nonce, key_->data()) != 0) {
    return false;
  }
  *plain = Bytes(sealed + kNonceBytes, length);
  return true;
}

}   // namespace shale
