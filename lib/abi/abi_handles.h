// What the opaque pointers of shale.h point to. A caller may pass anything; as far as it can be seen from the
// memory behind the pointer, a handle of another type, a freed one, or one of the parent process is refused
// instead of used.
//  (1) every handle begins with the magic word of its type; it is gone when the handle is freed
//  (2) a handle made before a fork is refused in the child, without touching what it owns: its locks and
//      threads do not exist there. Freeing it only takes it off the count; its memory is left alone
//  (3) Handle::Live() is the number of handles that were made and not freed
// Errors are the exception to (2): nobody changes an error once it was made, so that the child may read and
// free it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "abi/out_buffer.h"
#include "base/fork_guard.h"
#include "base/status.h"
#include "cache/pin.h"
#include "engine/engine.h"
#include "engine/lease.h"
#include "engine/options.h"
#include "engine/scan.h"
#include "engine/snapshot.h"
#include "engine/write_batch.h"
#include "shale/shale.h"

namespace shale {

class Handle {
 public:
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  bool Is(uint32_t magic) const { return magic_ == magic; }
  bool OfThisProcess() const { return generation_ == ForkGeneration(); }
  // In place of destruction, for a handle of the parent process.
  void Abandon() { Forget(); }

  static int64_t Live() {
    return live_.load(std::memory_order_relaxed);
  }   // relaxed: a count that orders nothing

 protected:
  explicit Handle(uint32_t magic) : magic_(magic), generation_(ForkGeneration()) {
    live_.fetch_add(1, std::memory_order_relaxed);   // relaxed: as in Live
  }
  ~Handle() { Forget(); }

 private:
  void Forget() {
    // Through volatile: the compiler would drop a store to an object that is about to end.
    *static_cast<volatile uint32_t*>(&magic_) = 0;
    live_.fetch_sub(1, std::memory_order_relaxed);   // relaxed: as in Live
  }

  static std::atomic<int64_t> live_;
  uint32_t magic_;
  const uint32_t generation_;
};

}   // namespace shale

struct shale_error : shale::Handle {
  static constexpr uint32_t kMagic = 0x5e11e001;
  static constexpr const char* kWhat = "error";
  explicit shale_error(shale::Status&& from) noexcept : Handle(kMagic), status(std::move(from)) {}
  const shale::Status status;
};

struct shale_options : shale::Handle {
  static constexpr uint32_t kMagic = 0x5e11e002;
  static constexpr const char* kWhat = "options";
  shale_options() : Handle(kMagic) {}
  shale::Options options;
};

struct shale_db : shale::Handle {
  static constexpr uint32_t kMagic = 0x5e11e003;
  static constexpr const char* kWhat = "database";
  shale_db() : Handle(kMagic) {}
  std::shared_ptr<shale::Engine> engine;   // shared with iterators
};

struct shale_pin : shale::Handle {
  static constexpr uint32_t kMagic = 0x5e11e004;
  static constexpr const char* kWhat = "pin";
  explicit shale_pin(shale::Pin&& from) : Handle(kMagic), pin(std::move(from)) {}
  shale::Pin pin;
};

struct shale_results : shale::Handle {
  static constexpr uint32_t kMagic = 0x5e11e005;
  static constexpr const char* kWhat = "results";
  shale_results() : Handle(kMagic) {}
  struct Answer {
    shale_status status = SHALE_OK;
    bool has_value = false;
    size_t value_at = 0;   // in values, which moves while it grows
    size_t value_len = 0;
    int64_t version = 0;
  };
  std::vector<Answer> answers;
  std::vector<std::unique_ptr<shale::Lease>> leases;   // of answers that are LEASED; empty if there is none
  shale::OutBuffer values;
};

struct shale_lease : shale::Handle {
  static constexpr uint32_t kMagic = 0x5e11e010;
  static constexpr const char* kWhat = "lease";
  explicit shale_lease(std::unique_ptr<shale::Lease>&& from) : Handle(kMagic), lease(std::move(from)) {}
  const std::unique_ptr<shale::Lease> lease;
};

struct shale_batch : shale::Handle {
  static constexpr uint32_t kMagic = 0x5e11e006;
  static constexpr const char* kWhat = "batch";
  shale_batch() : Handle(kMagic) {}
  shale::WriteBatch batch;
};

struct shale_snapshot : shale::Handle {
  static constexpr uint32_t kMagic = 0x5e11e012;
  static constexpr const char* kWhat = "snapshot";
  shale_snapshot() : Handle(kMagic) {}
  std::shared_ptr<shale::Snapshot> snapshot;   // shared with iterators
};

struct shale_iter : shale::Handle {
  static constexpr uint32_t kMagic = 0x5e11e007;
  static constexpr const char* kWhat = "iterator";
  shale_iter() : Handle(kMagic) {}
  std::unique_ptr<shale::Scan> scan;
  shale::Status later;   // an error met behind rows that were handed out; the next call returns it
};

namespace shale {

[[gnu::cold]] Status NotAHandle(const char* what);
[[gnu::cold]] Status ForkedStatus();
[[gnu::cold]] Status ClosedDbStatus();

template <typename H>
inline bool IsUsable(const H* handle) {
  return handle != nullptr && handle->Is(H::kMagic) && handle->OfThisProcess();
}

// OK, E_INVALID or E_FORKED.
template <typename H>
inline Status CheckHandle(const H* handle) {
  if (handle == nullptr || !handle->Is(H::kMagic)) [[unlikely]]
    return NotAHandle(H::kWhat);
  if (!handle->OfThisProcess()) [[unlikely]]
    return ForkedStatus();
  return Status();
}

// And E_CLOSED.
inline Status CheckDb(const shale_db* db) {
  SHALE_RETURN_IF_NOT_OK(CheckHandle(db));
  if (db->engine->closed()) [[unlikely]]
    return ClosedDbStatus();
  return Status();
}

// What is not a handle of this type is left alone.
template <typename H>
inline void FreeHandle(H* handle) noexcept {
  if (handle == nullptr || !handle->Is(H::kMagic)) return;
  if (handle->OfThisProcess()) {
    delete handle;
  } else {
    handle->Abandon();
  }
}

}   // namespace shale
