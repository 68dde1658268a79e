#include "store/backup_feed.h"

#include <algorithm>

namespace shale {

Status BackupFeed::Start(const Fd& dir, const std::string& shard, const std::string& file, uint64_t size,
                         bool fixed) {
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir, file, &fd));
  name_ = shard.empty() ? file : shard + "/" + file;
  size_ = size;
  at_ = 0;
  hash_ = PieceHash();
  bool linked = false;
  if (fixed) SHALE_RETURN_IF_NOT_OK(sink_->Link(dir, shard, file, &linked));
  way_ = linked ? Way::kLinked : Way::kWrite;
  if (!linked && base_ != nullptr) {
    const auto found = base_->files.find(name_);
    if (found != base_->files.end() && found->second.size == size) way_ = Way::kCompare;
  }
  fd_ = std::move(fd);
  if (way_ == Way::kWrite) {
    const Status s = BeginWriting();
    if (!s.ok()) fd_.Reset();   // not busy
    SHALE_RETURN_IF_NOT_OK(s);
  }
  return size == 0 ? Finish() : Status::Ok();
}

Status BackupFeed::BeginWriting() {
  SHALE_RETURN_IF_NOT_OK(sink_->Begin(name_, size_));
  bool shared = false;
  SHALE_RETURN_IF_NOT_OK(sink_->Share(fd_, &shared));
  way_ = shared ? Way::kShared : Way::kWrite;
  return Status::Ok();
}

Status BackupFeed::Step() {
  const size_t wanted = std::min<uint64_t>(kBackupPieceBytes, size_ - at_);
  piece_.resize(wanted);
  size_t got = 0;
  SHALE_RETURN_IF_NOT_OK(ReadAt(fd_, name_, at_, piece_.data(), wanted, &got));
  if (got < wanted) return Status::Corrupt(name_ + ": ends at offset " + std::to_string(at_ + got));
  hash_.Add(piece_);
  if (way_ == Way::kWrite) SHALE_RETURN_IF_NOT_OK(sink_->AppendFrom(fd_, at_, piece_));
  at_ += wanted;
  done_ += wanted;
  return at_ == size_ ? Finish() : Status::Ok();
}

Status BackupFeed::Finish() {
  const BackupManifest::File file{size_, hash_.Finish()};
  if (way_ == Way::kCompare) {
    bool taken = false;
    if (base_->files.at(name_) == file) SHALE_RETURN_IF_NOT_OK(sink_->Same(name_, file, &taken));
    if (!taken) {   // once more, this time written
      done_ -= size_;
      at_ = 0;
      hash_ = PieceHash();
      SHALE_RETURN_IF_NOT_OK(BeginWriting());
      if (size_ != 0) return Status::Ok();
    }
  }
  fd_.Reset();
  const bool own = way_ == Way::kWrite || way_ == Way::kShared;
  if (own) SHALE_RETURN_IF_NOT_OK(sink_->End());
  return Note(file.size, file.hash,
              own                    ? &counts_->written_bytes
              : way_ == Way::kLinked ? &counts_->linked_bytes
                                     : &counts_->same_bytes);
}

Status BackupFeed::Note(uint64_t size, uint64_t hash, uint64_t* counter) {
  made_->files[name_] = BackupManifest::File{size, hash};
  counts_->files++;
  counts_->bytes += size;
  *counter += size;
  return Status::Ok();
}

Status BackupFeed::Put(const std::string& name, Bytes content) {
  name_ = name;
  PieceHash hash;
  SHALE_RETURN_IF_NOT_OK(sink_->Begin(name, content.size()));
  for (size_t at = 0; at < content.size(); at += kBackupPieceBytes) {
    const Bytes piece = content.substr(at, kBackupPieceBytes);
    hash.Add(piece);
    SHALE_RETURN_IF_NOT_OK(sink_->Append(piece));
  }
  SHALE_RETURN_IF_NOT_OK(sink_->End());
  return Note(content.size(), hash.Finish(), &counts_->written_bytes);
}

}   // namespace shale
