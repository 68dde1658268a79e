#include "cache/policy.h"

namespace shale {

namespace {
struct Row {
  const char* name;
  Status (*make)(Arena*, ItemTable*, size_t, std::unique_ptr<EvictionPolicy>*);
};
constexpr Row kRows[] = {
    {"s3fifo", NewS3FifoPolicy}, {"wtinylfu", NewWTinyLfuPolicy}, {"car", NewCarPolicy},
    {"sieve", NewSievePolicy},   {"lru", NewLruPolicy},           {"lfu", NewLfuPolicy},
    {"gdsf", NewGdsfPolicy},     {"fifo", NewFifoPolicy},
};
}   // namespace

const std::vector<std::string>& PolicyNames() {
  // Never destroyed: threads may outlive static destructors.
  static const auto* const names = [] {
    auto* list = new std::vector<std::string>;
    for (const Row& row : kRows) list->push_back(row.name);
    return list;
  }();
  return *names;
}

Status NewPolicy(const std::string& name, Arena* arena, ItemTable* table, size_t items_max,
                 std::unique_ptr<EvictionPolicy>* out) {
  std::string known;
  for (const Row& row : kRows) {
    if (name == row.name) return row.make(arena, table, items_max, out);
    known += known.empty() ? "" : ", ";
    known += row.name;
  }
  return Status::Invalid("cache: unknown eviction policy \"" + name + "\"; known: " + known);
}

}   // namespace shale
