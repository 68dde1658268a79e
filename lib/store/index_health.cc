#include "store/index_health.h"

#include <cstdio>
#include <new>
#include <utility>

#include "base/bytes.h"

namespace shale {

namespace {

constexpr Bytes kPrefix = "index: ";
constexpr char kNoMemory[] = "memory allocation failed";   // what OutOfMemory says to LevelDB

// Not the address: another index may come to lie there.
std::atomic<uint64_t> g_last_id{0};

struct TableRead {
  uint64_t index = 0;
  uint64_t table = 0;
  uint64_t offset = 0;
  uint64_t count = 0;
};
thread_local TableRead t_last_read;

bool NamesFile(const std::string& text) {
  for (const char* part : {".ldb", "MANIFEST-", "CURRENT"}) {
    if (text.find(part) != std::string::npos) return true;
  }
  return false;
}

// The prefix stands once, however often an error goes through LevelDB and back.
Status WithPrefix(const char* prefix, const Status& error, Code code) {
  Bytes message = error.message();
  if (message.starts_with(kPrefix)) message.remove_prefix(kPrefix.size());
  return Status::Error(code, prefix + std::string(message), error.error_number());
}

}   // namespace

// Relaxed: ids need only differ.
IndexHealth::IndexHealth() : id_(g_last_id.fetch_add(1, std::memory_order_relaxed) + 1) {
  for (leveldb::Status& status : spare_) status = leveldb::Status::IOError(kNoMemory);
}

void IndexHealth::Poison(const Status& cause) {
  MutexLock lock(&mu_);
  if (poisoned()) return;
  try {
    cause_ = cause;
  } catch (const std::bad_alloc&) {
    cause_ = Code::E_NO_MEMORY;   // without its words; to refuse is what matters
  }
  poisoned_.store(true, std::memory_order_release);   // release: with the cause
}

Status IndexHealth::PoisonCause() const {
  MutexLock lock(&mu_);
  if (!cause_.IsError()) return Status::Ok();
  try {
    return WithPrefix("index: ", cause_, cause_.code());
  } catch (const std::bad_alloc&) {
    return cause_.code();   // a close asks, and must come to its end
  }
}

Status IndexHealth::Refusal() const {
  if (!poisoned()) return Status::Ok();
  MutexLock lock(&mu_);
  return WithPrefix("index: refuses writes since: ", cause_, Code::E_READ_ONLY);
}

// In one order with MarkDead: a callback that finds the index alive is waited for.
IndexHealth::CallbackScope::CallbackScope(IndexHealth* health) : health_(health) {
  health_->inside_.fetch_add(1);
  refused_ = health_->dead_.load();
}

IndexHealth::CallbackScope::~CallbackScope() {
  health_->inside_.fetch_sub(1);
  if (health_->dead()) health_->inside_.notify_all();
}

void IndexHealth::AwaitOutside() const {
  for (int inside = inside_.load(); inside > 0; inside = inside_.load()) inside_.wait(inside);
}

leveldb::Status IndexHealth::ToLevel(const Status& status) {
  if (status.ok()) return leveldb::Status::OK();
  MutexLock lock(&mu_);
  last_error_ = status;
  if (status.Is(Code::E_CORRUPT)) return leveldb::Status::Corruption(status.message());
  return leveldb::Status::IOError(status.message());
}

leveldb::Status IndexHealth::OutOfMemory() {
  const size_t next = spare_used_.fetch_add(1, std::memory_order_relaxed);   // relaxed: each is taken once
  if (next >= spare_.size()) throw std::bad_alloc();
  return std::move(spare_[next]);
}

Status IndexHealth::FromLevel(const leveldb::Status& status, bool last_read_failed) const {
  if (status.ok()) return Status::Ok();
  if (status.IsNotFound()) return Code::NOT_FOUND;
  std::string text = status.ToString();
  if (text.find(kNoMemory) != std::string::npos) return Code::E_NO_MEMORY;
  {
    // An error that passed through the Env keeps its code and errno.
    MutexLock lock(&mu_);
    if (last_error_.IsError() && text.find(last_error_.message()) != std::string::npos) {
      return WithPrefix("index: ", last_error_, last_error_.code());
    }
  }
  if (const size_t colon = text.find(": "); colon != std::string::npos) text.erase(0, colon + 2);
  if (!status.IsCorruption()) {
    return Status::Error(status.IsInvalidArgument() ? Code::E_INCOMPATIBLE : Code::E_IO, "index: " + text);
  }
  if (last_read_failed && t_last_read.index == id_ && !NamesFile(text)) {
    char place[80];
    std::snprintf(place, sizeof place,
                  "%06llu.ldb at offset %llu: ", static_cast<unsigned long long>(t_last_read.table),
                  static_cast<unsigned long long>(t_last_read.offset));
    text.insert(0, place);
  }
  return Status::Corrupt("index: " + text);
}

void IndexHealth::NoteTableRead(uint64_t table, uint64_t offset) const {
  t_last_read.index = id_;
  t_last_read.table = table;
  t_last_read.offset = offset;
  t_last_read.count++;
}

uint64_t IndexHealth::TableReadsOfThread() {
  return t_last_read.count;
}

}   // namespace shale
