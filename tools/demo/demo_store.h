// shale.h with owners, for the demonstration: handles free themselves, and an error ends the program with its
// message. Calls of interest are made in the chapters through the C ABI itself; here is only what every
// chapter repeats.
#ifndef SHALE_TOOLS_DEMO_DEMO_STORE_H_
#define SHALE_TOOLS_DEMO_DEMO_STORE_H_

#include <memory>
#include <string>
#include <string_view>

#include "shale/shale.h"

namespace shale::demo {

struct DemoFailure {
  std::string message;
};

struct DbFree {
  void operator()(shale_db* db) const { shale_free(db); }
};
struct IterFree {
  void operator()(shale_iter* iter) const { shale_iter_free(iter); }
};
struct BatchFree {
  void operator()(shale_batch* batch) const { shale_batch_free(batch); }
};
using Db = std::unique_ptr<shale_db, DbFree>;
using Iter = std::unique_ptr<shale_iter, IterFree>;
using Batch = std::unique_ptr<shale_batch, BatchFree>;

// Passes OK and outcomes on; throws DemoFailure for an error and frees it.
shale_status Must(shale_status status, shale_error* error);

Db OpenStore(const std::string& path);
void CloseStore(Db db);

void Put(shale_db* db, std::string_view key, std::string_view value);
// False if there is no such key. `value` is reused between calls: no allocation once it is large enough.
bool Get(shale_db* db, std::string_view key, std::string* value);

Iter ScanPrefix(shale_db* db, std::string_view prefix, uint32_t flags);
Iter ScanRange(shale_db* db, std::string_view from, std::string_view to, uint32_t flags);
bool Next(shale_iter* iter, std::string_view* key, std::string_view* value);

Batch NewBatch();
void BatchPut(shale_batch* batch, std::string_view key, std::string_view value);
void BatchDelete(shale_batch* batch, std::string_view key);
void WriteBatch(shale_db* db, const shale_batch* batch);

}   // namespace shale::demo

#endif   // SHALE_TOOLS_DEMO_DEMO_STORE_H_
