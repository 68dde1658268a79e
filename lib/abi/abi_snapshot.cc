// Reads of the store as it was.
#include <string>
#include <vector>

#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/iter_request.h"
#include "abi/many_keys.h"

namespace shale {
namespace {

// OK, E_INVALID, E_FORKED or E_CLOSED.
Status CheckSnapshot(const shale_snapshot* snapshot) {
  SHALE_RETURN_IF_NOT_OK(CheckHandle(snapshot));
  return snapshot->snapshot->engine()->closed() ? ClosedDbStatus() : Status();
}

Status NewIter(shale_snapshot* snapshot, const Engine::ScanRequest& request, shale_iter** out) {
  auto iter = std::make_unique<shale_iter>();
  SHALE_RETURN_IF_NOT_OK(snapshot->snapshot->NewScan(request, &iter->scan));
  *out = iter.release();
  return Status();
}

Status ReadAll(Snapshot* snapshot, const std::vector<Bytes>& keys, shale_results* results) {
  results->answers.resize(keys.size());
  for (size_t i = 0; i < keys.size(); i++) {
    shale_results::Answer& answer = results->answers[i];
    DiskRead read;
    Status s = snapshot->Read(keys[i], &read);
    if (EndsTheCall(s)) return s;
    answer.status = static_cast<shale_status>(s.code());
    answer.value_at = results->values.size();
    if (!s.ok()) continue;
    SHALE_RETURN_IF_NOT_OK(results->values.Append(read.value));
    answer.has_value = true;
    answer.value_len = read.value.size();
    answer.version = read.version;
  }
  return Status();
}

}   // namespace
}   // namespace shale

using namespace shale;

shale_status shale_snapshot_new(shale_db* db, shale_snapshot** out, uint32_t flags, shale_error** err) {
  Clear(out);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_snapshot_new", flags, kNoFlags));
    auto handle = std::make_unique<shale_snapshot>();
    SHALE_RETURN_IF_NOT_OK(db->engine->NewSnapshot(&handle->snapshot));
    *out = handle.release();
    return Status();
  });
}

shale_status shale_snapshot_get(shale_snapshot* snapshot, const void* key, size_t key_len, void** value,
                                size_t* value_len, int64_t* version, uint32_t flags, shale_error** err) {
  Clear(value, value_len, version);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckSnapshot(snapshot));
    SHALE_RETURN_IF_NOT_OK(CheckKey(key, key_len));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(value, value_len));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_snapshot_get", flags, kNoFlags));
    DiskRead read;
    SHALE_RETURN_IF_NOT_OK(snapshot->snapshot->Read(MakeBytes(key, key_len), &read));
    SHALE_RETURN_IF_NOT_OK(CopyOut(read.value, value, value_len));
    SetIfWanted(version, read.version);
    return Status();
  });
}

shale_status shale_snapshot_get_into(shale_snapshot* snapshot, const void* key, size_t key_len, void* buf,
                                     size_t cap, size_t* value_len, int64_t* version, uint32_t flags,
                                     shale_error** err) {
  Clear(value_len, version);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckSnapshot(snapshot));
    SHALE_RETURN_IF_NOT_OK(CheckKey(key, key_len));
    SHALE_RETURN_IF_NOT_OK(CheckBuffer("buf", buf, cap));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(value_len));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_snapshot_get_into", flags, kNoFlags));
    DiskRead read;
    SHALE_RETURN_IF_NOT_OK(snapshot->snapshot->Read(MakeBytes(key, key_len), &read));
    *value_len = read.value.size();
    if (read.value.size() > cap) return Code::TOO_SMALL;
    if (!read.value.empty()) std::memcpy(buf, read.value.data(), read.value.size());
    SetIfWanted(version, read.version);
    return Status();
  });
}

shale_status shale_snapshot_multi_get(shale_snapshot* snapshot, const shale_slice* keys, size_t count,
                                      shale_results** out, uint32_t flags, shale_error** err) {
  Clear(out);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckSnapshot(snapshot));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    std::vector<Bytes> taken;
    SHALE_RETURN_IF_NOT_OK(TakeKeys(keys, count, &taken));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_snapshot_multi_get", flags, kNoFlags));
    auto results = std::make_unique<shale_results>();
    SHALE_RETURN_IF_NOT_OK(ReadAll(snapshot->snapshot.get(), taken, results.get()));
    *out = results.release();
    return Status();
  });
}

shale_status shale_snapshot_iter(shale_snapshot* snapshot, const void* from, size_t from_len, const void* to,
                                 size_t to_len, int64_t limit, shale_iter** out, uint32_t flags,
                                 shale_error** err) {
  Clear(out);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckSnapshot(snapshot));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    Engine::ScanRequest request;
    SHALE_RETURN_IF_NOT_OK(
        RangeRequest("shale_snapshot_iter", from, from_len, to, to_len, limit, flags, &request));
    return NewIter(snapshot, request, out);
  });
}

shale_status shale_snapshot_prefix(shale_snapshot* snapshot, const void* prefix, size_t prefix_len,
                                   int64_t limit, shale_iter** out, uint32_t flags, shale_error** err) {
  Clear(out);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckSnapshot(snapshot));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    Engine::ScanRequest request;
    SHALE_RETURN_IF_NOT_OK(
        PrefixRequest("shale_snapshot_prefix", prefix, prefix_len, limit, flags, &request));
    return NewIter(snapshot, request, out);
  });
}

shale_status shale_snapshot_resume(shale_snapshot* snapshot, const void* token, size_t token_len,
                                   shale_iter** out, shale_error** err) {
  Clear(out);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckSnapshot(snapshot));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    Engine::ScanRequest request;
    SHALE_RETURN_IF_NOT_OK(TokenRequest(token, token_len, &request));
    return NewIter(snapshot, request, out);
  });
}

void shale_snapshot_free(shale_snapshot* snapshot) {
  FreeHandle(snapshot);
}
