// What is fed with any bytes whatsoever, and must neither crash, nor hang, nor take more memory than the
// bytes explain, nor accept what it then understands otherwise. One function each; the same ones are driven
// by libFuzzer (make fuzz) and, over the corpora that are checked in, by every test run.
//  (1) what has a checksum is tried twice: as it is, and with its checksum mended, so that mutations get
//  behind
//      it
//  (2) a broken promise ends the process (Insist), as a crash would
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace shale_test {

struct FuzzTarget {
  const char* name;   // also of the directory in tests/fuzz/corpus
  void (*run)(shale::Bytes data);
};

extern const FuzzTarget kFuzzTargets[];
extern const int kFuzzTargetCount;

void FuzzSuperblock(shale::Bytes data);
void FuzzRecords(shale::Bytes data);
void FuzzRows(shale::Bytes data);
void FuzzPacked(shale::Bytes data);
void FuzzToken(shale::Bytes data);
void FuzzValue(shale::Bytes data);
void FuzzManifest(shale::Bytes data);
void FuzzTable(shale::Bytes data);
void FuzzBackup(shale::Bytes data);
void FuzzStream(shale::Bytes data);
void FuzzOptions(shale::Bytes data);
void FuzzCommand(shale::Bytes data);
void FuzzCalls(shale::Bytes data);

#define INSIST(condition) ::shale_test::Insist(condition, #condition, __FILE__, __LINE__)
void Insist(bool holds, const char* what, const char* file, int line);

// Takes numbers and pieces off the front of the bytes; zeros and nothing when they are used up.
class FuzzBytes {
 public:
  explicit FuzzBytes(shale::Bytes data) : left_(data) {}
  bool empty() const { return left_.empty(); }
  uint64_t Number(size_t bytes) {
    uint64_t out = 0;
    for (size_t i = 0; i < bytes && !left_.empty(); i++) {
      out |= static_cast<uint64_t>(static_cast<unsigned char>(left_.front())) << (8 * i);
      left_.remove_prefix(1);
    }
    return out;
  }
  uint64_t Below(uint64_t n) { return Number(n > 256 ? 2 : 1) % n; }
  shale::Bytes Piece(size_t size) {
    const shale::Bytes out = left_.substr(0, size);
    left_.remove_prefix(out.size());
    return out;
  }
  shale::Bytes Rest() { return Piece(left_.size()); }

 private:
  shale::Bytes left_;
};

}   // namespace shale_test
