// A backup as one stream of frames, each with its number and its checksum; FORMAT.md has the bytes.
//  (1) the writer never raises SIGPIPE in the host; a reader that is gone is an error
//  (2) the reader gives out nothing that did not pass a checksum, and refuses a stream that ends before its
//      last frame or goes on behind it, with the offset
#pragma once

#include <memory>
#include <string>

#include "store/backup_sink.h"

namespace shale {

enum class FrameKind : uint32_t {
  kStart = 0x4B424853,   // "SHBK": version 4, store 16, id 16, parent 16
  kFile = 0x454C4946,    // "FILE": size 8, name
  kData = 0x41544144,    // "DATA": a piece
  kSame = 0x454D4153,    // "SAME": size 8, hash 8, name
  kEnd = 0x53444E45,     // "ENDS": the manifest
};

class StreamSink : public BackupSink {
 public:
  explicit StreamSink(int fd) : fd_(fd) {}
  // First.
  Status WriteStart(const BackupManifest& manifest);
  Status Begin(const std::string& name, uint64_t size) override;
  Status Append(Bytes piece) override;
  Status End() override { return Status::Ok(); }
  Status Link(const Fd& dir, const std::string& shard, const std::string& file, bool* taken) override;
  Status Same(const std::string& name, const BackupManifest::File& file, bool* taken) override;
  Status Finish(const BackupManifest& manifest) override;

 private:
  Status WriteFrame(FrameKind kind, Bytes body);

  const int fd_;
  uint64_t frames_ = 0;
  Buffer frame_;
};

class StreamReader {
 public:
  explicit StreamReader(int fd) : fd_(fd) {}
  // Body until the next call. E_CORRUPT.
  Status Next(FrameKind* kind, Bytes* body);
  // Nothing may follow.
  Status ExpectEnd();
  uint64_t offset() const { return offset_; }   // bytes read
  Status Bad(const std::string& what) const;

 private:
  Status Read(char* to, size_t size, size_t* got);

  const int fd_;
  uint64_t frames_ = 0;
  uint64_t offset_ = 0;
  uint64_t frame_at_ = 0;
  Buffer frame_;
};

}   // namespace shale
