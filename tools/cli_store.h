// The ABI with owners: handles that free themselves and errors that become Failures.
//
//  (1) A Store is open from construction to Close; leaving early closes it too, without a report.
//  (2) Try returns outcomes (0 and above) and throws errors (below 0); the ErrorSlot given to it was the
//  call's last argument.
#ifndef SHALE_TOOLS_CLI_STORE_H_
#define SHALE_TOOLS_CLI_STORE_H_

#include <memory>
#include <string_view>

#include "cli_tool.h"
#include "shale/shale.h"

namespace shale::tool {

class ErrorSlot {
 public:
  ErrorSlot() = default;
  ErrorSlot(const ErrorSlot&) = delete;
  ErrorSlot& operator=(const ErrorSlot&) = delete;
  ~ErrorSlot() { shale_error_free(error_); }

  // For one call at a time: what an earlier call left is freed.
  operator shale_error**() {   // NOLINT: reads as the argument it stands for
    shale_error_free(error_);
    error_ = nullptr;
    return &error_;
  }
  const shale_error* get() const { return error_; }

 private:
  shale_error* error_ = nullptr;
};

shale_status Try(shale_status status, const ErrorSlot& slot);

struct IterFree {
  void operator()(shale_iter* iter) const { shale_iter_free(iter); }
};
struct BatchFree {
  void operator()(shale_batch* batch) const { shale_batch_free(batch); }
};
struct PinFree {
  void operator()(shale_pin* pin) const { shale_pin_free(pin); }
};
using Iter = std::unique_ptr<shale_iter, IterFree>;
using Batch = std::unique_ptr<shale_batch, BatchFree>;
using Pin = std::unique_ptr<shale_pin, PinFree>;

struct OptionsFree {
  void operator()(shale_options* options) const { shale_options_free(options); }
};
using Options = std::unique_ptr<shale_options, OptionsFree>;

enum class IfAbsent { kRefuse, kCreate };

// What the command line says of the store, its key among it.
Options MakeOptions(const Globals& globals, IfAbsent if_absent);
// The key alone, read from its file; none if the name is empty. Keys are never words of a command line, which
// every user of the machine can read.
Options KeyOptions(const std::string& key_file);

class Store {
 public:
  Store(const Globals& globals, IfAbsent if_absent);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store() { shale_free(db_); }

  shale_db* get() const { return db_; }
  // Reports what went wrong in closing, which for a writer is part of its answer.
  void Close();

 private:
  shale_db* db_ = nullptr;
};

// The directory of the store; a Failure if neither --db nor SHALE_DB names one.
const std::string& DirOf(const Globals& globals);

// One row of an iterator: false at its end. The views live until the next call.
bool NextRow(shale_iter* iter, std::string_view* key, std::string_view* value);

}   // namespace shale::tool

#endif   // SHALE_TOOLS_CLI_STORE_H_
