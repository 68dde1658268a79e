#include "model/workload.h"

#include <algorithm>

namespace shale_test {

namespace {
constexpr size_t kScansMax = 4;
constexpr size_t kRowBytesMax = 8 + SHALE_KEY_BYTES_MAX + (64 << 10);
}   // namespace

void Workload::NewScan() {
  if (scans_.size() == kScansMax) FreeScan(dice_.Below(kScansMax));
  Scan scan;
  scan.reverse = dice_.OneIn(3);
  scan.keys_only = dice_.OneIn(4);
  scan.limit = dice_.OneIn(3) ? static_cast<int64_t>(dice_.Between(1, 60)) : 0;
  const uint32_t flags = (scan.reverse ? SHALE_REVERSE : 0) | (scan.keys_only ? SHALE_KEYS_ONLY : 0);
  shale_status status;
  if (dice_.OneIn(3)) {
    std::string prefix = PickKey();
    prefix.resize(std::min(prefix.size(), config_.prefix.size() + dice_.Below(4)));
    scan.from = prefix;
    scan.to = AfterPrefix(prefix);
    status = shale_iter_prefix(db_, prefix.data(), prefix.size(), scan.limit, &scan.iter, flags, &err_);
  } else {
    // Mostly a short range, so that most of the time is not spent in a few great scans.
    const Key& one = PickKey();
    const Key& other = PickKey();
    scan.from = std::min(one, other);
    scan.to = std::max(one, other);
    if (dice_.OneIn(10)) scan.from = config_.prefix;
    if (dice_.OneIn(10)) scan.to = AfterPrefix(config_.prefix);
    status = shale_iter_new(db_, scan.from.data(), scan.from.size(), scan.to.data(), scan.to.size(),
                            scan.limit, &scan.iter, flags, &err_);
  }
  Expect(SHALE_OK, status, "iter_new", scan.from);
  CollectRows(&scan);
  scans_.push_back(std::move(scan));
  // Of a memory-only store the header leaves open whether a limit or KEYS_ONLY counts keys that are gone by
  // then: such a scan is finished before anything changes.
  if (config_.memory_only && (scans_.back().keys_only || scans_.back().limit != 0)) {
    RunScanToEnd(&scans_.back());
    FreeScan(scans_.size() - 1);
  }
}

// The rows that a scan made now must give, from where it stands.
void Workload::CollectRows(Scan* scan) {
  std::string from = scan->from, to = scan->to;
  if (!scan->last.empty() && !scan->reverse) from = scan->last + '\0';
  if (!scan->last.empty() && scan->reverse) to = scan->last;
  scan->rows = model_.Range(from, to, now());
  if (scan->reverse) std::reverse(scan->rows.begin(), scan->rows.end());
  scan->at = 0;
}

// The next row that must come, or null for the end.
const Model::Row* Workload::ExpectedRow(Scan* scan) {
  if (scan->ended || (scan->limit != 0 && scan->returned == scan->limit)) return nullptr;
  for (; scan->at < scan->rows.size(); scan->at++) {
    Model::Row& row = scan->rows[scan->at];
    if (config_.memory_only && !scan->at_snapshot) {
      const Entry* entry = model_.Find(row.key, now());
      if (entry == nullptr) continue;
      row.value = entry->value;
      return &row;
    }
    if (row.deadline_ms == 0 || row.deadline_ms > now()) return &row;
  }
  return nullptr;
}

void Workload::CheckRow(Scan* scan, std::string_view key, const void* value, size_t value_len,
                        const char* what) {
  const Model::Row* row = ExpectedRow(scan);
  if (row == nullptr) Differ(what, key, "a row after the last one");
  if (row->key != key) Differ(what, key, "the row of \"" + Show(row->key) + "\" was due");
  if (scan->keys_only && (value != nullptr || value_len != 0)) Differ(what, key, "a value in a scan of keys");
  if (!scan->keys_only) ExpectBytes(row->value, value, value_len, what, key);
  scan->last = row->key;
  scan->at++;
  scan->returned++;
  rows_seen_++;
}

void Workload::ScanNext(Scan* scan) {
  const void* key = nullptr;
  const void* value = nullptr;
  size_t key_len = 0, value_len = 0;
  const shale_status status = shale_iter_next(scan->iter, &key, &key_len, &value, &value_len, &err_);
  const Model::Row* row = ExpectedRow(scan);
  Expect(row != nullptr ? SHALE_OK : SHALE_END, status, "iter_next", row != nullptr ? row->key : "");
  if (row == nullptr)
    scan->ended = true;
  else
    CheckRow(scan, {static_cast<const char*>(key), key_len}, value, value_len, "iter_next");
}

// Checks one row at offset; returns the offset after it.
size_t Workload::CheckPackedRow(Scan* scan, const char* buffer, size_t used, size_t offset) {
  if (offset + 4 > used) Differ("iter_next_packed", "", "a row is cut short");
  const size_t key_len = LoadU32(buffer + offset);
  const char* key = buffer + offset + 4;
  offset += 4 + key_len;
  size_t value_len = 0;
  if (!scan->keys_only) {
    if (offset + 4 > used) Differ("iter_next_packed", "", "a row is cut short");
    value_len = LoadU32(buffer + offset);
    offset += 4 + value_len;
  }
  if (offset > used) Differ("iter_next_packed", "", "a row reaches past the used bytes");
  CheckRow(scan, {key, key_len}, scan->keys_only ? nullptr : buffer + offset - value_len, value_len,
           "iter_next_packed");
  return offset;
}

void Workload::ScanNextPacked(Scan* scan) {
  const size_t cap = dice_.OneIn(3) ? dice_.Below(2000) : kRowBytesMax;
  size_t used = 0, rows = 0;
  const shale_status status = shale_iter_next_packed(scan->iter, buffer_.data(), cap, &used, &rows, &err_);
  const auto row_bytes = [scan](const Model::Row* row) {
    return 4 + row->key.size() + (scan->keys_only ? 0 : 4 + row->value->size());
  };
  const Model::Row* row = ExpectedRow(scan);
  if (row == nullptr) {
    Expect(SHALE_END, status, "iter_next_packed", "");
    if (rows != 0) Differ("iter_next_packed", "", "rows at the end");
    scan->ended = true;
    return;
  }
  if (row_bytes(row) > cap) {
    Expect(SHALE_TOO_SMALL, status, "iter_next_packed", row->key);
    if (used != row_bytes(row))
      Differ("iter_next_packed", row->key, "another needed size: " + std::to_string(used));
    return;
  }
  Expect(SHALE_OK, status, "iter_next_packed", row->key);
  size_t offset = 0;
  for (size_t i = 0; i < rows; i++) offset = CheckPackedRow(scan, buffer_.data(), used, offset);
  if (rows == 0 || offset != used || used > cap)
    Differ("iter_next_packed", "", "rows and used bytes do not fit");
  row = ExpectedRow(scan);
  if (row != nullptr && used + row_bytes(row) <= cap)
    Differ("iter_next_packed", row->key, "one more row would fit");
}

// Takes a token, drops the iterator and goes on from the token over the rows of now.
void Workload::ScanResume(Scan* scan) {
  const void* bytes = nullptr;
  size_t size = 0;
  Expect(SHALE_OK, shale_iter_token(scan->iter, &bytes, &size, &err_), "iter_token", scan->last);
  const std::string token(static_cast<const char*>(bytes), size);
  shale_iter_free(scan->iter);
  scan->iter = nullptr;
  Expect(SHALE_OK, shale_iter_resume(db_, token.data(), token.size(), &scan->iter, &err_), "iter_resume",
         scan->last);
  scan->ended = false;
  CollectRows(scan);
}

void Workload::StepScan() {
  if (scans_.empty()) return NewScan();
  const size_t index = dice_.Below(scans_.size());
  Scan* scan = &scans_[index];
  if (scan->ended && dice_.OneIn(2)) return FreeScan(index);
  const uint64_t choice = dice_.Below(20);
  if (choice == 0) return FreeScan(index);
  if (choice == 1 && !scan->at_snapshot) return ScanResume(scan);
  if (choice < 6) return ScanNextPacked(scan);
  const uint64_t rows = dice_.Between(1, 30);
  for (uint64_t i = 0; i < rows; i++) ScanNext(scan);
}

void Workload::RunScanToEnd(Scan* scan) {
  while (!scan->ended) {
    if (dice_.OneIn(4))
      ScanNextPacked(scan);
    else
      ScanNext(scan);
  }
}

void Workload::FreeScan(size_t index) {
  shale_iter_free(scans_[index].iter);
  scans_.erase(scans_.begin() + static_cast<std::ptrdiff_t>(index));
}

}   // namespace shale_test
