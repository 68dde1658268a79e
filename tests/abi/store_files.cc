#include "abi/store_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "model/store_kit.h"

namespace shale_test {

namespace fs = std::filesystem;

namespace {

class File {
 public:
  File(const std::string& path, int flags) : path_(path), fd_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {
    if (fd_ < 0) Fatal("cannot open %s: %s", path.c_str(), std::strerror(errno));
  }
  ~File() { close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  off_t size() const { return lseek(fd_, 0, SEEK_END); }

  void Read(void* bytes, size_t size, off_t offset) const {
    if (pread(fd_, bytes, size, offset) != static_cast<ssize_t>(size))
      Fatal("short read of %s", path_.c_str());
  }
  void Write(const void* bytes, size_t size, off_t offset) const {
    if (pwrite(fd_, bytes, size, offset) != static_cast<ssize_t>(size))
      Fatal("short write of %s", path_.c_str());
  }

  // Calls visit(offset, block) for each block that is not all zero, so that a hole and written zeros are the
  // same.
  void ForEachBlock(const std::function<void(off_t, const std::string&)>& visit) const {
    constexpr off_t kBlock = 64 << 10;
    const off_t end = size();
    off_t offset = 0;
    while (offset < end) {
      offset = lseek(fd_, offset, SEEK_DATA);
      if (offset < 0) return;   // no data any more
      offset -= offset % kBlock;
      std::string block(static_cast<size_t>(std::min(kBlock, end - offset)), '\0');
      Read(block.data(), block.size(), offset);
      if (block.find_first_not_of('\0') != std::string::npos) visit(offset, block);
      offset += kBlock;
    }
  }

 private:
  const std::string path_;
  const int fd_;
};

void Mix(uint64_t* hash, const void* bytes, size_t size) {
  const auto* at = static_cast<const unsigned char*>(bytes);
  for (size_t i = 0; i < size; i++) *hash = (*hash ^ at[i]) * 0x100000001B3u;
}

void CopyFile(const std::string& from, const std::string& to) {
  const File source(from, O_RDONLY);
  const File target(to, O_RDWR | O_CREAT | O_EXCL);
  if (ftruncate(target.fd(), source.size()) != 0) Fatal("cannot size %s", to.c_str());
  source.ForEachBlock(
      [&](off_t offset, const std::string& block) { target.Write(block.data(), block.size(), offset); });
}

}   // namespace

void CopyStore(const std::string& from, const std::string& to) {
  fs::create_directory(to, from);   // with the attributes of the original
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    const std::string target = (fs::path(to) / fs::relative(entry.path(), from)).string();
    if (entry.is_directory())
      fs::create_directory(target, entry.path());
    else
      CopyFile(entry.path().string(), target);
  }
}

uint64_t HashStore(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(path)) names.push_back(entry.path().string());
  std::sort(names.begin(), names.end());
  uint64_t hash = 0xCBF29CE484222325u;
  for (const std::string& name : names) {
    const auto mode = fs::status(name).permissions();
    Mix(&hash, name.data(), name.size());
    Mix(&hash, &mode, sizeof mode);
    if (!fs::is_regular_file(name)) continue;
    const File file(name, O_RDONLY);
    const off_t size = file.size();
    Mix(&hash, &size, sizeof size);
    file.ForEachBlock([&](off_t offset, const std::string& block) {
      Mix(&hash, &offset, sizeof offset);
      Mix(&hash, block.data(), block.size());
    });
  }
  return hash;
}

std::string ShardDir(const std::string& store, uint64_t shard) {
  return store + "/" + (shard < 10 ? "0" : "") + std::to_string(shard);
}

std::vector<std::string> FindFiles(const std::string& store, const std::string& begin,
                                   const std::string& end) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(store)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || entry.path().parent_path() == store || entry.file_size() == 0) continue;
    if (name.size() < end.size() || name.compare(0, begin.size(), begin) != 0) continue;
    if (name.compare(name.size() - end.size(), end.size(), end) == 0) found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string ReadAll(const std::string& file) {
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  return bytes.str();
}

void WriteAll(const std::string& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << bytes;
}

uint64_t DataEnd(const std::string& file) {
  uint64_t end = 0;
  File(file, O_RDONLY).ForEachBlock([&](off_t offset, const std::string& block) {
    end = static_cast<uint64_t>(offset) + block.find_last_not_of('\0') + 1;
  });
  return end;
}

void FlipByte(const std::string& file, uint64_t offset, unsigned char mask) {
  const File target(file, O_RDWR);
  unsigned char byte = 0;
  target.Read(&byte, 1, static_cast<off_t>(offset));
  byte ^= mask;
  target.Write(&byte, 1, static_cast<off_t>(offset));
}

}   // namespace shale_test
