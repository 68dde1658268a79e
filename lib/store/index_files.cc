#include "store/index_files.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "base/check.h"
#include "store/index_check.h"
#include "store/index_name.h"

namespace shale {

namespace {

// LevelDB asks for a write after each 4 KiB block of a table; this many bytes go out at once instead.
constexpr size_t kTableBufferBytes = 256 << 10;

// Relaxed: see IndexFileContext.
void Count(std::atomic<uint64_t>* counter, uint64_t n = 1) {
  counter->fetch_add(n, std::memory_order_relaxed);
}

class OutputFile : public leveldb::WritableFile {
 public:
  OutputFile(IndexFileContext* context, std::shared_ptr<IndexOutput> output)
      : context_(context), output_(std::move(output)) {}

  leveldb::Status Append(const leveldb::Slice& data) override {
    return Do([&] { return output_->Append(MakeBytes(data.data(), data.size())); });
  }
  leveldb::Status Flush() override {
    return Do([] { return Status::Ok(); });   // what must be in the file goes there at Sync
  }
  leveldb::Status Sync() override {
    return Do([&] { return output_->Sync(); });
  }
  leveldb::Status Close() override {
    return Do([&] { return output_->Close(); });
  }

 private:
  template <typename Body>
  leveldb::Status Do(Body body) {
    IndexHealth* const health = &context_->health;
    return GuardWrite(health, [&] {
      Status s = health->Refusal();
      if (s.ok()) s = body();
      if (!s.ok()) health->Poison(s);
      return health->ToLevel(s);
    });
  }

  IndexFileContext* const context_;
  const std::shared_ptr<IndexOutput> output_;
};

class LogSink : public leveldb::WritableFile {
 public:
  LogSink(IndexFileContext* context, IndexJobs* jobs) : context_(context), jobs_(jobs) {}

  leveldb::Status Append(const leveldb::Slice&) override {
    IndexHealth* const health = &context_->health;
    if (health->poisoned()) return GuardCallback(health, [&] { return health->ToLevel(health->Refusal()); });
    jobs_->LogWritten();
    return leveldb::Status::OK();
  }
  leveldb::Status Flush() override { return leveldb::Status::OK(); }
  leveldb::Status Sync() override { return leveldb::Status::OK(); }
  leveldb::Status Close() override { return leveldb::Status::OK(); }

 private:
  IndexFileContext* const context_;
  IndexJobs* const jobs_;
};

class MemoryReader : public leveldb::SequentialFile {
 public:
  explicit MemoryReader(Bytes content) : content_(content) {}

  leveldb::Status Read(size_t n, leveldb::Slice* result, char* scratch) override {
    n = std::min(n, content_.size() - at_);
    std::memcpy(scratch, content_.data() + at_, n);
    *result = leveldb::Slice(scratch, n);
    at_ += n;
    return leveldb::Status::OK();
  }
  leveldb::Status Skip(uint64_t n) override {
    at_ += static_cast<size_t>(std::min<uint64_t>(n, content_.size() - at_));
    return leveldb::Status::OK();
  }

 private:
  const Buffer content_;
  size_t at_ = 0;
};

class FileReader : public leveldb::SequentialFile {
 public:
  FileReader(IndexFileContext* context, std::string name, Fd fd)
      : context_(context), name_(std::move(name)), fd_(std::move(fd)) {
    if (ParseIndexFileName(name_).kind == IndexFileKind::kManifest) end_ = context_->manifest_bytes;
  }

  // LevelDB takes a short read for the end of the file; ReadAt returns one nowhere else.
  leveldb::Status Read(size_t n, leveldb::Slice* result, char* scratch) override {
    return GuardCallback(&context_->health, [&] {
      size_t got = 0;
      n = static_cast<size_t>(std::min<uint64_t>(n, end_ - std::min(offset_, end_)));
      const Status s = ReadAt(fd_, name_, offset_, scratch, n, &got);
      offset_ += got;
      *result = leveldb::Slice(scratch, got);
      return context_->health.ToLevel(s);
    });
  }
  leveldb::Status Skip(uint64_t n) override {
    offset_ += n;   // beyond the end, reads return nothing
    return leveldb::Status::OK();
  }

 private:
  IndexFileContext* const context_;
  const std::string name_;
  const Fd fd_;
  uint64_t end_ = UINT64_MAX;   // not shown from here on
  uint64_t offset_ = 0;
};

class TableReader : public leveldb::RandomAccessFile {
 public:
  TableReader(IndexFileContext* context, const IndexJobs* jobs, std::string name, uint64_t number)
      : context_(context), jobs_(jobs), name_(std::move(name)), number_(number) {}

  leveldb::Status Read(uint64_t offset, size_t n, leveldb::Slice* result, char* scratch) const override {
    *result = leveldb::Slice();
    return GuardCallback(&context_->health, [&] {
      const Status s = ReadWhole(offset, n, scratch);
      if (s.ok()) *result = leveldb::Slice(scratch, n);
      // A job that cannot read ends LevelDB's writing without a word to us.
      if (!s.ok() && jobs_->OnJobThread()) context_->health.Poison(s);
      return context_->health.ToLevel(s);
    });
  }

 private:
  Status ReadWhole(uint64_t offset, size_t n, char* scratch) const {
    context_->health.NoteTableRead(number_, offset);
    std::shared_ptr<const Fd> fd;
    const Status s = context_->files->Acquire(name_, &fd);
    if (s.Is(Code::NOT_FOUND)) return Status::Corrupt(name_ + ": missing");
    SHALE_RETURN_IF_NOT_OK(s);
    size_t got;
    SHALE_RETURN_IF_NOT_OK(ReadAt(*fd, name_, offset, scratch, n, &got));
    if (got < n) return Damaged(offset + got, "ends too early");
    if (IsDamagedTableFooter(MakeBytes(scratch, n), offset)) return Damaged(offset, "damaged footer");
    return Status::Ok();
  }

  Status Damaged(uint64_t offset, const char* what) const {
    return Status::Corrupt(name_ + " at offset " + std::to_string(offset) + ": " + what);
  }

  IndexFileContext* const context_;
  const IndexJobs* const jobs_;
  const std::string name_;
  const uint64_t number_;
};

class CountingLogger : public leveldb::Logger {
 public:
  explicit CountingLogger(IndexFileContext* context) : context_(context) {}

  void Logv(const char* format, std::va_list ap) override {
    const Bytes text(format);
    if (text.starts_with("Compacting ")) Count(&context_->compactions);
    if (text.find("dropping") != Bytes::npos) Count(&context_->damage_reports);
    // Acquire: a job that was refused a table for closing is seen as such.
    if (!text.starts_with("Compaction error") || context_->closing.load(std::memory_order_acquire)) return;
    char message[256];
    std::vsnprintf(message, sizeof message, format, ap);
    try {
      context_->health.Poison(FailedCompaction(message));
    } catch (...) {
      context_->health.Poison(Code::E_NO_MEMORY);
    }
  }

 private:
  Status FailedCompaction(const std::string& message) const {
    const Bytes prefix = "Compaction error: ";
    const std::string text = message.substr(std::min(prefix.size(), message.size()));
    const size_t colon = text.find(": ");
    const std::string detail = colon == std::string::npos ? text : text.substr(colon + 2);
    // A compaction reads on after damage, so the table it lies in is not known here.
    const bool corrupt = text.starts_with("Corruption: ");
    const auto status =
        corrupt ? leveldb::Status::Corruption("in a compaction", detail) : leveldb::Status::IOError(detail);
    return context_->health.FromLevel(status, false);
  }

  IndexFileContext* const context_;
};

}   // namespace

IndexOutput::IndexOutput(IndexFileContext* context, std::string name, bool held)
    : context_(context),
      name_(std::move(name)),
      table_(ParseIndexFileName(name_).kind == IndexFileKind::kTable),
      held_(held) {}

Status IndexOutput::Create() {
  SHALE_CHECK(!held_);
  if (table_) buffer_.reserve(kTableBufferBytes);
  return CreateFile(*context_->dir, name_, &fd_);
}

Status IndexOutput::Append(Bytes data) {
  if (!held_ && buffer_.size() + data.size() > kTableBufferBytes) SHALE_RETURN_IF_NOT_OK(WriteOut());
  buffer_.append(data);
  return Status::Ok();
}

Status IndexOutput::WriteOut() {
  if (buffer_.empty()) return Status::Ok();
  SHALE_RETURN_IF_NOT_OK(WriteAt(fd_, name_, offset_, buffer_));
  if (table_) Count(&context_->table_bytes_written, buffer_.size());
  offset_ += buffer_.size();
  buffer_.clear();
  return Status::Ok();
}

Status IndexOutput::SyncFile() {
  SHALE_RETURN_IF_NOT_OK(context_->log->SyncLogBeforeTables());
  SHALE_RETURN_IF_NOT_OK(WriteOut());
  SHALE_RETURN_IF_NOT_OK(SyncData(fd_, name_));
  Count(&context_->fsyncs);
  return Status::Ok();
}

Status IndexOutput::Sync() {
  if (held_) return Status::Ok();
  SHALE_RETURN_IF_NOT_OK(SyncFile());
  if (directory_synced_) return Status::Ok();
  SHALE_RETURN_IF_NOT_OK(SyncDirectory(*context_->dir, name_));
  Count(&context_->fsyncs);
  directory_synced_ = true;
  return Status::Ok();
}

Status IndexOutput::Close() {
  if (held_) return Status::Ok();
  SHALE_RETURN_IF_NOT_OK(WriteOut());
  Buffer().swap(buffer_);
  return CloseFile(&fd_, name_);
}

Status IndexOutput::Materialise() {
  SHALE_CHECK(held_);
  held_ = false;
  SHALE_RETURN_IF_NOT_OK(CreateFile(*context_->dir, name_, &fd_));
  SHALE_RETURN_IF_NOT_OK(SyncFile());
  Buffer().swap(buffer_);
  // The directory is synced once, by whoever materialises all files.
  directory_synced_ = true;
  return Status::Ok();
}

std::unique_ptr<leveldb::WritableFile> NewOutputFile(IndexFileContext* context,
                                                     std::shared_ptr<IndexOutput> output) {
  return std::make_unique<OutputFile>(context, std::move(output));
}

std::unique_ptr<leveldb::WritableFile> NewLogSink(IndexFileContext* context, IndexJobs* jobs) {
  return std::make_unique<LogSink>(context, jobs);
}

std::unique_ptr<leveldb::SequentialFile> NewMemoryReader(Bytes content) {
  return std::make_unique<MemoryReader>(content);
}

Status OpenSequentialReader(IndexFileContext* context, const std::string& name,
                            std::unique_ptr<leveldb::SequentialFile>* out) {
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(*context->dir, name, &fd));
  *out = std::make_unique<FileReader>(context, name, std::move(fd));
  return Status::Ok();
}

Status OpenTableReader(IndexFileContext* context, const IndexJobs* jobs, const std::string& name,
                       uint64_t number, std::unique_ptr<leveldb::RandomAccessFile>* out) {
  context->health.NoteTableRead(number, 0);
  std::shared_ptr<const Fd> fd;
  Status s = context->files->Acquire(name, &fd);
  if (s.Is(Code::NOT_FOUND)) s = Status::Corrupt(name + ": missing");
  uint64_t size = 0;
  if (s.ok()) s = FileSize(*fd, name, &size);
  // LevelDB reads a footer without looking how much it got.
  if (s.ok() && size < kTableFooterBytes) s = Status::Corrupt(name + ": shorter than a footer");
  if (!s.ok()) {
    if (jobs->OnJobThread()) context->health.Poison(s);
    return s;
  }
  *out = std::make_unique<TableReader>(context, jobs, name, number);
  return Status::Ok();
}

std::unique_ptr<leveldb::Logger> NewCountingLogger(IndexFileContext* context) {
  return std::make_unique<CountingLogger>(context);
}

}   // namespace shale
