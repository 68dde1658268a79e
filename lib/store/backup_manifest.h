// What a backup consists of: the file BACKUP in its directory, the last frame of its stream. Text, one line a
// file, closed by a checksum; FORMAT.md has the lines.
//  (1) a directory with a valid manifest is a backup as it was made: opening it as a store removes the
//      manifest
//  (2) a file's hash is the checksum of the checksums of its pieces, so that it can be made and checked while
//      bytes pass by
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "store/files.h"

namespace shale {

inline constexpr char kBackupName[] = "BACKUP";
inline constexpr size_t kBackupPieceBytes = size_t{1} << 20;
inline constexpr size_t kBackupManifestBytesMax = size_t{256} << 20;

struct BackupManifest {
  struct File {
    uint64_t size = 0;
    uint64_t hash = 0;
    bool operator==(const File&) const = default;
  };
  std::array<unsigned char, 16> store{};
  std::array<unsigned char, 16> id{};
  std::array<unsigned char, 16> parent{};   // zeros: none, it is whole by itself
  int64_t made_ms = 0;
  std::map<std::string, File> files;

  uint64_t bytes() const;
};

// The hash of a file, piece by piece: all of kBackupPieceBytes but the last.
class PieceHash {
 public:
  void Add(Bytes piece);
  uint64_t Finish() const;

 private:
  Buffer sums_;
};

// A superblock, or a file of a shard's directory: nothing that leads elsewhere.
bool IsBackupFileName(Bytes name);
Buffer EncodeBackupManifest(const BackupManifest& manifest);
// E_CORRUPT; `name` for the message.
Status DecodeBackupManifest(Bytes raw, const std::string& name, BackupManifest* manifest);
// NOT_FOUND if there is none.
Status ReadBackupManifest(const Fd& dir, BackupManifest* manifest);

}   // namespace shale
