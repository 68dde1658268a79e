#include "store/backup_manifest.h"

#include <cstdio>
#include <string_view>

#include "base/coding.h"
#include "base/hash.h"
#include "store/index_name.h"
#include "store/segment.h"
#include "store/store_shard.h"
#include "store/superblock.h"

namespace shale {

namespace {

constexpr std::string_view kFirstLine = "SHALE-BACKUP 1";

std::string Hex(const void* data, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < size; i++) {
    const unsigned char byte = static_cast<const unsigned char*>(data)[i];
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::string Hex64(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

bool ParseHex64(std::string_view text, uint64_t* out) {
  *out = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) return false;
    *out = *out << 4 | static_cast<uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return text.size() == 16;
}

bool ParseId(std::string_view text, std::array<unsigned char, 16>* out) {
  uint64_t byte = 0;
  for (size_t i = 0; i < out->size(); i++) {
    if (text.size() != 32 || !ParseHex64("00000000000000" + std::string(text.substr(2 * i, 2)), &byte))
      return false;
    (*out)[i] = static_cast<unsigned char>(byte);
  }
  return true;
}

// What a shard's directory has in a backup, and what goes with it when a store, or an unfinished one, is
// removed.
bool IsShardFile(std::string_view name) {
  uint32_t segment = 0;
  if (ParseSegmentName(std::string(name), &segment)) return true;
  switch (ParseIndexFileName(name).kind) {
    case IndexFileKind::kTable:
      return name.ends_with(".ldb");
    case IndexFileKind::kManifest:
    case IndexFileKind::kCurrent:
      return true;
    default:
      return false;
  }
}

// "word rest" -> rest, if the word is right.
bool TakeLine(std::string_view* text, std::string_view word, std::string_view* rest) {
  const size_t end = text->find('\n');
  if (end == std::string_view::npos || !text->starts_with(word) || text->substr(word.size(), 1) != " ")
    return false;
  *rest = text->substr(word.size() + 1, end - word.size() - 1);
  text->remove_prefix(end + 1);
  return true;
}

bool ParseFile(std::string_view line, BackupManifest* manifest) {
  BackupManifest::File file;
  if (line.size() < 35 || line[16] != ' ' || line[33] != ' ') return false;
  if (!ParseHex64(line.substr(0, 16), &file.size) || !ParseHex64(line.substr(17, 16), &file.hash))
    return false;
  const std::string_view name = line.substr(34);
  return IsBackupFileName(name) && manifest->files.emplace(name, file).second;
}

bool ParseLines(std::string_view text, BackupManifest* manifest) {
  std::string_view rest;
  uint64_t made = 0;
  if (!text.starts_with(kFirstLine) || text.substr(kFirstLine.size(), 1) != "\n") return false;
  text.remove_prefix(kFirstLine.size() + 1);
  if (!TakeLine(&text, "store", &rest) || !ParseId(rest, &manifest->store)) return false;
  if (!TakeLine(&text, "id", &rest) || !ParseId(rest, &manifest->id)) return false;
  if (!TakeLine(&text, "parent", &rest) || !ParseId(rest, &manifest->parent)) return false;
  if (!TakeLine(&text, "time", &rest) || !ParseHex64(rest, &made)) return false;
  manifest->made_ms = static_cast<int64_t>(made);
  while (!text.empty()) {
    if (!TakeLine(&text, "file", &rest) || !ParseFile(rest, manifest)) return false;
  }
  return true;
}

}   // namespace

bool IsBackupFileName(Bytes name) {
  const size_t slash = name.find('/');
  if (slash == Bytes::npos) return IsSuperblockName(name);
  return StoreShard::IsDirectoryName(name.substr(0, slash)) && IsShardFile(name.substr(slash + 1));
}

uint64_t BackupManifest::bytes() const {
  uint64_t sum = 0;
  for (const auto& [name, file] : files) sum += file.size;
  return sum;
}

void PieceHash::Add(Bytes piece) {
  PutFixed<uint64_t>(&sums_, Checksum64(piece));
}

uint64_t PieceHash::Finish() const {
  return Checksum64(sums_);
}

Buffer EncodeBackupManifest(const BackupManifest& manifest) {
  Buffer out(kFirstLine);
  out.append("\nstore ").append(Hex(manifest.store.data(), manifest.store.size()));
  out.append("\nid ").append(Hex(manifest.id.data(), manifest.id.size()));
  out.append("\nparent ").append(Hex(manifest.parent.data(), manifest.parent.size()));
  out.append("\ntime ").append(Hex64(static_cast<uint64_t>(manifest.made_ms))).append("\n");
  for (const auto& [name, file] : manifest.files) {
    out.append("file ").append(Hex64(file.size)).append(" ").append(Hex64(file.hash)).append(" ");
    out.append(name).append("\n");
  }
  const std::string sum = Hex64(Checksum64(out));
  return out.append("end ").append(sum).append("\n");
}

Status DecodeBackupManifest(Bytes raw, const std::string& name, BackupManifest* manifest) {
  *manifest = BackupManifest();
  constexpr size_t kLastLine = 4 + 16 + 1;
  const Status bad = Status::Corrupt(name + ": not a whole list of a backup's files");
  if (raw.size() < kLastLine) return bad;
  const Bytes lines = raw.substr(0, raw.size() - kLastLine);
  Bytes last = raw.substr(lines.size());
  uint64_t sum = 0;
  if (!last.starts_with("end ") || last.back() != '\n' || !ParseHex64(last.substr(4, 16), &sum)) return bad;
  if (sum != Checksum64(lines))
    return Status::Corrupt(name + ": the list of a backup's files fails its checksum");
  return ParseLines(lines, manifest) ? Status::Ok() : bad;
}

Status ReadBackupManifest(const Fd& dir, BackupManifest* manifest) {
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir, kBackupName, &fd));
  uint64_t size = 0;
  SHALE_RETURN_IF_NOT_OK(FileSize(fd, kBackupName, &size));
  if (size > kBackupManifestBytesMax) return Status::Corrupt(std::string(kBackupName) + ": longer than any");
  Buffer raw(size, '\0');
  size_t got = 0;
  SHALE_RETURN_IF_NOT_OK(ReadAt(fd, kBackupName, 0, raw.data(), raw.size(), &got));
  return DecodeBackupManifest(Bytes(raw).substr(0, got), kBackupName, manifest);
}

}   // namespace shale
