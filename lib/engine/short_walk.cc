// A short walk over keys that are known (key_runs.h): each is read as a get would read it, from memory if it
// is there. The rows count as read at one instant, that at which the last of them had been read, if
//  - the runs are still in place: no key came to the range;
//  - no batch that changes a shard of theirs was under way meanwhile: none was seen in part;
//  - every key whose shard has changed at all still has the version that was read. Versions do not come back.
// Else, or if more than a few keys turn out to be gone, a cursor over all shards does the walk.
#include "engine/engine.h"
#include "engine/keys_ahead.h"
#include "engine/row_block.h"

namespace shale {

namespace {
constexpr int kTries = 3;
constexpr uint32_t kSkipped = 64;   // walks that do not try, after one that was disturbed to its end
constexpr size_t kGoneMost = 16;    // of the keys of a walk, and as many as it has rows
constexpr size_t kShortBytesMost = size_t{4} << 20;   // of values; a cursor hands out more one by one
}   // namespace

ShortEnd Engine::ReadShort(const ScanRequest& request, RowBlock* out) {
  const size_t wanted = request.limit < 0 ? kShortRowsMost : static_cast<size_t>(request.limit);
  // With a time to idle a read would keep its key, and a walk is no use of a key.
  if (wanted > kShortRowsMost || options_.idle_ms > 0) return ShortEnd::kNot;
  const uint32_t skips = short_skips_.load(std::memory_order_relaxed);   // near enough
  if (skips > 0) {
    short_skips_.store(skips - 1, std::memory_order_relaxed);
    key_runs_.NoteDisturbed();
    return ShortEnd::kNot;
  }
  size_t keys_min = wanted;
  for (int tries = 0; tries < kTries; tries++) {
    out->Clear();
    const CursorBounds& bounds = request.bounds;
    const size_t keys_max = keys_min + keys_min / 8 + kGoneMost;
    if (!key_runs_.Find(bounds.from, bounds.to, bounds.reverse, keys_min, keys_max, &out->look))
      return ShortEnd::kUnknown;
    const uint32_t rows_most = short_rows_most_.load(std::memory_order_relaxed);
    if (std::min(wanted, out->look.keys.size()) > rows_most) return ShortEnd::kNot;
    if (request.limit < 0 && !out->look.ended) return ShortEnd::kNot;
    ShortRead read{out, request.limit < 0 ? SIZE_MAX : wanted};
    const ShortEnd end = ReadRows(bounds.keys_only, &read);
    if (end == ShortEnd::kTooLarge)
      short_rows_most_.store(static_cast<uint32_t>(out->rows.size()), std::memory_order_relaxed);
    if (end == ShortEnd::kUnknown) key_runs_.Drop(out->look);
    if (end == ShortEnd::kMoreKeys) keys_min = out->look.keys.size() + kGoneMost;
    if (end == ShortEnd::kMoreKeys) continue;
    if (end != ShortEnd::kDone) return end;
    if (!WasOneInstant(read)) continue;
    key_runs_.NoteUse();
    if (rows_most < kShortRowsMost) short_rows_most_.fetch_add(1, std::memory_order_relaxed);
    return ShortEnd::kDone;
  }
  short_skips_.store(kSkipped, std::memory_order_relaxed);
  key_runs_.NoteDisturbed();
  return ShortEnd::kNot;
}

// Rows with a deadline may be over before they are handed out, and then others must take their place: so they
// do not count.
ShortEnd Engine::ReadRows(bool keys_only, ShortRead* read) {
  for (size_t s = 0; s < kDiskShards; s++) read->before[s] = stripes_[s].mark.Look();
  RowBlock* const out = read->out;
  const std::vector<Bytes>& named = out->look.keys;
  KeysAhead keys(this, named);
  size_t gone = 0, lasting = 0, value_bytes = 0;
  for (size_t i = 0; i < named.size() && lasting < read->rows_max; i++) {
    const KeyRef& key = keys.Next();
    const uint64_t shard = uint64_t{1} << DiskShardOf(key.hash);
    read->shards |= shard;
    ReadRequest request;
    request.mode = keys_only ? ReadMode::kMeta : ReadMode::kCopyOrPin;
    request.buf = out->Room(1, &request.cap);
    ReadResult found;
    const Status s = ReadUntimed(key, request, &found);
    if (s.Is(Code::NOT_FOUND)) {
      read->shards_of_gone |= shard;
      if (++gone > kGoneMost + out->rows.size()) return ShortEnd::kUnknown;
      continue;
    }
    if (!s.ok()) return ShortEnd::kNot;   // the cursor says what is wrong
    RowBlock::Row row{KeyRef{named[i], key.hash}, Bytes(), found.version, found.deadline_ms};
    if (!keys_only) row.value = found.copied ? out->Use(found.value_len) : out->Copy(found.pin.bytes());
    value_bytes += row.value.size();
    if (value_bytes > kShortBytesMost) return ShortEnd::kTooLarge;
    out->rows.push_back(row);
    lasting += row.deadline_ms == kNoDeadline;
  }
  return lasting >= read->rows_max || out->look.ended ? ShortEnd::kDone : ShortEnd::kMoreKeys;
}

bool Engine::WasOneInstant(const ShortRead& read) {
  uint64_t changed = 0;
  for (size_t s = 0; s < kDiskShards; s++)
    changed |= static_cast<uint64_t>(stripes_[s].mark.ChangedSince(read.before[s])) << s;
  changed &= read.shards;
  if ((changed & read.shards_of_gone) != 0) return false;   // came and went, for all we know
  for (const RowBlock::Row& row : read.out->rows) {
    if ((changed >> DiskShardOf(row.key.hash) & 1) == 0) continue;
    ReadRequest request;
    request.mode = ReadMode::kMeta;
    ReadResult found;
    if (!ReadUntimed(row.key, request, &found).ok() || found.version != row.version) return false;
  }
  for (size_t s = 0; s < kDiskShards; s++) {
    if ((read.shards >> s & 1) != 0 && stripes_[s].mark.BatchSince(read.before[s])) return false;
  }
  return key_runs_.InPlace(read.out->look);
}

}   // namespace shale
