#include "engine/inspect.h"

#include "engine/options.h"
#include "engine/store_config.h"
#include "store/restore.h"
#include "store/salvage.h"
#include "store/verify.h"

namespace shale {

namespace {

// File names may hold anything: bytes outside of ASCII become the code points of their numbers.
void AppendJsonText(const std::string& text, std::string* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  out->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F) {
      out->append("\\u00");
      out->push_back(kDigits[byte >> 4]);
      out->push_back(kDigits[byte & 15]);
      continue;
    }
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
  out->push_back('"');
}

const char* NameOf(Severity severity) {
  return severity == Severity::kDamaged ? "damaged" : "suspicious";
}

const char* StateOf(const FileCheck& check) {
  if (check.damaged != 0) return NameOf(Severity::kDamaged);
  if (check.suspicious != 0) return NameOf(Severity::kSuspicious);
  return check.unused ? "unused" : "good";
}

void AppendNumber(const char* name, uint64_t number, std::string* out) {
  out->append("\"").append(name).append("\":").append(std::to_string(number));
}

void AppendFile(const std::string& name, const FileCheck& check, std::string* out) {
  out->append("{\"name\":");
  AppendJsonText(name, out);
  out->append(",\"state\":\"").append(StateOf(check)).append("\",");
  AppendNumber("bytes", check.bytes, out);
  out->append(",");
  AppendNumber("records", check.records, out);
  if (check.damaged + check.suspicious != 0) {
    out->append(",");
    AppendNumber("problem_count", check.damaged + check.suspicious, out);
    out->append(",\"problems\":[");
    for (size_t i = 0; i < check.problems.size(); i++) {
      const FileProblem& problem = check.problems[i];
      out->append(i == 0 ? "{" : ",{");
      AppendNumber("offset", problem.offset, out);
      out->append(",\"severity\":\"").append(NameOf(problem.severity)).append("\",\"what\":");
      AppendJsonText(problem.what, out);
      out->append("}");
    }
    out->append("]");
  }
  out->append("}");
}

// Without braces, so that it can be part of another object.
std::string CheckReportJson(const CheckReport& report) {
  const uint64_t damaged = report.CountFiles(Severity::kDamaged);
  const uint64_t suspicious = report.CountFiles(Severity::kSuspicious);
  std::string out = "\"good\":";
  out.append(damaged + suspicious == 0 ? "true" : "false");
  out.append(",\"closed_cleanly\":").append(report.closed_cleanly ? "true" : "false");
  out.append(",\"encrypted\":").append(report.encrypted ? "true" : "false");
  out.append(",\"values_checked\":").append(report.values_checked ? "true" : "false").append(",");
  AppendNumber("damaged_files", damaged, &out);
  out.append(",");
  AppendNumber("suspicious_files", suspicious, &out);
  out.append(",");
  AppendNumber("file_count", report.files.size(), &out);
  out.append(",");
  AppendNumber("bytes", report.total, &out);
  out.append(",");
  AppendNumber("records", report.records, &out);
  out.append(",");
  AppendNumber("keys", report.keys, &out);
  out.append(",\"files\":[");
  bool first = true;
  for (const auto& [name, check] : report.files) {
    if (!first) out.append(",");
    first = false;
    AppendFile(name, check, &out);
  }
  return out.append("]");
}

// Bytes that may be anything.
void AppendHex(const Buffer& bytes, std::string* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  out->push_back('"');
  for (const char c : bytes) {
    out->push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    out->push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  out->push_back('"');
}

std::string SalvageJson(const SalvageReport& report) {
  const std::pair<const char*, uint64_t> numbers[] = {
      {"recovered", report.recovered},
      {"recovered_bytes", report.recovered_bytes},
      {"suspicious", report.suspicious},
      {"dropped", report.dropped},
      {"expired", report.expired},
      {"deleted", report.deleted},
      {"batches_dropped", report.batches_dropped},
      {"batches_in_part", report.batches_in_part},
      {"unreadable_bytes", report.unreadable_bytes},
  };
  std::string out = "{";
  for (const auto& [name, number] : numbers) {
    AppendNumber(name, number, &out);
    out.append(",");
  }
  out.append("\"dropped_keys_hex\":[");
  for (size_t i = 0; i < report.dropped_keys.size(); i++) {
    if (i != 0) out.append(",");
    AppendHex(report.dropped_keys[i], &out);
  }
  return out.append("],\"source\":{").append(CheckReportJson(report.check)).append("}}");
}

}   // namespace

Status InspectStore(const std::string& path, const Options& options, const WorkProgress& progress,
                    int64_t* problems, std::string* json) {
  CheckReport report;
  SHALE_RETURN_IF_NOT_OK(VerifyStore(path, progress, &report, options.key().get()));
  *problems =
      static_cast<int64_t>(report.CountFiles(Severity::kDamaged) + report.CountFiles(Severity::kSuspicious));
  *json = "{" + CheckReportJson(report) + "}";
  return Status::Ok();
}

Status RescueStore(const std::string& path, const Options& source_options, const std::string& new_path,
                   const Options& new_options, bool whole, const WorkProgress& progress,
                   SalvageCounts* counts, std::string* json) {
  ResolvedOptions options;
  SHALE_RETURN_IF_NOT_OK(Resolve(new_options, false, &options));
  if (options.read_only) return Status::Invalid("the new store cannot have open.read_only");
  Store::Config config = StoreConfig(options, Clock::Default());
  config.shared_directory = true;   // it is made here, and its place was named by the caller
  // Written by one thread from end to end, then closed.
  config.sync_interval_ms = 0;
  config.gc_background = false;
  SalvageReport report;
  SHALE_RETURN_IF_NOT_OK(
      SalvageStore(path, {source_options.key(), whole}, new_path, config, progress, &report));
  counts->recovered = static_cast<int64_t>(report.recovered);
  counts->suspicious = static_cast<int64_t>(report.suspicious);
  counts->dropped = static_cast<int64_t>(report.dropped);
  *json = SalvageJson(report);
  return Status::Ok();
}

std::string BackupJson(const BackupCounts& counts) {
  std::string out = "{";
  AppendNumber("files", counts.files, &out);
  const std::pair<const char*, uint64_t> numbers[] = {{"bytes", counts.bytes},
                                                      {"written_bytes", counts.written_bytes},
                                                      {"linked_bytes", counts.linked_bytes},
                                                      {"same_bytes", counts.same_bytes}};
  for (const auto& [name, number] : numbers) {
    out.append(",");
    AppendNumber(name, number, &out);
  }
  return out.append("}");
}

Status RestoreStore(const std::string& from, int fd, const std::string& base, const std::string& path,
                    const WorkProgress& progress, std::string* json) {
  BackupCounts counts;
  SHALE_RETURN_IF_NOT_OK(from.empty() ? RestoreFromStream(fd, base, path, progress, &counts)
                                      : RestoreFromDirectory(from, path, progress, &counts));
  *json = BackupJson(counts);
  return Status::Ok();
}

}   // namespace shale
