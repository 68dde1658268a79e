#include "linear/hot_worker.h"

#include <unistd.h>

#include <cstdlib>

#include "linear/hot_store.h"

namespace shale_test {

namespace {

constexpr uint64_t kRowsAnOp = 2;   // most that one call writes down

std::string TextOf(int64_t value, bool counter) {
  std::string text = std::to_string(value);
  if (!counter) text.resize(kHotValueBytes, ' ');
  return text;
}

int64_t ValueOf(const void* bytes, size_t size) {
  return std::strtoll(std::string(static_cast<const char*>(bytes), size).c_str(), nullptr, 10);
}

}   // namespace

History::Row* HotWorker::Begin(OpKind kind) {
  History::Row* row = history_->Next(thread_);
  row->op = Op();
  row->op.kind = kind;
  row->op.thread = thread_;
  // Half of them on eight keys, so that threads meet.
  row->op.key = static_cast<uint8_t>(dice_.OneIn(2) ? dice_.Below(8) : dice_.Below(kHotKeys));
  return row;
}

void HotWorker::Start(History::Row* row) {
  Op& op = row->op;
  counter_ = op.key % 2 == 1;
  name_ = HotName(op.key);
  switch (op.kind) {
    case OpKind::kGet:
    case OpKind::kDelete:
    case OpKind::kCompareAndDelete:
    case OpKind::kExpire:
    case OpKind::kTtl:
      break;
    case OpKind::kIncr:
      op.argument = static_cast<int64_t>(dice_.Between(1, 9));
      break;
    default:
      op.argument = history_->NextValue();
  }
  text_ = TextOf(op.argument, counter_);
  op.clock_start = NowMs();
  op.start = history_->Now();
  row->stage = History::Stage::kBegun;
}

void HotWorker::End(History::Row* row) {
  row->op.end = history_->Now();
  row->op.clock_end = NowMs();
  row->stage = History::Stage::kEnded;
}

int64_t HotWorker::DrawTtl(bool keep_too) {
  if (clock_ == nullptr) return kNever;
  if (keep_too && dice_.OneIn(4)) return kKeep;
  return dice_.OneIn(3) ? kNever : static_cast<int64_t>(dice_.Between(1, 6));
}

void HotWorker::Wrong(const char* what, shale_status s) const {
  Fatal("%s of %s: %s", what, name_.c_str(), shale_status_name(s));
}

void HotWorker::Run(uint64_t ops) {
  for (uint64_t i = 0; i < ops && history_->HasRoom(thread_, kRowsAnOp); i++) {
    One();
    if (clock_ != nullptr && dice_.OneIn(60)) clock_->Advance(1);
  }
}

void HotWorker::ReadAll() {
  for (uint64_t key = 0; key < kHotKeys; key++) Get(static_cast<int64_t>(key));
}

void HotWorker::One() {
  switch (dice_.Below(clock_ == nullptr ? 17 : 21)) {
    case 0:
    case 1:
    case 2:
      return Put();
    case 3:
      return Delete();
    case 4:
      return Swap();
    case 5:
      return CompareAndSet();
    case 6:
      return PutIfAbsent();
    case 7:
      return Incr();
    case 8:
    case 9:
      return Load();
    case 10:
      return GetMany();
    case 11:
      return CompareAndDelete();
    case 17:
    case 18:
      return Expire();
    case 19:
    case 20:
      return AskTtl();
    default:
      return Get();
  }
}

void HotWorker::Put() {
  History::Row* row = Begin(OpKind::kPut);
  row->op.ttl_ms = DrawTtl(true);
  Start(row);
  const uint32_t flags = dice_.OneIn(8) ? SHALE_WRITE_AROUND : 0;
  const shale_status s = shale_put(db_, name_.data(), name_.size(), text_.data(), text_.size(),
                                   row->op.ttl_ms, nullptr, flags, nullptr);
  if (s != SHALE_OK) Wrong("put", s);
  End(row);
}

void HotWorker::Delete() {
  History::Row* row = Begin(OpKind::kDelete);
  Start(row);
  const shale_status s = shale_delete(db_, name_.data(), name_.size(), 0, nullptr);
  if (s != SHALE_OK) Wrong("delete", s);
  End(row);
}

void HotWorker::Swap() {
  History::Row* row = Begin(OpKind::kSwap);
  row->op.ttl_ms = DrawTtl(true);
  Start(row);
  void* old = nullptr;
  size_t size = 0;
  const shale_status s = shale_get_and_set(db_, name_.data(), name_.size(), text_.data(), text_.size(),
                                           row->op.ttl_ms, &old, &size, nullptr, 0, nullptr);
  if (s != SHALE_OK && s != SHALE_NOT_FOUND) Wrong("get_and_set", s);
  row->op.result = s == SHALE_OK ? ValueOf(old, size) : kAbsent;
  shale_mem_free(old);
  End(row);
}

void HotWorker::CompareAndSet() {
  History::Row* row = Begin(OpKind::kCompareAndSet);
  row->op.expected = last_seen_[row->op.key];
  row->op.ttl_ms = DrawTtl(true);
  Start(row);
  const std::string expected = TextOf(row->op.expected, counter_);
  const shale_status s =
      shale_compare_and_set(db_, name_.data(), name_.size(), expected.data(), expected.size(), text_.data(),
                            text_.size(), row->op.ttl_ms, nullptr, 0, nullptr);
  if (s < 0) Wrong("compare_and_set", s);
  row->op.done = s == SHALE_OK;
  End(row);
}

void HotWorker::CompareAndDelete() {
  History::Row* row = Begin(OpKind::kCompareAndDelete);
  row->op.expected = last_seen_[row->op.key];
  Start(row);
  const std::string expected = TextOf(row->op.expected, counter_);
  const shale_status s =
      shale_compare_and_delete(db_, name_.data(), name_.size(), expected.data(), expected.size(), 0, nullptr);
  if (s < 0) Wrong("compare_and_delete", s);
  row->op.done = s == SHALE_OK;
  End(row);
}

void HotWorker::PutIfAbsent() {
  History::Row* row = Begin(OpKind::kPutIfAbsent);
  row->op.ttl_ms = DrawTtl(false);
  Start(row);
  const shale_status s = shale_put(db_, name_.data(), name_.size(), text_.data(), text_.size(),
                                   row->op.ttl_ms, nullptr, SHALE_IF_ABSENT, nullptr);
  if (s < 0) Wrong("put if absent", s);
  row->op.done = s == SHALE_OK;
  End(row);
}

void HotWorker::Incr() {
  History::Row* row = Begin(OpKind::kIncr);
  row->op.key |= 1;
  Start(row);
  const shale_status s =
      shale_incr(db_, name_.data(), name_.size(), row->op.argument, &row->op.result, 0, nullptr);
  if (s != SHALE_OK) Wrong("incr", s);
  End(row);
}

void HotWorker::Expire() {
  History::Row* row = Begin(OpKind::kExpire);
  row->op.ttl_ms = DrawTtl(false);
  Start(row);
  const shale_status s = shale_expire(db_, name_.data(), name_.size(), row->op.ttl_ms, 0, nullptr);
  if (s < 0) Wrong("expire", s);
  row->op.done = s == SHALE_OK;
  End(row);
}

void HotWorker::AskTtl() {
  History::Row* row = Begin(OpKind::kTtl);
  Start(row);
  const shale_status s = shale_ttl(db_, name_.data(), name_.size(), &row->op.result, 0, nullptr);
  if (s != SHALE_OK && s != SHALE_NOT_FOUND) Wrong("ttl", s);
  if (s == SHALE_NOT_FOUND) row->op.result = kAbsent;
  End(row);
}

void HotWorker::Seen(Op* op, shale_status s, const void* bytes, size_t size) {
  op->result = s == SHALE_OK ? ValueOf(bytes, size) : kAbsent;
  if (s == SHALE_OK) last_seen_[op->key] = op->result;
}

void HotWorker::Get(int64_t key) {
  History::Row* row = Begin(OpKind::kGet);
  if (key >= 0) row->op.key = static_cast<uint8_t>(key);
  Start(row);
  char buf[2 * kHotValueBytes];
  const void* bytes = buf;
  size_t size = 0;
  shale_pin* pin = nullptr;
  const shale_status s =
      dice_.OneIn(4)
          ? shale_get_pinned(db_, name_.data(), name_.size(), &pin, &bytes, &size, nullptr, 0, nullptr)
          : shale_get_into(db_, name_.data(), name_.size(), buf, sizeof buf, &size, nullptr, 0, nullptr);
  if (s != SHALE_OK && s != SHALE_NOT_FOUND) Wrong("get", s);
  Seen(&row->op, s, bytes, size);
  End(row);
  shale_pin_free(pin);
}

void HotWorker::GetMany() {
  History::Row* rows[2] = {Begin(OpKind::kGet), Begin(OpKind::kGet)};
  if (rows[0]->op.key == rows[1]->op.key)
    rows[1]->op.key = static_cast<uint8_t>((rows[1]->op.key + 1) % kHotKeys);
  std::string names[2];
  shale_slice keys[2];
  for (int i = 0; i < 2; i++) {
    Start(rows[i]);
    names[i] = name_;
    keys[i] = {names[i].data(), names[i].size()};
  }
  shale_results* results = nullptr;
  const shale_status s = shale_multi_get(db_, keys, 2, &results, 0, nullptr);
  if (s != SHALE_OK) Wrong("multi_get", s);
  for (size_t i = 0; i < 2; i++) {
    const void* bytes = nullptr;
    size_t size = 0;
    const shale_status answer = shale_results_at(results, i, &bytes, &size, nullptr);
    if (answer < 0) Wrong("multi_get", answer);
    Seen(&rows[i]->op, answer, bytes, size);
    End(rows[i]);
  }
  shale_results_free(results);
}

// What the lease call sees is a read; what it sets under the lease must have been absent.
void HotWorker::Load() {
  History::Row* row = Begin(OpKind::kGet);
  Start(row);
  char buf[2 * kHotValueBytes];
  const void* bytes = nullptr;
  size_t size = 0;
  shale_pin* pin = nullptr;
  shale_lease* lease = nullptr;
  const shale_status s =
      shale_get_or_lease(db_, name_.data(), name_.size(), static_cast<int64_t>(dice_.Below(3)), 1000, buf,
                         sizeof buf, &pin, &bytes, &size, nullptr, &lease, 0, nullptr);
  if (s < 0) Wrong("get_or_lease", s);
  Seen(&row->op, s, bytes, size);
  shale_pin_free(pin);
  if (s == SHALE_OK || s == SHALE_LEASED) {
    End(row);
  } else {
    row->stage = History::Stage::kNone;   // it has not looked
  }
  if (s != SHALE_LEASED) return;
  if (dice_.OneIn(4)) usleep(static_cast<useconds_t>(dice_.Below(100)));
  if (!dice_.OneIn(4)) {
    History::Row* load = Begin(OpKind::kFulfil);
    load->op.key = row->op.key;
    load->op.ttl_ms = DrawTtl(false);
    Start(load);
    const shale_status set =
        shale_lease_fulfil(lease, text_.data(), text_.size(), load->op.ttl_ms, nullptr, 0, nullptr);
    if (set != SHALE_OK && set != SHALE_MISMATCH) Wrong("fulfil", set);
    load->op.done = set == SHALE_OK;
    End(load);
  }
  shale_lease_free(lease);
}

}   // namespace shale_test
