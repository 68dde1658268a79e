#include "store/index_check.h"

#include <algorithm>
#include <memory>

#include "base/coding.h"
#include "store/index_crc.h"
#include "store/index_name.h"

namespace shale {

namespace {

// The framing of LevelDB's log format: blocks of records, none crossing a block.
//   u32 masked CRC-32C of type and payload | u16 length | u8 type | payload
constexpr size_t kBlockBytes = 32 << 10;
constexpr size_t kHeaderBytes = 7;
constexpr size_t kCurrentBytesMax = 64;

// The table format: two varint handles (offset, size), padding, magic. Each block is followed by type and
// checksum.
constexpr uint64_t kBlockTrailerBytes = 5;

bool AllZero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

// True if the checksum fits the record cut after any byte: then it is whole, and its length is what is
// damaged.
bool ChecksumFitsSomeLength(uint32_t expected, Bytes type_and_payload) {
  IndexCrc crc;
  for (const char byte : type_and_payload) {
    crc.Add(byte);
    if (crc.Masked() == expected) return true;
  }
  return false;
}

class ManifestWalk {
 public:
  // What is wrong with the block, or nullptr; *at is where. `last`: it is shorter than a block.
  const char* CheckBlock(Bytes block, bool last, size_t* at) {
    for (*at = 0; block.size() - *at >= kHeaderBytes;) {
      const Bytes rest = block.substr(*at);
      if (in_zeros_) return AllZero(rest) ? nullptr : "records after a gap of zeros";
      const auto expected = LoadLE<uint32_t>(rest.data());
      const size_t length = LoadLE<uint16_t>(rest.data() + 4);
      if (length == 0 && rest[6] == 0) {
        in_zeros_ = true;   // space that a power cut left unwritten, if nothing follows
        continue;
      }
      if (kHeaderBytes + length > rest.size()) {
        if (!last) return "record longer than its block";
        return ChecksumFitsSomeLength(expected, rest.substr(6)) ? "record with a damaged length" : nullptr;
      }
      IndexCrc crc;
      crc.Add(rest.substr(6, 1 + length));
      if (crc.Masked() != expected) return "record fails its checksum";
      *at += kHeaderBytes + length;
    }
    return nullptr;
  }

 private:
  bool in_zeros_ = false;
};

Status CheckManifest(const Fd& dir, const std::string& name) {
  Fd fd;
  const Status opened = OpenFileForRead(dir, name, &fd);
  if (opened.Is(Code::NOT_FOUND)) return Status::Corrupt(name + ": missing, but CURRENT names it");
  SHALE_RETURN_IF_NOT_OK(opened);
  const auto buffer = std::make_unique<char[]>(kBlockBytes);
  ManifestWalk walk;
  size_t got = kBlockBytes;
  for (uint64_t offset = 0; got == kBlockBytes; offset += got) {
    SHALE_RETURN_IF_NOT_OK(ReadAt(fd, name, offset, buffer.get(), kBlockBytes, &got));
    if (offset == 0 && got == 0) return Status::Corrupt(name + ": empty");
    size_t at;
    const char* const wrong = walk.CheckBlock(MakeBytes(buffer.get(), got), got < kBlockBytes, &at);
    if (wrong == nullptr) continue;
    return Status::Corrupt(name + " at offset " + std::to_string(offset + at) + ": " + wrong);
  }
  return Status::Ok();
}

struct BlockHandle {
  uint64_t offset;
  uint64_t size;
};

bool GetHandle(Bytes* in, BlockHandle* handle) {
  return GetVarint64(in, &handle->offset) && GetVarint64(in, &handle->size);
}

// A table ends: metaindex block, index block, footer, with nothing between them.
bool EndsAt(const BlockHandle& handle, uint64_t end) {
  uint64_t sum;
  return !__builtin_add_overflow(handle.offset, handle.size, &sum) &&
         !__builtin_add_overflow(sum, kBlockTrailerBytes, &sum) && sum == end;
}

}   // namespace

Status CheckIndexFiles(const Fd& dir) {
  const std::string current = kIndexCurrentName;
  Buffer text;
  const Status read = ReadSmallFile(dir, current, kCurrentBytesMax, &text);
  if (read.Is(Code::NOT_FOUND)) return Status::Corrupt(current + ": missing");
  SHALE_RETURN_IF_NOT_OK(read);
  if (text.empty() || text.back() != '\n') return Status::Corrupt(current + ": does not end with a newline");
  text.pop_back();
  if (ParseIndexFileName(text).kind != IndexFileKind::kManifest) {
    return Status::Corrupt(current + ": names no manifest");
  }
  return CheckManifest(dir, text);
}

bool IsDamagedTableFooter(Bytes bytes, uint64_t offset) {
  if (bytes.size() != kTableFooterBytes) return false;
  // Any other block of this size has its type, 0, where the magic has another byte.
  if (LoadLE<uint64_t>(bytes.data() + kTableFooterBytes - sizeof kTableMagic) != kTableMagic) return false;
  Bytes in = bytes.substr(0, kTableFooterBytes - sizeof kTableMagic);
  BlockHandle metaindex, index;
  if (!GetHandle(&in, &metaindex) || !GetHandle(&in, &index)) return true;
  return !EndsAt(metaindex, index.offset) || !EndsAt(index, offset);
}

}   // namespace shale
