#include "engine/key_runs.h"

#include <algorithm>
#include <new>

namespace shale {

namespace {
constexpr size_t kRunOverhead = 256;   // the object, its place in the map, and what the allocator adds

bool IsBefore(Bytes key, Bytes to) {
  return to.empty() || key < to;
}
}   // namespace

KeyRun::KeyRun(Buffer from, Buffer to)
    : from_(std::move(from)),
      to_(std::move(to)),
      prefix_bytes_(static_cast<size_t>(
          std::mismatch(from_.begin(), from_.end(), to_.begin(), to_.end()).first - from_.begin())) {}

size_t KeyRun::LowerBound(Bytes wanted) const {
  if (wanted <= from_) return 0;
  if (!IsBefore(wanted, to_)) return size();
  wanted.remove_prefix(prefix_bytes_);
  size_t low = 0, high = size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (rest(middle) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

bool KeyRun::Names(Bytes wanted) const {
  const size_t i = LowerBound(wanted);
  return i < size() && rest(i) == wanted.substr(prefix_bytes_);
}

size_t KeyRun::memory_bytes() const {
  return kRunOverhead + from_.capacity() + to_.capacity() + bytes_.capacity() +
         ends_.capacity() * sizeof(uint16_t);
}

void KeyRun::Append(Bytes key) {
  bytes_.append(key.substr(prefix_bytes_));
  ends_.push_back(static_cast<uint16_t>(bytes_.size()));
}

void KeyRun::Trim() {
  bytes_.shrink_to_fit();
  ends_.shrink_to_fit();
}

KeyRuns::Map::const_iterator KeyRuns::Covering(Bytes key) const {
  auto at = runs_.upper_bound(key);
  if (at == runs_.begin()) return runs_.end();
  --at;
  return IsBefore(key, at->second->to()) ? at : runs_.end();
}

bool KeyRuns::Find(Bytes from, Bytes to, bool reverse, size_t keys_min, size_t keys_max, Look* out) const {
  out->runs.clear();
  out->keys.clear();
  out->ended = false;
  size_t named = 0;
  if (!active_.load(std::memory_order_relaxed)) return false;
  {
    MutexLock lock(&mu_);
    auto at = runs_.end();
    if (!reverse) {
      at = Covering(from);
    } else if (!runs_.empty()) {   // the one that ends at `to` or behind it
      at = to.empty() ? std::prev(runs_.end()) : runs_.lower_bound(to);
      if (!to.empty()) at = at == runs_.begin() ? runs_.end() : std::prev(at);
      if (at != runs_.end() && !(at->second->to().empty() || (!to.empty() && to <= at->second->to())))
        at = runs_.end();
    }
    while (at != runs_.end()) {
      const Run& run = at->second;
      run->used_.store(true, std::memory_order_relaxed);
      out->runs.push_back(run);
      const size_t first = run->LowerBound(from);
      const size_t behind = to.empty() ? run->size() : run->LowerBound(to);
      named += behind - std::min(first, behind);
      out->ended = reverse ? run->from() <= from : run->to().empty() || (!to.empty() && to <= run->to());
      if (out->ended || named >= keys_max) break;
      if (reverse) {
        const Buffer& begins = run->from();
        at = at == runs_.begin() ? runs_.end() : std::prev(at);
        if (at != runs_.end() && at->second->to() != begins) at = runs_.end();
      } else {
        at = runs_.find(run->to());
      }
    }
    if (at == runs_.end() && (named == 0 || named < keys_min)) return false;
  }
  out->text.clear();
  std::vector<size_t> ends;
  for (const Run& run : out->runs) {
    const size_t first = run->LowerBound(from);
    const size_t behind = to.empty() ? run->size() : run->LowerBound(to);
    for (size_t i = first; i < behind && ends.size() < keys_max; i++) {
      out->text.append(run->prefix()).append(run->rest(reverse ? first + behind - 1 - i : i));
      ends.push_back(out->text.size());
    }
  }
  for (size_t i = 0, begin = 0; i < ends.size(); begin = ends[i++])
    out->keys.push_back(Bytes(out->text).substr(begin, ends[i] - begin));
  out->ended = out->ended && named <= keys_max;
  return true;
}

bool KeyRuns::Covers(Bytes key) const {
  MutexLock lock(&mu_);
  return Covering(key) != runs_.end();
}

bool KeyRuns::InPlace(const Look& look) const {
  MutexLock lock(&mu_);
  for (const Run& run : look.runs) {
    const auto at = runs_.find(run->from());
    if (at == runs_.end() || at->second != run) return false;
  }
  return true;
}

void KeyRuns::Drop(const Look& look) {
  MutexLock lock(&mu_);
  for (const Run& run : look.runs) {
    const auto at = runs_.find(run->from());
    if (at != runs_.end() && at->second == run) Erase(at);
  }
  NoteActive();
}

void KeyRuns::Put(Run run) {
  bytes_.fetch_add(run->memory_bytes(), std::memory_order_relaxed);
  keys_ += run->size();
  const Bytes from = run->from();
  runs_.emplace(from, std::move(run));
}

KeyRuns::Map::const_iterator KeyRuns::Erase(Map::const_iterator at) {
  bytes_.fetch_sub(at->second->memory_bytes(), std::memory_order_relaxed);
  keys_ -= at->second->size();
  return runs_.erase(at);
}

// What somebody learns is lost with them: a key may have come that could not be noted.
void KeyRuns::EraseAll() noexcept {
  runs_.clear();
  bytes_.store(0, std::memory_order_relaxed);
  keys_ = 0;
  LoseJournal();
}

void KeyRuns::LoseJournal() noexcept {
  journal_begin_ += journal_.size() + 1;
  journal_.clear();
  learners_ = 0;
  NoteActive();
}

void KeyRuns::NoteActive() {
  active_.store(!runs_.empty() || learners_ > 0, std::memory_order_relaxed);
}

void KeyRuns::NoteSlowly(Bytes key) noexcept {
  MutexLock lock(&mu_);
  try {
    NoteLocked(key);
  } catch (const std::bad_alloc&) {
    EraseAll();
  }
}

void KeyRuns::NoteLocked(Bytes key) {
  if (learners_ > 0) {
    journal_.emplace_back(key);
    if (journal_.size() > kJournalKeysMost) LoseJournal();
  }
  const auto at = Covering(key);
  if (at == runs_.end() || at->second->Names(key)) return;
  const Run old = at->second;
  const uint32_t noted = old->used_.load(std::memory_order_relaxed) ? 1 : old->noted_ + 1;
  if (noted > kNotedMost) {
    Erase(at);
    NoteActive();
    return;
  }
  std::vector<Buffer> texts;
  for (size_t i = 0; i < old->size(); i++) texts.push_back(old->key(i));
  std::vector<Bytes> keys(texts.begin(), texts.end());
  keys.insert(keys.begin() + static_cast<ptrdiff_t>(old->LowerBound(key)), key);
  Erase(at);
  PutInPieces(old->from(), old->to(), keys, noted);
  MakeRoom();
  NoteActive();
}

void KeyRuns::ForgetSlowly(Bytes key) noexcept {
  MutexLock lock(&mu_);
  try {
    const auto at = Covering(key);
    if (at == runs_.end() || !at->second->Names(key)) return;
    const Run old = at->second;
    auto run = std::make_shared<KeyRun>(old->from(), old->to());
    for (size_t i = 0; i < old->size(); i++) {
      const Buffer other = old->key(i);
      if (other != key) run->Append(other);
    }
    run->Trim();
    run->noted_ = old->noted_;
    run->used_.store(old->used_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    Erase(at);
    Put(std::move(run));
  } catch (const std::bad_alloc&) {
    EraseAll();
  }
}

uint64_t KeyRuns::BeginLearning() {
  MutexLock lock(&mu_);
  learners_++;
  NoteActive();
  return journal_begin_ + journal_.size();
}

void KeyRuns::EndLearning() {
  if (--learners_ == 0) {
    journal_begin_ += journal_.size();
    journal_.clear();
  }
  NoteActive();
}

void KeyRuns::GiveUp(uint64_t ticket) {
  MutexLock lock(&mu_);
  if (ticket >= journal_begin_) EndLearning();
}

size_t KeyRuns::KeysAhead() noexcept {
  // Few at first: who walks once has no use for it.
  const uint64_t walks = walks_.fetch_add(1, std::memory_order_relaxed);
  const int64_t credit = std::max<int64_t>(credit_.load(std::memory_order_relaxed), 0);
  return std::min({kKeysAheadMost, static_cast<size_t>(walks) * 64, static_cast<size_t>(credit)});
}

void KeyRuns::NoteUse() noexcept {
  uses_.fetch_add(1, std::memory_order_relaxed);
  constexpr int64_t kEarned = 256;
  if (credit_.load(std::memory_order_relaxed) < static_cast<int64_t>(bytes_max() / kKeyBytesUsual))
    credit_.fetch_add(kEarned, std::memory_order_relaxed);
}

// The keys that came since the cut, among those of the cut.
void KeyRuns::TakeNoted(uint64_t ticket, Bytes from, Bytes to, std::vector<Buffer>* keys) {
  const size_t of_cut = keys->size();
  for (size_t i = static_cast<size_t>(ticket - journal_begin_); i < journal_.size(); i++) {
    const Buffer& key = journal_[i];
    if (key >= from && IsBefore(key, to)) keys->push_back(key);
  }
  if (keys->size() == of_cut) return;
  std::sort(keys->begin(), keys->end());
  keys->erase(std::unique(keys->begin(), keys->end()), keys->end());
}

bool KeyRuns::Learn(uint64_t ticket, Bytes from, Bytes to, std::vector<Buffer> keys) {
  MutexLock lock(&mu_);
  const bool complete = ticket >= journal_begin_;
  if (complete) {
    try {
      TakeNoted(ticket, from, to, &keys);
      // What is covered already stays as it is: it may know of more.
      Buffer at(from);
      while (IsBefore(at, to)) {
        const auto covering = Covering(at);
        if (covering == runs_.end()) {
          const auto next = runs_.lower_bound(at);
          Buffer gap_end(to);
          if (next != runs_.end() && IsBefore(next->first, to)) gap_end = next->first;
          FillGap(at, gap_end, keys);
          at = std::move(gap_end);
        } else {
          at = covering->second->to();
        }
        if (at.empty()) break;
      }
      MakeRoom();
      learned_.fetch_add(1, std::memory_order_relaxed);
    } catch (const std::bad_alloc&) {
      EraseAll();
      return false;
    }
    EndLearning();
  }
  return complete;
}

// The run before the gap goes along if it is short, so that small pieces grow together.
void KeyRuns::FillGap(Bytes from, Bytes to, const std::vector<Buffer>& keys) {
  const auto first = std::lower_bound(keys.begin(), keys.end(), from);
  const auto behind = to.empty() ? keys.end() : std::lower_bound(first, keys.end(), to);
  const auto at = runs_.lower_bound(from);
  const Run before = at == runs_.begin() ? nullptr : std::prev(at)->second;
  const bool joins = before != nullptr && !from.empty() && before->to() == from &&
                     before->size() + static_cast<size_t>(behind - first) <= KeyRun::kKeysMost;
  std::vector<Buffer> texts;
  for (size_t i = 0; joins && i < before->size(); i++) texts.push_back(before->key(i));
  std::vector<Bytes> all(texts.begin(), texts.end());
  all.insert(all.end(), first, behind);
  const Buffer begin(joins ? Bytes(before->from()) : from);
  if (joins) Erase(runs_.find(begin));
  PutInPieces(begin, to, all, 0);
}

void KeyRuns::PutInPieces(Bytes from, Bytes to, const std::vector<Bytes>& keys, uint32_t noted) {
  const size_t pieces = keys.size() / KeyRun::kKeysMost + 1;
  const size_t keys_each = keys.size() / pieces + 1;
  Buffer begin(from);
  for (size_t next = 0; next < keys.size() || next == 0;) {
    // The end decides what all keys share: as long as room is not short it is that of the keys themselves.
    size_t bytes = 0, stop = next;
    while (stop < keys.size() && stop - next < keys_each && bytes + keys[stop].size() <= KeyRun::kBytesMost)
      bytes += keys[stop++].size();
    auto run = std::make_shared<KeyRun>(begin, stop == keys.size() ? Buffer(to) : Buffer(keys[stop]));
    for (size_t i = next; i < stop; i++) run->Append(keys[i]);
    run->Trim();
    run->noted_ = noted;
    run->used_.store(noted == 0, std::memory_order_relaxed);
    begin = run->to();
    Put(std::move(run));
    if (stop == keys.size()) return;
    next = stop;
  }
}

// The hand goes round: what was used since it came by stays.
void KeyRuns::MakeRoom() {
  Map::const_iterator at = runs_.lower_bound(hand_);
  while (bytes() > bytes_max() && !runs_.empty()) {
    if (at == runs_.end()) at = runs_.begin();
    const bool used = at->second->used_.exchange(false, std::memory_order_relaxed);
    at = used ? std::next(at) : Erase(at);
  }
  hand_ = at == runs_.end() ? Buffer() : Buffer(at->first);
}

void KeyRuns::KeepTo(size_t bytes_max) {
  MutexLock lock(&mu_);
  bytes_max_.store(bytes_max, std::memory_order_relaxed);
  MakeRoom();
  NoteActive();
}

KeyRuns::Stats KeyRuns::GetStats() const {
  Stats stats;
  stats.uses = uses_.load(std::memory_order_relaxed);
  stats.disturbed = disturbed_.load(std::memory_order_relaxed);
  stats.learned = learned_.load(std::memory_order_relaxed);
  stats.bytes = bytes();
  MutexLock lock(&mu_);
  stats.keys = keys_;
  return stats;
}

bool KeyRuns::Validate(std::string* why) const {
  MutexLock lock(&mu_);
  size_t bytes = 0, keys = 0;
  const KeyRun* before = nullptr;
  for (const auto& [from, run] : runs_) {
    *why = "run from " + Buffer(from);
    if (from != run->from() || !IsBefore(from, run->to())) return false;
    if (before != nullptr && (before->to().empty() || before->to() > from)) return false;
    for (size_t i = 0; i < run->size(); i++) {
      if (run->key(i) < run->from() || !IsBefore(run->key(i), run->to())) return false;
      if (i > 0 && run->rest(i) <= run->rest(i - 1)) return false;
    }
    bytes += run->memory_bytes();
    keys += run->size();
    before = run.get();
  }
  *why = "bytes or keys";
  if (bytes != this->bytes() || keys != keys_) return false;
  why->clear();
  return true;
}

}   // namespace shale
