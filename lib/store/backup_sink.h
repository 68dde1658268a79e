// Where the files of a backup go: a directory, or a stream.
//  (1) files come one at a time: Begin, its bytes in pieces, End; or as a whole by Link or Same. Pieces may
//  be
//      left out where Share took them all
//  (2) nothing is there under its final name before Finish has returned OK; a sink that is destroyed before
//      leaves nothing behind that could be taken for a backup
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "store/backup_manifest.h"
#include "store/files.h"

namespace shale {

class BackupSink {
 public:
  virtual ~BackupSink() = default;
  virtual Status Begin(const std::string& name, uint64_t size) = 0;
  virtual Status Append(Bytes piece) = 0;
  // After Begin: takes all bytes of the file from another, whose first ones they are, without their passing
  // through here, if it can.
  virtual Status Share(const Fd& from, bool* taken) {
    static_cast<void>(from);
    *taken = false;
    return Status::Ok();
  }
  // As Append, of a piece that was read from there.
  virtual Status AppendFrom(const Fd& from, uint64_t offset, Bytes piece) {
    static_cast<void>(from);
    static_cast<void>(offset);
    return Append(piece);
  }
  virtual Status End() = 0;
  // The file `file` of the directory `dir` never changes again: takes it without its bytes, as NN/file, if
  // it can. NOT_FOUND: no such file.
  virtual Status Link(const Fd& dir, const std::string& shard, const std::string& file, bool* taken) = 0;
  // The base holds a file of this name, size and hash: takes that one, if it can.
  virtual Status Same(const std::string& name, const BackupManifest::File& file, bool* taken) = 0;
  virtual Status Finish(const BackupManifest& manifest) = 0;
};

}   // namespace shale
