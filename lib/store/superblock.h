// Who this store is: two identical, checksummed copies (SHALE-A, SHALE-B), read before anything else and the
// only files that decide whether a directory is a store that this version can open.
//  (1) a copy is valid if its magic, length and checksum are; the valid copy of the highest generation is the
//      superblock
//  (2) both copies are rewritten, one after the other and each durable before the next, at every change of
//      state: at any instant at least one valid copy exists
//  (3) state kOpen is durable before the first byte of a session is written; kClean only after everything
//      else is durable
//  (4) unknown bits in `incompatible` refuse the open; unknown bits in `read_only_compatible` refuse writing
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "store/files.h"

namespace shale {

inline constexpr uint32_t kFormatVersion = 1;

// The files of the two copies, and their size.
inline constexpr const char* kSuperblockNames[2] = {"SHALE-A", "SHALE-B"};
inline constexpr size_t kSuperblockBytes = 512;
bool IsSuperblockName(std::string_view name);

// Bits of `incompatible`.
inline constexpr uint32_t kStoreCompressed = 1;   // values may be compressed
inline constexpr uint32_t kStoreEncrypted = 2;    // every value is encrypted

// kBackup: as kClean, but the indexes reach less far than the logs, and what their ledgers call exact is not.
enum class StoreState : uint32_t { kClean = 1, kOpen = 2, kBackup = 3 };

struct Superblock {
  std::array<unsigned char, 16> uuid{};
  std::array<unsigned char, 32> secret_seed{};   // keys the hash; why the file is 0600
  uint32_t format_version = kFormatVersion;
  uint32_t incompatible = 0;
  uint32_t read_only_compatible = 0;
  uint32_t shard_count = 0;
  uint64_t generation = 0;   // grows by one at every write
  StoreState state = StoreState::kClean;
  // Of the kernel under which the last session ran: tells a crash from a power cut.
  std::array<char, 36> boot_id{};
  int64_t clock_high_ms = 0;                // latest instant the store has acted on
  uint64_t batch_id_high = 0;               // no batch id at or below this is given again
  std::array<unsigned char, 16> key_id{};   // kStoreEncrypted: tells whether a key is the store's
};

// See FORMAT.md.
Buffer EncodeSuperblock(const Superblock& sb);
Status DecodeSuperblock(Bytes raw, const std::string& name, Superblock* sb);

// NOT_FOUND if neither file exists; E_CORRUPT if none is valid; E_INCOMPATIBLE by rule 4 and for a later
// format_version. `damaged_copies` counts copies that exist or should exist and are not valid (they are
// mended by the next write). A store with unknown `read_only_compatible` bits is read; whoever is about to
// write a shard must have passed WriteSuperblock.
Status ReadSuperblock(const Fd& dir, Superblock* sb, int* damaged_copies);
// Adds one to the generation and writes both copies. E_INCOMPATIBLE by rule 4, with nothing written.
Status WriteSuperblock(const Fd& dir, Superblock* sb);

// The kernel's boot id, 36 characters; all zero if it cannot be read, which must not pass for "the same
// boot". Replaceable by tests (nullptr: the real one again).
std::array<char, 36> CurrentBootId();
void SetBootIdForTest(const char* boot_id);

}   // namespace shale
