#include "engine/scan.h"

#include <algorithm>
#include <new>

#include "base/coding.h"

namespace shale {

namespace {
// token: version, flags, rows left (i64), from, to (u32 length, bytes each), checksum of all before it (u64)
constexpr char kTokenVersion = 1;
constexpr uint8_t kTokenReverse = 1;
constexpr uint8_t kTokenKeysOnly = 2;
constexpr uint8_t kTokenHasTo = 4;

constexpr size_t kSpareKeys = 32;         // in memory-only mode, for those that are gone
constexpr size_t kLooksForCovered = 32;   // of the keys read ahead, one in so many

void PutSized32(Buffer* out, Bytes part) {
  PutFixed<uint32_t>(out, static_cast<uint32_t>(part.size()));
  out->append(part);
}
}   // namespace

Scan::Scan(std::shared_ptr<Engine> engine, std::shared_ptr<Snapshot> snapshot,
           const Engine::ScanRequest& request)
    : engine_(std::move(engine)),
      snapshot_(std::move(snapshot)),
      has_cursor_(engine_->on_disk_ || snapshot_ != nullptr),
      bounds_(request.bounds),
      short_ok_(request.short_ok),
      left_(request.limit) {}

Scan::~Scan() {
  {
    MutexLock lock(&mu_);
    if (!closed_) EndLearning();
  }
  EndByClose();   // before it is taken off the list: the engine may close at this moment, and waits there
  engine_->Unregister(this);
}

Status Engine::NewScan(const ScanRequest& request, std::unique_ptr<Scan>* out) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  return NewScanAt(nullptr, request, out);
}

// Counted as being inside.
Status Engine::NewScanAt(std::shared_ptr<Snapshot> snapshot, const ScanRequest& request,
                         std::unique_ptr<Scan>* out) {
  std::unique_ptr<Scan> scan(new Scan(shared_from_this(), std::move(snapshot), request));
  SHALE_RETURN_IF_NOT_OK(scan->Start());
  Register(scan.get());
  *out = std::move(scan);
  return Status::Ok();
}

Status Scan::Start() {
  MutexLock lock(&mu_);
  bounds_.rows_max = left_;
  const bool empty = !bounds_.to.empty() && bounds_.from >= bounds_.to;
  if (empty || left_ == 0) return Status::Ok();   // no cursor and no keys: the first row is END
  if (snapshot_ != nullptr) return snapshot_->cut_->NewCursor(bounds_, &cursor_);
  if (engine_->disk_ != nullptr) return StartOnDisk();
  StartInMemory();
  return Status::Ok();
}

// To collect keys is to look at everything that is there, so they are kept for the next walk.
void Scan::StartInMemory() {
  KeyRuns& runs = engine_->key_runs_;
  if (MayBeShort()) {
    if (TakeKnownKeys()) return;
    const Engine::StripesLock stripes(engine_.get(), Engine::kAllStripes);
    learning_ticket_ = runs.BeginLearning();
    learning_ = true;
  }
  CollectKeys();
  if (!learning_) return;
  try {
    LearnCollected();
  } catch (const std::bad_alloc&) {
    // Nothing is learned.
  }
  GiveUpLearning();
}

// Those that are there now: what is put later under a name that is known is not of this walk.
bool Scan::TakeKnownKeys() {
  KeyRuns& runs = engine_->key_runs_;
  const size_t wanted = left_ < 0 ? Engine::kShortRowsMost : static_cast<size_t>(left_);
  KeyRuns::Look look;
  if (!runs.Find(bounds_.from, bounds_.to, bounds_.reverse, wanted, wanted + kSpareKeys, &look)) return false;
  if (left_ < 0 && !look.ended) return false;
  for (const Bytes key : look.keys) {
    ReadRequest request;
    request.mode = ReadMode::kMeta;
    ReadResult found;
    if (engine_->ReadUntimed(engine_->Ref(key), request, &found).ok()) keys_.emplace_back(key);
  }
  if (keys_.size() < look.keys.size() / 2) runs.Drop(look);
  all_keys_ = look.ended;
  if (!all_keys_ && keys_.size() < wanted) return false;
  runs.NoteUse();
  return true;
}

void Scan::CollectKeys() {
  keys_.clear();
  next_key_ = 0;
  engine_->cache_->CollectKeys(bounds_.from, bounds_.to, engine_->NowMs(), &keys_);
  if (bounds_.reverse) {
    std::sort(keys_.begin(), keys_.end(), std::greater<>());
  } else {
    std::sort(keys_.begin(), keys_.end());
  }
  all_keys_ = true;
}

void Scan::LearnCollected() {
  KeyRuns& runs = engine_->key_runs_;
  const size_t count = std::min(keys_.size(), runs.KeysHeld() / 2);
  if (count == 0) return;
  learned_.assign(keys_.begin(), keys_.begin() + static_cast<ptrdiff_t>(count));
  Buffer from = bounds_.from, to = bounds_.to;
  const bool all = count == keys_.size();
  if (bounds_.reverse) {
    if (!all) from = learned_.back();
    std::reverse(learned_.begin(), learned_.end());
  } else if (!all) {
    to = learned_.back() + '\0';
  }
  learning_ = false;
  if (runs.Learn(learning_ticket_, from, to, std::move(learned_))) engine_->LendToRuns();
}

// Who learns walks on behind the bounds, so that a walk over few keys learns more than those.
Status Scan::StartOnDisk() {
  ShortEnd end = ShortEnd::kNot;
  if (MayBeShort()) end = engine_->ReadShort({bounds_, left_}, &block_);
  has_block_ = end == ShortEnd::kDone;
  if (has_block_) return Status::Ok();
  const bool learns = end == ShortEnd::kUnknown;
  block_ = RowBlock();
  CursorBounds walked = bounds_;
  if (learns) (bounds_.reverse ? walked.from : walked.to).clear();
  if (learns && left_ < 0) walked.rows_max = Engine::kShortRowsMost;
  SHALE_RETURN_IF_NOT_OK(engine_->disk_->DrainAll());   // most of it, while writers go on
  const Engine::StripesLock stripes(engine_.get(), Engine::kAllStripes);
  SHALE_RETURN_IF_NOT_OK(engine_->disk_->NewCursor(walked, &cursor_));
  if (!learns) return Status::Ok();
  learning_ticket_ = engine_->key_runs_.BeginLearning();
  learning_ = true;
  return Status::Ok();
}

// As far as can be known: one without a limit is if its bounds turn out to hold few keys.
bool Scan::MayBeShort() const {
  if (!short_ok_) return false;
  if (left_ >= 0) return left_ <= static_cast<int64_t>(Engine::kShortRowsMost);
  return !bounds_.from.empty() && !bounds_.to.empty();
}

bool Scan::IsWithin(Bytes key) const {
  return bounds_.reverse ? key >= bounds_.from : bounds_.to.empty() || key < bounds_.to;
}

void Scan::LearnKey(Bytes key) noexcept {
  if (!learning_) return;
  try {
    learned_.emplace_back(key);
    if (learned_.size() <= Engine::kShortRowsMost) return;   // else it is not so short
  } catch (const std::bad_alloc&) {
    // The row is good all the same.
  }
  GiveUpLearning();
}

void Scan::GiveUpLearning() noexcept {
  if (learning_) engine_->key_runs_.GiveUp(learning_ticket_);
  learning_ = false;
  std::vector<Buffer>().swap(learned_);
}

// At the end of the walk, or where it was left.
void Scan::EndLearning() noexcept {
  if (!learning_ || cursor_ == nullptr) return GiveUpLearning();
  try {
    LearnAhead();
  } catch (const std::bad_alloc&) {
    // Nothing is learned.
  }
  GiveUpLearning();
}

void Scan::LearnAhead() {
  KeyRuns& runs = engine_->key_runs_;
  cursor_->SkipValues();
  const size_t ahead_max = runs.KeysAhead();
  size_t ahead = 0;
  Status s;
  for (; ahead < ahead_max && !passed_end_ && s.ok(); ahead++) {
    Bytes key, value;
    int64_t deadline_ms;
    s = cursor_->Next(&key, &row_storage_, &value, &deadline_ms);
    if (s.ok()) learned_.emplace_back(key);
    passed_end_ = s.Is(Code::END);
    if (s.ok() && ahead % kLooksForCovered == 0 && runs.Covers(key)) break;   // from here on it is known
  }
  runs.NoteAhead(ahead);
  if (s.IsError() || (learned_.empty() && !passed_end_)) return;
  Buffer from = bounds_.from, to = bounds_.to;
  if (bounds_.reverse) {
    from = passed_end_ ? Buffer() : learned_.back();
    std::reverse(learned_.begin(), learned_.end());
  } else {
    to = passed_end_ ? Buffer() : learned_.back() + '\0';
  }
  learning_ = false;   // Learn ends it, whatever becomes of it
  if (runs.Learn(learning_ticket_, from, to, std::move(learned_))) engine_->LendToRuns();
}

void Scan::EndByClose() {
  MutexLock lock(&mu_);
  closed_ = true;
  GiveUpLearning();
  cursor_.reset();
}

Status Scan::Next(Bytes* key, Bytes* value) {
  const LatencyTimer timer(engine_->latency_.get(), LatencyOp::kScanRow);
  MutexLock lock(&mu_);
  if (closed_) return Status::Error(Code::E_CLOSED, "the database is closed");
  if (repeat_) {
    repeat_ = false;
    left_ -= left_ > 0 ? 1 : 0;
    *key = row_key_;
    *value = row_value_;
    if (!Expired(row_deadline_ms_, engine_->NowMs())) return Status::Ok();
    left_ += left_ >= 0 ? 1 : 0;   // over since it was taken back: as if it had not been reached
    have_row_ = false;
  }
  if (have_row_) done_key_.swap(row_key_);
  have_row_ = false;
  if (left_ == 0) {
    EndLearning();
    return Code::END;
  }
  Bytes row_key;
  SHALE_RETURN_IF_NOT_OK(has_cursor_ ? NextRow(&row_key, &row_value_)
                                     : NextFromMemory(&row_key, &row_value_));
  row_key_.assign(row_key);
  have_row_ = true;
  left_ -= left_ > 0 ? 1 : 0;
  *key = row_key_;
  *value = row_value_;
  return Status::Ok();
}

Status Scan::Count(uint64_t rows_max, RangeCount* count) {
  MutexLock lock(&mu_);
  if (closed_) return Status::Error(Code::E_CLOSED, "the database is closed");
  for (uint64_t i = 0; i < rows_max; i++) {
    Bytes key, value;
    SHALE_RETURN_IF_NOT_OK(engine_->on_disk_ ? NextRow(&key, &value) : NextFromMemory(&key, &value));
    count->keys++;
    count->bytes += key.size() + (engine_->on_disk_ ? cursor_->value_len() : row_pin_.value_len);
  }
  return Status::Ok();
}

void Scan::StepBack() {
  MutexLock lock(&mu_);
  if (!have_row_ || repeat_) return;
  left_ += left_ >= 0 ? 1 : 0;
  repeat_ = has_cursor_;
  if (repeat_) return;
  // Without a disk tier values are read when their row is reached, so this row is reached again.
  next_key_--;
  have_row_ = false;
}

Status Scan::NextRow(Bytes* key, Bytes* value) {
  if (has_block_) return NextOfBlock(key, value) ? Status::Ok() : Status(Code::END);
  Status s = NextOfCursor(key, value);
  if (s.Is(Code::END)) EndLearning();
  return s;
}

bool Scan::NextOfBlock(Bytes* key, Bytes* value) {
  while (next_row_ < block_.rows.size()) {
    const RowBlock::Row& row = block_.rows[next_row_++];
    *key = row.key.key;
    *value = row.value;
    row_deadline_ms_ = row.deadline_ms;
    if (row.deadline_ms == kNoDeadline || !Expired(row.deadline_ms, engine_->NowMs())) return true;
  }
  return false;
}

Status Scan::NextOfCursor(Bytes* key, Bytes* value) {
  while (cursor_ != nullptr && !ended_) {
    Status s = cursor_->Next(key, &row_storage_, value, &row_deadline_ms_);
    passed_end_ = s.Is(Code::END);
    SHALE_RETURN_IF_NOT_OK(s);
    LearnKey(*key);
    ended_ = !IsWithin(*key);
    if (ended_) break;
    if (row_deadline_ms_ == kNoDeadline || !Expired(row_deadline_ms_, engine_->NowMs())) return Status::Ok();
  }
  return Code::END;
}

// Of the keys that were known some are gone, and others are to take their place.
bool Scan::MoreKeys() {
  if (all_keys_) return false;
  if (!keys_.empty() && bounds_.reverse) bounds_.to = keys_.back();
  if (!keys_.empty() && !bounds_.reverse) bounds_.from = keys_.back() + '\0';
  CollectKeys();
  return !keys_.empty();
}

Status Scan::NextFromMemory(Bytes* key, Bytes* value) {
  row_pin_ = ReadResult();
  while (next_key_ < keys_.size() || MoreKeys()) {
    *key = keys_[next_key_++];
    ReadRequest request;
    request.mode = bounds_.keys_only ? ReadMode::kMeta : ReadMode::kPin;
    Status s = engine_->Read(*key, request, &row_pin_);
    if (s.Is(Code::NOT_FOUND)) continue;   // gone since the keys were collected
    SHALE_RETURN_IF_NOT_OK(s);
    *value = bounds_.keys_only ? Bytes() : row_pin_.pin.bytes();
    return Status::Ok();
  }
  return Code::END;
}

Status Scan::Token(Bytes* token) {
  MutexLock lock(&mu_);
  if (closed_) return Status::Error(Code::E_CLOSED, "the database is closed");
  CursorBounds rest = bounds_;
  // What was handed out and not taken back is behind us. A successor key: the same with a zero byte behind
  // it.
  const Buffer& done = have_row_ && !repeat_ ? row_key_ : done_key_;
  if (!done.empty() && rest.reverse) rest.to = done;
  if (!done.empty() && !rest.reverse) rest.from = done + '\0';
  uint8_t flags = 0;
  if (rest.reverse) flags |= kTokenReverse;
  if (rest.keys_only) flags |= kTokenKeysOnly;
  if (!rest.to.empty()) flags |= kTokenHasTo;
  token_.assign(1, kTokenVersion);
  token_.push_back(static_cast<char>(flags));
  PutFixed<int64_t>(&token_, left_);
  PutSized32(&token_, rest.from);
  PutSized32(&token_, rest.to);
  PutFixed<uint64_t>(&token_, Checksum64(token_));
  *token = token_;
  return Status::Ok();
}

Status Scan::ParseToken(Bytes token, Engine::ScanRequest* request) {
  const Status bad = Status::Invalid("not a token of an iterator");
  if (token.size() < 2 + 8 + 4 + 4 + 8 || token[0] != kTokenVersion) return bad;
  const Bytes body = token.substr(0, token.size() - 8);
  if (LoadLE<uint64_t>(token.data() + body.size()) != Checksum64(body)) return bad;
  const auto flags = static_cast<uint8_t>(token[1]);
  Bytes rest = body.substr(2), from, to;
  if (!GetFixed(&rest, &request->limit) || !GetSized32(&rest, &from) || !GetSized32(&rest, &to) ||
      !rest.empty())
    return bad;
  request->bounds.from = from;
  request->bounds.to = to;
  request->bounds.reverse = (flags & kTokenReverse) != 0;
  request->bounds.keys_only = (flags & kTokenKeysOnly) != 0;
  return Status::Ok();
}

}   // namespace shale
