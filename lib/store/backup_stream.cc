#include "store/backup_stream.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "base/coding.h"
#include "base/hash.h"

namespace shale {

namespace {

constexpr uint32_t kStreamVersion = 1;
// kind 4, length of the body 4, number of the frame 8; behind the body its checksum 8, of all before it
constexpr size_t kFrameHeadBytes = 16;
constexpr size_t kFrameTailBytes = 8;

// A pipe whose reader is gone raises a signal in the thread that writes: it is kept back, and taken away if
// it was not pending before.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    const timespec now{};
    if (!was_pending_) {
      while (sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_, before_;
  bool was_pending_ = false;
};

// True if the call can be tried again.
bool AwaitReady(int fd, short events) {
  if (errno == EINTR) return true;
  if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
  pollfd wait{fd, events, 0};
  return poll(&wait, 1, -1) >= 0 || errno == EINTR;
}

Status WriteAll(int fd, Bytes data) {
  const NoPipeSignal guard;
  while (!data.empty()) {
    const ssize_t n = write(fd, data.data(), data.size());
    if (n < 0 && AwaitReady(fd, POLLOUT)) continue;
    if (n < 0) return Status::FromErrno("write the backup's stream", errno);
    data.remove_prefix(static_cast<size_t>(n));
  }
  return Status::Ok();
}

bool IsKind(FrameKind kind) {
  return kind == FrameKind::kStart || kind == FrameKind::kFile || kind == FrameKind::kData ||
         kind == FrameKind::kSame || kind == FrameKind::kEnd;
}

}   // namespace

Status StreamSink::WriteFrame(FrameKind kind, Bytes body) {
  frame_.clear();
  PutFixed<uint32_t>(&frame_, static_cast<uint32_t>(kind));
  PutFixed<uint32_t>(&frame_, static_cast<uint32_t>(body.size()));
  PutFixed<uint64_t>(&frame_, frames_++);
  frame_.append(body);
  const uint64_t checksum = Checksum64(frame_);
  PutFixed<uint64_t>(&frame_, checksum);
  return WriteAll(fd_, frame_);
}

Status StreamSink::WriteStart(const BackupManifest& manifest) {
  Buffer body;
  PutFixed<uint32_t>(&body, kStreamVersion);
  for (const auto* id : {&manifest.store, &manifest.id, &manifest.parent})
    body.append(reinterpret_cast<const char*>(id->data()), id->size());
  return WriteFrame(FrameKind::kStart, body);
}

Status StreamSink::Begin(const std::string& name, uint64_t size) {
  Buffer body;
  PutFixed<uint64_t>(&body, size);
  body.append(name);
  return WriteFrame(FrameKind::kFile, body);
}

Status StreamSink::Append(Bytes piece) {
  return WriteFrame(FrameKind::kData, piece);
}

Status StreamSink::Link(const Fd&, const std::string&, const std::string&, bool* taken) {
  *taken = false;
  return Status::Ok();
}

Status StreamSink::Same(const std::string& name, const BackupManifest::File& file, bool* taken) {
  *taken = true;
  Buffer body;
  PutFixed<uint64_t>(&body, file.size);
  PutFixed<uint64_t>(&body, file.hash);
  body.append(name);
  return WriteFrame(FrameKind::kSame, body);
}

Status StreamSink::Finish(const BackupManifest& manifest) {
  return WriteFrame(FrameKind::kEnd, EncodeBackupManifest(manifest));
}

Status StreamReader::Bad(const std::string& what) const {
  return Status::Corrupt("the stream is not a whole backup: at offset " + std::to_string(frame_at_) + " " +
                         what);
}

Status StreamReader::Read(char* to, size_t size, size_t* got) {
  for (*got = 0; *got < size;) {
    const ssize_t n = read(fd_, to + *got, size - *got);
    if (n < 0 && AwaitReady(fd_, POLLIN)) continue;
    if (n < 0) return Status::FromErrno("read the backup's stream", errno);
    if (n == 0) break;
    *got += static_cast<size_t>(n);
    offset_ += static_cast<uint64_t>(n);
  }
  return Status::Ok();
}

Status StreamReader::Next(FrameKind* kind, Bytes* body) {
  frame_at_ = offset_;
  frame_.resize(kFrameHeadBytes);
  size_t got = 0;
  SHALE_RETURN_IF_NOT_OK(Read(frame_.data(), frame_.size(), &got));
  if (got < kFrameHeadBytes) return Bad("it ends");
  *kind = static_cast<FrameKind>(LoadLE<uint32_t>(frame_.data()));
  const size_t length = LoadLE<uint32_t>(frame_.data() + 4);
  const size_t length_max = *kind == FrameKind::kEnd ? kBackupManifestBytesMax : kBackupPieceBytes;
  if (!IsKind(*kind) || length > length_max) return Bad("there is no frame");
  if (LoadLE<uint64_t>(frame_.data() + 8) != frames_) return Bad("there is another frame than the next");
  frame_.resize(kFrameHeadBytes + length + kFrameTailBytes);
  SHALE_RETURN_IF_NOT_OK(Read(frame_.data() + kFrameHeadBytes, length + kFrameTailBytes, &got));
  if (got < length + kFrameTailBytes) return Bad("a frame is cut short");
  const Bytes sealed = Bytes(frame_).substr(0, kFrameHeadBytes + length);
  if (Checksum64(sealed) != LoadLE<uint64_t>(frame_.data() + sealed.size()))
    return Bad("a frame fails its checksum");
  if ((frames_ == 0) != (*kind == FrameKind::kStart)) return Bad("a frame is out of place");
  frames_++;
  *body = sealed.substr(kFrameHeadBytes);
  return Status::Ok();
}

Status StreamReader::ExpectEnd() {
  frame_at_ = offset_;
  char byte;
  size_t got = 0;
  SHALE_RETURN_IF_NOT_OK(Read(&byte, 1, &got));
  return got == 0 ? Status::Ok() : Bad("something follows the last frame");
}

}   // namespace shale
