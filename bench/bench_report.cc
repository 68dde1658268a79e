#include "bench_report.h"

#include <leveldb/db.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>

#include "process_stats.h"
#include "shale/shale.h"

namespace bench {

Spread SpreadOf(std::vector<double> numbers) {
  if (numbers.empty()) return Spread();
  std::sort(numbers.begin(), numbers.end());
  const size_t middle = numbers.size() / 2;
  const double median =
      numbers.size() % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
  return Spread{median, numbers.front(), numbers.back()};
}

std::string FormatSpread(const Spread& spread, int rounds, int decimals) {
  if (rounds == 1) return Format("%.*f", decimals, spread.median);
  return Format("%.*f (%.*f-%.*f)", decimals, spread.median, decimals, spread.least, decimals, spread.most);
}

void PrintTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(rows.front().size(), 3);
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t i = 0; i < rows[r].size(); ++i) {
      // The first column is text, the others are numbers and stand right.
      const int width = static_cast<int>(widths[i]);
      std::printf("| %*s ", i == 0 ? -width : width, rows[r][i].c_str());
    }
    std::printf("|\n");
    if (r > 0) continue;
    for (size_t i = 0; i < widths.size(); ++i) {
      std::printf(i == 0 ? "|%s-" : "|%s:", std::string(widths[i] + 1, '-').c_str());
    }
    std::printf("|\n");
  }
}

void PrintMachine() {
  struct utsname system;
  const bool known = uname(&system) == 0;
  std::printf("Shale %s, LevelDB %d.%d, %s %s %s, %d cores\n", shale_version_string(), leveldb::kMajorVersion,
              leveldb::kMinorVersion, known ? system.sysname : "?", known ? system.release : "?",
              known ? system.machine : "?", CoreCount());
}

bool CsvFile::Open(const std::string& path, const char* header) {
  if (path.empty()) return true;
  path_ = path;
  file_.reset(std::fopen(path.c_str(), "we"));
  if (file_ == nullptr) {
    std::fprintf(stderr, "shale_bench: %s: %s\n", path.c_str(), std::strerror(errno));
    return false;
  }
  Line(header);
  return true;
}

void CsvFile::Line(const std::string& line) {
  if (file_ != nullptr) std::fprintf(file_.get(), "%s\n", line.c_str());
}

bool CsvFile::Close() {
  if (file_ == nullptr) return true;
  const bool written = std::fflush(file_.get()) == 0 && std::ferror(file_.get()) == 0;
  file_.reset();
  if (!written) std::fprintf(stderr, "shale_bench: %s: not written completely\n", path_.c_str());
  return written;
}

std::string Format(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

}   // namespace bench
