#include "order/scan_checker.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace shale_test {

OrderFixture* order_fixture = nullptr;

std::string ValueOf(const std::string& key) {
  return "v:" + key.substr(0, 12);
}

void AppendPut(std::string* packed, const std::string& key, const std::string& value) {
  *packed += '\1';
  AppendU32(packed, key.size());
  *packed += key;
  AppendI64(packed, SHALE_TTL_NEVER);
  AppendU32(packed, value.size());
  *packed += value;
}

void PutKey(shale_db* db, const std::string& key, const std::string& value) {
  shale_error* err = nullptr;
  Want(SHALE_OK,
       shale_put(db, key.data(), key.size(), value.data(), value.size(), SHALE_TTL_NEVER, nullptr, 0, &err),
       &err, "put");
}

namespace {

class Checker {
 public:
  explicit Checker(const Expectation& due) : due_(due), left_(due.end - due.begin) {
    if (due.limit != 0) left_ = std::min(left_, static_cast<size_t>(due.limit));
  }

  void Row(const char* key, size_t key_len, const char* value, size_t value_len) {
    if (left_ == 0) Fatal("a row after the last: %s", Show({key, key_len}).c_str());
    const size_t index = due_.reverse ? due_.end - 1 - at_ : due_.begin + at_;
    const std::string& wanted = order_fixture->keys[index];
    if (wanted != std::string_view(key, key_len)) {
      Fatal("row %zu is %s instead of %s", at_, Show({key, key_len}).c_str(), Show(wanted).c_str());
    }
    if (!due_.keys_only) {
      const std::string begin = ValueOf(wanted);
      if (value_len < begin.size() || std::memcmp(value, begin.data(), begin.size()) != 0) {
        Fatal("%s has a value of another key", Show(wanted).c_str());
      }
    }
    at_++;
    left_--;
  }
  void End() const {
    if (left_ != 0) Fatal("the scan ends %zu rows early, after %zu", left_, at_);
  }

 private:
  const Expectation due_;
  size_t at_ = 0;
  size_t left_;
};

// Reads some rows in one of the two ways; false at the end.
bool ReadSome(shale_iter* iter, const Expectation& due, Checker* checker, bool packed,
              std::vector<char>* buffer) {
  shale_error* err = nullptr;
  if (!packed) {
    const void* key = nullptr;
    const void* value = nullptr;
    size_t key_len = 0, value_len = 0;
    const shale_status status = shale_iter_next(iter, &key, &key_len, &value, &value_len, &err);
    if (status == SHALE_END) return false;
    Want(SHALE_OK, status, &err, "iter_next");
    checker->Row(static_cast<const char*>(key), key_len, static_cast<const char*>(value), value_len);
    return true;
  }
  size_t used = 0, rows = 0;
  const shale_status status =
      shale_iter_next_packed(iter, buffer->data(), buffer->size(), &used, &rows, &err);
  if (status == SHALE_END) return false;
  Want(SHALE_OK, status, &err, "iter_next_packed");
  size_t offset = 0;
  for (size_t i = 0; i < rows; i++) {
    const char* key = buffer->data() + offset + 4;
    const size_t key_len = LoadU32(key - 4);
    offset += 4 + key_len;
    size_t value_len = 0;
    if (!due.keys_only) {
      value_len = LoadU32(buffer->data() + offset);
      offset += 4 + value_len;
    }
    if (offset > used) Fatal("a packed row reaches past the used bytes");
    checker->Row(key, key_len, buffer->data() + offset - value_len, value_len);
  }
  if (offset != used || rows == 0) Fatal("packed rows and used bytes do not fit");
  return true;
}

shale_iter* Resume(shale_iter* iter) {
  const void* bytes = nullptr;
  size_t size = 0;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_iter_token(iter, &bytes, &size, &err), &err, "iter_token");
  const std::string token(static_cast<const char*>(bytes), size);
  shale_iter_free(iter);
  shale_iter* next = nullptr;
  Want(SHALE_OK, shale_iter_resume(order_fixture->db, token.data(), token.size(), &next, &err), &err,
       "iter_resume");
  return next;
}

// resume_one_in: how many reads lie between two resumptions, 0 for none.
void CheckScan(shale_iter* iter, const Expectation& due, bool packed, uint64_t resume_one_in, Dice* dice) {
  std::vector<char> buffer(64 << 10);
  Checker checker(due);
  while (ReadSome(iter, due, &checker, packed, &buffer)) {
    if (resume_one_in != 0 && dice->OneIn(resume_one_in)) iter = Resume(iter);
  }
  checker.End();
  if (resume_one_in != 0) {
    iter = Resume(iter);
    if (ReadSome(iter, due, &checker, packed, &buffer)) Fatal("a row after the end, from a token of the end");
  }
  shale_iter_free(iter);
}

uint32_t FlagsOf(const Expectation& due) {
  return (due.reverse ? SHALE_REVERSE : 0) | (due.keys_only ? SHALE_KEYS_ONLY : 0);
}

size_t LowerBound(const std::string& key) {
  return static_cast<size_t>(std::lower_bound(order_fixture->keys.begin(), order_fixture->keys.end(), key) -
                             order_fixture->keys.begin());
}

}   // namespace

void ScanRange(const std::string& from, const std::string& to, Expectation due, bool packed,
               uint64_t resume_one_in, Dice* dice) {
  due.begin = from.empty() ? 0 : LowerBound(from);
  due.end = to.empty() ? order_fixture->keys.size() : LowerBound(to);
  shale_iter* iter = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK,
       shale_iter_new(order_fixture->db, from.data(), from.size(), to.data(), to.size(), due.limit, &iter,
                      FlagsOf(due), &err),
       &err, "iter_new");
  CheckScan(iter, due, packed, resume_one_in, dice);
}

void ScanPrefix(const std::string& prefix, Expectation due, bool packed, Dice* dice) {
  const auto inside = [&](const std::string& key) { return key.compare(0, prefix.size(), prefix) == 0; };
  due.begin = LowerBound(prefix);
  due.end = due.begin;
  while (due.end < order_fixture->keys.size() && inside(order_fixture->keys[due.end])) due.end++;
  shale_iter* iter = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK,
       shale_iter_prefix(order_fixture->db, prefix.data(), prefix.size(), due.limit, &iter, FlagsOf(due),
                         &err),
       &err, "iter_prefix");
  CheckScan(iter, due, packed, 0, dice);
}

Expectation RandomKind(Dice* dice) {
  Expectation due{};
  due.reverse = dice->OneIn(2);
  due.keys_only = dice->OneIn(3);
  due.limit = dice->OneIn(3) ? static_cast<int64_t>(dice->Between(1, 2000)) : 0;
  return due;
}

}   // namespace shale_test
