// Many keys in one buffer, for languages in which every call and every pointer costs: little-endian numbers,
// nothing padded.
//  (1) a buffer holds exactly `count` entries: too few bytes, or bytes behind the last entry, are E_INVALID
//  (2) the parts point into the buffer, and every key, value and ttl_ms has passed arguments.h
//  (3) memory used is bounded by the buffer's size, whatever `count` says
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "engine/write_batch.h"

namespace shale {

// count times (u32 length, bytes).
Status ParsePackedKeys(Bytes packed, size_t count, std::vector<Bytes>* keys);
// count times (u32 key length, key, u32 value length, value).
Status ParsePackedItems(Bytes packed, size_t count, std::vector<KeyValue>* items);
// count times u8 1, u32 key length, key, i64 ttl_ms, u32 value length, value; or u8 2, u32 key length, key.
// Into an empty batch; on an error the batch holds a part.
Status ParsePackedOps(Bytes packed, size_t count, WriteBatch* batch);

}   // namespace shale
