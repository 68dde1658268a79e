#include "fault/store_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "model/store_kit.h"

namespace shale_test {

namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  Descriptor(const std::string& file, int flags) : fd_(open(file.c_str(), flags | O_CLOEXEC, 0600)) {
    if (fd_ < 0) Fatal("cannot open %s: %s", file.c_str(), std::strerror(errno));
  }
  ~Descriptor() { close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

}   // namespace

FileBytes ReadFileBytes(const std::string& file) {
  const Descriptor source(file, O_RDONLY);
  FileBytes bytes;
  bytes.size = static_cast<uint64_t>(lseek(source.fd(), 0, SEEK_END));
  for (off_t at = 0; (at = lseek(source.fd(), at, SEEK_DATA)) >= 0;) {
    const off_t end = lseek(source.fd(), at, SEEK_HOLE);
    bytes.data.resize(static_cast<size_t>(end));
    const auto size = static_cast<size_t>(end - at);
    if (pread(source.fd(), bytes.data.data() + at, size, at) != end - at)
      Fatal("short read of %s", file.c_str());
    at = end;
  }
  const size_t last = bytes.data.find_last_not_of('\0');
  bytes.data.resize(last == std::string::npos ? 0 : last + 1);
  return bytes;
}

void WriteFileBytes(const std::string& file, const FileBytes& bytes) {
  const Descriptor target(file, O_WRONLY | O_CREAT | O_TRUNC);
  const auto size = static_cast<ssize_t>(bytes.data.size());
  if (pwrite(target.fd(), bytes.data.data(), bytes.data.size(), 0) != size ||
      ftruncate(target.fd(), static_cast<off_t>(bytes.size)) != 0)
    Fatal("cannot write %s: %s", file.c_str(), std::strerror(errno));
}

StoreBytes StoreBytes::Of(const std::string& path) {
  StoreBytes store;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    const std::string name = entry.path().string().substr(path.size());
    if (entry.is_directory())
      store.directories.insert(name);
    else
      store.files[name] = ReadFileBytes(entry.path().string());
  }
  return store;
}

void StoreBytes::RestoreTo(const std::string& path) const {
  fs::create_directory(path);
  for (const std::string& name : directories) fs::create_directory(path + name);
  const StoreBytes there = Of(path);
  for (const auto& [name, unused] : there.files) {
    if (!files.contains(name)) fs::remove(path + name);
  }
  for (const std::string& name : there.directories) {
    if (!directories.contains(name)) fs::remove_all(path + name);
  }
  for (const auto& [name, bytes] : files) {
    const auto found = there.files.find(name);
    if (found == there.files.end() || found->second != bytes) WriteFileBytes(path + name, bytes);
  }
}

std::string StoreBytes::Difference(const std::string& path) const {
  const StoreBytes there = Of(path);
  for (const auto& [name, bytes] : files) {
    const auto found = there.files.find(name);
    if (found == there.files.end() || found->second != bytes) return name;
  }
  for (const auto& [name, unused] : there.files) {
    if (!files.contains(name)) return name;
  }
  return there.directories == directories ? "" : "a directory";
}

}   // namespace shale_test
