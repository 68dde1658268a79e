// The files of a closed store, to be copied, damaged and compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace shale_test {

// Copies a directory, data only: holes stay holes, whatever a log preallocates.
void CopyStore(const std::string& from, const std::string& to);

// One number for all names, sizes, modes and bytes below a directory.
uint64_t HashStore(const std::string& path);

std::string ShardDir(const std::string& store, uint64_t shard);

// Full paths of the non-empty files in the shard directories whose name starts and ends so, sorted.
std::vector<std::string> FindFiles(const std::string& store, const std::string& begin,
                                   const std::string& end);

std::string ReadAll(const std::string& file);
void WriteAll(const std::string& file, const std::string& bytes);

// Offset after the last byte that is not zero.
uint64_t DataEnd(const std::string& file);
void FlipByte(const std::string& file, uint64_t offset, unsigned char mask);

}   // namespace shale_test
