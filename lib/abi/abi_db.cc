// Begin and end of a store, and what concerns it as a whole.
#include <string>

#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/work.h"

using namespace shale;

shale_status shale_open(const char* path, const shale_options* options, shale_db** db, shale_error** err) {
  Clear(db);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(db));
    if (options != nullptr) SHALE_RETURN_IF_NOT_OK(CheckHandle(options));
    InstallForkGuard();
    auto made = std::make_unique<shale_db>();
    SHALE_RETURN_IF_NOT_OK(Engine::Open(path != nullptr ? path : "",
                                        options != nullptr ? options->options : Options(), &made->engine));
    *db = made.release();
    return Status();
  });
}

shale_status shale_close(shale_db* db, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(db));
    return db->engine->Close();
  });
}

void shale_free(shale_db* db) {
  if (IsUsable(db)) shale_close(db, nullptr);   // whoever wants the error closes first
  FreeHandle(db);
}

shale_status shale_destroy(const char* path, uint32_t flags, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckText("path", path));
    if (*path == '\0') return Status::Invalid("path is empty");
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_destroy", flags, kNoFlags));
    InstallForkGuard();   // it holds the store's lock meanwhile, which a child must not share
    return DestroyStore(path);
  });
}

shale_status shale_db_option(shale_db* db, const char* name, const char** value) {
  Clear(value);
  return Guard(nullptr, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckText("name", name));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(value));
    *value = db->engine->OptionText(name);
    return *value != nullptr ? Code::OK : Code::NOT_FOUND;
  });
}

shale_status shale_db_set_option(shale_db* db, const char* name, const char* value, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckText("name", name));
    SHALE_RETURN_IF_NOT_OK(CheckText("value", value));
    return db->engine->SetOption(name, value);
  });
}

shale_status shale_flush(shale_db* db, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    return db->engine->Flush();
  });
}

shale_status shale_sync(shale_db* db, shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    return db->engine->Sync();
  });
}

shale_status shale_reclaim(shale_db* db, shale_progress progress, void* context, uint32_t flags,
                           shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckFlags("shale_reclaim", flags, kNoFlags));
    const std::shared_ptr<Engine> engine = db->engine;   // the handle may go while progress runs
    return engine->Reclaim(ProgressOf(progress, context));
  });
}

shale_status shale_shard_state(shale_db* db, int32_t shard, int32_t* state, shale_error** err) {
  Clear(state);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(state));
    if (shard < 0 || shard >= kDiskShards) {
      return Status::Invalid("shard is " + std::to_string(shard) + "; it must be 0.." +
                             std::to_string(kDiskShards - 1));
    }
    bool read_only = false;
    SHALE_RETURN_IF_NOT_OK(db->engine->ShardReadOnly(shard, &read_only));
    *state = read_only ? SHALE_SHARD_READ_ONLY : SHALE_SHARD_OPEN;
    return Status();
  });
}
