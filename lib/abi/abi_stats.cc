// Figures of a store, and what has left its memory tier.
#include "engine/stats.h"

#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"
#include "abi/work.h"
#include "engine/prometheus.h"

using namespace shale;

shale_status shale_stat(shale_db* db, const char* name, int64_t* value, shale_error** err) {
  Clear(value);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckText("name", name));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(value));
    int64_t figure = 0;
    SHALE_RETURN_IF_NOT_OK(ReadStat(db->engine.get(), name, &figure));
    *value = figure;
    return Status();
  });
}

size_t shale_stat_count(void) {
  return StatCount();
}

shale_status shale_stat_at(size_t index, const char** name, const char** kind, const char** doc) {
  Clear(name, kind, doc);
  return Guard(nullptr, [&]() -> Status {
    const StatRow* const row = StatAt(index);
    if (row == nullptr) return Code::NOT_FOUND;
    SetIfWanted(name, row->name);
    SetIfWanted(kind, row->kind);
    SetIfWanted(doc, row->doc);
    return Status();
  });
}

namespace {

using Writer = Status (*)(Engine* engine, std::string* out);

Status TextOf(const shale_db* db, Writer write, char** text) {
  SHALE_RETURN_IF_NOT_OK(CheckDb(db));
  SHALE_RETURN_IF_NOT_OK(CheckOutputs(text));
  std::string made;
  SHALE_RETURN_IF_NOT_OK(write(db->engine.get(), &made));
  return HandOver(made, text);
}

}   // namespace

shale_status shale_stats_json(shale_db* db, char** text, shale_error** err) {
  Clear(text);
  return Guard(err, [&] { return TextOf(db, StatsJson, text); });
}

shale_status shale_stats_prometheus(shale_db* db, char** text, shale_error** err) {
  Clear(text);
  return Guard(err, [&] { return TextOf(db, StatsPrometheus, text); });
}

shale_status shale_events_poll(shale_db* db, void* buf, size_t cap, size_t* used, size_t* rows,
                               int64_t* dropped, shale_error** err) {
  Clear(used, rows, dropped);
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckDb(db));
    SHALE_RETURN_IF_NOT_OK(CheckBuffer("buf", buf, cap));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(used, rows, dropped));
    return db->engine->TakeEvents(static_cast<char*>(buf), cap, used, rows, dropped);
  });
}
