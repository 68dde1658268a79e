// The result of everything that can go wrong. OK and plain outcomes (not found, mismatch, ...) are one
// integer and allocate nothing; an error owns its detail: message, errno, shard. Written once, where the
// error is seen; layers above may only add a prefix of place.
//  (1) code() >= 0  =>  no detail
//  (2) code() <  0  =>  detail exists, unless memory ran out while making it
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace shale {

enum class Code : int32_t {
#define CODE(name, number, text) name = number,
#include "base/codes.def"
#undef CODE
};

const char* CodeName(int32_t code);   // "UNKNOWN" if it is none
const char* CodeText(int32_t code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  // An outcome: OK, NOT_FOUND, ... Implicit so that `return Code::NOT_FOUND;` reads well.
  Status(Code outcome) : code_(outcome) {}   // NOLINT
  static Status Ok() { return Status(); }
  // An error. `error_number` is an errno or 0.
  static Status Error(Code code, std::string message, int error_number = 0);
  // E_IO or E_NO_SPACE or E_LIMIT, chosen by errno, "<what>: <strerror>".
  static Status FromErrno(const std::string& what, int error_number);
  static Status Invalid(std::string message) { return Error(Code::E_INVALID, std::move(message)); }
  static Status Corrupt(std::string message) { return Error(Code::E_CORRUPT, std::move(message)); }

  Status(const Status& other);
  Status& operator=(const Status& other);
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;

  bool ok() const { return code_ == Code::OK; }
  bool IsError() const { return static_cast<int32_t>(code_) < 0; }
  bool Is(Code code) const { return code_ == code; }
  Code code() const { return code_; }
  const char* message() const {
    return detail_ ? detail_->message.c_str() : CodeText(static_cast<int32_t>(code_));
  }
  int error_number() const { return detail_ ? detail_->error_number : 0; }
  int shard() const { return detail_ ? detail_->shard : -1; }

  // Names the disk shard of an error, once: "shard 07: ...". No effect on outcomes.
  Status&& InShard(int shard) &&;
  // "NOT_FOUND" or "E_IO: message", for tests and logs.
  std::string ToString() const;

 private:
  struct Detail {
    std::string message;
    int error_number = 0;
    int shard = -1;
  };
  Code code_ = Code::OK;
  std::unique_ptr<Detail> detail_;
};

#define SHALE_RETURN_IF_NOT_OK(expr)     \
  do {                                   \
    ::shale::Status shale_s_ = (expr);   \
    if (!shale_s_.ok()) return shale_s_; \
  } while (0)

}   // namespace shale
