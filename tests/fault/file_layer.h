// The file layer that fault tests put in the place of the library's (lib/store/file_ops.h): every call is
// numbered, and may be made to fail, be cut short or interrupted, and be written down.
//  (1) a plan counts only the calls that its kind of fault can happen to, so that "the N-th" goes through all
//  (2) nothing is really synced: what a power cut would leave is the business of DiskModel
//  (3) calls on files that are not below the recorder's root are counted and may fail, but are not recorded
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace shale_test {

enum class FaultKind {
  kNone,
  kIo,             // EIO, nothing was done
  kIoAfterwards,   // EIO, though it was done: of a write, the first half
  kNoSpace,        // ENOSPC, wherever space or an entry could be needed
  kNoFiles,        // EMFILE
  kShort,          // half of the bytes
  kInterrupted,    // EINTR; for ever: every other time
};
const char* NameOf(FaultKind kind);

struct FaultPlan {
  FaultKind kind = FaultKind::kNone;
  uint64_t at = 0;   // number of the first call that meets it, from 0
  bool for_ever = false;
};

// What the file system does when it is asked to copy by itself.
struct CopyPlan {
  bool shares = false;                   // FICLONE: the whole file, as it is; else EOPNOTSUPP
  uint64_t copies_most = ~uint64_t{0};   // copy_file_range: so many bytes a call; 0: EXDEV
  uint64_t copies_end = ~uint64_t{0};    // EIO after so many calls
};

class DiskRecorder;

// One for the process, as the file system is.
class FileLayer {
 public:
  static FileLayer& The();

  void SetPlan(const FaultPlan& plan);                   // counts from 0 again
  uint64_t counted() const { return counted_; }          // calls that the plan could have met
  uint64_t met() const { return met_; }                  // ... and that it did
  const char* first_met() const { return first_met_; }   // call and name
  uint64_t calls() const { return calls_; }              // of every kind, since the program began
  int64_t open_files() const { return open_files_; }

  void SetRecorder(DiskRecorder* recorder);   // nullptr: none

  void SetCopyPlan(const CopyPlan& plan);   // counts from 0 again
  const CopyPlan& copy_plan() const { return copy_plan_; }
  uint64_t NextCopy() { return copies_++; }
  void CountCopy(bool shared, uint64_t bytes) { (shared ? shared_bytes_ : copied_bytes_) += bytes; }
  uint64_t shared_bytes() const { return shared_bytes_; }
  uint64_t copied_bytes() const { return copied_bytes_; }

  // What the replaced functions ask. True: the plan's fault happens to this call.
  bool Meets(uint32_t call, const char* name);
  FaultKind kind() const { return plan_.kind; }
  DiskRecorder* recorder() const { return recorder_; }
  void CountOpen(int64_t change) { open_files_ += change; }

 private:
  FaultPlan plan_;       // changed only while no store is open
  CopyPlan copy_plan_;   // the same
  std::atomic<uint64_t> shared_bytes_{0}, copied_bytes_{0}, copies_{0};
  DiskRecorder* recorder_ = nullptr;
  std::atomic<uint64_t> counted_{0}, met_{0}, calls_{0};
  std::atomic<int64_t> open_files_{0};
  char first_met_[160] = {};
};

// The next bytes that the library takes for random; 0: the kernel's again.
void SetSystemRandomSeed(uint64_t seed);

}   // namespace shale_test
