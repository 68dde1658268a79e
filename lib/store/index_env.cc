#include "store/index_env.h"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "store/index_name.h"

namespace shale {

namespace {

leveldb::Status NotFound(const std::string& file) {
  return leveldb::Status::NotFound(file, "no such file");
}

bool IsShown(IndexFileKind kind) {
  return kind != IndexFileKind::kOther && kind != IndexFileKind::kLog;
}

}   // namespace

IndexEnv::IndexEnv(std::string name, const Fd* dir, FileCache* files, LogSyncer* log, WorkPool* pool)
    : name_(std::move(name)), pool_(pool), jobs_(pool, &context_.health) {
  SHALE_CHECK(dir != nullptr && files != nullptr && log != nullptr && pool != nullptr);
  context_.dir = dir;
  context_.files = files;
  context_.log = log;
  logger_ = NewCountingLogger(&context_);
}

IndexEnv::~IndexEnv() = default;

Status IndexEnv::Load() {
  std::vector<std::string> files;
  SHALE_RETURN_IF_NOT_OK(ListDirectory(*context_.dir, name_, &files));
  MutexLock lock(&mu_);
  for (std::string& file : files) {
    const IndexFileKind kind = ParseIndexFileName(file).kind;
    if (kind == IndexFileKind::kLog) {
      return Status::Error(Code::E_INCOMPATIBLE,
                           "index: " + file + ": another program took this index for a plain LevelDB");
    }
    if (!IsShown(kind)) continue;
    on_disk_.insert(file);
    names_.insert(std::move(file));
  }
  return Status::Ok();
}

// ---- held state and its end

IndexEnv::Output IndexEnv::FindHeld(const std::string& file) const {
  MutexLock lock(&mu_);
  for (const Output& output : held_outputs_) {
    if (output->name() == file) return output;
  }
  return nullptr;
}

void IndexEnv::DropHeld(const std::string& file) {
  std::erase_if(held_outputs_, [&](const Output& output) { return output->name() == file; });
}

Status IndexEnv::Commit() {
  SHALE_RETURN_IF_NOT_OK(context_.health.Refusal());
  if (const Status s = WriteDown(); !s.ok()) {
    context_.health.Poison(s);
    return s;
  }
  std::vector<std::string> removals;
  {
    MutexLock lock(&mu_);
    removals.swap(held_removals_);
    on_disk_.clear();
    held_outputs_.clear();
    held_ = false;
  }
  for (const std::string& file : removals) {
    if (RemoveFromDisk(file).ok()) continue;
    MutexLock lock(&mu_);
    names_.insert(file);   // LevelDB finds it again, after the next flush
  }
  jobs_.Release();
  return Status::Ok();
}

Status IndexEnv::WriteDown() {
  std::vector<Output> outputs;
  std::set<std::string> on_disk;
  {
    MutexLock lock(&mu_);
    outputs = held_outputs_;
    on_disk = on_disk_;
  }
  Output current;
  for (const Output& output : outputs) {
    if (output->name() == kIndexCurrentName) {
      current = output;
      continue;
    }
    // A manifest of this number was left by a session that ended before CURRENT named it.
    if (on_disk.contains(output->name())) {
      SHALE_RETURN_IF_NOT_OK(shale::RemoveFile(*context_.dir, output->name()));
    }
    SHALE_RETURN_IF_NOT_OK(output->Materialise());
  }
  if (!outputs.empty()) SHALE_RETURN_IF_NOT_OK(SyncDirectory(*context_.dir, name_));
  return current == nullptr ? Status::Ok() : ReplaceFile(*context_.dir, current->name(), current->content());
}

void IndexEnv::BeginClose() {
  context_.closing.store(true, std::memory_order_release);   // pairs with the acquires where it is asked
  jobs_.Drain();
}

void IndexEnv::Die() {
  context_.health.MarkDead();
  jobs_.Abandon();
}

bool IndexEnv::Validate(std::string* why) {
  jobs_.AwaitIdle();
  if (!jobs_.Validate(why)) return false;
  std::vector<std::string> files;
  if (const Status s = ListDirectory(*context_.dir, name_, &files); !s.ok()) {
    *why = s.ToString();
    return false;
  }
  std::erase_if(files, [](const std::string& file) { return !IsShown(ParseIndexFileName(file).kind); });
  const std::set<std::string> found(files.begin(), files.end());
  MutexLock lock(&mu_);
  if (found == (held_ ? on_disk_ : names_)) return true;
  *why = "the directory has " + std::to_string(found.size()) + " index files, LevelDB is shown " +
         std::to_string(names_.size()) + " or others";
  return false;
}

// ---- files

Status IndexEnv::FileNameOf(const std::string& path, std::string* file) const {
  const size_t prefix = name_.size() + 1;
  if (path.size() <= prefix || path.compare(0, name_.size(), name_) != 0 || path[name_.size()] != '/' ||
      path.find('/', prefix) != std::string::npos) {
    return Status::Corrupt("file name \"" + path + "\" leads out of the index");
  }
  *file = path.substr(prefix);
  return Status::Ok();
}

leveldb::Status IndexEnv::NewSequentialFile(const std::string& path, leveldb::SequentialFile** out) {
  *out = nullptr;
  return GuardCallback(&context_.health, [&] {
    std::string file;
    Status s = FileNameOf(path, &file);
    if (!s.ok()) return context_.health.ToLevel(s);
    if (const Output held = FindHeld(file); held != nullptr) {
      *out = NewMemoryReader(held->content()).release();
      return leveldb::Status::OK();
    }
    if (!FileExists(path)) return NotFound(file);
    std::unique_ptr<leveldb::SequentialFile> reader;
    s = OpenSequentialReader(&context_, file, &reader);
    if (s.Is(Code::NOT_FOUND)) return NotFound(file);
    *out = reader.release();
    return context_.health.ToLevel(s);
  });
}

leveldb::Status IndexEnv::NewRandomAccessFile(const std::string& path, leveldb::RandomAccessFile** out) {
  *out = nullptr;
  return GuardCallback(&context_.health, [&] {
    std::string file;
    Status s = FileNameOf(path, &file);
    const IndexFileName parsed = ParseIndexFileName(file);
    if (s.ok() && parsed.kind != IndexFileKind::kTable) s = Status::Corrupt(file + ": not a table");
    std::unique_ptr<leveldb::RandomAccessFile> reader;
    if (s.ok()) s = OpenTableReader(&context_, &jobs_, file, parsed.number, &reader);
    *out = reader.release();
    return context_.health.ToLevel(s);
  });
}

leveldb::Status IndexEnv::NewWritableFile(const std::string& path, leveldb::WritableFile** out) {
  *out = nullptr;
  return GuardWrite(&context_.health, [&] {
    std::string file;
    Status s = FileNameOf(path, &file);
    if (s.ok()) s = context_.health.Refusal();
    if (!s.ok()) return context_.health.ToLevel(s);
    const IndexFileName parsed = ParseIndexFileName(file);
    if (parsed.kind == IndexFileKind::kLog) {
      *out = NewLogSink(&context_, &jobs_).release();
      jobs_.LogCreated(parsed.number);
      return leveldb::Status::OK();
    }
    // Acquire: pairs with BeginClose.
    if (context_.closing.load(std::memory_order_acquire)) {
      return leveldb::Status::IOError(file, "the index is being closed");
    }
    Output output;
    s = CreateOutput(file, &output);
    if (s.ok()) {
      *out = NewOutputFile(&context_, std::move(output)).release();
    } else {
      context_.health.Poison(s);
    }
    return context_.health.ToLevel(s);
  });
}

Status IndexEnv::CreateOutput(const std::string& file, Output* out) {
  bool held, exists;
  {
    MutexLock lock(&mu_);
    held = held_;
    exists = names_.contains(file);
  }
  auto output = std::make_shared<IndexOutput>(&context_, file, held);
  if (!held) {
    // Left by a session that did not get to use it.
    if (exists) SHALE_RETURN_IF_NOT_OK(RemoveFromDisk(file));
    SHALE_RETURN_IF_NOT_OK(output->Create());
  }
  MutexLock lock(&mu_);
  if (held) {
    DropHeld(file);
    held_outputs_.push_back(output);
    std::erase(held_removals_, file);
  }
  names_.insert(file);
  *out = std::move(output);
  return Status::Ok();
}

leveldb::Status IndexEnv::NewAppendableFile(const std::string& path, leveldb::WritableFile** out) {
  *out = nullptr;
  return GuardCallback(&context_.health,
                       [&] { return leveldb::Status::NotSupported(path, "files are written once"); });
}

bool IndexEnv::FileExists(const std::string& path) {
  try {
    std::string file;
    if (!FileNameOf(path, &file).ok()) return false;
    const IndexFileName parsed = ParseIndexFileName(file);
    if (parsed.kind == IndexFileKind::kLog) return jobs_.HasLog(parsed.number);
    MutexLock lock(&mu_);
    return names_.contains(file);
  } catch (...) {
    context_.health.Poison(Code::E_NO_MEMORY);   // no answer must not become a new, empty index
    return true;
  }
}

leveldb::Status IndexEnv::GetChildren(const std::string& path, std::vector<std::string>* out) {
  out->clear();
  return GuardCallback(&context_.health, [&] {
    if (path != name_) return NotFound(path);
    for (const uint64_t number : jobs_.Logs()) out->push_back(std::to_string(number) + ".log");
    MutexLock lock(&mu_);
    out->insert(out->end(), names_.begin(), names_.end());
    return leveldb::Status::OK();
  });
}

leveldb::Status IndexEnv::RemoveFile(const std::string& path) {
  return GuardCallback(&context_.health, [&] {
    if (context_.health.poisoned()) return leveldb::Status::OK();
    std::string file;
    Status s = FileNameOf(path, &file);
    if (s.ok()) s = Remove(file);
    return s.Is(Code::NOT_FOUND) ? NotFound(file) : context_.health.ToLevel(s);
  });
}

Status IndexEnv::Remove(const std::string& file) {
  const IndexFileName parsed = ParseIndexFileName(file);
  if (parsed.kind == IndexFileKind::kLog) {
    jobs_.LogRemoved(parsed.number);
    return Status::Ok();
  }
  {
    MutexLock lock(&mu_);
    if (!names_.contains(file)) return Code::NOT_FOUND;
    if (held_) {
      DropHeld(file);
      names_.erase(file);
      if (on_disk_.contains(file)) held_removals_.push_back(file);
      return Status::Ok();
    }
    if (removal_holds_ > 0) {
      late_removals_.insert(file);
      return Status::Ok();
    }
  }
  return RemoveFromDisk(file);
}

void IndexEnv::HoldRemovals() {
  MutexLock lock(&mu_);
  removal_holds_++;
}

void IndexEnv::ReleaseRemovals() {
  std::set<std::string> late;
  {
    MutexLock lock(&mu_);
    if (--removal_holds_ > 0) return;
    late.swap(late_removals_);
  }
  if (context_.health.poisoned()) return;   // rule 4
  // What cannot be removed LevelDB finds again, after the next flush or at the next open.
  for (const std::string& file : late) (void)RemoveFromDisk(file);
}

Status IndexEnv::RemoveFromDisk(const std::string& file) {
  const Status s = shale::RemoveFile(*context_.dir, file);
  context_.files->Forget(file);
  if (s.IsError()) return s;
  MutexLock lock(&mu_);
  names_.erase(file);
  return Status::Ok();
}

leveldb::Status IndexEnv::RenameFile(const std::string& from, const std::string& to) {
  return GuardWrite(&context_.health, [&] {
    std::string from_file, to_file;
    Status s = FileNameOf(from, &from_file);
    if (s.ok()) s = FileNameOf(to, &to_file);
    if (s.ok()) s = context_.health.Refusal();
    if (s.ok()) s = Rename(from_file, to_file);
    if (!s.ok()) context_.health.Poison(s);
    return context_.health.ToLevel(s);
  });
}

Status IndexEnv::Rename(const std::string& from, const std::string& to) {
  const Output held = FindHeld(from);
  if (held == nullptr) {
    {
      MutexLock lock(&mu_);
      if (held_) return Status::Error(Code::E_INTERNAL, from + ": not to be renamed before Commit");
    }
    SHALE_RETURN_IF_NOT_OK(shale::RenameFile(*context_.dir, from, to));
    // The new name counts from here on, so this is no error of the rename (rule 4).
    if (const Status s = SyncDirectory(*context_.dir, name_); !s.ok()) context_.health.Poison(s);
  }
  MutexLock lock(&mu_);
  if (held != nullptr) {
    DropHeld(to);
    held->set_name(to);
  }
  names_.erase(from);
  names_.insert(to);
  return Status::Ok();
}

leveldb::Status IndexEnv::GetFileSize(const std::string& path, uint64_t* size) {
  *size = 0;
  return GuardCallback(&context_.health, [&] {
    std::string file;
    Status s = FileNameOf(path, &file);
    if (!s.ok()) return context_.health.ToLevel(s);
    if (!FileExists(path)) return NotFound(file);
    if (ParseIndexFileName(file).kind == IndexFileKind::kLog) return leveldb::Status::OK();
    if (const Output held = FindHeld(file); held != nullptr) {
      *size = held->content().size();
      return leveldb::Status::OK();
    }
    Fd fd;
    s = OpenFileForRead(*context_.dir, file, &fd);
    if (s.ok()) s = FileSize(fd, file, size);
    return s.Is(Code::NOT_FOUND) ? NotFound(file) : context_.health.ToLevel(s);
  });
}

}   // namespace shale
