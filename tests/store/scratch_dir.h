// A directory for one test, removed with all that is in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "store/files.h"

namespace shale {

class ScratchDir {
 public:
  ScratchDir() {
    const char* const base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr ? base : "/tmp") + "/shale-test-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr || !OpenDirectory(path_, false, &fd_).ok()) std::abort();
  }
  ~ScratchDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  const Fd& fd() const { return fd_; }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // Not by way of the code under test.
  void Write(const std::string& name, Bytes content) const {
    std::ofstream out(*this / name, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  Buffer Read(const std::string& name) const {
    std::ifstream in(*this / name, std::ios::binary);
    return Buffer(std::istreambuf_iterator<char>(in), {});
  }
  bool Has(const std::string& name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(*this / name));
  }

 private:
  std::string path_;
  Fd fd_;
};

// Fails operation number `fail_at` (from 0, or never) with error_number, and counts all.
class CountingHook : public FileFaultHook {
 public:
  explicit CountingHook(int fail_at = -1, int error_number = 5)
      : fail_at_(fail_at), error_number_(error_number) {
    SetFileFaultHookForTest(this);
  }
  ~CountingHook() override { SetFileFaultHookForTest(nullptr); }
  int Before(FileOp op, const char* name) override {
    last_op = op;
    last_name = name;
    return count++ == fail_at_ ? error_number_ : 0;
  }
  int count = 0;
  FileOp last_op{};
  std::string last_name;

 private:
  const int fail_at_;
  const int error_number_;
};

}   // namespace shale
