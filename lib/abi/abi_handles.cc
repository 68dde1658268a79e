#include "abi/abi_handles.h"

#include <string>

namespace shale {

std::atomic<int64_t> Handle::live_{0};

Status NotAHandle(const char* what) {
  return Status::Invalid(std::string("the ") + what + " handle is NULL, freed, or of another type");
}

Status ForkedStatus() {
  return Status::Error(Code::E_FORKED, "the handle was made in the parent of this process");
}

Status ClosedDbStatus() {
  return Status::Error(Code::E_CLOSED, "the database is closed");
}

}   // namespace shale
