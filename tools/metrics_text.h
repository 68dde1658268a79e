// Prometheus' text format, read back: what `shale top` shows comes from it, whether it was fetched over HTTP
// or made by the library in this process.
#ifndef SHALE_TOOLS_METRICS_TEXT_H_
#define SHALE_TOOLS_METRICS_TEXT_H_

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace shale::tool {

// All series of one moment. A name is written as in the text: name{label="value"}.
class MetricsSample {
 public:
  // Lines that are no series are passed over.
  static MetricsSample Parse(std::string_view text, std::chrono::steady_clock::time_point taken);

  bool Has(const std::string& name) const { return values_.count(name) != 0; }
  double Value(const std::string& name) const;   // 0 if there is none
  size_t size() const { return values_.size(); }
  std::chrono::steady_clock::time_point taken() const { return taken_; }
  // Upper bounds and cumulative counts of a histogram, for one operation; empty if there is none.
  struct Bound {
    double seconds;
    double count;
  };
  std::vector<Bound> Histogram(const std::string& family, const std::string& operation) const;

 private:
  std::map<std::string, double> values_;
  std::chrono::steady_clock::time_point taken_;
};

}   // namespace shale::tool

#endif   // SHALE_TOOLS_METRICS_TEXT_H_
