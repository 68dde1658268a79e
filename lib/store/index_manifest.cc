#include "store/index_manifest.h"

#include "base/coding.h"
#include "store/index_crc.h"
#include "store/index_name.h"

namespace shale {

namespace {

constexpr size_t kBlockBytes = 32 << 10;
constexpr size_t kHeaderBytes = 7;   // checksum 4, length 2, type 1
constexpr size_t kCurrentBytesMax = 64;
constexpr size_t kManifestBytesMax = size_t{256} << 20;
constexpr size_t kTagBytes = 8;
constexpr uint64_t kLevels = 7;

enum Type : uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };
enum Field : uint64_t {
  kComparator = 1,
  kLogNumber = 2,
  kNextFile = 3,
  kLastSequence = 4,
  kCompactPointer = 5,
  kDeletedFile = 6,
  kNewFile = 7,
  kPreviousLog = 9,
};

bool GetText(Bytes* in, Bytes* text) {
  uint64_t size = 0;
  if (!GetVarint64(in, &size) || size > in->size()) return false;
  *text = in->substr(0, size);
  in->remove_prefix(size);
  return true;
}

bool GetRowKey(Bytes* in, Buffer* key) {
  Bytes text;
  if (!GetText(in, &text) || text.size() < kTagBytes) return false;
  key->assign(text.substr(0, text.size() - kTagBytes));
  return true;
}

bool GetLevel(Bytes* in, int* level) {
  uint64_t number = 0;
  if (!GetVarint64(in, &number) || number >= kLevels) return false;
  *level = static_cast<int>(number);
  return true;
}

bool ApplyNewFile(Bytes* edit, IndexManifest* manifest) {
  IndexManifest::Table table;
  uint64_t number = 0;
  const bool good = GetLevel(edit, &table.level) && GetVarint64(edit, &number) &&
                    GetVarint64(edit, &table.size) && GetRowKey(edit, &table.smallest) &&
                    GetRowKey(edit, &table.largest);
  if (good) manifest->tables[number] = table;
  return good;
}

bool ApplyField(uint64_t field, Bytes* edit, IndexManifest* manifest) {
  Bytes text;
  uint64_t number = 0;
  int level = 0;
  switch (field) {
    case kComparator:
      return GetText(edit, &text);
    case kLogNumber:
    case kNextFile:
    case kLastSequence:
    case kPreviousLog:
      return GetVarint64(edit, &number);
    case kCompactPointer:
      return GetLevel(edit, &level) && GetText(edit, &text);
    case kDeletedFile:
      if (!GetLevel(edit, &level) || !GetVarint64(edit, &number)) return false;
      // A table that moves to another level is deleted there and new here, in one edit.
      if (const auto it = manifest->tables.find(number);
          it != manifest->tables.end() && it->second.level == level) {
        manifest->tables.erase(it);
      }
      return true;
    case kNewFile:
      return ApplyNewFile(edit, manifest);
    default:
      return false;
  }
}

bool ApplyEdit(Bytes edit, IndexManifest* manifest) {
  while (!edit.empty()) {
    uint64_t field = 0;
    if (!GetVarint64(&edit, &field) || !ApplyField(field, &edit, manifest)) return false;
  }
  return true;
}

// The records of LevelDB's log format, put together; false at the first that is not right.
bool ApplyRecords(Bytes file, IndexManifest* manifest) {
  Buffer edit;
  bool inside = false;
  for (size_t at = 0; at < file.size();) {
    const size_t left_in_block = kBlockBytes - at % kBlockBytes;
    const Bytes rest = file.substr(at, left_in_block);
    if (left_in_block < kHeaderBytes) {
      at += left_in_block;
      continue;
    }
    if (rest.size() < kHeaderBytes) return false;
    const size_t length = LoadLE<uint16_t>(rest.data() + 4);
    if (kHeaderBytes + length > rest.size()) return false;
    IndexCrc crc;
    crc.Add(rest.substr(6, 1 + length));
    if (crc.Masked() != LoadLE<uint32_t>(rest.data())) return false;
    const auto type = static_cast<uint8_t>(rest[6]);
    const bool begins = type == kFull || type == kFirst;
    if (type < kFull || type > kLast || begins == inside) return false;
    if (begins) edit.clear();
    edit.append(rest.substr(kHeaderBytes, length));
    inside = type == kFirst || type == kMiddle;
    if (!inside && !ApplyEdit(edit, manifest)) return false;
    at += kHeaderBytes + length;
    if (!inside) manifest->whole_bytes = at;
  }
  return !inside;
}

}   // namespace

Status ReadIndexManifest(const Fd& dir, IndexManifest* manifest) {
  *manifest = IndexManifest();
  Buffer text;
  Status s = ReadSmallFile(dir, kIndexCurrentName, kCurrentBytesMax, &text);
  if (s.Is(Code::NOT_FOUND) || s.Is(Code::E_CORRUPT)) return Status::Ok();
  SHALE_RETURN_IF_NOT_OK(s);
  if (text.empty() || text.back() != '\n') return Status::Ok();
  text.pop_back();
  if (ParseIndexFileName(text).kind != IndexFileKind::kManifest) return Status::Ok();
  manifest->name = text;
  Fd fd;
  s = OpenFileForRead(dir, text, &fd);
  if (s.Is(Code::NOT_FOUND)) return Status::Ok();
  SHALE_RETURN_IF_NOT_OK(s);
  uint64_t size = 0;
  SHALE_RETURN_IF_NOT_OK(FileSize(fd, text, &size));
  if (size > kManifestBytesMax) return Status::Ok();
  Buffer bytes(size, '\0');
  size_t got = 0;
  SHALE_RETURN_IF_NOT_OK(ReadAt(fd, text, 0, bytes.data(), bytes.size(), &got));
  bytes.resize(got);
  manifest->whole = !bytes.empty() && ApplyRecords(bytes, manifest);
  return Status::Ok();
}

}   // namespace shale
