// Long work: how its progress is told to the caller, and how a report is handed over.
#pragma once

#include <string>

#include "abi/arguments.h"
#include "abi/out_buffer.h"
#include "base/work_progress.h"

namespace shale {

inline Status CheckPath(const char* what, const char* path) {
  SHALE_RETURN_IF_NOT_OK(CheckText(what, path));
  return *path != '\0' ? Status() : Status::Invalid(std::string(what) + " is empty");
}

inline WorkProgress ProgressOf(shale_progress progress, void* context) {
  return [progress, context](uint64_t done, uint64_t total) {
    return progress == nullptr ||
           progress(context, static_cast<int64_t>(done), static_cast<int64_t>(total)) == 0;
  };
}

// The report as text of the caller's, if he wants it.
inline Status HandOver(const std::string& json, char** report) {
  if (report == nullptr) return Status();
  void* copy = nullptr;
  size_t copy_len = 0;
  SHALE_RETURN_IF_NOT_OK(CopyOut(Bytes(json.c_str(), json.size() + 1), &copy, &copy_len));
  *report = static_cast<char*>(copy);
  return Status();
}

}   // namespace shale
