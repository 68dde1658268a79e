// The bar of the library's long calls: what is given to them as their progress function.
#ifndef SHALE_TOOLS_PROGRESS_WATCH_H_
#define SHALE_TOOLS_PROGRESS_WATCH_H_

#include <cstdint>
#include <memory>

#include "progress_bar.h"

namespace shale::tool {

// The bar begins when the size of the work is known. Whatever is thrown must not pass the library.
class Watch {
 public:
  Watch(const char* label, bool quiet) : label_(label), quiet_(quiet) {}

  static int32_t Tell(void* context, int64_t done, int64_t total) noexcept {
    try {
      auto* const self = static_cast<Watch*>(context);
      if (self->bar_ == nullptr)
        self->bar_ = std::make_unique<ProgressBar>(self->label_, total, self->quiet_);
      self->bar_->UpdateBytes(done);
      return 0;
    } catch (...) {
      return 1;
    }
  }
  void Finish() { bar_.reset(); }

 private:
  const char* const label_;
  const bool quiet_;
  std::unique_ptr<ProgressBar> bar_;
};

}   // namespace shale::tool

#endif   // SHALE_TOOLS_PROGRESS_WATCH_H_
