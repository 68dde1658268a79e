#include "store/deleted_ranges.h"

#include <algorithm>

#include "base/check.h"
#include "store/index_row.h"

namespace shale {

KeyRange DeletedRange::keys() const {
  KeyRange range;
  SHALE_CHECK(DecodeRange(raw, &range));   // checked when it came
  return range;
}

bool DeletedRange::Hides(Bytes key, int64_t version) const {
  return version < sequence && keys().Has(key);
}

bool RangeView::Hides(Bytes key, Bytes row) const {
  IndexRow decoded;
  if (!DecodeIndexRow(row, &decoded)) return false;
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const DeletedRange& range) { return range.Hides(key, decoded.version); });
}

std::shared_ptr<const RangeView> DeletedRanges::Locked() const {
  MutexLock lock(&mu_);
  return view_;
}

void DeletedRanges::Set(std::vector<DeletedRange> ranges) {
  const size_t count = ranges.size();
  view_ = count == 0 ? nullptr : std::make_shared<const RangeView>(std::move(ranges));
  count_.store(count, std::memory_order_release);   // pairs with the acquire in View
}

void DeletedRanges::Add(DeletedRange range) {
  MutexLock lock(&mu_);
  std::vector<DeletedRange> ranges = view_ != nullptr ? view_->ranges() : std::vector<DeletedRange>();
  ranges.push_back(std::move(range));
  Set(std::move(ranges));
}

void DeletedRanges::NoteInIndex(LogPosition before) {
  MutexLock lock(&mu_);
  if (view_ == nullptr) return;
  std::vector<DeletedRange> ranges = view_->ranges();
  for (DeletedRange& range : ranges) {
    if (range.position < before) range.position = 0;
  }
  Set(std::move(ranges));
}

void DeletedRanges::Remove(int64_t sequence) {
  MutexLock lock(&mu_);
  if (view_ == nullptr) return;
  std::vector<DeletedRange> ranges = view_->ranges();
  std::erase_if(ranges, [&](const DeletedRange& range) { return range.sequence == sequence; });
  Set(std::move(ranges));
}

}   // namespace shale
