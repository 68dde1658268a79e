#include "store/salvage_source.h"

#include <algorithm>
#include <utility>

#include "store/index_name.h"
#include "store/index_row.h"
#include "store/store_key.h"
#include "store/store_shard.h"
#include "store/verify.h"
#include "store/verify_shard.h"

namespace shale {

std::string SalvageSource::PathOf(int directory, const std::string& name) {
  return StoreShard::DirectoryName(directory) + "/" + name;
}

Status SalvageSource::Load(const std::string& path, const SecretKey* key) {
  Superblock superblock;
  SHALE_RETURN_IF_NOT_OK(SurveyStore(*dir_, path, &superblock, report_));
  uuid_ = superblock.uuid;
  if (report_->superblock) {
    DeriveSecret(superblock.secret_seed.data(), &secret_);
    has_secret_ = true;
    how_ = HowEnded(superblock);
    clock_high_ms_ = superblock.clock_high_ms;
  } else {
    const Status s = FindStoreId(*dir_, &uuid_);
    if (s.IsError()) return s;
  }
  SHALE_RETURN_IF_NOT_OK(CodecFor(path, superblock, uuid_, key, report_, &codec_));
  if (report_->encrypted) SHALE_RETURN_IF_NOT_OK(CheckStoreKey(path, superblock, key));
  report_->closed_cleanly = report_->superblock && how_ == SessionEnd::kClean;
  for (int d = 0; d < kDiskShards; d++) {
    Fd& fd = directories_[static_cast<size_t>(d)];
    const Status s = OpenSubdirectory(*dir_, StoreShard::DirectoryName(d), false, &fd);
    if (s.Is(Code::NOT_FOUND) || s.Is(Code::E_INCOMPATIBLE)) {
      report_->Add(StoreShard::DirectoryName(d), Severity::kDamaged, 0, "the shard's directory is missing");
      continue;
    }
    SHALE_RETURN_IF_NOT_OK(s);
    std::vector<std::string> names;
    SHALE_RETURN_IF_NOT_OK(ListPlainFiles(fd, StoreShard::DirectoryName(d), &names));
    SHALE_RETURN_IF_NOT_OK(LoadSegments(d, names));
    SHALE_RETURN_IF_NOT_OK(LoadTables(d, names));
  }
  for (int s = 0; s < kDiskShards; s++) OrderSegments(s);
  return Status::Ok();
}

// ---- segments

Status SalvageSource::LoadSegments(int directory, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    SalvageSegment segment;
    if (!ParseSegmentName(name, &segment.file.number)) continue;
    segment.directory = directory;
    segment.name = name;
    Fd fd;
    const std::string path = PathOf(directory, name);
    SHALE_RETURN_IF_NOT_OK(OpenFileForRead(directories_[static_cast<size_t>(directory)], name, &fd));
    char raw[kSegmentHeaderBytes];
    size_t got = 0;
    SHALE_RETURN_IF_NOT_OK(ReadAt(fd, path, 0, raw, sizeof raw, &got));
    SegmentHeader& h = segment.file.header;
    int shard = directory;
    if (!DecodeSegmentHeader(Bytes(raw, got), path, &h).ok()) {
      if (how_ == SessionEnd::kClean) report_->Add(path, Severity::kDamaged, 0, "the header is damaged");
    } else if (h.uuid != uuid_ || h.shard_count != kDiskShards || h.shard >= kDiskShards) {
      report_->Add(path, Severity::kDamaged, 0, "belongs to another store");
      continue;
    } else {
      segment.file.valid = true;
      if (h.shard != directory || h.segment != segment.file.number)
        report_->Add(path, Severity::kDamaged, 0, "belongs to " + PathOf(h.shard, SegmentName(h.segment)));
      shard = h.shard;
      segment.file.number = h.segment;
    }
    shards_[static_cast<size_t>(shard)].segments.push_back(std::move(segment));
  }
  return Status::Ok();
}

void SalvageSource::OrderSegments(int shard) {
  std::vector<SalvageSegment>& segments = shards_[static_cast<size_t>(shard)].segments;
  // Of several of one number the one that says so itself counts, and the one in its own place.
  const auto rank = [&](const SalvageSegment& s) {
    return std::make_pair(s.file.number, (s.file.valid ? 0 : 2) + (s.directory == shard ? 0 : 1));
  };
  std::sort(segments.begin(), segments.end(),
            [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  segments.erase(std::unique(segments.begin(), segments.end(),
                             [](const auto& a, const auto& b) { return a.file.number == b.file.number; }),
                 segments.end());
  std::vector<SegmentFile> files;
  for (const SalvageSegment& segment : segments) files.push_back(segment.file);
  LogChain chain;
  BuildLogChain(files, &chain);
  for (SalvageSegment& segment : segments) {
    const auto link = std::find_if(chain.segments.begin(), chain.segments.end(),
                                   [&](const auto& s) { return s.number == segment.file.number; });
    if (link != chain.segments.end()) segment.stop = link->end;
    segment.cut_off = segment.file.valid && link == chain.segments.end();
    if (segment.stop != 0) continue;
    for (const SalvageSegment& later : segments) {
      if (later.file.number > segment.file.number && later.file.valid && !later.cut_off)
        segment.sequence_end = std::min(segment.sequence_end, later.file.header.first_sequence);
    }
  }
}

Status SalvageSource::WalkLog(int shard, const std::function<void(const SegmentScan*)>& begin,
                              const RecordVisit& visit,
                              const std::function<void(const SalvageSegment&, const SegmentScan&)>& end) {
  SalvageShard& source = this->shard(shard);
  for (const SalvageSegment& segment : source.segments) {
    if (segment.cut_off) continue;
    SegmentRange range;
    range.number = segment.file.number;
    range.salt = salt(shard);
    range.stop = segment.stop;
    if (source.has_applied && SegmentOf(source.applied.position) == range.number)
      range.least = OffsetOf(source.applied.position);
    SegmentScan scan;
    begin(&scan);
    const auto checked = [&](LogPosition at, const LogRecord& record) {
      const bool moved = (record.flags & kRecordMoved) != 0;
      if (!moved && record.kind != RecordKind::kBatch && record.kind != RecordKind::kSynced &&
          record.sequence >= segment.sequence_end) {
        return Status::Ok();
      }
      return visit(at, record);
    };
    SHALE_RETURN_IF_NOT_OK(WalkSegment(directory(segment.directory), PathOf(segment.directory, segment.name),
                                       segment.name, range, checked, &scan));
    end(segment, scan);
  }
  return Status::Ok();
}

// ---- tables

Status SalvageSource::LoadTables(int directory, const std::vector<std::string>& names) {
  IndexManifest manifest;
  SHALE_RETURN_IF_NOT_OK(ReadIndexManifest(directories_[static_cast<size_t>(directory)], &manifest));
  const std::string manifest_path = PathOf(directory, manifest.name.empty() ? "CURRENT" : manifest.name);
  if (!manifest.whole)
    report_->Add(manifest_path, Severity::kDamaged, 0, "does not tell which tables make up the index");
  SalvageShard& shard = shards_[static_cast<size_t>(directory)];
  std::vector<SalvageTable> unlisted;
  bool all_good = manifest.whole;
  size_t listed_here = 0;
  for (const std::string& name : names) {
    const IndexFileName parsed = ParseIndexFileName(name);
    if (parsed.kind != IndexFileKind::kTable) continue;
    SalvageTable table;
    table.directory = directory;
    table.name = name;
    const auto it = manifest.tables.find(parsed.number);
    if (it == manifest.tables.end()) {
      unlisted.push_back(table);
      continue;
    }
    listed_here++;
    table.size = it->second.size;
    table.span = KeySpan{it->second.smallest, it->second.largest};
    bool good = false;
    SHALE_RETURN_IF_NOT_OK(LookAtTable(directory, true, &table, &good));
    all_good = all_good && good;
    manifest.tables.erase(it);
  }
  for (const auto& [number, table] : manifest.tables) {
    shard.lost.push_back(KeySpan{table.smallest, table.largest});
    report_->Add(manifest_path, Severity::kDamaged, 0, "names a table that is missing");
    all_good = false;
  }
  shard.index_counts = manifest.whole && listed_here > 0;   // and has its marks: see SalvageLog
  if (all_good) return Status::Ok();
  for (SalvageTable& table : unlisted) {
    bool good = false;
    SHALE_RETURN_IF_NOT_OK(LookAtTable(directory, false, &table, &good));
  }
  return Status::Ok();
}

// Reads a table for its marks, and gives it to the shard that its keys belong to.
Status SalvageSource::LookAtTable(int directory, bool listed, SalvageTable* table, bool* good) {
  int owner = -1;
  TableScan scan;
  struct {
    uint64_t sequence = 0;
    AppliedMark mark;
    bool found = false;
  } applied;
  bool foreign = false;
  const auto visit = [&](const TableEntry& entry) {
    if (entry.key == IdentityRowKey() && !entry.deleted) {
      ShardIdentity identity;
      foreign = foreign || !DecodeIdentity(entry.row, &identity) || identity.uuid != uuid_ ||
                identity.shard != static_cast<uint32_t>(directory);
    } else if (entry.key == AppliedRowKey() && !entry.deleted && entry.sequence >= applied.sequence) {
      applied.found = DecodeApplied(entry.row, &applied.mark);
      applied.sequence = entry.sequence;
    } else if (owner < 0 && has_secret_ && entry.key.size() > 1 && entry.key.front() == kDataSpace) {
      owner = DiskShardOf(HashKey(secret_, entry.key.substr(1)));
    }
  };
  SHALE_RETURN_IF_NOT_OK(WalkTable(*table, visit, &scan));
  const std::string path = PathOf(directory, table->name);
  for (const FileFault& fault : scan.faults) report_->Add(path, Severity::kDamaged, fault.offset, fault.what);
  const bool other_rows =
      listed && scan.lost.empty() && (scan.smallest != table->span.from || scan.largest != table->span.to);
  const bool misplaced = foreign || (owner >= 0 && owner != directory);
  *good = scan.faults.empty() && !other_rows && !misplaced;
  SalvageShard& here = shards_[static_cast<size_t>(directory)];
  if (other_rows || misplaced) {
    report_->Add(path, Severity::kDamaged, 0, "holds other rows than the manifest says");
    here.lost.push_back(table->span);
  } else {
    here.lost.insert(here.lost.end(), scan.lost.begin(), scan.lost.end());
    if (applied.found && (!here.has_applied || applied.mark.position >= here.applied.position)) {
      here.has_applied = true;
      here.applied = applied.mark;
    }
  }
  shards_[static_cast<size_t>(misplaced && owner >= 0 ? owner : directory)].tables.push_back(*table);
  return Status::Ok();
}

Status SalvageSource::WalkTable(const SalvageTable& table,
                                const std::function<void(const TableEntry&)>& visit, TableScan* scan) {
  return ReadTable(directory(table.directory), PathOf(table.directory, table.name), table.name, table.size,
                   table.span, visit, scan);
}

}   // namespace shale
