#include "store/verify.h"

#include <algorithm>

#include "store/dir_lock.h"
#include "store/store_key.h"
#include "store/verify_shard.h"

namespace shale {

namespace {

constexpr size_t kBlockCacheBytes = size_t{1} << 20;

Status CheckCopies(const Fd& dir, CheckReport* report) {
  Superblock copies[2];
  bool good[2] = {};
  for (size_t i = 0; i < 2; i++) {
    Buffer raw;
    Status s = ReadSmallFile(dir, kSuperblockNames[i], kSuperblockBytes, &raw);
    if (s.ok()) s = DecodeSuperblock(raw, kSuperblockNames[i], &copies[i]);
    good[i] = s.ok();
    if (s.Is(Code::NOT_FOUND)) {
      // A creation that was cut off has written one; and nobody can tell it from a copy that was taken away.
      const bool first =
          i == 1 && good[0] && copies[0].generation == 1 && copies[0].state == StoreState::kOpen;
      report->Add(kSuperblockNames[i], first ? Severity::kSuspicious : Severity::kDamaged, 0, "missing");
    } else if (!s.ok()) {
      if (!s.Is(Code::E_CORRUPT)) return s;
      report->Add(kSuperblockNames[i], Severity::kDamaged, 0, s.message());
    }
  }
  if (good[0] && good[1] && copies[0].uuid != copies[1].uuid)
    for (const char* name : kSuperblockNames)
      report->Add(name, Severity::kDamaged, 0, "the two copies belong to different stores");
  return Status::Ok();
}

// Sizes of the files of one directory.
Status AddSizes(const Fd& dir, const std::string& prefix, CheckReport* report) {
  std::vector<std::string> names;
  SHALE_RETURN_IF_NOT_OK(ListDirectory(dir, prefix.empty() ? "." : prefix, &names));
  for (const std::string& name : names) {
    Fd fd;
    uint64_t size = 0;
    const Status s = OpenFileForRead(dir, name, &fd);
    if (s.Is(Code::E_INCOMPATIBLE)) {
      // At the top that is a shard's directory, or not ours.
      if (!prefix.empty()) report->Add(prefix + name, Severity::kDamaged, 0, s.message());
      continue;
    }
    SHALE_RETURN_IF_NOT_OK(s);
    SHALE_RETURN_IF_NOT_OK(FileSize(fd, name, &size));
    report->files[prefix + name].bytes = size;
    report->total += size;
  }
  return Status::Ok();
}

}   // namespace

Status SurveyStore(const Fd& dir, const std::string& path, Superblock* superblock, CheckReport* report) {
  SHALE_RETURN_IF_NOT_OK(AddSizes(dir, "", report));
  int shards = 0;
  for (int s = 0; s < kDiskShards; s++) {
    Fd shard;
    const std::string name = StoreShard::DirectoryName(s);
    const Status opened = OpenSubdirectory(dir, name, false, &shard);
    if (opened.Is(Code::NOT_FOUND) || opened.Is(Code::E_INCOMPATIBLE)) continue;   // said with the shard
    SHALE_RETURN_IF_NOT_OK(opened);
    SHALE_RETURN_IF_NOT_OK(AddSizes(shard, name + "/", report));
    shards++;
  }
  int damaged = 0;
  const Status s = ReadSuperblock(dir, superblock, &damaged);
  if (s.Is(Code::NOT_FOUND) && shards == 0) return Status::Error(Code::E_NO_STORE, path + ": no store here");
  if (!s.ok() && !s.Is(Code::NOT_FOUND) && !s.Is(Code::E_CORRUPT)) return s;
  report->superblock = s.ok();
  return CheckCopies(dir, report);
}

Status FindStoreId(const Fd& dir, std::array<unsigned char, 16>* uuid) {
  std::map<std::array<unsigned char, 16>, int> votes;
  for (int shard = 0; shard < kDiskShards; shard++) {
    Fd fd;
    const std::string name = StoreShard::DirectoryName(shard);
    if (!OpenSubdirectory(dir, name, false, &fd).ok()) continue;
    std::vector<std::string> files;
    SHALE_RETURN_IF_NOT_OK(ListDirectory(fd, name, &files));
    for (const std::string& file : files) {
      uint32_t number = 0;
      Buffer raw(kSegmentHeaderBytes, '\0');
      size_t got = 0;
      SegmentHeader header;
      Fd segment;
      if (!ParseSegmentName(file, &number) || !OpenFileForRead(fd, file, &segment).ok()) continue;
      if (!ReadAt(segment, file, 0, raw.data(), raw.size(), &got).ok() || got < raw.size()) continue;
      if (DecodeSegmentHeader(raw, file, &header).ok()) votes[header.uuid]++;
    }
  }
  const auto most = std::max_element(votes.begin(), votes.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == votes.end()) return Code::NOT_FOUND;
  *uuid = most->first;
  return Status::Ok();
}

// A key that is not the store's would make every value look damaged.
Status CodecFor(const std::string& path, const Superblock& superblock, const ValueCipher::StoreId& uuid,
                const SecretKey* key, CheckReport* report, ValueCodec* codec) {
  report->encrypted = (superblock.incompatible & kStoreEncrypted) != 0;
  if (report->superblock && key != nullptr) SHALE_RETURN_IF_NOT_OK(CheckStoreKey(path, superblock, key));
  ValueCodec::Config config;
  config.store = uuid;
  config.key = key;
  return codec->Init(config);
}

Status VerifyStore(const std::string& path, const WorkProgress& progress, CheckReport* report,
                   const SecretKey* key) {
  *report = CheckReport();
  Fd dir;
  Status s = OpenDirectory(path, false, &dir);
  if (s.Is(Code::NOT_FOUND)) return Status::Error(Code::E_NO_STORE, path + ": no store here");
  SHALE_RETURN_IF_NOT_OK(s);
  std::unique_ptr<DirLock> lock;
  s = DirLock::AcquireShared(dir, &lock);
  if (!s.ok() && !s.Is(Code::NOT_FOUND)) return s;
  Superblock superblock;
  SHALE_RETURN_IF_NOT_OK(SurveyStore(dir, path, &superblock, report));
  HashSecret secret;
  ShardVerifier::Config config;
  config.root = &dir;
  config.uuid = superblock.uuid;
  config.how = HowEnded(superblock);
  if (report->superblock) {
    DeriveSecret(superblock.secret_seed.data(), &secret);
    config.secret = &secret;
  } else {
    s = FindStoreId(dir, &config.uuid);
    if (s.IsError()) return s;
    s = Status::Ok();                        // nobody tells: then no segment will be found to be this store's
    config.how = SessionEnd::kMachineDied;   // what is known least about
  }
  report->closed_cleanly = report->superblock && config.how == SessionEnd::kClean;
  ValueCodec codec;
  SHALE_RETURN_IF_NOT_OK(CodecFor(path, superblock, config.uuid, key, report, &codec));
  config.codec = &codec;
  WorkPool pool("shale-verify", 1, 1);
  SHALE_RETURN_IF_NOT_OK(pool.Start());
  config.pool = &pool;
  const std::unique_ptr<leveldb::Cache, decltype(&Index::DeleteBlockCache)> cache(
      Index::NewBlockCache(kBlockCacheBytes), &Index::DeleteBlockCache);
  config.block_cache = cache.get();
  config.clock = Clock::Default();
  config.progress = &progress;
  config.report = report;
  std::vector<ShardScan> scans(kDiskShards);
  bool all_scanned = true;
  for (int shard = 0; shard < kDiskShards && s.ok(); shard++) {
    bool scanned = false;
    config.shard = shard;
    s = ShardVerifier(config).Run(&scans[static_cast<size_t>(shard)], &scanned);
    all_scanned = all_scanned && scanned;
  }
  pool.Stop();
  SHALE_RETURN_IF_NOT_OK(s);
  if (all_scanned) {
    s = ResolveBatches(config.how, &scans);
    if (s.Is(Code::E_CORRUPT)) report->Add(".", Severity::kDamaged, 0, s.message());
  }
  return s.Is(Code::E_CORRUPT) ? Status::Ok() : s;
}

}   // namespace shale
