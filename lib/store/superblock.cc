#include "store/superblock.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "base/coding.h"
#include "base/hash.h"
#include "base/mutex.h"

namespace shale {

namespace {

// A copy is 512 bytes, one sector, so that a disk writes all of it or nothing. Integers are little-endian:
//
//   offset size  field
//        0    8  magic "SHALE", 0, 0, 1
//        8    4  length, 512
//       12    4  format_version
//       16    4  incompatible
//       20    4  read_only_compatible
//       24    4  shard_count
//       28    4  state (1 clean, 2 open, 3 backup)
//       32    8  generation
//       40   16  uuid
//       56   32  secret_seed
//       88   36  boot_id
//      124    4  zero
//      128    8  clock_high_ms
//      136    8  batch_id_high
//      144   16  key_id
//      160  344  zero
//      504    8  Checksum64 of bytes 0 to 503
//
// Bytes that are zero here are not looked at when read: a later version that gives them a meaning which this
// one must not ignore sets a flag.
constexpr char kMagic[8] = {'S', 'H', 'A', 'L', 'E', 0, 0, 1};
constexpr size_t kLengthAt = 8;
constexpr size_t kFormatVersionAt = 12;
constexpr size_t kIncompatibleAt = 16;
constexpr size_t kReadOnlyCompatibleAt = 20;
constexpr size_t kShardCountAt = 24;
constexpr size_t kStateAt = 28;
constexpr size_t kGenerationAt = 32;
constexpr size_t kUuidAt = 40;
constexpr size_t kSecretSeedAt = 56;
constexpr size_t kBootIdAt = 88;
constexpr size_t kClockHighAt = 128;
constexpr size_t kBatchIdHighAt = 136;
constexpr size_t kKeyIdAt = 144;
constexpr size_t kChecksumAt = 504;

// Flag bits that this version knows.
constexpr uint32_t kIncompatibleKnown = kStoreCompressed | kStoreEncrypted;
constexpr uint32_t kReadOnlyCompatibleKnown = 0;

bool IsState(uint32_t state) {
  return state == static_cast<uint32_t>(StoreState::kClean) ||
         state == static_cast<uint32_t>(StoreState::kOpen) ||
         state == static_cast<uint32_t>(StoreState::kBackup);
}

Status CheckReadable(const Superblock& sb, const std::string& name) {
  if (sb.format_version > kFormatVersion) {
    return Status::Error(Code::E_INCOMPATIBLE,
                         name + ": format version " + std::to_string(sb.format_version) +
                             ", this library reads up to " + std::to_string(kFormatVersion));
  }
  const uint32_t unknown = sb.incompatible & ~kIncompatibleKnown;
  if (unknown == 0) return Status::Ok();
  return Status::Error(Code::E_INCOMPATIBLE, name + ": made by a later version (incompatible flag " +
                                                 std::to_string(std::countr_zero(unknown)) + ")");
}

Status ReadCopy(const Fd& dir, const std::string& name, Superblock* sb) {
  Buffer raw;
  SHALE_RETURN_IF_NOT_OK(ReadSmallFile(dir, name, kSuperblockBytes, &raw));
  return DecodeSuperblock(raw, name, sb);
}

struct BootIdOverride {
  Mutex mu;
  bool set GUARDED_BY(mu) = false;
  std::array<char, 36> boot_id GUARDED_BY(mu){};
};

BootIdOverride* TheBootIdOverride() {
  static BootIdOverride* const instance = new BootIdOverride;
  return instance;
}

std::array<char, 36> FirstBytes(std::string_view text) {
  std::array<char, 36> bytes{};
  std::copy_n(text.begin(), std::min(text.size(), bytes.size()), bytes.begin());
  return bytes;
}

}   // namespace

bool IsSuperblockName(std::string_view name) {
  return name == kSuperblockNames[0] || name == kSuperblockNames[1];
}

Buffer EncodeSuperblock(const Superblock& sb) {
  Buffer raw(kSuperblockBytes, '\0');
  char* const p = raw.data();
  std::memcpy(p, kMagic, sizeof kMagic);
  StoreLE<uint32_t>(p + kLengthAt, kSuperblockBytes);
  StoreLE<uint32_t>(p + kFormatVersionAt, sb.format_version);
  StoreLE<uint32_t>(p + kIncompatibleAt, sb.incompatible);
  StoreLE<uint32_t>(p + kReadOnlyCompatibleAt, sb.read_only_compatible);
  StoreLE<uint32_t>(p + kShardCountAt, sb.shard_count);
  StoreLE<uint32_t>(p + kStateAt, static_cast<uint32_t>(sb.state));
  StoreLE<uint64_t>(p + kGenerationAt, sb.generation);
  std::memcpy(p + kUuidAt, sb.uuid.data(), sb.uuid.size());
  std::memcpy(p + kSecretSeedAt, sb.secret_seed.data(), sb.secret_seed.size());
  std::memcpy(p + kBootIdAt, sb.boot_id.data(), sb.boot_id.size());
  StoreLE<int64_t>(p + kClockHighAt, sb.clock_high_ms);
  StoreLE<uint64_t>(p + kBatchIdHighAt, sb.batch_id_high);
  std::memcpy(p + kKeyIdAt, sb.key_id.data(), sb.key_id.size());
  StoreLE<uint64_t>(p + kChecksumAt, Checksum64(MakeBytes(p, kChecksumAt)));
  return raw;
}

Status DecodeSuperblock(Bytes raw, const std::string& name, Superblock* sb) {
  if (raw.size() != kSuperblockBytes) {
    return Status::Corrupt(name + ": " + std::to_string(raw.size()) + " bytes instead of 512");
  }
  const char* const p = raw.data();
  if (std::memcmp(p, kMagic, sizeof kMagic) != 0) return Status::Corrupt(name + ": wrong magic at offset 0");
  if (LoadLE<uint32_t>(p + kLengthAt) != kSuperblockBytes)
    return Status::Corrupt(name + ": wrong length at offset 8");
  if (LoadLE<uint64_t>(p + kChecksumAt) != Checksum64(raw.substr(0, kChecksumAt))) {
    return Status::Corrupt(name + ": wrong checksum at offset 504");
  }
  Superblock read;
  read.format_version = LoadLE<uint32_t>(p + kFormatVersionAt);
  read.incompatible = LoadLE<uint32_t>(p + kIncompatibleAt);
  read.read_only_compatible = LoadLE<uint32_t>(p + kReadOnlyCompatibleAt);
  read.shard_count = LoadLE<uint32_t>(p + kShardCountAt);
  read.generation = LoadLE<uint64_t>(p + kGenerationAt);
  std::memcpy(read.uuid.data(), p + kUuidAt, read.uuid.size());
  std::memcpy(read.secret_seed.data(), p + kSecretSeedAt, read.secret_seed.size());
  std::memcpy(read.boot_id.data(), p + kBootIdAt, read.boot_id.size());
  read.clock_high_ms = LoadLE<int64_t>(p + kClockHighAt);
  read.batch_id_high = LoadLE<uint64_t>(p + kBatchIdHighAt);
  std::memcpy(read.key_id.data(), p + kKeyIdAt, read.key_id.size());
  const uint32_t state = LoadLE<uint32_t>(p + kStateAt);
  // Of a later version's copy only the fields that say so can be trusted; ReadSuperblock looks at them first.
  if (IsState(state)) {
    read.state = static_cast<StoreState>(state);
  } else if (CheckReadable(read, name).ok()) {
    return Status::Corrupt(name + ": unknown state at offset 28");
  }
  *sb = read;
  return Status::Ok();
}

Status ReadSuperblock(const Fd& dir, Superblock* sb, int* damaged_copies) {
  *damaged_copies = 0;
  int absent = 0;
  const char* best_name = nullptr;
  Superblock best;
  std::string seen;
  int unreadable = 0;   // errno
  for (const char* const name : kSuperblockNames) {
    Superblock copy;
    const Status s = ReadCopy(dir, name, &copy);
    if (s.ok()) {
      if (best_name == nullptr || copy.generation > best.generation) {
        best = copy;
        best_name = name;
      }
      continue;
    }
    // A copy that cannot be read is as good as a damaged one: either copy alone is sound (rule 2). Whatever
    // else stands in the way (no rights, no memory, not a plain file) says nothing about the store and is
    // reported.
    if (!s.Is(Code::NOT_FOUND) && !s.Is(Code::E_CORRUPT) && s.error_number() != EIO) return s;
    absent += s.Is(Code::NOT_FOUND);
    if (s.error_number() == EIO) unreadable = EIO;
    (*damaged_copies)++;
    seen +=
        (seen.empty() ? "" : "; ") + (s.Is(Code::NOT_FOUND) ? name + std::string(": missing") : s.message());
  }
  if (absent == 2) {
    *damaged_copies = 0;
    return Code::NOT_FOUND;
  }
  // Read once more, it may be fine: that is for the caller to know.
  if (best_name == nullptr && unreadable != 0)
    return Status::Error(Code::E_IO, "no superblock can be read: " + seen, unreadable);
  if (best_name == nullptr) return Status::Corrupt("no valid superblock: " + seen);
  SHALE_RETURN_IF_NOT_OK(CheckReadable(best, best_name));
  *sb = best;
  return Status::Ok();
}

Status WriteSuperblock(const Fd& dir, Superblock* sb) {
  const uint32_t unknown = sb->read_only_compatible & ~kReadOnlyCompatibleKnown;
  if (unknown != 0) {
    return Status::Error(Code::E_INCOMPATIBLE, "store of a later version: can be read, not written (flag " +
                                                   std::to_string(std::countr_zero(unknown)) + ")");
  }
  sb->generation++;   // spent even if the write fails: one copy may have it
  const Buffer raw = EncodeSuperblock(*sb);
  for (const char* const name : kSuperblockNames) SHALE_RETURN_IF_NOT_OK(ReplaceFile(dir, name, raw));
  return Status::Ok();
}

std::array<char, 36> CurrentBootId() {
  BootIdOverride* const test = TheBootIdOverride();
  {
    MutexLock lock(&test->mu);
    if (test->set) return test->boot_id;
  }
  Fd dir;
  Buffer text;
  if (!OpenDirectory("/proc/sys/kernel/random", false, &dir).ok()) return {};
  if (!ReadSmallFile(dir, "boot_id", 256, &text).ok() || text.size() < 36) return {};
  return FirstBytes(text);
}

void SetBootIdForTest(const char* boot_id) {
  BootIdOverride* const test = TheBootIdOverride();
  MutexLock lock(&test->mu);
  test->set = boot_id != nullptr;
  test->boot_id = FirstBytes(boot_id != nullptr ? boot_id : "");
}

}   // namespace shale
