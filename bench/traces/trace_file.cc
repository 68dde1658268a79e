#include "trace_file.h"

#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <unordered_map>

namespace bench {
namespace {

// The file unpacked, whole: the largest is 20 MB.
bool Unpack(const std::string& path, std::string* text, std::string* why) {
  if (access(path.c_str(), R_OK) != 0) {
    *why = path + ": " + std::strerror(errno);
    return false;
  }
  const std::string_view ending = std::string_view(path).substr(path.rfind('.') + 1);
  const char* const program = ending == "xz" ? "xz" : ending == "gz" ? "gzip" : "zstd";
  std::string quoted = "'";
  for (const char c : path) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  FILE* const pipe = popen((std::string(program) + " -dc < " + quoted + "'").c_str(), "r");
  if (pipe == nullptr) {
    *why = std::string(program) + ": " + std::strerror(errno);
    return false;
  }
  char piece[1 << 16];
  for (size_t n = fread(piece, 1, sizeof piece, pipe); n > 0; n = fread(piece, 1, sizeof piece, pipe)) {
    text->append(piece, n);
  }
  if (pclose(pipe) == 0) return true;
  *why = path + ": " + program + " failed";
  return false;
}

// Gives each key its number.
template <typename Key>
class Numbering {
 public:
  explicit Numbering(Trace* trace) : trace_(trace) {}
  ~Numbering() { trace_->unique_keys = numbers_.size(); }
  void Add(const Key& key) {
    trace_->keys.push_back(numbers_.emplace(key, static_cast<uint32_t>(numbers_.size())).first->second);
  }

 private:
  Trace* const trace_;
  std::unordered_map<Key, uint32_t> numbers_;
};

template <typename Record>
void ParseRecords(const std::string& text, Trace* trace) {
  Numbering<Record> numbering(trace);
  for (size_t at = 0; at + sizeof(Record) <= text.size(); at += sizeof(Record)) {
    Record record;
    std::memcpy(&record, text.data() + at, sizeof record);
    numbering.Add(record);
  }
}

template <typename Each>
void ForEachLine(std::string_view text, Each each) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    each(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void ParseRanges(const std::string& text, Trace* trace) {
  Numbering<uint64_t> numbering(trace);
  ForEachLine(text, [&](std::string_view line) {
    uint64_t start = 0;
    uint64_t count = 0;
    const char* const end = line.data() + line.size();
    const char* at = std::from_chars(line.data(), end, start).ptr;
    if (at < end) std::from_chars(at + 1, end, count);
    for (uint64_t i = 0; i < count; i++) numbering.Add(start + i);
  });
}

}   // namespace

bool ReadTrace(const TraceSource& source, const std::string& directory, Trace* trace, std::string* why) {
  std::string text;
  if (!Unpack(directory + "/" + source.file, &text, why)) return false;
  switch (source.form) {
    case TraceForm::kRecords32:
      ParseRecords<uint32_t>(text, trace);
      break;
    case TraceForm::kRecords64:
      ParseRecords<uint64_t>(text, trace);
      break;
    case TraceForm::kRanges:
      ParseRanges(text, trace);
      break;
    case TraceForm::kLines: {
      Numbering<std::string_view> numbering(trace);
      ForEachLine(text, [&](std::string_view line) { numbering.Add(line); });
      break;
    }
  }
  if (trace->keys.size() == source.requests && trace->unique_keys == source.unique_keys) return true;
  *why = std::string(source.file) + ": " + std::to_string(trace->keys.size()) + " requests for " +
         std::to_string(trace->unique_keys) + " keys are not the ones expected";
  return false;
}

}   // namespace bench
