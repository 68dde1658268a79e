// A caller's key of 32 bytes while it is in this process: in memory of its own that is kept out of core dumps
// and, where the system allows it, out of swap; between pages that cannot be touched; and wiped at the end.
//  (1) the bytes are copied nowhere else; what is derived from them is a SecretKey again
//  (2) nothing prints it
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/status.h"

namespace shale {

class SecretKey {
 public:
  static constexpr size_t kBytes = 32;

  // `bytes` has 32 of them.
  static Status Copy(Bytes bytes, std::shared_ptr<const SecretKey>* out);
  // A key for one purpose: keyed BLAKE2b of the text. Frozen.
  static Status Derive(const SecretKey& from, Bytes purpose, std::shared_ptr<const SecretKey>* out);
  // Tells keys apart without telling anything about them: keyed BLAKE2b of the text, 16 bytes. Frozen.
  void Fingerprint(Bytes purpose, unsigned char out[16]) const;

  ~SecretKey();
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  const unsigned char* data() const { return data_; }

 private:
  explicit SecretKey(unsigned char* data) : data_(data) {}
  static Status Allocate(std::shared_ptr<SecretKey>* out);

  unsigned char* const data_;
};

}   // namespace shale
