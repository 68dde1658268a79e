// Errors, memory handed over, and the count of handles.
#include <cstdlib>

#include "abi/abi_handles.h"

namespace {

bool IsError(const shale_error* error) {
  return error != nullptr && error->Is(shale_error::kMagic);
}

}   // namespace

shale_status shale_error_code(const shale_error* error) {
  if (error == nullptr) return SHALE_OK;
  return IsError(error) ? static_cast<shale_status>(error->status.code()) : SHALE_E_INVALID;
}

const char* shale_error_message(const shale_error* error) {
  return IsError(error) ? error->status.message() : "";
}

int32_t shale_error_errno(const shale_error* error) {
  return IsError(error) ? error->status.error_number() : 0;
}

int32_t shale_error_shard(const shale_error* error) {
  return IsError(error) ? error->status.shard() : -1;
}

void shale_error_free(shale_error* error) {
  if (IsError(error)) delete error;   // also one of the parent process: it shares nothing
}

void shale_mem_free(void* memory) {
  std::free(memory);
}

int64_t shale_live_handles(void) {
  return shale::Handle::Live();
}
