// Long work of the library, watched: its progress function, with a bar that begins when the size is known.
#ifndef SHALE_TOOLS_PROGRESS_WATCH_H_
#define SHALE_TOOLS_PROGRESS_WATCH_H_

#include <cstdint>
#include <memory>

#include "progress_bar.h"

namespace shale::tool {

// A shale_progress and its context. Whatever is thrown must not pass the library.
class ProgressWatch {
 public:
  ProgressWatch(const char* label, bool quiet) : label_(label), quiet_(quiet) {}

  static int32_t Tell(void* context, int64_t done, int64_t total) noexcept {
    try {
      static_cast<ProgressWatch*>(context)->Show(done, total);
      return 0;
    } catch (...) {
      return 1;
    }
  }
  void Finish() { bar_.reset(); }

 private:
  // The total of a stream is not known (done == total), that of a backup may grow.
  void Show(int64_t done, int64_t total) {
    if (bar_ == nullptr || (total > total_ && done < total)) {
      bar_.reset();
      bar_ = std::make_unique<ProgressBar>(label_, done < total ? total : 0, quiet_);
      total_ = total;
    }
    bar_->UpdateBytes(done);
  }

  const char* const label_;
  const bool quiet_;
  int64_t total_ = 0;
  std::unique_ptr<ProgressBar> bar_;
};

}   // namespace shale::tool

#endif   // SHALE_TOOLS_PROGRESS_WATCH_H_
