#include "store/index_check.h"

#include <algorithm>
#include <memory>

#include "base/coding.h"
#include "store/index_crc.h"
#include "store/index_manifest.h"
#include "store/index_name.h"

namespace shale {

namespace {

// The framing of LevelDB's log format: blocks of records, none crossing a block.
//   u32 masked CRC-32C of type and payload | u16 length | u8 type | payload
constexpr size_t kBlockBytes = 32 << 10;
constexpr size_t kHeaderBytes = 7;
constexpr size_t kCurrentBytesMax = 64;
// How often the end of a manifest may be read over while looking for records.
constexpr size_t kSearchPassesMax = 64;
enum RecordType : uint8_t { kFull = 1, kFirst = 2, kMiddle = 3 };

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

// The length of the valid record at `at` of a manifest, 0 if there is none.
size_t RecordAt(Bytes file, size_t at, RecordType* type) {
  const Bytes rest = file.substr(at, std::min(file.size() - at, kBlockBytes - at % kBlockBytes));
  if (rest.size() < kHeaderBytes) return 0;
  const size_t length = LoadLE<uint16_t>(rest.data() + 4);
  if (kHeaderBytes + length > rest.size()) return 0;
  *type = static_cast<RecordType>(rest[6]);
  if (*type < kFull || *type > kMiddle) return 0;
  IndexCrc crc;
  crc.Add(rest.substr(6, 1 + length));
  return crc.Masked() == LoadLE<uint32_t>(rest.data()) ? kHeaderBytes + length : 0;
}

// Does a whole edit, or the beginning of one, follow the one that begins at `torn` and is not whole? What
// costs too much to find out counts as one that does.
bool EditFollows(Bytes file, size_t torn) {
  RecordType type;
  size_t at = torn;
  // The pieces of the edit itself, as far as they are there. The end of a block may be too small for a
  // header.
  for (size_t size = 0;; at += size) {
    if (kBlockBytes - at % kBlockBytes < kHeaderBytes) at += kBlockBytes - at % kBlockBytes;
    if (at >= file.size()) return false;
    size = RecordAt(file, at, &type);
    if (at == torn && size != 0 && type == kFull) return true;   // whole, and yet not understood
    if (size == 0 || (at != torn && type != kMiddle)) break;
  }
  size_t budget = kSearchPassesMax * (file.size() - at);
  for (; at + kHeaderBytes <= file.size(); at++) {
    const auto kind = static_cast<uint8_t>(file[at + 6]);
    if (kind != kFull && kind != kFirst) continue;
    const size_t length = LoadLE<uint16_t>(file.data() + at + 4);
    // What cannot be a record costs nothing.
    if (length == 0 || kHeaderBytes + length > std::min(file.size() - at, kBlockBytes - at % kBlockBytes))
      continue;
    if (RecordAt(file, at, &type) != 0) return true;
    budget -= std::min(budget, length);
    if (budget == 0) return true;
  }
  return false;
}

// Rule 3 of the header. *bytes stays if the manifest is whole, or damaged.
Status FindTornEdit(const Fd& dir, const std::string& name, uint64_t* bytes) {
  IndexManifest manifest;
  SHALE_RETURN_IF_NOT_OK(ReadIndexManifest(dir, &manifest));
  if (manifest.whole || manifest.whole_bytes == 0 || manifest.name != name) return Status::Ok();
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir, name, &fd));
  uint64_t size = 0;
  SHALE_RETURN_IF_NOT_OK(FileSize(fd, name, &size));
  Buffer file(size, '\0');
  size_t got = 0;
  SHALE_RETURN_IF_NOT_OK(ReadAt(fd, name, 0, file.data(), file.size(), &got));
  file.resize(got);
  if (got > manifest.whole_bytes && !EditFollows(file, manifest.whole_bytes)) *bytes = manifest.whole_bytes;
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

Status CheckIndexFiles(const Fd& dir, bool machine_died, uint64_t* manifest_bytes) {
  *manifest_bytes = UINT64_MAX;
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
  if (machine_died) SHALE_RETURN_IF_NOT_OK(FindTornEdit(dir, text, manifest_bytes));
  return *manifest_bytes != UINT64_MAX ? Status::Ok() : CheckManifest(dir, text);
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
