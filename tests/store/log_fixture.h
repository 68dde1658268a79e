// One shard's log in a directory of its own, and what tests need around it: segments written by hand, records
// as owned values, a hook that decides about each file operation.
#pragma once

#include <cerrno>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "store/assert_code.h"   // last, with test.h: cmocka has a macro named fail
#include "store/log_scanner.h"
#include "store/scratch_dir.h"
#include "store/shard_log.h"
#include "test.h"

namespace shale {

inline LogIdentity TestIdentity() {
  LogIdentity identity;
  identity.uuid.fill(0x5A);
  identity.shard = 7;
  identity.shard_count = 64;
  return identity;
}

// Set for the length of its life. `decide` runs on the thread of the operation, and on several at a time.
class LogHook : public FileFaultHook {
 public:
  explicit LogHook(std::function<int(FileOp, const std::string&)> decide) : decide_(std::move(decide)) {
    SetFileFaultHookForTest(this);
  }
  ~LogHook() override { SetFileFaultHookForTest(nullptr); }
  int Before(FileOp op, const char* name) override { return decide_(op, name); }

 private:
  const std::function<int(FileOp, const std::string&)> decide_;
};

struct OwnedRecord {
  RecordKind kind = RecordKind::kPut;
  uint8_t flags = 0;
  int64_t sequence = 0;
  int64_t deadline_ms = 0;
  Buffer key;
  Buffer value;
  LogPosition at = 0;
  LogPosition next = 0;
  bool operator==(const OwnedRecord&) const = default;
};

struct LogHome {
  explicit LogHome(size_t segment_bytes = size_t{1} << 20) {
    config.name = "07";
    config.dir = &scratch.fd();
    config.identity = TestIdentity();
    config.segment_bytes = segment_bytes;
    files = std::make_unique<FileCache>(scratch.fd(), 8);
    config.files = files.get();
  }
  void Create() { ASSERT_OK(ShardLog::Create(config, &log)); }
  Status Open(bool may_be_torn = false) {
    log.reset();
    files = std::make_unique<FileCache>(scratch.fd(), 8);
    config.files = files.get();
    return ShardLog::Open(config, may_be_torn, &log);
  }
  // Opens and goes on where the records end, as after a clean session or, with unsynced_from, after one that
  // died.
  void Resume(LogPosition unsynced_from = 0) {
    ASSERT_OK(Open(unsynced_from != 0));
    ShardLog::Start start;
    const std::vector<OwnedRecord> records = Scan(&start.end);
    start.unsynced_from = unsynced_from;
    for (const OwnedRecord& r : records) start.next_sequence = std::max(start.next_sequence, r.sequence + 1);
    ASSERT_OK(log->StartAppending(start));
  }
  void Close() {
    ASSERT_OK(log->Close());
    log.reset();
  }

  Status TryPut(Bytes key, Bytes value, OwnedRecord* out) {
    SHALE_RETURN_IF_NOT_OK(log->Reserve(RecordBytes(key.size(), value.size())));
    *out = OwnedRecord{RecordKind::kPut, 0, log->NextSequence(), 0, Buffer(key), Buffer(value), 0, 0};
    SHALE_RETURN_IF_NOT_OK(
        log->Append(LogRecord{out->kind, out->flags, out->sequence, 0, key, value}, &out->at));
    out->next = log->end();
    return Status::Ok();
  }
  OwnedRecord Put(Bytes key, Bytes value) {
    OwnedRecord record;
    ASSERT_OK(TryPut(key, value, &record));
    return record;
  }
  void AssertReads(const OwnedRecord& record) {
    Buffer scratch_bytes;
    LogRecord found;
    ASSERT_OK(
        log->Read(record.at, record.key, static_cast<uint32_t>(record.value.size()), &scratch_bytes, &found));
    assert_true(found.value == record.value);
  }

  // All records but synced marks, from `from` (0: the first segment's start) to where the log ends, which
  // *end gets.
  std::vector<OwnedRecord> Scan(LogPosition* end = nullptr, LogPosition from = 0,
                                LogPosition upto = UINT64_MAX, LogScanner::Step* last = nullptr) {
    if (from == 0) from = MakePosition(log->chain().segments.front().number, kSegmentHeaderBytes);
    LogScanner scanner(log.get(), &scratch.fd(), from);
    std::vector<OwnedRecord> out;
    while (true) {
      LogRecord r;
      LogPosition at = 0, next = 0;
      LogScanner::Step step;
      ASSERT_OK(scanner.Next(upto, &r, &at, &next, &step));
      if (end != nullptr) *end = at;
      if (last != nullptr) *last = step;
      if (step != LogScanner::Step::kRecord) return out;
      if (r.kind == RecordKind::kSynced) continue;
      out.push_back(
          OwnedRecord{r.kind, r.flags, r.sequence, r.deadline_ms, Buffer(r.key), Buffer(r.value), at, next});
    }
  }

  // A segment with records, written by hand. Positions of the records go to *places.
  void WriteSegment(uint32_t number, LogPosition previous_end, const std::vector<Buffer>& keys,
                    std::vector<LogPosition>* places = nullptr) {
    SegmentHeader header;
    header.uuid = config.identity.uuid;
    header.shard = static_cast<uint16_t>(config.identity.shard);
    header.shard_count = static_cast<uint16_t>(config.identity.shard_count);
    header.segment = number;
    header.previous_end = previous_end;
    Buffer raw(kSegmentHeaderBytes, '\0');
    EncodeSegmentHeader(header, raw.data());
    for (const Buffer& key : keys) {
      const LogPosition at = MakePosition(number, static_cast<uint32_t>(raw.size()));
      if (places != nullptr) places->push_back(at);
      raw += RecordAt(at, LogRecord{RecordKind::kPut, 0, 1, 0, key, "value"});
    }
    scratch.Write(SegmentName(number), raw);
  }
  Buffer RecordAt(LogPosition at, const LogRecord& record) const {
    Buffer raw(RecordBytes(record.key.size(), record.value.size()), '\0');
    EncodeRecord(record, LogSalt(config.identity.uuid.data(), config.identity.shard), at, raw.data());
    return raw;
  }
  Buffer Segment(uint32_t number) const { return scratch.Read(SegmentName(number)); }
  void Overwrite(LogPosition at, Bytes bytes) const {
    Buffer raw = Segment(SegmentOf(at));
    if (raw.size() < OffsetOf(at) + bytes.size()) raw.resize(OffsetOf(at) + bytes.size());
    raw.replace(OffsetOf(at), bytes.size(), bytes);
    scratch.Write(SegmentName(SegmentOf(at)), raw);
  }
  size_t FileCount() const {
    size_t n = 0;
    for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
      n += entry.is_regular_file();
    return n;
  }

  ScratchDir scratch;
  std::unique_ptr<FileCache> files;
  ShardLog::Config config;
  std::unique_ptr<ShardLog> log;
};

}   // namespace shale
