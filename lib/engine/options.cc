#include "engine/options.h"

#include <sched.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/check.h"
#include "base/limits.h"
#include "engine/size_text.h"

namespace shale {

namespace {

constexpr int64_t kStep = 64 * kKiB;   // a multiple of the page size of every machine we run on
constexpr int64_t kIntervalMsMax = 3'600'000;

enum class OptionType { kBool, kInt, kPowerOfTwo, kSize, kEnum, kDurability, kRatio };
using enum OptionType;

struct Spec {
  const char* name;
  OptionType type;
  const char* default_text;
  bool zero_is_auto;
  int64_t min;
  int64_t max;
  int64_t step;
  const char* form;
  bool hot;
  const char* doc;
};

constexpr Spec kSpecs[] = {
#define OPTION(name, type, default_text, zero_is_auto, min, max, step, form, hot, doc) \
  {name, type, default_text, zero_is_auto, min, max, step, form, hot, doc},
#include "engine/options.def"
#undef OPTION
};
static_assert(std::size(kSpecs) == kOptionCount,
              "options.def and Opt list the same options in the same order");

constexpr std::string_view NameOf(Opt option) {
  return kSpecs[static_cast<size_t>(option)].name;
}
static_assert(NameOf(Opt::kMemoryBudget) == "memory.budget" && NameOf(Opt::kDurability) == "durability" &&
              NameOf(Opt::kFilesOpenMax) == "files.open_max");

const char* TypeName(OptionType type) {
  switch (type) {
    case kBool:
      return "bool";
    case kInt:
    case kPowerOfTwo:
      return "int";
    case kSize:
      return "size";
    case kEnum:
      return "enum";
    case kDurability:
    case kRatio:
      return "text";
  }
  return "";
}

std::string FormatNumber(OptionType type, int64_t number) {
  if (type == kBool) return number != 0 ? "true" : "false";
  return type == kSize ? FormatSize(static_cast<uint64_t>(number)) : std::to_string(number);
}

std::string RangeOf(const Spec& spec) {
  if (spec.type == kBool) return "false|true";
  if (spec.type == kEnum || spec.type == kDurability || spec.type == kRatio) return spec.form;
  std::string range = FormatNumber(spec.type, spec.min) + ".." + FormatNumber(spec.type, spec.max);
  if (spec.type == kPowerOfTwo) range += ", power of two";
  if (spec.step > 1) range += ", multiple of " + FormatSize(static_cast<uint64_t>(spec.step));
  return spec.zero_is_auto ? "0 (auto), " + range : range;
}

// Never freed: the texts are handed out as static memory.
const std::vector<std::string>& Ranges() {
  static const auto* const ranges = [] {
    auto* made = new std::vector<std::string>;
    for (const Spec& spec : kSpecs) made->push_back(RangeOf(spec));
    return made;
  }();
  return *ranges;
}

int Find(std::string_view name) {
  for (size_t i = 0; i < kOptionCount; i++) {
    if (name == kSpecs[i].name) return static_cast<int>(i);
  }
  return -1;
}

bool ParseBool(std::string_view text, int64_t* number) {
  *number = text == "true" || text == "1";
  return *number != 0 || text == "false" || text == "0";
}

// "2", "2.5" or "2.55", in hundredths.
bool ParseRatio(std::string_view text, int64_t* hundredths) {
  const size_t dot = std::min(text.find('.'), text.size());
  if (!ParseDigits(text.substr(0, dot), hundredths) || *hundredths > 1'000'000) return false;
  *hundredths *= 100;
  if (dot == text.size()) return true;
  const std::string_view digits = text.substr(dot + 1);
  int64_t fraction = 0;
  if (digits.size() > 2 || !ParseDigits(digits, &fraction)) return false;
  *hundredths += digits.size() == 1 ? fraction * 10 : fraction;
  return true;
}

bool ParseDurability(std::string_view text, Durability* durability, int64_t* interval_ms) {
  constexpr std::string_view kPrefix = "interval:";
  *interval_ms = 0;
  *durability = text == "disk" ? Durability::kDisk : Durability::kOs;
  if (text == "os" || text == "disk") return true;
  *durability = Durability::kInterval;
  return text.starts_with(kPrefix) && ParseDigits(text.substr(kPrefix.size()), interval_ms) &&
         *interval_ms >= 1 && *interval_ms <= kIntervalMsMax;
}

bool IsAlternative(std::string_view alternatives, std::string_view text) {
  while (!alternatives.empty()) {
    const size_t bar = alternatives.find('|');
    if (alternatives.substr(0, bar) == text) return true;
    alternatives.remove_prefix(bar == std::string_view::npos ? alternatives.size() : bar + 1);
  }
  return false;
}

bool IsAllowed(const Spec& spec, int64_t number) {
  if (number == 0 && spec.zero_is_auto) return true;
  if (number < spec.min || number > spec.max || number % spec.step != 0) return false;
  return spec.type != kPowerOfTwo || (number & (number - 1)) == 0;
}

bool IsNumber(const Spec& spec) {
  return spec.type != kEnum && spec.type != kDurability && spec.type != kRatio;
}

// False if the text is not one of the option's.
bool ParseNumber(const Spec& spec, std::string_view text, int64_t* number) {
  const bool parsed = spec.type == kBool   ? ParseBool(text, number)
                      : spec.type == kSize ? ParseSize(text, number)
                                           : ParseDigits(text, number);
  return parsed && IsAllowed(spec, *number);
}

Status NoSuchOption(std::string_view name) {
  std::string shown(name.substr(0, 64));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return Status::Invalid("no option is called \"" + shown + "\"");
}

Status NotAllowed(size_t index) {
  const Spec& spec = kSpecs[index];
  return Status::Invalid("option " + std::string(spec.name) + " takes " + TypeName(spec.type) + ": " +
                         Ranges()[index]);
}

int Cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Fails on machines with more cores than the set has bits; those have enough.
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : CPU_SETSIZE;
}

// One consumer of the budget on the disk side: `count` pieces of `bytes`.
struct Share {
  Opt option;
  int64_t count;
  int64_t automatic;   // size of a piece if none was set
  int64_t bytes = 0;
  bool was_set = false;

  int64_t least() const { return kSpecs[static_cast<size_t>(option)].min; }
};

// Makes automatic shares smaller, in the order given, until `missing` bytes are free or all are at their
// least.
void Shrink(Share* shares, size_t share_count, int64_t missing) {
  for (size_t i = 0; i < share_count && missing > 0; i++) {
    Share& share = shares[i];
    if (share.was_set) continue;
    const int64_t wanted = share.bytes - (missing + share.count - 1) / share.count;
    const int64_t smaller = std::max(share.least(), wanted / kStep * kStep);
    if (smaller >= share.bytes) continue;
    missing -= (share.bytes - smaller) * share.count;
    share.bytes = smaller;
  }
}

// Sizes that were set may take what seven eighths of the budget are above the least of the others, and in any
// case as much as they would have been given: so a small budget does not make a modest size an error.
Status CheckSetShares(const Share* shares, size_t share_count, int64_t budget) {
  int64_t set = 0, set_automatic = 0, others_least = 0;
  std::string names;
  for (size_t i = 0; i < share_count; i++) {
    const Share& share = shares[i];
    if (!share.was_set) {
      others_least += share.least() * share.count;
      continue;
    }
    set += share.bytes * share.count;
    set_automatic += share.automatic * share.count;
    names += (names.empty() ? "" : ", ") + std::string(NameOf(share.option));
  }
  if (set <= std::max(budget - budget / 8 - others_least, set_automatic)) return Status::Ok();
  return Status::Invalid(names + ": " + std::to_string(set) +
                         " bytes in all leave less than an eighth of memory.budget (" +
                         std::to_string(budget) + ") to the memory tier");
}

// The shards' memtables are between half as large as the option and all of it (Store::ShardConfig), so a
// quarter of their share is never used; LevelDB makes none below 64 KiB.
int64_t UnusedMemtableBytes(int64_t write_buffer_bytes) {
  return write_buffer_bytes < 128 * kKiB ? 0 : 2 * kDiskShards * write_buffer_bytes / 4;
}

Status ShareOut(const Options& options, ResolvedOptions* out) {
  const auto budget = static_cast<int64_t>(out->memory_budget);
  Share shares[] = {
      {Opt::kBlockCacheBytes, 1, std::max(budget / 32, kMiB)},
      {Opt::kPendingBytesMax, 1, std::clamp(budget / 16, 256 * kKiB, kTiB)},
      {Opt::kWriteBufferBytes, 2 * kDiskShards,
       std::clamp(budget / 8 / (2 * kDiskShards), 64 * kKiB, 4 * kMiB)},
  };
  constexpr size_t kShares = std::size(shares);
  const auto left = [&] {
    int64_t rest = budget;
    for (const Share& share : shares) rest -= share.bytes * share.count;
    return rest;
  };
  for (Share& share : shares) {
    share.was_set = options.number(share.option) != 0;
    share.bytes = share.was_set ? options.number(share.option) : share.automatic;
  }
  SHALE_RETURN_IF_NOT_OK(CheckSetShares(shares, kShares, budget));
  Shrink(shares, kShares, budget / 4 - left());
  out->cache_bytes = static_cast<uint64_t>(std::max(left(), kMiB) + UnusedMemtableBytes(shares[2].bytes));
  out->block_cache_bytes = static_cast<size_t>(shares[0].bytes);
  out->pending_bytes_max = static_cast<size_t>(shares[1].bytes);
  out->write_buffer_bytes = static_cast<size_t>(shares[2].bytes);
  return Status::Ok();
}

// From the memory tier's part.
Status TakeEventBytes(const Options& options, ResolvedOptions* out) {
  out->events_bytes = static_cast<size_t>(options.number(Opt::kEventsBytes));
  if (out->events_bytes > out->cache_bytes / 4) {
    return Status::Invalid("events.bytes: " + std::to_string(out->events_bytes) +
                           " bytes are more than a quarter of what the memory tier has (" +
                           std::to_string(out->cache_bytes) + ")");
  }
  out->cache_bytes -= out->events_bytes;
  return Status::Ok();
}

}   // namespace

const OptionRow* OptionAt(size_t index) {
  static const auto* const rows = [] {
    auto* made = new std::vector<OptionRow>;
    for (size_t i = 0; i < kOptionCount; i++) {
      const Spec& spec = kSpecs[i];
      made->push_back(
          {spec.name, TypeName(spec.type), spec.default_text, Ranges()[i].c_str(), spec.hot, spec.doc});
    }
    return made;
  }();
  return index < kOptionCount ? &(*rows)[index] : nullptr;
}

Options::Options() {
  for (size_t i = 0; i < kOptionCount; i++) {
    texts_[i] = kSpecs[i].default_text;
    SHALE_CHECK(!IsNumber(kSpecs[i]) || ParseNumber(kSpecs[i], texts_[i], &numbers_[i]));
  }
}

void Options::Store(Opt option, int64_t number) {
  const auto i = static_cast<size_t>(option);
  texts_[i] = FormatNumber(kSpecs[i].type, number);
  numbers_[i] = number;
}

Status Options::Set(std::string_view name, std::string_view text) {
  const int found = Find(name);
  if (found < 0) return NoSuchOption(name);
  const auto i = static_cast<size_t>(found);
  const Spec& spec = kSpecs[i];
  int64_t number;
  if (IsNumber(spec)) {
    if (!ParseNumber(spec, text, &number)) return NotAllowed(i);
    Store(static_cast<Opt>(found), number);
    return Status::Ok();
  }
  Durability durability;
  const bool good = spec.type == kEnum    ? IsAlternative(spec.form, text)
                    : spec.type == kRatio ? ParseRatio(text, &number) && IsAllowed(spec, number)
                                          : ParseDurability(text, &durability, &number);
  if (!good) return NotAllowed(i);
  texts_[i] = text;
  return Status::Ok();
}

Status Options::SetI64(std::string_view name, int64_t value) {
  const int found = Find(name);
  if (found < 0) return NoSuchOption(name);
  const auto i = static_cast<size_t>(found);
  if (!IsNumber(kSpecs[i]) || !IsAllowed(kSpecs[i], value)) return NotAllowed(i);
  Store(static_cast<Opt>(found), value);
  return Status::Ok();
}

Status Options::SetKey(Bytes key) {
  if (key.empty()) {
    DropKey();
    return Status::Ok();
  }
  if (key.size() == SecretKey::kBytes) return SecretKey::Copy(key, &key_);
  return Status::Invalid("a key has " + std::to_string(key.size()) + " bytes; it must have " +
                         std::to_string(SecretKey::kBytes));
}

const char* Options::Get(std::string_view name) const {
  const int found = Find(name);
  return found < 0 ? nullptr : texts_[static_cast<size_t>(found)].c_str();
}

void ResolvedOptions::SetFilesOpenMax(int chosen) {
  files_open_max = chosen;
  Note(Opt::kFilesOpenMax, static_cast<uint64_t>(chosen));
}

Status Resolve(const Options& options, bool in_memory, ResolvedOptions* out) {
  ResolvedOptions r;
  r.effective = options;
  r.effective.DropKey();   // of no use behind the open
  r.key = options.key();
  if (r.key != nullptr && in_memory) return Status::Invalid("a key is for a store in a directory");
  r.compression_threshold = static_cast<size_t>(options.number(Opt::kCompressionThreshold));
  r.compression_level = static_cast<int>(options.number(Opt::kCompressionLevel));
  r.create = options.number(Opt::kOpenCreate) != 0;
  r.error_if_exists = options.number(Opt::kOpenErrorIfExists) != 0;
  r.read_only = options.number(Opt::kOpenReadOnly) != 0;
  r.recover_in_memory = options.number(Opt::kOpenRecoverInMemory) != 0;
  r.shared_directory = options.number(Opt::kOpenSharedDirectory) != 0;
  if (r.read_only && in_memory) return Status::Invalid("open.read_only needs a store in a directory");
  if (r.recover_in_memory && !r.read_only)
    return Status::Invalid("open.recover_in_memory is for stores that are opened with open.read_only");
  r.memory_budget = static_cast<uint64_t>(options.number(Opt::kMemoryBudget));
  r.cache_policy = options.text(Opt::kCachePolicy);
  r.cache_place_percent = static_cast<int>(options.number(Opt::kCachePlacePercent));
  r.huge_pages = options.number(Opt::kHugePages) != 0;
  r.cache_shards = static_cast<int>(options.number(Opt::kCacheShards));
  SHALE_CHECK(ParseDurability(options.text(Opt::kDurability), &r.durability, &r.interval_ms));
  r.inline_max = static_cast<size_t>(options.number(Opt::kInlineMax));
  r.segment_bytes = static_cast<size_t>(options.number(Opt::kSegmentBytes));
  int64_t hundredths = 0;
  SHALE_CHECK(ParseRatio(options.text(Opt::kMaxAmplification), &hundredths));
  r.max_amplification = static_cast<double>(hundredths) / 100;
  r.gc_background = options.number(Opt::kGcBackground) != 0;
  r.gc_bytes_per_second = static_cast<uint64_t>(options.number(Opt::kGcBytesPerSecond));
  r.default_ttl_ms = options.number(Opt::kDefaultTtl);
  r.ttl_jitter_percent = static_cast<int>(options.number(Opt::kTtlJitterPercent));
  r.idle_ms = options.number(Opt::kTtlIdle);
  r.grace_ms = options.number(Opt::kTtlGrace);
  r.lease_hold_ms = options.number(Opt::kLeaseHold);
  r.background_threads = static_cast<int>(options.number(Opt::kBackgroundThreads));
  if (r.background_threads == 0) r.background_threads = std::clamp(Cores(), 2, 4);
  r.SetFilesOpenMax(static_cast<int>(options.number(Opt::kFilesOpenMax)));
  r.histograms = options.number(Opt::kStatsHistograms) != 0;
  r.warm_restart = options.number(Opt::kCacheWarmRestart) != 0;
  r.warm_restart_ms = options.number(Opt::kCacheWarmRestartMs);
  r.cache_bytes = r.memory_budget;
  if (!in_memory) SHALE_RETURN_IF_NOT_OK(ShareOut(options, &r));
  SHALE_RETURN_IF_NOT_OK(TakeEventBytes(options, &r));
  r.Note(Opt::kBackgroundThreads, static_cast<uint64_t>(r.background_threads));
  r.Note(Opt::kBlockCacheBytes, r.block_cache_bytes);
  r.Note(Opt::kPendingBytesMax, r.pending_bytes_max);
  r.Note(Opt::kWriteBufferBytes, r.write_buffer_bytes);
  *out = std::move(r);
  return Status::Ok();
}

}   // namespace shale
