// Ranges of keys as wholes.
#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/work.h"

namespace shale {
namespace {

Status BoundsOf(const char* call, const void* from, size_t from_len, const void* to, size_t to_len,
                uint32_t flags, uint32_t allowed, CursorBounds* bounds) {
  SHALE_RETURN_IF_NOT_OK(CheckBound(from, from_len));
  SHALE_RETURN_IF_NOT_OK(CheckBound(to, to_len));
  SHALE_RETURN_IF_NOT_OK(CheckFlags(call, flags, allowed));
  bounds->from = Buffer(MakeBytes(from, from_len));
  bounds->to = Buffer(MakeBytes(to, to_len));
  if ((flags & SHALE_PREFIX) == 0) return Status();
  if (to_len != 0) return Status::Invalid("with SHALE_PREFIX there is no upper end: `to` must be (NULL, 0)");
  bounds->to = PrefixEnd(bounds->from);
  return Status();
}

void GiveOut(const RangeCount& count, int64_t* keys, int64_t* bytes) {
  *keys = static_cast<int64_t>(count.keys);
  *bytes = static_cast<int64_t>(count.bytes);
}

}   // namespace
}   // namespace shale

using namespace shale;

shale_status shale_delete_range(shale_db* db, const void* from, size_t from_len, const void* to,
                                size_t to_len, uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    CursorBounds bounds;
    SHALE_RETURN_IF_NOT_OK(BoundsOf("shale_delete_range", from, from_len, to, to_len, flags,
                                    SHALE_PREFIX | SHALE_SYNC, &bounds));
    return db->engine->DeleteRange(bounds.from, bounds.to, (flags & SHALE_SYNC) != 0);
  });
}

shale_status shale_count(shale_db* db, const void* from, size_t from_len, const void* to, size_t to_len,
                         shale_progress progress, void* context, int64_t* keys, int64_t* bytes,
                         uint32_t flags, shale_error** err) {
  Clear(keys, bytes);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(keys, bytes));
    CursorBounds bounds;
    SHALE_RETURN_IF_NOT_OK(BoundsOf("shale_count", from, from_len, to, to_len, flags, SHALE_PREFIX, &bounds));
    const std::shared_ptr<Engine> engine = db->engine;   // the handle may go while progress runs
    RangeCount count;
    SHALE_RETURN_IF_NOT_OK(engine->CountRange(bounds, ProgressOf(progress, context), &count));
    GiveOut(count, keys, bytes);
    return Status();
  });
}

shale_status shale_estimate(shale_db* db, const void* from, size_t from_len, const void* to, size_t to_len,
                            int64_t* keys, int64_t* bytes, uint32_t flags, shale_error** err) {
  Clear(keys, bytes);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(keys, bytes));
    CursorBounds bounds;
    SHALE_RETURN_IF_NOT_OK(
        BoundsOf("shale_estimate", from, from_len, to, to_len, flags, SHALE_PREFIX, &bounds));
    RangeCount count;
    SHALE_RETURN_IF_NOT_OK(db->engine->EstimateRange(bounds, &count));
    GiveOut(count, keys, bytes);
    return Status();
  });
}

shale_status shale_compact(shale_db* db, const void* from, size_t from_len, const void* to, size_t to_len,
                           shale_progress progress, void* context, uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    CursorBounds bounds;
    SHALE_RETURN_IF_NOT_OK(
        BoundsOf("shale_compact", from, from_len, to, to_len, flags, SHALE_PREFIX, &bounds));
    const std::shared_ptr<Engine> engine = db->engine;   // as in shale_count
    return engine->CompactRange(bounds, ProgressOf(progress, context));
  });
}
