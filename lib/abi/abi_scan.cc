// Ordered iteration.
#include <string>

#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/iter_request.h"
#include "base/coding.h"

namespace shale {
namespace {

Status NewIter(shale_db* db, const Engine::ScanRequest& request, shale_iter** out) {
  auto iter = std::make_unique<shale_iter>();
  SHALE_RETURN_IF_NOT_OK(db->engine->NewScan(request, &iter->scan));
  *out = iter.release();
  return Status();
}

// The error that waits behind rows that were handed out, once.
Status NextRow(shale_iter* iter, Bytes* key, Bytes* value) {
  if (!iter->later.ok()) [[unlikely]]
    return std::exchange(iter->later, Status());
  return iter->scan->Next(key, value);
}

size_t PackedSize(Bytes key, Bytes value, bool keys_only) {
  return sizeof(uint32_t) + key.size() + (keys_only ? 0 : sizeof(uint32_t) + value.size());
}

char* PutSized32(char* at, Bytes bytes) {
  StoreLE(at, static_cast<uint32_t>(bytes.size()));
  if (!bytes.empty()) std::memcpy(at + sizeof(uint32_t), bytes.data(), bytes.size());
  return at + sizeof(uint32_t) + bytes.size();
}

Status FillPacked(shale_iter* iter, char* buf, size_t cap, size_t* used, size_t* rows) {
  const bool keys_only = iter->scan->keys_only();
  char* at = buf;
  for (size_t count = 0;; count++) {
    Bytes key, value;
    Status s = NextRow(iter, &key, &value);
    const size_t filled = static_cast<size_t>(at - buf);
    const size_t needed = s.ok() ? PackedSize(key, value, keys_only) : 0;
    if (s.ok() && needed <= cap - filled) {
      at = PutSized32(at, key);
      if (!keys_only) at = PutSized32(at, value);
      continue;
    }
    if (s.ok()) iter->scan->StepBack();
    if (count == 0) {
      *used = needed;
      return s.ok() ? Status(Code::TOO_SMALL) : std::move(s);
    }
    if (s.IsError()) iter->later = std::move(s);   // the rows before it are good, and would be lost with it
    *used = filled;
    *rows = count;
    return Status();
  }
}

}   // namespace
}   // namespace shale

using namespace shale;

shale_status shale_iter_new(shale_db* db, const void* from, size_t from_len, const void* to, size_t to_len,
                            int64_t limit, shale_iter** out, uint32_t flags, shale_error** err) {
  Clear(out);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    Engine::ScanRequest request;
    SHALE_RETURN_IF_NOT_OK(
        RangeRequest("shale_iter_new", from, from_len, to, to_len, limit, flags, &request));
    return NewIter(db, request, out);
  });
}

shale_status shale_iter_prefix(shale_db* db, const void* prefix, size_t prefix_len, int64_t limit,
                               shale_iter** out, uint32_t flags, shale_error** err) {
  Clear(out);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    Engine::ScanRequest request;
    SHALE_RETURN_IF_NOT_OK(PrefixRequest("shale_iter_prefix", prefix, prefix_len, limit, flags, &request));
    return NewIter(db, request, out);
  });
}

shale_status shale_iter_resume(shale_db* db, const void* token, size_t token_len, shale_iter** out,
                               shale_error** err) {
  Clear(out);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    Engine::ScanRequest request;
    SHALE_RETURN_IF_NOT_OK(TokenRequest(token, token_len, &request));
    return NewIter(db, request, out);
  });
}

shale_status shale_iter_next(shale_iter* iter, const void** key, size_t* key_len, const void** value,
                             size_t* value_len, shale_error** err) {
  Clear(key, key_len, value, value_len);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(iter));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(key, key_len, value, value_len));
    Bytes row_key, row_value;
    SHALE_RETURN_IF_NOT_OK(NextRow(iter, &row_key, &row_value));
    *key = row_key.data();
    *key_len = row_key.size();
    if (iter->scan->keys_only()) return Status();
    *value = row_value.data() != nullptr ? row_value.data() : "";   // an empty value is not a missing one
    *value_len = row_value.size();
    return Status();
  });
}

shale_status shale_iter_next_packed(shale_iter* iter, void* buf, size_t cap, size_t* used, size_t* rows,
                                    shale_error** err) {
  Clear(used, rows);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(iter));
    SHALE_RETURN_IF_NOT_OK(CheckBuffer("buf", buf, cap));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(used, rows));
    return FillPacked(iter, static_cast<char*>(buf), cap, used, rows);
  });
}

shale_status shale_iter_token(shale_iter* iter, const void** token, size_t* token_len, shale_error** err) {
  Clear(token, token_len);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(iter));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(token, token_len));
    Bytes made;
    SHALE_RETURN_IF_NOT_OK(iter->scan->Token(&made));
    *token = made.data();
    *token_len = made.size();
    return Status();
  });
}

void shale_iter_free(shale_iter* iter) {
  FreeHandle(iter);
}
