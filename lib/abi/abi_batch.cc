// Atomic batches.
#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/packed.h"

using namespace shale;

shale_status shale_batch_new(shale_batch** out) {
  Clear(out);
  return Guard(nullptr, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    InstallForkGuard();
    *out = new shale_batch();
    return Status();
  });
}

shale_status shale_batch_put(shale_batch* batch, const void* key, size_t key_len, const void* value,
                             size_t value_len, int64_t ttl_ms, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(batch));
    SHALE_RETURN_IF_NOT_OK(CheckKey(key, key_len));
    SHALE_RETURN_IF_NOT_OK(CheckValue(value, value_len));
    SHALE_RETURN_IF_NOT_OK(CheckTtl(ttl_ms, false));
    return batch->batch.Put(MakeBytes(key, key_len), MakeBytes(value, value_len), ttl_ms);
  });
}

shale_status shale_batch_delete(shale_batch* batch, const void* key, size_t key_len, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(batch));
    SHALE_RETURN_IF_NOT_OK(CheckKey(key, key_len));
    return batch->batch.Delete(MakeBytes(key, key_len));
  });
}

size_t shale_batch_count(const shale_batch* batch) {
  return IsUsable(batch) ? batch->batch.count() : 0;
}

size_t shale_batch_bytes(const shale_batch* batch) {
  return IsUsable(batch) ? batch->batch.bytes() : 0;
}

void shale_batch_clear(shale_batch* batch) {
  if (IsUsable(batch)) batch->batch.Clear();
}

void shale_batch_free(shale_batch* batch) {
  FreeHandle(batch);
}

shale_status shale_write(shale_db* db, const shale_batch* batch, uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckHandle(batch));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_write", flags, kMultiPutFlags));
    return db->engine->Write(batch->batch, (flags & SHALE_WRITE_AROUND) == 0, (flags & SHALE_SYNC) != 0);
  });
}

shale_status shale_write_packed(shale_db* db, const void* ops, size_t ops_len, size_t count, uint32_t flags,
                                shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_write_packed", flags, kMultiPutFlags));
    SHALE_RETURN_IF_NOT_OK(CheckBuffer("ops", ops, ops_len));
    WriteBatch batch;
    SHALE_RETURN_IF_NOT_OK(ParsePackedOps(MakeBytes(ops, ops_len), count, &batch));
    return db->engine->Write(batch, (flags & SHALE_WRITE_AROUND) == 0, (flags & SHALE_SYNC) != 0);
  });
}
