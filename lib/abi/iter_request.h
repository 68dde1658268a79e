// What a caller asks of an iterator, checked: the same for one over a database and one over a snapshot.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "engine/scan.h"

namespace shale {

Status RangeRequest(const char* call, const void* from, size_t from_len, const void* to, size_t to_len,
                    int64_t limit, uint32_t flags, Engine::ScanRequest* request);
Status PrefixRequest(const char* call, const void* prefix, size_t prefix_len, int64_t limit, uint32_t flags,
                     Engine::ScanRequest* request);
Status TokenRequest(const void* token, size_t token_len, Engine::ScanRequest* request);

}   // namespace shale
