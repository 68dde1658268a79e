// What is read from files and descriptors: written to a directory in memory first.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/coding.h"
#include "base/hash.h"
#include "fuzz/targets.h"
#include "store/backup_manifest.h"
#include "store/backup_stream.h"
#include "store/index_crc.h"
#include "store/index_manifest.h"
#include "store/restore.h"
#include "store/table_file.h"

using namespace shale;   // NOLINT

namespace shale_test {

namespace {

// One for the life of the process.
class MemoryDir {
 public:
  MemoryDir() {
    path_ = (std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") + std::string("/shale-fuzz-XXXXXX");
    INSIST(mkdtemp(path_.data()) != nullptr);
    INSIST(OpenDirectory(path_, false, &fd_).ok());
  }
  ~MemoryDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  void Write(const char* name, Bytes content) const {
    std::ofstream out(path_ + "/" + name, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  const std::string& path() const { return path_; }
  const Fd& fd() const { return fd_; }

 private:
  std::string path_;
  Fd fd_;
};

MemoryDir& Dir() {
  static MemoryDir dir;
  return dir;
}

uint32_t CrcOf(Bytes bytes) {
  IndexCrc crc;
  crc.Add(bytes);
  return crc.Masked();
}

void ReadManifest(Bytes content) {
  Dir().Write("MANIFEST-000001", content);
  Dir().Write("CURRENT", "MANIFEST-000001\n");
  IndexManifest manifest;
  INSIST(ReadIndexManifest(Dir().fd(), &manifest).ok());
  INSIST(manifest.whole_bytes <= content.size());
}

void ReadOneTable(Bytes content) {
  Dir().Write("000005.ldb", content);
  TableScan scan;
  uint64_t entries = 0;
  const Status s = ReadTable(
      Dir().fd(), "000005.ldb", "000005.ldb", 0, KeySpan(), [&](const TableEntry&) { entries++; }, &scan);
  if (!s.ok()) return;
  INSIST(entries == scan.entries);
  for (const FileFault& fault : scan.faults) INSIST(fault.offset <= content.size());
}

void AddBlock(Bytes block, Buffer* table) {
  const size_t at = table->size();
  table->append(block).push_back('\0');
  PutFixed<uint32_t>(table, CrcOf(Bytes(*table).substr(at)));
}

void AddHandle(size_t at, size_t end, Buffer* footer) {
  PutVarint64(footer, at);
  PutVarint64(footer, end - at - 5);
}

}   // namespace

void FuzzManifest(Bytes data) {
  ReadManifest(data);
  // The bytes as edits in records whose checksums are right.
  FuzzBytes in(data);
  Buffer file;
  while (!in.empty() && file.size() < 1 << 14) {
    const size_t length = in.Number(1);
    Buffer body(1, static_cast<char>(in.Below(16) < 13 ? 1 : in.Below(6)));
    body.append(in.Piece(length));
    PutFixed<uint32_t>(&file, CrcOf(body));
    PutFixed<uint16_t>(&file, static_cast<uint16_t>(body.size() - 1));
    file.append(body);
  }
  ReadManifest(file);
}

void FuzzTable(Bytes data) {
  ReadOneTable(data);
  // The bytes as blocks whose checksums are right, in a table whose footer names them.
  FuzzBytes in(data);
  const Bytes rows = in.Piece(in.Number(2) % 4096);
  const Bytes index = in.Piece(in.Number(2) % 4096);
  Buffer table;
  AddBlock(rows, &table);
  const size_t metaindex = table.size();
  AddBlock(in.Rest(), &table);
  const size_t index_at = table.size();
  AddBlock(index, &table);
  Buffer footer;
  AddHandle(metaindex, index_at, &footer);
  AddHandle(index_at, table.size(), &footer);
  footer.resize(40);
  PutFixed<uint64_t>(&footer, 0xDB4775248B80FB57u);
  ReadOneTable(table + footer);
}

void FuzzBackup(Bytes data) {
  BackupManifest manifest;
  (void)DecodeBackupManifest(data, "BACKUP", &manifest);
  char sum[32];
  std::snprintf(sum, sizeof sum, "end %016llx\n", static_cast<unsigned long long>(Checksum64(data)));
  if (!DecodeBackupManifest(Buffer(data) + sum, "BACKUP", &manifest).ok()) return;
  for (const auto& [name, file] : manifest.files) INSIST(IsBackupFileName(name));
  BackupManifest again;
  INSIST(DecodeBackupManifest(EncodeBackupManifest(manifest), "BACKUP", &again).ok());
  INSIST(again.files == manifest.files && again.id == manifest.id && again.made_ms == manifest.made_ms);
}

namespace {

// False if it was refused, and then there must be nothing.
bool Restore(Bytes stream) {
  const int fd = memfd_create("stream", MFD_CLOEXEC);
  INSIST(fd >= 0);
  INSIST(write(fd, stream.data(), stream.size()) == static_cast<ssize_t>(stream.size()));
  INSIST(lseek(fd, 0, SEEK_SET) == 0);
  const std::string path = Dir().path() + "/restored";
  BackupCounts counts;
  const Status s = RestoreFromStream(
      fd, "", path, [](uint64_t, uint64_t) { return true; }, &counts);
  close(fd);
  INSIST(s.ok() == std::filesystem::exists(path));
  INSIST(!std::filesystem::exists(path + ".unfinished"));
  std::filesystem::remove_all(path);
  return s.ok();
}

}   // namespace

void FuzzStream(Bytes data) {
  (void)Restore(data);
  // The bytes as frames with right numbers and checksums.
  constexpr FrameKind kKinds[] = {FrameKind::kFile, FrameKind::kData, FrameKind::kSame, FrameKind::kEnd,
                                  FrameKind::kStart};
  FuzzBytes in(data);
  Buffer stream;
  for (uint64_t number = 0; !in.empty() && stream.size() < 1 << 14; number++) {
    const FrameKind kind = number == 0 ? FrameKind::kStart : kKinds[in.Below(5)];
    Buffer body;
    if (number == 0) PutFixed<uint32_t>(&body, static_cast<uint32_t>(in.Below(3)));
    body.append(in.Piece(in.Number(1)));
    if (number == 0) body.resize(4 + 16 * 3);
    if (kind == FrameKind::kEnd) {
      char sum[32];
      std::snprintf(sum, sizeof sum, "end %016llx\n", static_cast<unsigned long long>(Checksum64(body)));
      body.append(sum);
    }
    Buffer frame;
    PutFixed<uint32_t>(&frame, static_cast<uint32_t>(kind));
    PutFixed<uint32_t>(&frame, static_cast<uint32_t>(body.size()));
    PutFixed<uint64_t>(&frame, number);
    frame.append(body);
    const uint64_t sum = Checksum64(frame);
    PutFixed<uint64_t>(&frame, sum);
    stream.append(frame);
  }
  (void)Restore(stream);
}

}   // namespace shale_test
