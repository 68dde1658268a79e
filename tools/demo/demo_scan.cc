// Chapter 3: 64 shards, one order.

#include <utility>

#include "demo/demo.h"

namespace shale::demo {
namespace {

using FieldMap = std::map<std::string, std::string>;

// Rows of `iter` that continue the source at *expected, in its order; stops at the first that does not.
int64_t CountMatching(shale_iter* iter, const FieldMap& fields, FieldMap::const_iterator* expected,
                      int64_t limit) {
  std::string_view key;
  std::string_view value;
  int64_t rows = 0;
  while (rows < limit && Next(iter, &key, &value)) {
    if (*expected == fields.end() || key != (*expected)->first || value != (*expected)->second) return -1;
    ++*expected;
    ++rows;
  }
  return rows;
}

void ShowPrefix(Demo* demo) {
  const std::string prefix = "pkg/" + demo->packages.example + "/";
  demo->screen.Line("prefix", prefix);
  const Iter iter = ScanPrefix(demo->db.get(), prefix, 0);
  std::string_view key;
  std::string_view value;
  int64_t rows = 0;
  int64_t expected = 0;
  while (Next(iter.get(), &key, &value)) {
    if (rows++ < 8) demo->screen.Row(key, value);
  }
  const FieldMap& fields = demo->packages.fields;
  for (auto it = fields.lower_bound(prefix); it != fields.end() && it->first.starts_with(prefix); ++it)
    ++expected;
  demo->screen.Prove(rows == expected, Count(rows) + " of " + Count(expected) + " fields under the prefix");
}

void ShowReverse(Demo* demo) {
  demo->screen.Line("reverse", "the last keys of the store, from the end");
  const Iter iter = ScanRange(demo->db.get(), {}, {}, SHALE_REVERSE);
  const FieldMap& fields = demo->packages.fields;
  std::string_view key;
  std::string_view value;
  int64_t rows = 0;
  bool in_order = true;
  for (auto expected = fields.rbegin(); Next(iter.get(), &key, &value); ++expected, ++rows) {
    if (expected == fields.rend() || key != expected->first || value != expected->second) {
      in_order = false;
      break;
    }
    if (rows < 3) demo->screen.Row(key, value);
  }
  demo->screen.Prove(in_order && rows == static_cast<int64_t>(fields.size()),
                     "the whole scan down: " + Count(rows) + " rows, in order and complete");
}

void ShowResume(Demo* demo) {
  const FieldMap& fields = demo->packages.fields;
  const auto count = static_cast<int64_t>(fields.size());
  auto expected = fields.begin();
  Iter iter = ScanRange(demo->db.get(), {}, {}, 0);
  const int64_t first = CountMatching(iter.get(), fields, &expected, count / 2);

  const void* token = nullptr;
  size_t token_len = 0;
  shale_error* error = nullptr;
  Must(shale_iter_token(iter.get(), &token, &token_len, &error), error);
  const std::string kept(static_cast<const char*>(token), token_len);
  iter.reset();
  CloseStore(std::move(demo->db));
  demo->db = OpenStore(demo->packages_path());
  demo->screen.Line("token",
                    "half way through a scan: " + Count(static_cast<int64_t>(token_len)) +
                        " bytes that say where to go on, kept while the store is closed and reopened");

  shale_iter* resumed = nullptr;
  Must(shale_iter_resume(demo->db.get(), kept.data(), kept.size(), &resumed, &error), error);
  iter.reset(resumed);
  const int64_t second = CountMatching(iter.get(), fields, &expected, count + 1);
  demo->screen.Prove(first == count / 2 && first + second == count,
                     "the whole scan up, in two halves: " + Count(first) + " + " + Count(second) + " = " +
                         Count(count) + " rows, in order and complete");
}

}   // namespace

void ShowScans(Demo* demo) {
  demo->screen.Chapter("Scan",
                       "The keys lie in 64 shards by hash. A scan shows them as one sorted sequence.");
  ShowPrefix(demo);
  ShowReverse(demo);
  ShowResume(demo);
}

}   // namespace shale::demo
