#include "abi/boundary.h"

#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

#include "abi/abi_handles.h"

namespace shale {

namespace {

Status StatusOfException() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return Code::E_NO_MEMORY;
  } catch (const std::length_error&) {   // a container asked for more than there can be
    return Code::E_NO_MEMORY;
  } catch (const std::system_error& error) {   // a thread could not be started
    return Status::Error(Code::E_LIMIT, error.what(), error.code().value());
  } catch (const std::exception& error) {
    return Status::Error(Code::E_INTERNAL, std::string("unexpected exception: ") + error.what());
  } catch (...) {
    return Status::Error(Code::E_INTERNAL, "unexpected exception of unknown type");
  }
}

}   // namespace

shale_error* NewError(Status&& status) noexcept {
  return new (std::nothrow) shale_error(std::move(status));
}

shale_status ReportException(shale_error** err) noexcept {
  Status status(Code::E_NO_MEMORY);
  try {
    status = StatusOfException();
  } catch (...) {   // no memory for the text of another error: the status stays as it is
  }
  return Report(std::move(status), err);
}

}   // namespace shale
