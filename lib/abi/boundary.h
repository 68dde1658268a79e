// The border between C and C++: every exported call runs its body inside Guard, so that no exception leaves
// the library and a Status becomes a number and an error object in one place only.
//  (1) nothing thrown passes Guard: no memory, a thread that cannot start, or a defect comes out as a status
//  (2) *err is NULL after OK and after an outcome; after an error it is the caller's object, or NULL if there
//      was no memory even for that
//  (3) outputs are cleared before anything is checked (Clear), so they are never left as the caller had them
#pragma once

#include <utility>

#include "base/status.h"
#include "shale/shale.h"

namespace shale {

// NULL if there is no memory for it.
shale_error* NewError(Status&& status) noexcept;

// The one place where a Status becomes what a caller sees.
inline shale_status Report(Status&& status, shale_error** err) noexcept {
  const auto code = static_cast<shale_status>(status.code());
  if (err != nullptr) *err = status.IsError() ? NewError(std::move(status)) : nullptr;
  return code;
}

// Called inside a catch block.
[[gnu::cold]] shale_status ReportException(shale_error** err) noexcept;

// `body` returns a Status. A template, not a std::function: a read must not allocate to be called.
template <typename Body>
inline shale_status Guard(shale_error** err, Body&& body) noexcept {
  try {
    return Report(body(), err);
  } catch (...) {
    return ReportException(err);
  }
}

// Outputs that were given become NULL or 0.
template <typename... Outputs>
inline void Clear(Outputs*... outputs) {
  ((outputs != nullptr ? static_cast<void>(*outputs = {}) : static_cast<void>(0)), ...);
}

// For introspection, where every output may be left out.
template <typename T>
inline void SetIfWanted(T* output, T value) {
  if (output != nullptr) *output = value;
}

}   // namespace shale
