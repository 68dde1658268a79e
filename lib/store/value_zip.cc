#include "store/value_zip.h"

#include <zstd.h>

#include <memory>

#include "base/coding.h"
#include "base/limits.h"
#include "base/thread_scratch.h"

namespace shale {

namespace {

// A thread keeps what it needs for compressing, unless a large value made it large.
constexpr size_t kKeptContextBytes = size_t{1} << 20;
// A block of a frame has at least 4 bytes and holds at most 128 KiB, so a small frame cannot claim much.
constexpr uint64_t kBlockBytesLeast = 4;
constexpr uint64_t kBlockBytesMost = uint64_t{128} << 10;

struct ZipFree {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

std::unique_ptr<ZSTD_CCtx, ZipFree>* ThreadZip() {
  using Kept = std::unique_ptr<ZSTD_CCtx, ZipFree>;
  auto* const kept = ThreadScratch<Kept, Kept>();
  if (*kept == nullptr) kept->reset(ZSTD_createCCtx());
  return kept;
}

ZSTD_DCtx* ThreadUnzip() {
  using Kept = std::unique_ptr<ZSTD_DCtx, ZipFree>;
  auto* const kept = ThreadScratch<Kept, Kept>();
  if (*kept == nullptr) kept->reset(ZSTD_createDCtx());
  return kept->get();
}

Status NotZipped(const char* why) {
  return Status::Corrupt(std::string("a compressed value ") + why);
}

}   // namespace

bool ZipValue(Bytes value, int level, Buffer* out) {
  const size_t most = value.size() - value.size() / 8;
  out->clear();
  PutVarint64(out, value.size());
  const size_t head = out->size();
  if (value.empty() || most <= head) return false;
  auto* const context = ThreadZip();
  if (*context == nullptr) return false;   // no memory: then without
  out->resize(most);
  const size_t size =
      ZSTD_compressCCtx(context->get(), out->data() + head, most - head, value.data(), value.size(), level);
  if (ZSTD_sizeof_CCtx(context->get()) > kKeptContextBytes) context->reset();
  if (ZSTD_isError(size)) return false;   // mostly: it does not fit
  out->resize(head + size);
  return true;
}

Status UnzipValue(Bytes zipped, Buffer* out) {
  uint64_t length = 0;
  if (!GetVarint64(&zipped, &length)) return NotZipped("has no length");
  if (length > kValueBytesMax || length > (zipped.size() / kBlockBytesLeast + 1) * kBlockBytesMost)
    return NotZipped("says that it is longer than it can be");
  const unsigned long long told = ZSTD_getFrameContentSize(zipped.data(), zipped.size());
  if (told != length) return NotZipped("has another length in its frame");
  if (ZSTD_findFrameCompressedSize(zipped.data(), zipped.size()) != zipped.size())
    return NotZipped("is not one whole frame");
  ZSTD_DCtx* const context = ThreadUnzip();
  if (context == nullptr) return Status::Error(Code::E_NO_MEMORY, "no memory to decompress a value");
  out->resize(length);
  const size_t size = ZSTD_decompressDCtx(context, out->data(), length, zipped.data(), zipped.size());
  if (ZSTD_isError(size) || size != length) return NotZipped("cannot be decompressed");
  return Status::Ok();
}

}   // namespace shale
