#include "store/restore.h"

#include "base/coding.h"
#include "store/backup_directory.h"
#include "store/backup_feed.h"
#include "store/backup_stream.h"

namespace shale {

namespace {

// The directory of a backup, held so that nobody opens it for writing meanwhile.
struct HeldBackup {
  Fd dir;
  std::unique_ptr<DirLock> lock;
  BackupManifest manifest;
};

Status OpenBackup(const std::string& path, HeldBackup* held) {
  Status s = OpenDirectory(path, false, &held->dir);
  if (s.Is(Code::NOT_FOUND)) return Status::Error(Code::E_NO_STORE, path + ": no backup here");
  SHALE_RETURN_IF_NOT_OK(s);
  s = DirLock::AcquireShared(held->dir, &held->lock);
  if (!s.ok() && !s.Is(Code::NOT_FOUND)) return s;
  s = ReadBackupManifest(held->dir, &held->manifest);
  if (!s.Is(Code::NOT_FOUND)) return s;
  return Status::Error(Code::E_NO_STORE,
                       path + ": no list of a backup's files; it is none, or was opened as a store since");
}

// Copies one file of a backup, and compares it with what the list says.
Status CopyFile(const HeldBackup& from, const std::string& name, BackupFeed* feed, const BackupManifest& made,
                const std::function<Status()>& tell) {
  const size_t slash = name.find('/');
  const std::string shard = slash == std::string::npos ? "" : name.substr(0, slash);
  Fd dir;
  if (!shard.empty()) SHALE_RETURN_IF_NOT_OK(OpenSubdirectory(from.dir, shard, false, &dir));
  const BackupManifest::File& wanted = from.manifest.files.at(name);
  const std::string file = shard.empty() ? name : name.substr(slash + 1);
  const Fd& place = shard.empty() ? from.dir : dir;
  Fd look;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(place, file, &look));
  uint64_t size = 0;
  SHALE_RETURN_IF_NOT_OK(FileSize(look, name, &size));
  if (size != wanted.size) {
    return Status::Corrupt(name + ": has " + std::to_string(size) + " bytes, the backup was made with " +
                           std::to_string(wanted.size));
  }
  SHALE_RETURN_IF_NOT_OK(feed->Start(place, shard, file, size, false));
  while (feed->busy()) {
    SHALE_RETURN_IF_NOT_OK(feed->Step());
    SHALE_RETURN_IF_NOT_OK(tell());
  }
  if (made.files.at(name) == wanted) return Status::Ok();
  return Status::Corrupt(name + ": its bytes are not those that the backup was made with");
}

Status CopyListed(const HeldBackup& from, const std::string& name, BackupFeed* feed,
                  const BackupManifest& made, const std::function<Status()>& tell) {
  Status s = CopyFile(from, name, feed, made, tell);
  return s.Is(Code::NOT_FOUND) ? Status::Corrupt(name + ": is missing from the backup") : s;
}

// Frames of a stream, one after the other, into the sink.
class StreamRestore {
 public:
  StreamRestore(int fd, const HeldBackup* base, BackupSink* sink, BackupManifest* made, BackupCounts* counts)
      : reader_(fd),
        base_(base),
        sink_(sink),
        made_(made),
        counts_(counts),
        feed_(sink, nullptr, made, counts) {}

  Status Run(const WorkProgress& progress) {
    const std::function<Status()> tell = [&]() -> Status {
      // How long a stream is nobody knows before its end.
      const uint64_t done = reader_.offset() + feed_.done();
      return progress(done, done) ? Status() : Status(Code::CANCELLED);
    };
    while (true) {
      FrameKind kind;
      Bytes body;
      SHALE_RETURN_IF_NOT_OK(reader_.Next(&kind, &body));
      if (kind != FrameKind::kData) SHALE_RETURN_IF_NOT_OK(EndFile());
      if (kind == FrameKind::kEnd) return End(body);
      SHALE_RETURN_IF_NOT_OK(Take(kind, body, tell));
      SHALE_RETURN_IF_NOT_OK(tell());
    }
  }

 private:
  Status Take(FrameKind kind, Bytes body, const std::function<Status()>& tell) {
    switch (kind) {
      case FrameKind::kStart:
        return Start(body);
      case FrameKind::kFile:
        if (!GetFixed(&body, &size_) || !IsBackupFileName(body))
          return reader_.Bad("a file has no valid name");
        name_.assign(body);
        hash_ = PieceHash();
        at_ = 0;
        return sink_->Begin(name_, size_);
      case FrameKind::kData:
        if (name_.empty() || body.empty() || body.size() > size_ - at_)
          return reader_.Bad("a piece is out of place");
        at_ += body.size();
        hash_.Add(body);
        return sink_->Append(body);
      case FrameKind::kSame:
        return Same(body, tell);
      case FrameKind::kEnd:
        break;
    }
    return reader_.Bad("a frame is out of place");
  }

  Status Start(Bytes body) {
    uint32_t version = 0;
    if (!GetFixed(&body, &version) || body.size() < 48) return reader_.Bad("the first frame is too short");
    if (version != 1) return Status::Error(Code::E_INCOMPATIBLE, "the stream is of a later version");
    std::array<unsigned char, 16> parent{};
    std::memcpy(parent.data(), body.data() + 32, parent.size());
    if (parent == std::array<unsigned char, 16>{}) return Status::Ok();
    if (base_ == nullptr)
      return Status::Invalid("the stream holds what is new since another backup: name it");
    if (base_->manifest.id != parent)
      return Status::Invalid("the stream holds what is new since another backup than the one that was named");
    return Status::Ok();
  }

  Status EndFile() {
    if (name_.empty()) return Status::Ok();
    if (at_ != size_) return reader_.Bad(name_ + " is not whole");
    SHALE_RETURN_IF_NOT_OK(sink_->End());
    made_->files[name_] = BackupManifest::File{size_, hash_.Finish()};
    counts_->files++;
    counts_->bytes += size_;
    counts_->written_bytes += size_;
    name_.clear();
    return Status::Ok();
  }

  Status Same(Bytes body, const std::function<Status()>& tell) {
    BackupManifest::File file;
    const bool read = GetFixed(&body, &file.size) && GetFixed(&body, &file.hash);
    if (!read || base_ == nullptr) return reader_.Bad("a frame names a file of another backup");
    const std::string name(body);
    const auto found = base_->manifest.files.find(name);
    if (found == base_->manifest.files.end() || found->second != file)
      return reader_.Bad("a frame names a file that the other backup has not");
    return CopyListed(*base_, name, &feed_, *made_, tell);
  }

  Status End(Bytes body) {
    BackupManifest told;
    SHALE_RETURN_IF_NOT_OK(DecodeBackupManifest(body, "the last frame", &told));
    if (told.files != made_->files) return reader_.Bad("the list names other files than were there");
    SHALE_RETURN_IF_NOT_OK(reader_.ExpectEnd());
    return sink_->Finish(told);
  }

  StreamReader reader_;
  const HeldBackup* const base_;
  BackupSink* const sink_;
  BackupManifest* const made_;
  BackupCounts* const counts_;
  BackupFeed feed_;    // of the base's files
  std::string name_;   // the file being read; empty: none
  uint64_t size_ = 0;
  uint64_t at_ = 0;
  PieceHash hash_;
};

}   // namespace

Status RestoreFromDirectory(const std::string& from, const std::string& path, const WorkProgress& progress,
                            BackupCounts* counts) {
  HeldBackup held;
  SHALE_RETURN_IF_NOT_OK(OpenBackup(from, &held));
  std::unique_ptr<BackupDirectory> sink;
  SHALE_RETURN_IF_NOT_OK(BackupDirectory::Create(path, "", false, &sink));
  BackupManifest made = held.manifest;
  made.files.clear();
  BackupFeed feed(sink.get(), nullptr, &made, counts);
  const uint64_t total = held.manifest.bytes();
  const auto tell = [&]() -> Status {
    return progress(feed.done(), total) ? Status() : Status(Code::CANCELLED);
  };
  for (const auto& [name, file] : held.manifest.files)
    SHALE_RETURN_IF_NOT_OK(CopyListed(held, name, &feed, made, tell));
  return sink->Finish(made);
}

Status RestoreFromStream(int fd, const std::string& base, const std::string& path,
                         const WorkProgress& progress, BackupCounts* counts) {
  HeldBackup held;
  if (!base.empty()) SHALE_RETURN_IF_NOT_OK(OpenBackup(base, &held));
  std::unique_ptr<BackupDirectory> sink;
  SHALE_RETURN_IF_NOT_OK(BackupDirectory::Create(path, "", false, &sink));
  BackupManifest made;
  StreamRestore restore(fd, base.empty() ? nullptr : &held, sink.get(), &made, counts);
  return restore.Run(progress);
}

}   // namespace shale
