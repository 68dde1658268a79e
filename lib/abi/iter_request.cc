#include "abi/iter_request.h"

#include <string>

#include "abi/arguments.h"

namespace shale {

namespace {

// A token holds two bounds at most and a few numbers; what is longer is none, and is not looked into.
constexpr size_t kTokenBytesMax = 4 * (kKeyBytesMax + 1);

Status CheckLimit(int64_t limit) {
  if (limit >= 0) return Status();
  return Status::Invalid("limit is " + std::to_string(limit) + "; it must be 0 (all) or more");
}

void Fill(Buffer from, Buffer to, int64_t limit, uint32_t flags, Engine::ScanRequest* request) {
  request->bounds.from = std::move(from);
  request->bounds.to = std::move(to);
  request->bounds.reverse = (flags & SHALE_REVERSE) != 0;
  request->bounds.keys_only = (flags & SHALE_KEYS_ONLY) != 0;
  request->limit = limit != 0 ? limit : -1;
}

}   // namespace

Status RangeRequest(const char* call, const void* from, size_t from_len, const void* to, size_t to_len,
                    int64_t limit, uint32_t flags, Engine::ScanRequest* request) {
  SHALE_RETURN_IF_NOT_OK(CheckBound(from, from_len));
  SHALE_RETURN_IF_NOT_OK(CheckBound(to, to_len));
  SHALE_RETURN_IF_NOT_OK(CheckLimit(limit));
  SHALE_RETURN_IF_NOT_OK(CheckFlags(call, flags, kIterFlags));
  Fill(Buffer(MakeBytes(from, from_len)), Buffer(MakeBytes(to, to_len)), limit, flags, request);
  return Status();
}

Status PrefixRequest(const char* call, const void* prefix, size_t prefix_len, int64_t limit, uint32_t flags,
                     Engine::ScanRequest* request) {
  SHALE_RETURN_IF_NOT_OK(CheckBound(prefix, prefix_len));
  SHALE_RETURN_IF_NOT_OK(CheckLimit(limit));
  SHALE_RETURN_IF_NOT_OK(CheckFlags(call, flags, kIterFlags));
  const Bytes start = MakeBytes(prefix, prefix_len);
  Fill(Buffer(start), PrefixEnd(start), limit, flags, request);
  return Status();
}

Status TokenRequest(const void* token, size_t token_len, Engine::ScanRequest* request) {
  SHALE_RETURN_IF_NOT_OK(CheckBuffer("token", token, token_len));
  if (token_len > kTokenBytesMax) return Status::Invalid("the token is longer than any");
  return Scan::ParseToken(MakeBytes(token, token_len), request);
}

}   // namespace shale
