#include "store/file_cache.h"

#include <iterator>
#include <utility>

namespace shale {

FileCache::FileCache(const Fd& dir, size_t open_max) : dir_(dir), open_max_(open_max) {}

FileCache::~FileCache() = default;

Status FileCache::Acquire(const std::string& name, std::shared_ptr<const Fd>* out) {
  uint64_t forgotten_before;
  {
    MutexLock lock(&mu_);
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      *out = found->second->fd;
      return Status::Ok();
    }
    forgotten_before = forgotten_;
  }
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir_, name, &fd));
  auto opened = std::make_shared<const Fd>(std::move(fd));
  *out = opened;

  std::list<Entry> closed_after_unlock;
  MutexLock lock(&mu_);
  // Another thread may have opened the same file meanwhile, and any file may have been removed: it need not
  // be kept.
  if (forgotten_ != forgotten_before || by_name_.contains(name)) return Status::Ok();
  recent_.push_front(Entry{name, std::move(opened)});
  by_name_.emplace(name, recent_.begin());
  closed_after_unlock = TrimLocked();
  return Status::Ok();
}

void FileCache::Forget(const std::string& name) {
  std::list<Entry> closed_after_unlock;
  MutexLock lock(&mu_);
  forgotten_++;
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return;
  closed_after_unlock.splice(closed_after_unlock.begin(), recent_, found->second);
  by_name_.erase(found);
}

void FileCache::SetOpenMax(size_t open_max) {
  std::list<Entry> closed_after_unlock;
  MutexLock lock(&mu_);
  open_max_ = open_max;
  closed_after_unlock = TrimLocked();
}

size_t FileCache::open_count() const {
  MutexLock lock(&mu_);
  return recent_.size();
}

std::list<FileCache::Entry> FileCache::TrimLocked() {
  std::list<Entry> above;
  while (recent_.size() > open_max_) {
    by_name_.erase(recent_.back().name);
    above.splice(above.begin(), recent_, std::prev(recent_.end()));
  }
  return above;
}

}   // namespace shale
