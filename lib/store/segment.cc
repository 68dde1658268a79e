#include "store/segment.h"

#include <cstdio>
#include <cstring>

#include "base/coding.h"
#include "base/hash.h"

namespace shale {

namespace {
constexpr char kMagic[8] = {'S', 'H', 'A', 'L', 'E', 'S', 'E', 'G'};
constexpr uint32_t kSegmentVersion = 1;
// magic 8 | checksum 8 | version 4 | shard 2 | shard count 2 | uuid 16 | segment 4 | zero 4 | previous end 8
// | first sequence 8 | zero to 128. The checksum covers everything behind it.
constexpr size_t kChecksumAt = 8;
constexpr size_t kVersionAt = 16;
constexpr size_t kShardAt = 20;
constexpr size_t kShardCountAt = 22;
constexpr size_t kUuidAt = 24;
constexpr size_t kSegmentAt = 40;
constexpr size_t kPreviousEndAt = 48;
constexpr size_t kFirstSequenceAt = 56;
}   // namespace

void EncodeSegmentHeader(const SegmentHeader& header, char out[kSegmentHeaderBytes]) {
  std::memset(out, 0, kSegmentHeaderBytes);
  std::memcpy(out, kMagic, sizeof kMagic);
  StoreLE<uint32_t>(out + kVersionAt, kSegmentVersion);
  StoreLE<uint16_t>(out + kShardAt, header.shard);
  StoreLE<uint16_t>(out + kShardCountAt, header.shard_count);
  std::memcpy(out + kUuidAt, header.uuid.data(), header.uuid.size());
  StoreLE<uint32_t>(out + kSegmentAt, header.segment);
  StoreLE<uint64_t>(out + kPreviousEndAt, header.previous_end);
  StoreLE<int64_t>(out + kFirstSequenceAt, header.first_sequence);
  StoreLE<uint64_t>(out + kChecksumAt, Checksum64(Bytes(out + kVersionAt, kSegmentHeaderBytes - kVersionAt)));
}

Status DecodeSegmentHeader(Bytes raw, const std::string& name, SegmentHeader* header) {
  if (raw.size() < kSegmentHeaderBytes) return Status::Corrupt(name + ": shorter than a segment header");
  const char* p = raw.data();
  if (std::memcmp(p, kMagic, sizeof kMagic) != 0)
    return Status::Corrupt(name + ": no segment header at offset 0");
  if (LoadLE<uint64_t>(p + kChecksumAt) !=
      Checksum64(Bytes(p + kVersionAt, kSegmentHeaderBytes - kVersionAt))) {
    return Status::Corrupt(name + ": segment header at offset 0 fails its checksum");
  }
  if (LoadLE<uint32_t>(p + kVersionAt) != kSegmentVersion) {
    return Status::Error(Code::E_INCOMPATIBLE, name + ": segment of a newer format");
  }
  header->shard = LoadLE<uint16_t>(p + kShardAt);
  header->shard_count = LoadLE<uint16_t>(p + kShardCountAt);
  std::memcpy(header->uuid.data(), p + kUuidAt, header->uuid.size());
  header->segment = LoadLE<uint32_t>(p + kSegmentAt);
  header->previous_end = LoadLE<uint64_t>(p + kPreviousEndAt);
  header->first_sequence = LoadLE<int64_t>(p + kFirstSequenceAt);
  return Status::Ok();
}

std::string SegmentName(uint32_t segment) {
  // By hand: it names the file of every value that is read, and a formatter costs more than the rest of that.
  std::string name = "00000000.seg";
  for (size_t i = 8; i-- > 0; segment >>= 4) name[i] = "0123456789abcdef"[segment & 15];
  return name;
}

bool ParseSegmentName(const std::string& name, uint32_t* segment) {
  if (name.size() != 12 || name.compare(8, 4, ".seg") != 0) return false;
  uint32_t value = 0;
  for (size_t i = 0; i < 8; i++) {
    const char c = name[i];
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) return false;
    value = value << 4 | static_cast<uint32_t>(digit ? c - '0' : c - 'a' + 10);
  }
  *segment = value;
  return value != 0;
}

}   // namespace shale
