#include "base/status.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace shale {

namespace {
struct Row {
  int32_t number;
  const char* name;
  const char* text;
};
constexpr Row kRows[] = {
#define CODE(name, number, text) {number, #name, text},
#include "base/codes.def"
#undef CODE
};

const Row* Find(int32_t code) {
  for (const Row& row : kRows) {
    if (row.number == code) return &row;
  }
  return nullptr;
}
}   // namespace

const char* CodeName(int32_t code) {
  const Row* row = Find(code);
  return row != nullptr ? row->name : "UNKNOWN";
}

const char* CodeText(int32_t code) {
  const Row* row = Find(code);
  return row != nullptr ? row->text : "unknown status";
}

Status Status::Error(Code code, std::string message, int error_number) {
  Status s(code);
  s.detail_.reset(new Detail{std::move(message), error_number, -1});
  return s;
}

Status Status::FromErrno(const std::string& what, int error_number) {
  Code code = Code::E_IO;
  if (error_number == ENOSPC || error_number == EDQUOT) code = Code::E_NO_SPACE;
  if (error_number == EMFILE || error_number == ENFILE) code = Code::E_LIMIT;
  if (error_number == ENOMEM) code = Code::E_NO_MEMORY;
  char text[128];
  // GNU strerror_r: the returned pointer is the text, in `text` or static.
  return Error(code, what + ": " + strerror_r(error_number, text, sizeof text), error_number);
}

Status::Status(const Status& other)
    : code_(other.code_), detail_(other.detail_ ? std::make_unique<Detail>(*other.detail_) : nullptr) {}

Status& Status::operator=(const Status& other) {
  if (this != &other) {
    code_ = other.code_;
    detail_ = other.detail_ ? std::make_unique<Detail>(*other.detail_) : nullptr;
  }
  return *this;
}

Status&& Status::InShard(int shard) && {
  if (detail_ && detail_->shard < 0) {
    char prefix[16];
    std::snprintf(prefix, sizeof prefix, "shard %02d: ", shard);
    detail_->message.insert(0, prefix);
    detail_->shard = shard;
  }
  return std::move(*this);
}

std::string Status::ToString() const {
  std::string text = CodeName(static_cast<int32_t>(code_));
  if (detail_) text += ": " + detail_->message;
  return text;
}

}   // namespace shale
