// The right to load one key, as an object that a caller holds: when it goes unused, the load is given up and
// somebody else may try. It may outlive the engine; then there is nothing left to fulfil. Used by one thread
// at a time.
#pragma once

#include <memory>
#include <utility>

#include "engine/lease_table.h"

namespace shale {

class Engine;

class Lease {
 public:
  Lease(std::shared_ptr<LeaseTable> table, std::weak_ptr<Engine> engine, const KeyRef& key,
        LeaseTable::Ticket ticket)
      : table_(std::move(table)),
        engine_(std::move(engine)),
        ticket_(std::move(ticket)),
        key_(key.key),
        hash_(key.hash) {}
  ~Lease() {
    if (!used_) table_->GiveUp(ticket_);
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  KeyRef key() const { return KeyRef{key_, hash_}; }
  // Null when the database is gone.
  std::shared_ptr<Engine> engine() const { return engine_.lock(); }
  bool used() const { return used_; }

 private:
  friend class Engine;
  const std::shared_ptr<LeaseTable> table_;
  const std::weak_ptr<Engine> engine_;
  const LeaseTable::Ticket ticket_;
  const Buffer key_;
  const uint64_t hash_;
  bool used_ = false;
};

}   // namespace shale
