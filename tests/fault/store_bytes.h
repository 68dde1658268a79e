// A store's files, held in memory: written back in no time after each harm, and compared with what a call
// left.
//  (1) names are relative ("/02/00000001.seg"); zeros at the end are kept as a size, so that what a log
//      allocated ahead costs nothing
//  (2) only the files whose bytes differ are written
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace shale_test {

struct FileBytes {
  std::string data;    // up to the last byte that is not zero
  uint64_t size = 0;   // of the file
  bool operator==(const FileBytes&) const = default;
};

FileBytes ReadFileBytes(const std::string& file);
void WriteFileBytes(const std::string& file, const FileBytes& bytes);   // sparse

struct StoreBytes {
  std::set<std::string> directories;
  std::map<std::string, FileBytes> files;

  static StoreBytes Of(const std::string& path);
  void RestoreTo(const std::string& path) const;
  // Empty, or the name of something below `path` that is not as here.
  std::string Difference(const std::string& path) const;
};

}   // namespace shale_test
