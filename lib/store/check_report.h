// What a look at a whole store found: for verify and salvage, and for whoever puts it into words.
//  (1) file names are relative to the store ("07/00000001.seg"); a file that should be there and is not has
//      an entry too
//  (2) no value and no key is ever part of a text
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/work_progress.h"

namespace shale {

enum class Severity {
  kSuspicious,   // not as this library leaves it, but nothing is lost by that
  kDamaged,
};

struct FileProblem {
  Severity severity = Severity::kDamaged;
  uint64_t offset = 0;
  std::string what;
};

struct FileCheck {
  static constexpr size_t kProblemsMax = 16;   // kept; more are counted only
  uint64_t bytes = 0;
  bool unused = false;    // means nothing: cut off by a recovery, or left by a session that ended early
  uint64_t records = 0;   // valid ones in a segment, rows in a table
  uint64_t damaged = 0, suspicious = 0;
  std::vector<FileProblem> problems;
};

struct CheckReport {
  bool closed_cleanly = false;
  bool superblock = false;        // at least one copy is good
  bool encrypted = false;         // as the superblock says
  bool values_checked = true;     // false: some were not decrypted, for want of a key
  uint64_t done = 0, total = 0;   // bytes looked at
  uint64_t records = 0;           // in logs
  uint64_t keys = 0;              // rows of the indexes
  std::map<std::string, FileCheck> files;

  void Add(const std::string& file, Severity severity, uint64_t offset, std::string what) {
    FileCheck& check = files[file];
    (severity == Severity::kDamaged ? check.damaged : check.suspicious)++;
    if (check.problems.size() < FileCheck::kProblemsMax)
      check.problems.push_back(FileProblem{severity, offset, std::move(what)});
  }
  uint64_t CountFiles(Severity severity) const {
    uint64_t count = 0;
    for (const auto& [name, check] : files) {
      const bool damaged = check.damaged != 0;
      count += damaged == (severity == Severity::kDamaged) && (damaged || check.suspicious != 0);
    }
    return count;
  }
};

}   // namespace shale
