#include "engine/options.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/random.h"
#include "engine/size_text.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

// Refused, naming the option and its range, and nothing changed.
void AssertRefused(const char* name, const char* text) {
  Options options;
  const std::string before = options.Get(name);
  const Status s = options.Set(name, text);
  if (!s.Is(Code::E_INVALID)) fail_msg("%s = \"%s\": %s", name, text, s.ToString().c_str());
  assert_non_null(std::strstr(s.message(), name));
  for (size_t i = 0; i < kOptionCount; i++) {
    if (std::string(OptionAt(i)->name) == name) assert_non_null(std::strstr(s.message(), OptionAt(i)->range));
  }
  ASSERT_STR(options.Get(name), before);
}

void AssertBecomes(const char* name, const char* text, const char* wanted) {
  Options options;
  ASSERT_OK(options.Set(name, text));
  ASSERT_STR(options.Get(name), wanted);
}

ResolvedOptions Resolved(const std::vector<std::pair<const char*, const char*>>& settings,
                         bool in_memory = false) {
  Options options;
  for (const auto& [name, text] : settings) ASSERT_OK(options.Set(name, text));
  ResolvedOptions r;
  ASSERT_OK(Resolve(options, in_memory, &r));
  return r;
}

uint64_t DiskSideBytes(const ResolvedOptions& r) {
  const uint64_t memtables = 2 * kDiskShards * r.write_buffer_bytes;
  const uint64_t unused = r.write_buffer_bytes < 128 * kKiB ? 0 : memtables / 4;   // they differ in size
  return r.pending_bytes_max + r.block_cache_bytes + memtables - unused;
}

TEST(every_option_is_described_and_at_its_default) {
  const Options options;
  for (size_t i = 0; i < kOptionCount; i++) {
    const OptionRow* const row = OptionAt(i);
    ASSERT_STR(options.Get(row->name), row->default_text);
    assert_true(std::strlen(row->doc) > 10 && std::strlen(row->range) > 0);
    assert_true(row->hot == (std::string(row->name) == "memory.budget"));
    // What is shown can be set again, and stays.
    AssertBecomes(row->name, row->default_text, row->default_text);
  }
  assert_null(OptionAt(kOptionCount));
  assert_null(options.Get("no.such"));
  assert_null(options.Get(""));
}

TEST(ranges_read_like_this) {
  const std::pair<Opt, std::pair<const char*, const char*>> rows[] = {
      {Opt::kOpenCreate, {"bool", "false|true"}},
      {Opt::kMemoryBudget, {"size", "512KiB..16TiB"}},
      {Opt::kCachePolicy, {"enum", "s3fifo|wtinylfu|car|sieve|lru|lfu|gdsf|fifo"}},
      {Opt::kCacheShards, {"int", "1..256, power of two"}},
      {Opt::kDurability, {"text", "os|disk|interval:<1..3600000>"}},
      {Opt::kInlineMax, {"size", "0..4KiB"}},
      {Opt::kSegmentBytes, {"size", "1MiB..1GiB, multiple of 64KiB"}},
      {Opt::kDefaultTtl, {"int", "0..3153600000000"}},
      {Opt::kBackgroundThreads, {"int", "0 (auto), 2..16"}},
      {Opt::kFilesOpenMax, {"int", "0 (auto), 256..1000000"}},
  };
  for (const auto& [option, texts] : rows) {
    const OptionRow* const row = OptionAt(static_cast<size_t>(option));
    ASSERT_STR(row->type, texts.first);
    ASSERT_STR(row->range, texts.second);
  }
}

TEST(sizes_take_binary_and_decimal_units) {
  const std::pair<const char*, int64_t> good[] = {
      {"0", 0},
      {"7", 7},
      {"7B", 7},
      {"64KB", 64'000},
      {"64KiB", 65'536},
      {"3MB", 3'000'000},
      {"256MiB", 268'435'456},
      {"1GB", 1'000'000'000},
      {"1GiB", 1'073'741'824},
      {"2TB", 2'000'000'000'000},
      {"16TiB", 17'592'186'044'416},
      {"007", 7},
      {"9223372036854775807", INT64_MAX},
      {"8388607TiB", 8'388'607ll << 40},
  };
  for (const auto& [text, wanted] : good) {
    int64_t bytes = -1;
    assert_true(ParseSize(text, &bytes));
    assert_true(bytes == wanted);
  }
  for (const char* bad :
       {"", "B", "MiB", "-1", "+1", " 1", "1 ", "1 MiB", "1MiBx", "1mib", "1K", "1.5GiB", "0x10", "1e3",
        "9223372036854775808", "8388608TiB", "99999999999999999999999", "1MiB1", "1,000"}) {
    int64_t bytes;
    if (ParseSize(bad, &bytes)) fail_msg("\"%s\" passed for a size", bad);
  }
}

TEST(a_size_is_written_so_that_it_reads_back_the_same) {
  ASSERT_STR(FormatSize(0), "0");
  ASSERT_STR(FormatSize(1), "1B");
  ASSERT_STR(FormatSize(1000), "1000B");
  ASSERT_STR(FormatSize(256 * kMiB), "256MiB");
  ASSERT_STR(FormatSize(1536 * kMiB), "1536MiB");
  ASSERT_STR(FormatSize(3 * kGiB), "3GiB");
  Random random(TestSeed());
  for (int i = 0; i < 10000; i++) {
    const uint64_t bytes = (random.Next() >> (2 + random.Below(62))) << random.Below(2);
    int64_t read;
    assert_true(ParseSize(FormatSize(bytes), &read));
    assert_true(static_cast<uint64_t>(read) == bytes);
  }
}

TEST(values_are_kept_in_one_way_of_writing) {
  AssertBecomes("memory.budget", "1073741824", "1GiB");
  AssertBecomes("memory.budget", "64000KB", "62500KiB");
  AssertBecomes("open.create", "0", "false");
  AssertBecomes("open.create", "1", "true");
  AssertBecomes("cache.shards", "064", "64");
  AssertBecomes("cache.policy", "lru", "lru");
  AssertBecomes("durability", "interval:3600000", "interval:3600000");
}

TEST(values_outside_their_range_are_refused) {
  const std::pair<const char*, std::vector<const char*>> rows[] = {
      {"open.create", {"", "yes", "TRUE", "2", "-1", "truetrue"}},
      {"memory.budget", {"", "0", "524287", "511KiB", "17TiB", "17592186044417", "-8MiB", "lots"}},
      {"cache.policy", {"", "s3", "LRU", "lru|fifo", "|", "clock", "lru "}},
      {"cache.shards", {"0", "3", "255", "257", "512", "-1", "1.0", "64x", "99999999999999999999"}},
      {"durability",
       {"", "none", "os ", "OS", "interval", "interval:", "interval:0", "interval:3600001", "interval:-1",
        "interval:1s", "interval: 1", "disk:1", "interval:99999999999999999999"}},
      {"value.inline_max", {"4097", "5KiB", "-1"}},
      {"log.segment_bytes", {"0", "1023KiB", "1025KiB", "2GiB", "1000000"}},
      {"space.max_amplification",
       {"", "1", "1.0", "1.09", "100.01", "101", "2.", ".5", "2.000", "-2", "2,0", "2x", "1e1",
        "99999999999999999999"}},
      {"gc.bytes_per_second", {"1", "1023KiB", "17GiB"}},
      {"ttl.default_ms", {"-1", "3153600000001", "1s"}},
      {"pending.bytes_max", {"1", "255KiB"}},
      {"index.block_cache_bytes", {"511KiB"}},
      {"index.write_buffer_bytes", {"65535", "2GiB"}},
      {"background.threads", {"1", "17", "-2"}},
      {"files.open_max", {"1", "255", "1000001"}},
  };
  for (const auto& [name, texts] : rows) {
    for (const char* text : texts) AssertRefused(name, text);
  }
}

TEST(an_unknown_option_is_refused_in_one_line) {
  Options options;
  const Status s = options.Set("cache.capa\ncity", "1");
  assert_true(s.Is(Code::E_INVALID));
  ASSERT_STR(s.message(), "no option is called \"cache.capa?city\"");
  assert_true(options.SetI64("", 1).Is(Code::E_INVALID));
  assert_true(std::strlen(options.Set(std::string(100'000, 'x'), "1").message()) < 200);
}

TEST(numbers_can_be_set_as_numbers) {
  Options options;
  ASSERT_OK(options.SetI64("memory.budget", 64 << 20));
  ASSERT_STR(options.Get("memory.budget"), "64MiB");
  ASSERT_OK(options.SetI64("open.create", 0));
  ASSERT_STR(options.Get("open.create"), "false");
  ASSERT_OK(options.SetI64("ttl.default_ms", 5));
  ASSERT_STR(options.Get("ttl.default_ms"), "5");
  for (const auto& [name, value] : {std::pair<const char*, int64_t>{"open.create", 2},
                                    {"memory.budget", -1},
                                    {"memory.budget", INT64_MAX},
                                    {"cache.shards", 12},
                                    {"cache.policy", 1},
                                    {"durability", 0},
                                    {"ttl.default_ms", INT64_MIN},
                                    {"log.segment_bytes", (1 << 20) + 1}}) {
    const std::string before = options.Get(name);
    assert_true(options.SetI64(name, value).Is(Code::E_INVALID));
    ASSERT_STR(options.Get(name), before);
  }
}

TEST(the_default_budget_is_shared_out_like_this) {
  const ResolvedOptions r = Resolved({});
  assert_int_equal(r.memory_budget, 256 * kMiB);
  assert_int_equal(r.pending_bytes_max, 16 * kMiB);
  assert_int_equal(r.block_cache_bytes, 8 * kMiB);
  assert_int_equal(r.write_buffer_bytes, 256 * kKiB);
  assert_int_equal(r.cache_bytes, 208 * kMiB);
  assert_int_equal(r.cache_bytes + DiskSideBytes(r), r.memory_budget);
  assert_true(r.create && !r.error_if_exists);
  ASSERT_STR(r.cache_policy, "s3fifo");
  assert_int_equal(r.cache_shards, 256);
  assert_int_equal(r.inline_max, 512);
  assert_int_equal(r.segment_bytes, 16 * kMiB);
  assert_int_equal(r.default_ttl_ms, 0);
  assert_in_range(r.background_threads, 2, 4);
  assert_int_equal(r.files_open_max, 0);
}

TEST(shares_fit_every_budget) {
  Random random(TestSeed());
  for (int i = 0; i < 2000; i++) {
    const uint64_t budget = i == 0 ? 8 * kMiB : 8 * kMiB + (random.Next() >> (20 + random.Below(24)));
    const ResolvedOptions r = Resolved({{"memory.budget", std::to_string(budget).c_str()}});
    assert_true(r.write_buffer_bytes >= 64 * kKiB && r.write_buffer_bytes <= 4 * kMiB);
    assert_true(r.pending_bytes_max >= 256 * kKiB && r.block_cache_bytes >= 512 * kKiB);
    assert_true(r.cache_bytes >= kMiB);
    if (budget >= 12 * kMiB) assert_true(r.cache_bytes + DiskSideBytes(r) == budget);
    if (budget >= 17 * kMiB) assert_true(r.cache_bytes >= budget / 4);
    assert_true(r.cache_bytes + DiskSideBytes(r) <= std::max<uint64_t>(budget, 10 * kMiB));
  }
}

TEST(automatic_shares_give_way_to_sizes_that_were_set) {
  // 192 of 256 MiB are taken: a quarter is left, and the automatic shares shrink to leave what they can.
  const ResolvedOptions r = Resolved({{"index.block_cache_bytes", "192MiB"}});
  assert_int_equal(r.block_cache_bytes, 192 * kMiB);
  assert_int_equal(r.pending_bytes_max, 256 * kKiB);
  assert_int_equal(r.write_buffer_bytes, 64 * kKiB);
  assert_int_equal(r.cache_bytes + DiskSideBytes(r), r.memory_budget);
  assert_true(r.cache_bytes >= 32 * kMiB);
}

TEST(sizes_that_leave_too_little_to_the_memory_tier_are_refused_by_name) {
  Options options;
  ASSERT_OK(options.Set("index.block_cache_bytes", "150MiB"));
  ASSERT_OK(options.Set("pending.bytes_max", "80MiB"));
  ResolvedOptions r;
  const Status s = Resolve(options, false, &r);
  assert_true(s.Is(Code::E_INVALID));
  for (const char* name : {"index.block_cache_bytes", "pending.bytes_max", "memory.budget"}) {
    assert_non_null(std::strstr(s.message(), name));
  }
  assert_null(std::strstr(s.message(), "write_buffer"));
  ASSERT_OK(Resolve(options, true, &r));   // without a path they take nothing
}

TEST(no_size_overflows_the_sum) {
  Options options;
  ASSERT_OK(options.Set("memory.budget", "16TiB"));
  ASSERT_OK(options.Set("index.block_cache_bytes", "16TiB"));
  ASSERT_OK(options.Set("index.write_buffer_bytes", "1GiB"));
  ASSERT_OK(options.Set("pending.bytes_max", "1TiB"));
  ResolvedOptions r;
  assert_true(Resolve(options, false, &r).Is(Code::E_INVALID));
}

TEST(modest_sizes_are_no_error_under_the_smallest_budget) {
  const ResolvedOptions r = Resolved({{"memory.budget", "8MiB"},
                                      {"pending.bytes_max", "512KiB"},
                                      {"index.block_cache_bytes", "1MiB"},
                                      {"index.write_buffer_bytes", "64KiB"}});
  assert_int_equal(r.pending_bytes_max, 512 * kKiB);
  assert_int_equal(r.cache_bytes, kMiB);
}

TEST(without_a_path_the_memory_tier_gets_the_whole_budget) {
  const ResolvedOptions r = Resolved({{"memory.budget", "8MiB"}}, true);
  assert_int_equal(r.cache_bytes, 8 * kMiB);
  assert_int_equal(DiskSideBytes(r), 0);
}

TEST(durability_is_parsed) {
  assert_true(Resolved({}).durability == Durability::kOs);
  assert_true(Resolved({{"durability", "disk"}}).durability == Durability::kDisk);
  const ResolvedOptions r = Resolved({{"durability", "interval:250"}});
  assert_true(r.durability == Durability::kInterval);
  assert_int_equal(r.interval_ms, 250);
}

TEST(a_ratio_is_parsed) {
  for (const auto& [text, value] : {std::pair("2.0", 2.0), {"2", 2.0}, {"1.1", 1.1}, {"1.25", 1.25}})
    assert_float_equal(Resolved({{"space.max_amplification", text}}).max_amplification, value, 1e-9);
  Options options;
  assert_true(options.SetI64("space.max_amplification", 2).Is(Code::E_INVALID));
}

TEST(what_is_in_effect_is_shown_in_the_place_of_automatic_values) {
  ResolvedOptions r = Resolved({{"background.threads", "7"}, {"durability", "disk"}});
  ASSERT_STR(r.Effective("pending.bytes_max"), "16MiB");
  ASSERT_STR(r.Effective("index.write_buffer_bytes"), "256KiB");
  ASSERT_STR(r.Effective("background.threads"), "7");
  ASSERT_STR(r.Effective("durability"), "disk");
  ASSERT_STR(r.Effective("value.inline_max"), "512B");
  assert_null(r.Effective("no.such"));
  r.SetFilesOpenMax(123);
  assert_int_equal(r.files_open_max, 123);
  ASSERT_STR(r.Effective("files.open_max"), "123");
}

}   // namespace
}   // namespace shale

RUN()
