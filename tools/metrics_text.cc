#include "metrics_text.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace shale::tool {

namespace {

// "+Inf" included.
bool ParseDouble(std::string_view text, double* value) {
  if (text == "+Inf") {
    *value = std::numeric_limits<double>::infinity();
    return true;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

}   // namespace

MetricsSample MetricsSample::Parse(std::string_view text, std::chrono::steady_clock::time_point taken) {
  MetricsSample sample;
  sample.taken_ = taken;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    // A label's value may hold spaces: the number is behind the last one.
    const size_t space = line.rfind(' ');
    double value = 0;
    if (line.empty() || line[0] == '#' || space == std::string_view::npos) continue;
    if (ParseDouble(line.substr(space + 1), &value))
      sample.values_[std::string(line.substr(0, space))] = value;
  }
  return sample;
}

double MetricsSample::Value(const std::string& name) const {
  const auto found = values_.find(name);
  return found != values_.end() ? found->second : 0;
}

std::vector<MetricsSample::Bound> MetricsSample::Histogram(const std::string& family,
                                                           const std::string& operation) const {
  const std::string start = family + "_bucket{operation=\"" + operation + "\",le=\"";
  std::vector<Bound> bounds;
  for (auto at = values_.lower_bound(start); at != values_.end() && at->first.starts_with(start); ++at) {
    const std::string_view rest = std::string_view(at->first).substr(start.size());
    Bound bound{0, at->second};
    if (ParseDouble(rest.substr(0, rest.find('"')), &bound.seconds)) bounds.push_back(bound);
  }
  std::sort(bounds.begin(), bounds.end(),
            [](const Bound& a, const Bound& b) { return a.seconds < b.seconds; });
  return bounds;
}

}   // namespace shale::tool
