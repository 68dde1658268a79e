// Loads, one caller a key: leases of one key and of many.
#include <string>
#include <vector>

#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/many_keys.h"

namespace shale {
namespace {

constexpr uint32_t kLeaseFlags = SHALE_NO_FILL | SHALE_STALE_OK;
constexpr uint32_t kFulfilFlags = SHALE_SYNC | SHALE_WRITE_AROUND;

// A value up to this is read to the stack first; a longer one is pinned.
constexpr size_t kStackBytes = 4096;

Status CheckTimes(int64_t wait_ms, int64_t hold_ms) {
  if (wait_ms < 0)
    return Status::Invalid("wait_ms is " + std::to_string(wait_ms) + "; it must be 0 (not at all) or more");
  if (hold_ms >= 0) return Status();
  return Status::Invalid("hold_ms is " + std::to_string(hold_ms) +
                         "; it must be above 0, or 0 for the option lease.hold_ms");
}

LeaseRequest RequestFor(int64_t wait_ms, int64_t hold_ms, uint32_t flags) {
  LeaseRequest request;
  request.read.mode = ReadMode::kCopyOrPin;
  request.read.fill = (flags & SHALE_NO_FILL) == 0;
  request.wait_ms = wait_ms;
  request.hold_ms = hold_ms;
  request.stale_ok = (flags & SHALE_STALE_OK) != 0;
  return request;
}

// OK, STALE and LEASED may come with a value.
bool HasValue(const Status& s, const ReadResult& read) {
  if (s.Is(Code::LEASED)) return read.copied || !read.pin.empty();
  return s.ok() || s.Is(Code::STALE);
}

Status CheckLease(const shale_lease* lease) {
  SHALE_RETURN_IF_NOT_OK(CheckHandle(lease));
  if (!lease->lease->used()) return Status();
  return Status::Invalid("the lease was fulfilled or failed before");
}

// And holds the engine, which may be gone.
Status CheckLiveLease(const shale_lease* lease, std::shared_ptr<Engine>* engine) {
  SHALE_RETURN_IF_NOT_OK(CheckHandle(lease));
  *engine = lease->lease->engine();
  if (*engine == nullptr || (*engine)->closed()) return ClosedDbStatus();
  return CheckLease(lease);
}

WriteOptions FulfilOptions(int64_t ttl_ms, uint32_t flags) {
  WriteOptions options;
  options.ttl_ms = ttl_ms;
  options.sync = (flags & SHALE_SYNC) != 0;
  options.install = (flags & SHALE_WRITE_AROUND) == 0;
  return options;
}

// One key of many, into its answer.
Status AskOne(Engine* engine, Bytes key, const LeaseRequest& from, shale_results* results, size_t index) {
  char stack[kStackBytes];
  LeaseRequest request = from;
  request.read.buf = stack;
  request.read.cap = sizeof stack;
  ReadResult read;
  std::unique_ptr<Lease> lease;
  Status s = engine->GetOrLease(key, request, &read, &lease);
  if (EndsTheCall(s)) return s;
  shale_results::Answer& answer = results->answers[index];
  if (lease != nullptr) {
    results->leases.resize(results->answers.size());
    results->leases[index] = std::move(lease);
  }
  if (HasValue(s, read)) {
    answer.value_at = results->values.size();
    answer.has_value = true;
    answer.value_len = read.value_len;
    answer.version = read.version;
    SHALE_RETURN_IF_NOT_OK(
        results->values.Append(read.copied ? Bytes(stack, read.value_len) : read.pin.bytes()));
  }
  answer.status = static_cast<shale_status>(s.code());
  return Status();
}

// First everything that can be had at once. Only a caller that holds no lease waits for others: two callers
// that each held what the other waits for would stand still until their time is over.
Status AskAll(Engine* engine, const std::vector<Bytes>& keys, int64_t wait_ms, LeaseRequest request,
              shale_results* results) {
  results->answers.resize(keys.size());
  request.wait_ms = 0;
  for (size_t i = 0; i < keys.size(); i++)
    SHALE_RETURN_IF_NOT_OK(AskOne(engine, keys[i], request, results, i));
  const int64_t until_ms = LeaseTable::SteadyAfter(wait_ms);
  for (size_t i = 0; i < keys.size() && wait_ms > 0; i++) {
    if (results->answers[i].status != SHALE_WOULD_BLOCK) continue;
    const int64_t left_ms = until_ms - LeaseTable::SteadyMs();
    request.wait_ms = results->leases.empty() && left_ms > 0 ? left_ms : 0;
    SHALE_RETURN_IF_NOT_OK(AskOne(engine, keys[i], request, results, i));
  }
  return Status();
}

}   // namespace
}   // namespace shale

using namespace shale;

shale_status shale_get_or_lease(shale_db* db, const void* key, size_t key_len, int64_t wait_ms,
                                int64_t hold_ms, void* buf, size_t cap, shale_pin** pin, const void** value,
                                size_t* value_len, int64_t* version, shale_lease** lease, uint32_t flags,
                                shale_error** err) {
  Clear(pin, value, value_len, version, lease);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckKey(key, key_len));
    SHALE_RETURN_IF_NOT_OK(CheckTimes(wait_ms, hold_ms));
    SHALE_RETURN_IF_NOT_OK(CheckBuffer("buf", buf, cap));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(pin, value, value_len, lease));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_get_or_lease", flags, kLeaseFlags));
    LeaseRequest request = RequestFor(wait_ms, hold_ms, flags);
    request.read.buf = buf;
    request.read.cap = cap;
    ReadResult read;
    std::unique_ptr<Lease> made;
    Status s = db->engine->GetOrLease(MakeBytes(key, key_len), request, &read, &made);
    if (s.IsError()) return s;
    std::unique_ptr<shale_lease> handle =
        made != nullptr ? std::make_unique<shale_lease>(std::move(made)) : nullptr;
    if (HasValue(s, read)) {
      if (read.copied) {
        *value = cap != 0 ? buf : "";   // an empty value is not a missing one
      } else {
        *pin = new shale_pin(std::move(read.pin));
        *value = (*pin)->pin.bytes().data();
      }
      *value_len = read.value_len;
      SetIfWanted(version, read.version);
    }
    *lease = handle.release();
    return s;
  });
}

shale_status shale_lease_key(const shale_lease* lease, const void** key, size_t* key_len) {
  Clear(key, key_len);
  return Guard(nullptr, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(lease));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(key, key_len));
    const Bytes bytes = lease->lease->key().key;
    *key = bytes.data();
    *key_len = bytes.size();
    return Status();
  });
}

shale_status shale_lease_fulfil(shale_lease* lease, const void* value, size_t value_len, int64_t ttl_ms,
                                int64_t* version, uint32_t flags, shale_error** err) {
  Clear(version);
  return Guard(err, [&]() -> Status {
    std::shared_ptr<Engine> engine;
    SHALE_RETURN_IF_NOT_OK(CheckLiveLease(lease, &engine));
    SHALE_RETURN_IF_NOT_OK(CheckValue(value, value_len));
    SHALE_RETURN_IF_NOT_OK(CheckTtl(ttl_ms, false));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_lease_fulfil", flags, kFulfilFlags));
    int64_t made = 0;
    SHALE_RETURN_IF_NOT_OK(engine->FulfilLease(lease->lease.get(), MakeBytes(value, value_len),
                                               FulfilOptions(ttl_ms, flags), &made));
    SetIfWanted(version, made);
    return Status();
  });
}

shale_status shale_lease_fail(shale_lease* lease, int64_t missing_ttl_ms, uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    std::shared_ptr<Engine> engine;
    SHALE_RETURN_IF_NOT_OK(CheckLiveLease(lease, &engine));
    if (missing_ttl_ms < 0)
      return Status::Invalid("missing_ttl_ms is " + std::to_string(missing_ttl_ms) +
                             "; it must be 0 (not remembered) or more");
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_lease_fail", flags, kNoFlags));
    return engine->FailLease(lease->lease.get(), missing_ttl_ms);
  });
}

void shale_lease_free(shale_lease* lease) {
  FreeHandle(lease);
}

shale_status shale_multi_get_or_lease(shale_db* db, const shale_slice* keys, size_t count, int64_t wait_ms,
                                      int64_t hold_ms, shale_results** out, uint32_t flags,
                                      shale_error** err) {
  Clear(out);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckTimes(wait_ms, hold_ms));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_multi_get_or_lease", flags, kLeaseFlags));
    std::vector<Bytes> taken;
    SHALE_RETURN_IF_NOT_OK(TakeKeys(keys, count, &taken));
    auto results = std::make_unique<shale_results>();
    SHALE_RETURN_IF_NOT_OK(
        AskAll(db->engine.get(), taken, wait_ms, RequestFor(0, hold_ms, flags), results.get()));
    *out = results.release();
    return Status();
  });
}

shale_status shale_results_lease(shale_results* results, size_t index, shale_lease** lease) {
  Clear(lease);
  return Guard(nullptr, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(results));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(lease));
    if (index >= results->answers.size()) return Status::Invalid("the index is past the last answer");
    if (index >= results->leases.size() || results->leases[index] == nullptr) return Code::NOT_FOUND;
    *lease = std::make_unique<shale_lease>(std::move(results->leases[index])).release();
    return Status();
  });
}

shale_status shale_multi_lease_fulfil(shale_lease* const* leases, const shale_slice* values, size_t count,
                                      int64_t ttl_ms, shale_status* statuses, uint32_t flags,
                                      shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckTtl(ttl_ms, false));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_multi_lease_fulfil", flags, kFulfilFlags));
    SHALE_RETURN_IF_NOT_OK(CheckSlices("values", values, count));
    if (count > 0) SHALE_RETURN_IF_NOT_OK(CheckOutputs(leases, statuses));
    for (size_t i = 0; i < count; i++) statuses[i] = SHALE_OK;
    std::vector<std::shared_ptr<Engine>> engines(count);
    for (size_t i = 0; i < count; i++) {
      SHALE_RETURN_IF_NOT_OK(CheckLiveLease(leases[i], &engines[i]));
      SHALE_RETURN_IF_NOT_OK(CheckValue(values[i].data, values[i].size));
    }
    // One sync at the end of each database's leases serves all of them, and nearly always there is one
    // database.
    for (size_t i = 0; i < count; i++) {
      Status s = engines[i]->FulfilLease(leases[i]->lease.get(), MakeBytes(values[i].data, values[i].size),
                                         FulfilOptions(ttl_ms, flags & ~SHALE_SYNC), nullptr);
      statuses[i] = static_cast<shale_status>(s.code());
      if (s.IsError()) return s;
    }
    for (size_t i = 0; i < count && (flags & SHALE_SYNC) != 0; i++) {
      if (i == 0 || engines[i] != engines[i - 1]) SHALE_RETURN_IF_NOT_OK(engines[i]->Sync());
    }
    return Status();
  });
}
