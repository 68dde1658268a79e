// Snapshots against the map as it was when they were taken.
#include <algorithm>

#include "model/workload.h"

namespace shale_test {

namespace {
constexpr size_t kSnapshotsMax = 3;
}

void Workload::TakeSnapshot() {
  if (snapshots_.size() == kSnapshotsMax) DropSnapshot(dice_.Below(kSnapshotsMax));
  HeldSnapshot held;
  Expect(SHALE_OK, shale_snapshot_new(db_, &held.snapshot, 0, &err_), "snapshot_new", "");
  held.rows = std::make_shared<std::vector<Model::Row>>(
      model_.Range(config_.prefix, AfterPrefix(config_.prefix), now()));
  snapshots_.push_back(std::move(held));
  snapshots_taken_++;
}

void Workload::DropSnapshot(size_t index) {
  shale_snapshot_free(snapshots_[index].snapshot);
  snapshots_.erase(snapshots_.begin() + static_cast<std::ptrdiff_t>(index));
}

const Model::Row* Workload::RowAt(const HeldSnapshot& held, const Key& key) {
  const auto found =
      std::lower_bound(held.rows->begin(), held.rows->end(), key,
                       [](const Model::Row& row, const Key& wanted) { return row.key < wanted; });
  if (found == held.rows->end() || found->key != key) return nullptr;
  return found->deadline_ms == 0 || found->deadline_ms > now() ? &*found : nullptr;
}

void Workload::SnapshotGet(const HeldSnapshot& held) {
  const Key& key = PickKey();
  const Model::Row* row = RowAt(held, key);
  size_t size = 0;
  if (dice_.OneIn(2)) {
    void* value = nullptr;
    const shale_status status =
        shale_snapshot_get(held.snapshot, key.data(), key.size(), &value, &size, nullptr, 0, &err_);
    Expect(row != nullptr ? SHALE_OK : SHALE_NOT_FOUND, status, "snapshot_get", key);
    if (row != nullptr) ExpectBytes(row->value, value, size, "snapshot_get", key);
    shale_mem_free(value);
    return;
  }
  const shale_status status = shale_snapshot_get_into(held.snapshot, key.data(), key.size(), buffer_.data(),
                                                      buffer_.size(), &size, nullptr, 0, &err_);
  Expect(row != nullptr ? SHALE_OK : SHALE_NOT_FOUND, status, "snapshot_get_into", key);
  if (row != nullptr) ExpectBytes(row->value, buffer_.data(), size, "snapshot_get_into", key);
}

void Workload::SnapshotMultiGet(const HeldSnapshot& held) {
  const Key keys[] = {PickKey(), PickKey(), PickKey()};
  const shale_slice slices[] = {
      {keys[0].data(), keys[0].size()}, {keys[1].data(), keys[1].size()}, {keys[2].data(), keys[2].size()}};
  shale_results* results = nullptr;
  Expect(SHALE_OK, shale_snapshot_multi_get(held.snapshot, slices, 3, &results, 0, &err_),
         "snapshot_multi_get", keys[0]);
  for (size_t i = 0; i < 3; i++) {
    const Model::Row* row = RowAt(held, keys[i]);
    const void* value = nullptr;
    size_t size = 0;
    const shale_status status = shale_results_at(results, i, &value, &size, nullptr);
    Expect(row != nullptr ? SHALE_OK : SHALE_NOT_FOUND, status, "snapshot_multi_get", keys[i]);
    if (row != nullptr) ExpectBytes(row->value, value, size, "snapshot_multi_get", keys[i]);
  }
  shale_results_free(results);
}

// A walk that is finished at once: other verbs use the same snapshot in between only through other walks.
void Workload::SnapshotScan(const HeldSnapshot& held) {
  Scan scan;
  scan.at_snapshot = true;
  scan.reverse = dice_.OneIn(3);
  scan.keys_only = dice_.OneIn(4);
  scan.limit = dice_.OneIn(2) ? static_cast<int64_t>(dice_.Between(1, 200)) : 0;
  const Key& one = PickKey();
  const Key& other = PickKey();
  scan.from = std::min(one, other);
  scan.to = std::max(one, other);
  const uint32_t flags = (scan.reverse ? SHALE_REVERSE : 0) | (scan.keys_only ? SHALE_KEYS_ONLY : 0);
  Expect(SHALE_OK,
         shale_snapshot_iter(held.snapshot, scan.from.data(), scan.from.size(), scan.to.data(),
                             scan.to.size(), scan.limit, &scan.iter, flags, &err_),
         "snapshot_iter", scan.from);
  for (const Model::Row& row : *held.rows) {
    if (row.key >= scan.from && row.key < scan.to) scan.rows.push_back(row);
  }
  if (scan.reverse) std::reverse(scan.rows.begin(), scan.rows.end());
  if (scans_.size() < 4 && dice_.OneIn(2)) {
    scans_.push_back(std::move(scan));   // goes on later, beside other walks, and may outlive the snapshot
    return;
  }
  RunScanToEnd(&scan);
  shale_iter_free(scan.iter);
}

void Workload::UseSnapshot() {
  if (snapshots_.empty() || dice_.OneIn(200)) return TakeSnapshot();
  const HeldSnapshot& held = snapshots_[dice_.Below(snapshots_.size())];
  if (dice_.OneIn(20)) return SnapshotScan(held);
  if (dice_.OneIn(5)) return SnapshotMultiGet(held);
  for (int i = 0; i < 4; i++) SnapshotGet(held);
}

// The database was closed.
void Workload::SnapshotsClosed() {
  for (const HeldSnapshot& held : snapshots_) {
    size_t size = 0;
    const shale_status status = shale_snapshot_get_into(held.snapshot, "k", 1, buffer_.data(), buffer_.size(),
                                                        &size, nullptr, 0, &err_);
    Expect(SHALE_E_CLOSED, status, "snapshot_get_into after close", "");
  }
  while (!snapshots_.empty()) DropSnapshot(snapshots_.size() - 1);
}

}   // namespace shale_test
