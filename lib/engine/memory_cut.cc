#include "engine/memory_cut.h"

#include <algorithm>

namespace shale {

namespace {

// Rows [at, end), or backwards.
class CutCursor : public DiskCursor {
 public:
  CutCursor(const std::vector<MemoryCut::Row>* rows, size_t at, size_t end, const CursorBounds& bounds)
      : rows_(rows), at_(at), end_(end), reverse_(bounds.reverse), keys_only_(bounds.keys_only) {}
  Status Next(Bytes* key, Buffer* storage, Bytes* value, int64_t* deadline_ms) override {
    if (at_ >= end_) return Code::END;
    const MemoryCut::Row& row = (*rows_)[reverse_ ? --end_ : at_++];
    *key = row.key;
    *deadline_ms = row.deadline_ms;
    *value = Bytes();
    value_len_ = static_cast<uint32_t>(row.value.size());
    if (keys_only_) return Status::Ok();
    storage->assign(row.value);   // outlives the cut, as the other cursors' values do
    *value = *storage;
    return Status::Ok();
  }
  void SkipValues() override { keys_only_ = true; }
  uint32_t value_len() const override { return value_len_; }

 private:
  const std::vector<MemoryCut::Row>* const rows_;
  size_t at_, end_;
  const bool reverse_;
  bool keys_only_;
  uint32_t value_len_ = 0;
};

}   // namespace

MemoryCut::MemoryCut(std::vector<Row> rows) : rows_(std::move(rows)) {
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
}

size_t MemoryCut::FirstFrom(Bytes key) const {
  const auto found = std::lower_bound(rows_.begin(), rows_.end(), key,
                                      [](const Row& row, Bytes wanted) { return row.key < wanted; });
  return static_cast<size_t>(found - rows_.begin());
}

Status MemoryCut::Read(const KeyRef& key, DiskRead* out) {
  const size_t at = FirstFrom(key.key);
  if (at == rows_.size() || rows_[at].key != key.key) return Code::NOT_FOUND;
  out->version = rows_[at].version;
  out->deadline_ms = rows_[at].deadline_ms;
  out->value_len = static_cast<uint32_t>(rows_[at].value.size());
  out->value = rows_[at].value;
  return Status::Ok();
}

Status MemoryCut::NewCursor(const CursorBounds& bounds, std::unique_ptr<DiskCursor>* out) {
  const size_t end = bounds.to.empty() ? rows_.size() : FirstFrom(bounds.to);
  *out = std::make_unique<CutCursor>(&rows_, FirstFrom(bounds.from), end, bounds);
  return Status::Ok();
}

}   // namespace shale
