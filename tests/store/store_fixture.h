// A whole disk tier in a directory of its own, used by one thread (so no stripes), with a clock that stands
// still; copies of its directory taken while it is open, as a crash would leave it; and damage done to logs
// by position.
#pragma once

#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/assert_code.h"   // last, with test.h: cmocka has a macro named fail
#include "store/log_record.h"
#include "store/scratch_dir.h"
#include "store/segment.h"
#include "store/store.h"
#include "test.h"

namespace shale {

inline constexpr char kBoot[] = "00000000-0000-0000-0000-00000000b001";
inline constexpr char kNextBoot[] = "00000000-0000-0000-0000-00000000b002";
inline constexpr size_t kInlineMax = 64;   // of the stores below

struct StoredRow {
  Buffer value;
  int64_t deadline_ms = 0;
  bool operator==(const StoredRow&) const = default;
};
using Rows = std::map<Buffer, StoredRow>;

// Set for the length of its life; `decide` may be called by several threads at a time.
class StoreHook : public FileFaultHook {
 public:
  explicit StoreHook(std::function<int(FileOp, const std::string&)> decide) : decide_(std::move(decide)) {
    SetFileFaultHookForTest(this);
  }
  ~StoreHook() override { SetFileFaultHookForTest(nullptr); }
  int Before(FileOp op, const char* name) override { return decide_(op, name); }

 private:
  const std::function<int(FileOp, const std::string&)> decide_;
};

// Of all files below a directory but LOCK: what a refused open must not change.
inline std::map<std::string, Buffer> FilesBelow(const std::string& path) {
  std::map<std::string, Buffer> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    const std::string name = std::filesystem::relative(entry.path(), path);
    if (name == "LOCK") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[name] = entry.is_directory() ? Buffer("directory") : Buffer(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

// A record's place in a shard, as a test remembers it.
struct RecordPlace {
  int shard = 0;
  LogPosition at = 0;
  LogPosition next = 0;
  int64_t version = 0;
  uint64_t batch_id = 0;
};

struct StoreHome {
  StoreHome() {
    SetBootIdForTest(kBoot);
    config.path = scratch / "store";
    config.pending_bytes_max = size_t{16} << 20;
    config.inline_max = kInlineMax;
    config.segment_bytes = size_t{1} << 20;
    config.write_buffer_bytes = size_t{64} << 10;
    config.block_cache_bytes = size_t{1} << 20;
    config.clock = &clock;
  }
  ~StoreHome() {
    SetFileFaultHookForTest(nullptr);
    store.reset();
    SetBootIdForTest(nullptr);
  }

  Status TryOpen() {
    store.reset();
    return Store::Open(config, &store);
  }
  void Open() { ASSERT_OK(TryOpen()); }
  void Close() {
    ASSERT_OK(store->Close());
    store.reset();
  }
  // Goes on in a copy of the directory as it is now; the store that was open is closed, and no longer of
  // interest.
  void CrashAndCopy() {
    const std::string copy = scratch / ("copy" + std::to_string(++copies));
    std::filesystem::copy(config.path, copy, std::filesystem::copy_options::recursive);
    if (store != nullptr) (void)store->Close();
    store.reset();
    std::filesystem::remove_all(config.path);
    config.path = copy;
  }

  // The i-th key of a shard.
  Buffer KeyIn(int shard, int i = 0) const {
    for (int n = 0;; n++) {
      const Buffer key = "k" + std::to_string(n);
      if (DiskShardOf(Ref(key).hash) == shard && i-- == 0) return key;
    }
  }
  KeyRef Ref(Bytes key) const { return KeyRef{key, HashKey(store->secret(), key)}; }

  DiskWrite MakePut(Bytes key, Bytes value, int64_t deadline_ms = 0) const {
    DiskWrite write;
    write.key = Ref(key);
    write.value = value;
    write.deadline_ms = deadline_ms;
    return write;
  }
  Status TryWrite(DiskWrite write, RecordPlace* place) {
    DurablePoint point;
    const int shard = DiskShardOf(write.key.hash);
    store->WaitForRoom(shard);
    SHALE_RETURN_IF_NOT_OK(store->Append(&write, &point));
    store->Publish(write);
    *place = RecordPlace{shard, write.place, point.position, write.version, 0};
    return Status::Ok();
  }
  RecordPlace Put(Bytes key, Bytes value, int64_t deadline_ms = 0) {
    RecordPlace place;
    ASSERT_OK(TryWrite(MakePut(key, value, deadline_ms), &place));
    model[Buffer(key)] = StoredRow{Buffer(value), deadline_ms};
    return place;
  }
  RecordPlace Delete(Bytes key) {
    DiskWrite write = MakePut(key, "");
    write.kind = DiskWrite::Kind::kDelete;
    RecordPlace place;
    ASSERT_OK(TryWrite(write, &place));
    model.erase(Buffer(key));
    return place;
  }
  RecordPlace Touch(Bytes key, int64_t deadline_ms) {
    DiskWrite write = MakePut(key, "", deadline_ms);
    write.kind = DiskWrite::Kind::kTouch;
    RecordPlace place;
    ASSERT_OK(TryWrite(write, &place));
    model[Buffer(key)].deadline_ms = deadline_ms;
    return place;
  }
  // One put per key, the same value. `at` of a place is that of the record, not of the frame.
  Status TryBatch(const std::vector<Buffer>& keys, Bytes value, std::vector<RecordPlace>* places = nullptr,
                  DurablePoint* point_out = nullptr) {
    std::vector<DiskWrite> writes;
    for (const Buffer& key : keys) writes.push_back(MakePut(key, value));
    DurablePoint point;
    SHALE_RETURN_IF_NOT_OK(store->AppendBatch(writes.data(), writes.size(), &point));
    for (const DiskWrite& w : writes) {
      store->Publish(w);
      model[Buffer(w.key.key)] = StoredRow{Buffer(value), 0};
      const LogPosition next = w.place + RecordBytes(w.key.key.size(), value.size());
      if (places != nullptr)
        places->push_back(RecordPlace{DiskShardOf(w.key.hash), w.place, next, w.version, w.batch_id});
    }
    if (point_out != nullptr) *point_out = point;
    return Status::Ok();
  }
  std::vector<RecordPlace> Batch(const std::vector<Buffer>& keys, Bytes value) {
    std::vector<RecordPlace> places;
    ASSERT_OK(TryBatch(keys, value, &places));
    return places;
  }
  Status Sync(const RecordPlace& place) { return store->MakeDurable(DurablePoint{place.shard, place.next}); }

  // "value" or the status's name.
  std::string Get(Bytes key, DiskRead* read = nullptr) {
    DiskRead own;
    DiskRead* out = read != nullptr ? read : &own;
    const Status s = store->Read(Ref(key), true, out);
    return s.ok() ? Buffer(out->value) : s.ToString();
  }
  Rows Contents(const CursorBounds& bounds = CursorBounds()) {
    Buffer storage;
    std::unique_ptr<DiskCursor> cursor;
    ASSERT_OK(store->NewCursor(bounds, &cursor));
    Rows rows;
    while (true) {
      Bytes key, value;
      int64_t deadline_ms = 0;
      const Status s = cursor->Next(&key, &storage, &value, &deadline_ms);
      if (s.Is(Code::END)) return rows;
      ASSERT_OK(s);
      rows[Buffer(key)] = StoredRow{Buffer(value), deadline_ms};
    }
  }
  // By cursor and by key, with what was read before the cursor's drain.
  void AssertIs(const Rows& wanted) {
    for (const auto& [key, row] : wanted) {
      DiskRead read;
      ASSERT_STR(Get(key, &read), row.value);
      assert_int_equal(read.deadline_ms, row.deadline_ms);
    }
    assert_true(Contents() == wanted);
  }

  std::string SegmentPath(int shard, LogPosition at) const {
    return config.path + "/" + StoreShard::DirectoryName(shard) + "/" + SegmentName(SegmentOf(at));
  }
  // In the directory of a store that is closed: bytes [from, to) become zeros, or other bytes.
  void Zero(int shard, LogPosition from, LogPosition to) const {
    Overwrite(shard, from, Buffer(to - from, '\0'));
  }
  void Overwrite(int shard, LogPosition at, Bytes bytes) const {
    std::fstream file(SegmentPath(shard, at), std::ios::binary | std::ios::in | std::ios::out);
    assert_true(file.good());
    file.seekp(OffsetOf(at));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    assert_true(file.good());
  }
  // Opening is refused with this code, the message says `where`, and no byte is changed.
  void AssertRefused(Code code, const std::string& where) {
    const auto before = FilesBelow(config.path);
    const Status s = TryOpen();
    AssertCode(s, code);
    if (std::string(s.message()).find(where) == std::string::npos)
      fail_msg("%s does not name %s", s.message(), where.c_str());
    assert_true(FilesBelow(config.path) == before);
  }

  ScratchDir scratch;
  FakeClock clock;
  Store::Config config;
  std::unique_ptr<Store> store;
  Rows model;
  int copies = 0;
};

}   // namespace shale
