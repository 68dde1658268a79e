// Numbers over several rounds, and how they are printed.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace bench {

struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

// All zero for no numbers.
Spread SpreadOf(std::vector<double> numbers);

// "412" for one round, "412 (398-431)" for more: the spread stands beside each figure, so that a difference
// inside it is not taken for one.
std::string FormatSpread(const Spread& spread, int rounds, int decimals);

// Columns as wide as their widest cell, in Markdown, so that a run can be pasted into RESULTS.md.
void PrintTable(const std::vector<std::vector<std::string>>& rows);

// One line on what ran where, above every table.
void PrintMachine();

// Writes nothing if the path is empty.
class CsvFile {
 public:
  // False with a message on stderr: known before minutes were spent measuring.
  bool Open(const std::string& path, const char* header);
  void Line(const std::string& line);
  // False with a message on stderr if any line was not written.
  bool Close();

 private:
  struct Closer {
    void operator()(FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<FILE, Closer> file_;
};

[[gnu::format(printf, 1, 2)]] std::string Format(const char* format, ...);

}   // namespace bench
