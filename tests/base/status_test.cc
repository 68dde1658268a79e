#include "base/status.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "shale/shale.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

struct Row {
  int32_t number;
  const char* name;
};
constexpr Row kRows[] = {
#define CODE(name, number, text) {number, #name},
#include "base/codes.def"
#undef CODE
};

TEST(codes_are_named_and_explained_once) {
  for (const Row& row : kRows) {
    ASSERT_STR(CodeName(row.number), row.name);
    assert_true(std::strlen(CodeText(row.number)) > 0);
    for (const Row& other : kRows) assert_true(&row == &other || row.number != other.number);
  }
  for (const int32_t unknown : {10, -17, INT32_MAX, INT32_MIN}) {
    ASSERT_STR(CodeName(unknown), "UNKNOWN");
    ASSERT_STR(CodeText(unknown), "unknown status");
  }
}

TEST(codes_are_those_of_the_public_header) {
  const std::pair<Code, int32_t> pairs[] = {
      {Code::OK, SHALE_OK},
      {Code::NOT_FOUND, SHALE_NOT_FOUND},
      {Code::EXISTS, SHALE_EXISTS},
      {Code::MISMATCH, SHALE_MISMATCH},
      {Code::TOO_SMALL, SHALE_TOO_SMALL},
      {Code::WOULD_BLOCK, SHALE_WOULD_BLOCK},
      {Code::END, SHALE_END},
      {Code::CANCELLED, SHALE_CANCELLED},
      {Code::LEASED, SHALE_LEASED},
      {Code::STALE, SHALE_STALE},
      {Code::E_INVALID, SHALE_E_INVALID},
      {Code::E_CLOSED, SHALE_E_CLOSED},
      {Code::E_FORKED, SHALE_E_FORKED},
      {Code::E_IO, SHALE_E_IO},
      {Code::E_CORRUPT, SHALE_E_CORRUPT},
      {Code::E_NO_SPACE, SHALE_E_NO_SPACE},
      {Code::E_NO_MEMORY, SHALE_E_NO_MEMORY},
      {Code::E_LOCKED, SHALE_E_LOCKED},
      {Code::E_READ_ONLY, SHALE_E_READ_ONLY},
      {Code::E_TOO_LARGE, SHALE_E_TOO_LARGE},
      {Code::E_OVERFLOW, SHALE_E_OVERFLOW},
      {Code::E_NOT_A_NUMBER, SHALE_E_NOT_A_NUMBER},
      {Code::E_INCOMPATIBLE, SHALE_E_INCOMPATIBLE},
      {Code::E_NO_STORE, SHALE_E_NO_STORE},
      {Code::E_LIMIT, SHALE_E_LIMIT},
      {Code::E_INTERNAL, SHALE_E_INTERNAL},
  };
  assert_int_equal(std::size(pairs), std::size(kRows));
  for (const auto& [code, number] : pairs) assert_int_equal(static_cast<int32_t>(code), number);
}

TEST(an_outcome_is_no_error_and_has_no_detail) {
  const Status s = Code::NOT_FOUND;
  assert_false(s.ok() || s.IsError());
  assert_true(s.Is(Code::NOT_FOUND));
  assert_int_equal(s.error_number(), 0);
  assert_int_equal(s.shard(), -1);
  ASSERT_STR(s.message(), "no such key");
  ASSERT_STR(s.ToString(), "NOT_FOUND");
  assert_true(Status().ok() && Status::Ok().ok() && !Status().IsError());
}

TEST(an_error_carries_message_errno_and_shard) {
  Status s = Status::Error(Code::E_IO, "read 00000001.seg", EIO).InShard(7);
  assert_true(s.IsError());
  assert_int_equal(s.error_number(), EIO);
  assert_int_equal(s.shard(), 7);
  ASSERT_STR(s.message(), "shard 07: read 00000001.seg");
  ASSERT_STR(s.ToString(), "E_IO: shard 07: read 00000001.seg");
  s = std::move(s).InShard(9);   // named once, by the room that knew it
  ASSERT_STR(s.message(), "shard 07: read 00000001.seg");
  assert_int_equal(s.shard(), 7);
  assert_int_equal(Status(Code::NOT_FOUND).InShard(3).shard(), -1);
}

TEST(errno_chooses_the_code) {
  const std::pair<int, Code> pairs[] = {{EIO, Code::E_IO},          {ENOENT, Code::E_IO},
                                        {ENOSPC, Code::E_NO_SPACE}, {EDQUOT, Code::E_NO_SPACE},
                                        {EMFILE, Code::E_LIMIT},    {ENFILE, Code::E_LIMIT},
                                        {ENOMEM, Code::E_NO_MEMORY}};
  for (const auto& [number, code] : pairs) {
    const Status s = Status::FromErrno("open x", number);
    assert_true(s.Is(code));
    assert_int_equal(s.error_number(), number);
    assert_memory_equal(s.message(), "open x: ", 8);
    assert_true(std::strlen(s.message()) > 8);
  }
}

TEST(copies_are_independent_and_moves_leave_nothing_behind) {
  Status a = Status::Corrupt("first");
  Status b = a;
  a = Status::Invalid("second");
  ASSERT_STR(b.ToString(), "E_CORRUPT: first");
  ASSERT_STR(a.ToString(), "E_INVALID: second");
  const Status* const self = &a;
  a = *self;
  ASSERT_STR(a.message(), "second");
  const Status c = std::move(a);
  ASSERT_STR(c.message(), "second");
  b = Status::Ok();
  assert_true(b.ok());
  assert_int_equal(b.error_number(), 0);
}

Status FailsFirst(bool fail_first, bool* reached) {
  SHALE_RETURN_IF_NOT_OK(fail_first ? Status(Code::END) : Status::Ok());
  *reached = true;
  return Code::EXISTS;
}

TEST(return_if_not_ok_passes_on_whatever_is_not_ok) {
  bool reached = false;
  assert_true(FailsFirst(true, &reached).Is(Code::END));
  assert_false(reached);
  assert_true(FailsFirst(false, &reached).Is(Code::EXISTS));
  assert_true(reached);
}

}   // namespace
}   // namespace shale

RUN()
