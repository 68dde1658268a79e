#include "store/store_key.h"

#include "store/value_cipher.h"

namespace shale {

Status CheckStoreKey(const std::string& path, const Superblock& superblock, const SecretKey* key) {
  const bool encrypted = (superblock.incompatible & kStoreEncrypted) != 0;
  if (!encrypted && key == nullptr) return Status::Ok();
  const char* wrong = nullptr;
  if (!encrypted) {
    wrong = ": the store is not encrypted, and a key was given";
  } else if (key == nullptr) {
    wrong = ": the store is encrypted, and no key was given";
  } else if (ValueCipher::IdOf(*key, superblock.uuid) != superblock.key_id) {
    wrong = ": the store is encrypted with another key";
  }
  return wrong == nullptr ? Status::Ok() : Status::Error(Code::E_INCOMPATIBLE, path + wrong);
}

}   // namespace shale
