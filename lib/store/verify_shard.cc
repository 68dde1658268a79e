#include "store/verify_shard.h"

#include <algorithm>

#include "base/coding.h"
#include "store/index_check.h"
#include "store/index_name.h"

namespace shale {

namespace {

// Nothing is ever written, so there is nothing to sync.
class NoSyncer : public LogSyncer {
 public:
  Status SyncLogBeforeTables() override { return Status::Ok(); }
};
NoSyncer no_syncer;

constexpr size_t kOpenFiles = 8;
constexpr size_t kWriteBufferBytes = size_t{64} << 10;

// The file that a message is about: what stands before the first ": ", if that is below the shard.
std::string FileOfMessage(const std::string& shard, std::string message) {
  const size_t at = message.find(shard + "/");
  if (at == std::string::npos) return shard;
  message.erase(0, at);
  return message.substr(0, message.find_first_of(": ", shard.size() + 1));
}

}   // namespace

Status ListPlainFiles(const Fd& dir, const std::string& name, std::vector<std::string>* files) {
  SHALE_RETURN_IF_NOT_OK(ListDirectory(dir, name, files));
  std::sort(files->begin(), files->end());
  std::vector<std::string> plain;
  for (const std::string& file : *files) {
    Fd fd;
    const Status s = OpenFileForRead(dir, file, &fd);
    if (s.Is(Code::E_INCOMPATIBLE)) continue;
    SHALE_RETURN_IF_NOT_OK(s);
    plain.push_back(file);
  }
  *files = std::move(plain);
  return Status::Ok();
}

ShardVerifier::ShardVerifier(const Config& config)
    : config_(config), name_(StoreShard::DirectoryName(config.shard)) {}

void ShardVerifier::Add(const std::string& path, Severity severity, uint64_t offset, std::string what) {
  config_.report->Add(path, severity, offset, std::move(what));
  if (severity == Severity::kDamaged) damage_++;
}

Status ShardVerifier::Done(const std::string& path) {
  config_.report->done += config_.report->files[path].bytes;
  return (*config_.progress)(config_.report->done, config_.report->total) ? Status()
                                                                          : Status(Code::CANCELLED);
}

bool ShardVerifier::IsOurs(Bytes key) const {
  return config_.secret == nullptr || DiskShardOf(HashKey(*config_.secret, key)) == config_.shard;
}

Status ShardVerifier::Run(ShardScan* scan, bool* scanned) {
  *scanned = false;
  Status s = OpenSubdirectory(*config_.root, name_, false, &dir_);
  if (s.Is(Code::NOT_FOUND)) {
    Add(name_, Severity::kDamaged, 0, "the shard's directory is missing");
    return Status::Ok();
  }
  if (s.Is(Code::E_INCOMPATIBLE)) {
    Add(name_, Severity::kDamaged, 0, s.message());
    return Status::Ok();
  }
  SHALE_RETURN_IF_NOT_OK(s);
  SHALE_RETURN_IF_NOT_OK(ListFiles());
  SHALE_RETURN_IF_NOT_OK(CheckHeaders());
  SHALE_RETURN_IF_NOT_OK(CheckManifest());
  SHALE_RETURN_IF_NOT_OK(CheckTables());
  SHALE_RETURN_IF_NOT_OK(CheckLog());
  return OpenAndScan(scan, scanned);
}

Status ShardVerifier::ListFiles() {
  SHALE_RETURN_IF_NOT_OK(ListPlainFiles(dir_, name_, &files_));
  for (const std::string& file : files_) {
    SegmentFile segment;
    if (ParseSegmentName(file, &segment.number)) {
      segments_.push_back(segment);
      continue;
    }
    const IndexFileKind kind = ParseIndexFileName(file).kind;
    if (kind == IndexFileKind::kLog)
      Add(Path(file), Severity::kDamaged, 0, "another program took this index for a plain LevelDB");
    if (kind == IndexFileKind::kTemporary || file.ends_with(".tmp"))
      config_.report->files[Path(file)].unused = true;
    if (kind == IndexFileKind::kOther && !file.ends_with(".tmp"))
      Add(Path(file), Severity::kSuspicious, 0, "not a file of a store");
  }
  return Status::Ok();
}

// ---- the index

Status ShardVerifier::CheckManifest() {
  SHALE_RETURN_IF_NOT_OK(ReadIndexManifest(dir_, &manifest_));
  uint64_t counts = 0;
  const Status checked = CheckIndexFiles(dir_, config_.how == SessionEnd::kMachineDied, &counts);
  if (checked.IsError() && !checked.Is(Code::E_CORRUPT)) return checked;
  const std::string current = Path(kIndexCurrentName);
  const std::string manifest = Path(manifest_.name);
  if (!checked.ok()) {
    const std::string message = checked.message();
    const bool of_manifest = !manifest_.name.empty() && message.starts_with(manifest_.name);
    // Which of the two is wrong, if the manifest is not there at all?
    if (!of_manifest || message.find("missing") != std::string::npos)
      Add(current, Severity::kDamaged, 0, message);
    if (of_manifest) Add(manifest, Severity::kDamaged, 0, message);
  } else if (!manifest_.whole) {
    // LevelDB reads up to a record that a crash cut short; in a store that was closed there is none.
    const bool torn = config_.how != SessionEnd::kClean;
    Add(manifest, torn ? Severity::kSuspicious : Severity::kDamaged, 0, "its last record is cut short");
  }
  for (const std::string& file : files_) {
    const IndexFileKind kind = ParseIndexFileName(file).kind;
    if (kind == IndexFileKind::kCurrent) SHALE_RETURN_IF_NOT_OK(Done(Path(file)));
    if (kind != IndexFileKind::kManifest) continue;
    if (file != manifest_.name && !manifest_.name.empty()) config_.report->files[Path(file)].unused = true;
    SHALE_RETURN_IF_NOT_OK(Done(Path(file)));
  }
  return Status::Ok();
}

Status ShardVerifier::CheckTables() {
  std::map<uint64_t, std::string> here;
  for (const std::string& file : files_) {
    const IndexFileName name = ParseIndexFileName(file);
    if (name.kind == IndexFileKind::kTable) here[name.number] = file;
  }
  for (const auto& [number, listed] : manifest_.tables) {
    if (here.contains(number)) continue;
    const std::string file = IndexTableName(number);
    Add(Path(file), Severity::kDamaged, 0, "missing, but the manifest names it");
    Add(Path(manifest_.name), Severity::kSuspicious, 0, "names " + file + ", which is missing");
  }
  for (const auto& [number, file] : here) {
    const auto listed = manifest_.tables.find(number);
    if (listed != manifest_.tables.end() || !manifest_.whole) {
      SHALE_RETURN_IF_NOT_OK(
          CheckTable(number, listed != manifest_.tables.end() ? &listed->second : nullptr));
    } else {
      config_.report->files[Path(file)].unused = true;
    }
    SHALE_RETURN_IF_NOT_OK(Done(Path(file)));
  }
  return Status::Ok();
}

Status ShardVerifier::CheckTable(uint64_t number, const IndexManifest::Table* listed) {
  const std::string file = IndexTableName(number);
  const std::string path = Path(file);
  TableScan scan;
  KeySpan span;
  if (listed != nullptr) span = KeySpan{listed->smallest, listed->largest};
  SHALE_RETURN_IF_NOT_OK(ReadTable(
      dir_, path, file, listed != nullptr ? listed->size : 0, span,
      [&](const TableEntry& entry) { CheckEntry(path, entry); }, &scan));
  config_.report->files[path].records = scan.entries;
  for (const FileFault& fault : scan.faults) Add(path, Severity::kDamaged, fault.offset, fault.what);
  if (listed != nullptr) CheckAgainstManifest(path, *listed, scan);
  return Status::Ok();
}

void ShardVerifier::CheckAgainstManifest(const std::string& path, const IndexManifest::Table& listed,
                                         const TableScan& scan) {
  const bool readable = scan.lost.empty();
  const bool same_rows = !readable || (scan.smallest == listed.smallest && scan.largest == listed.largest);
  const bool same_size = config_.report->files[path].bytes == listed.size;
  if (same_rows && same_size) return;
  if (!same_rows) Add(path, Severity::kDamaged, 0, "holds other rows than the manifest says");
  // One of the two belongs elsewhere, and neither says which.
  Add(Path(manifest_.name), Severity::kSuspicious, 0, "does not agree with " + path.substr(name_.size() + 1));
}

void ShardVerifier::CheckEntry(const std::string& path, const TableEntry& entry) {
  if (entry.key.empty()) return Add(path, Severity::kDamaged, 0, "a row without a key");
  const char space = entry.key.front();
  Bytes key = entry.key.substr(1);
  if (space == kMetaSpace) {
    if (entry.key == IdentityRowKey()) return CheckIdentity(path, entry.row);
    if (entry.key != AppliedRowKey() || entry.deleted || entry.sequence < applied_sequence_) return;
    AppliedMark mark;
    if (!DecodeApplied(entry.row, &mark)) return;   // said when the shard is opened
    applied_ = mark;
    applied_sequence_ = entry.sequence;
    has_applied_ = true;
    return;
  }
  if (space == kDeadlineSpace) key.remove_prefix(std::min<size_t>(key.size(), 8));
  if ((space != kDataSpace && space != kDeadlineSpace) || key.empty())
    return Add(path, Severity::kDamaged, 0, "a row of an unknown kind");
  if (!IsOurs(key)) Add(path, Severity::kDamaged, 0, "a row that belongs to another shard");
}

void ShardVerifier::CheckIdentity(const std::string& path, Bytes row) {
  ShardIdentity identity;
  const ShardIdentity ours{config_.uuid, static_cast<uint32_t>(config_.shard), kDiskShards};
  if (!DecodeIdentity(row, &identity)) {
    Add(path, Severity::kDamaged, 0, "the row that says whose index this is is malformed");
  } else if (identity.uuid != ours.uuid) {
    Add(path, Severity::kDamaged, 0, "a row that belongs to another store");
  } else if (identity != ours) {
    Add(path, Severity::kDamaged, 0, "a row that belongs to another shard");
  }
}

// ---- the log, of which the records are looked at in verify_shard_log.cc

Status ShardVerifier::CheckHeaders() {
  for (SegmentFile& segment : segments_) {
    const std::string file = SegmentName(segment.number);
    Fd fd;
    SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir_, file, &fd));
    char raw[kSegmentHeaderBytes];
    size_t got = 0;
    SHALE_RETURN_IF_NOT_OK(ReadAt(fd, Path(file), 0, raw, sizeof raw, &got));
    const Status s = DecodeSegmentHeader(Bytes(raw, got), Path(file), &segment.header);
    const SegmentHeader& h = segment.header;
    std::string wrong;
    if (!s.ok()) {
      // A crash may have left it so; whether it did is judged when its records are looked for.
      if (s.Is(Code::E_INCOMPATIBLE) || config_.how == SessionEnd::kClean)
        wrong = got < sizeof raw ? "shorter than a segment header" : "the header is damaged";
    } else if (h.uuid != config_.uuid) {
      wrong = "belongs to another store";
    } else if (h.shard != config_.shard || h.shard_count != kDiskShards) {
      wrong = "belongs to shard " + std::to_string(h.shard) + " of " + std::to_string(h.shard_count);
    } else if (h.segment != segment.number) {
      wrong = "its header says segment " + std::to_string(h.segment);
    } else {
      segment.valid = true;
    }
    if (!wrong.empty()) Add(Path(file), Severity::kDamaged, 0, wrong);
  }
  BuildLogChain(segments_, &chain_);
  return Status::Ok();
}

// ---- what the files say about each other

Status ShardVerifier::OpenAndScan(ShardScan* scan, bool* scanned) {
  StoreShard::Config c;
  c.number = config_.shard;
  c.uuid = config_.uuid;
  c.segment_bytes = size_t{1} << 20;
  c.write_buffer_bytes = kWriteBufferBytes;
  c.open_files_max = kOpenFiles;
  c.index_pool = config_.pool;
  c.block_cache = config_.block_cache;
  c.syncer = &no_syncer;
  c.clock = config_.clock;
  c.codec = config_.codec;
  c.machine_died = config_.how == SessionEnd::kMachineDied;
  std::unique_ptr<StoreShard> shard;
  Status s = StoreShard::Open(c, *config_.root, config_.how != SessionEnd::kClean, &shard);
  if (s.ok()) s = CheckRows(shard.get());
  if (s.ok()) s = ScanShard(*shard, config_.how, scan);
  *scanned = s.ok();
  if (!s.Is(Code::E_CORRUPT) && !s.Is(Code::E_INCOMPATIBLE)) return s;
  // Mostly the same again, seen from farther away.
  if (damage_ == 0) Add(FileOfMessage(name_, s.message()), Severity::kDamaged, 0, s.message());
  return Status::Ok();
}

}   // namespace shale
