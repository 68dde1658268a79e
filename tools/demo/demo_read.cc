// Chapter 2: everything is read back, from memory and, after a restart, from disk.

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "demo/demo.h"

namespace shale::demo {
namespace {

using Fields = std::vector<const std::pair<const std::string, std::string>*>;

struct ReadResult {
  int64_t equal = 0;
  double median = 0;
  double p99 = 0;
};

Fields Shuffled(const Packages& packages) {
  Fields fields;
  for (const auto& field : packages.fields) fields.push_back(&field);
  std::shuffle(fields.begin(), fields.end(), std::mt19937_64(7));
  return fields;
}

ReadResult ReadAll(shale_db* db, const Fields& fields) {
  ReadResult result;
  std::vector<double> times;
  times.reserve(fields.size());
  std::string value;
  for (const auto* field : fields) {
    const Stopwatch reading;
    const bool found = Get(db, field->first, &value);
    times.push_back(reading.seconds());
    if (found && value == field->second) ++result.equal;
  }
  std::sort(times.begin(), times.end());
  result.median = times[times.size() / 2];
  result.p99 = times[times.size() * 99 / 100];
  return result;
}

void Report(Screen* screen, const std::string& label, const ReadResult& result) {
  screen->Line(label, "median " + Seconds(result.median) + ", 99 % within " + Seconds(result.p99));
}

}   // namespace

void ShowReads(Demo* demo) {
  Screen& screen = demo->screen;
  screen.Chapter(
      "Read back",
      "Every key in random order, compared with the source; then again after closing and reopening.");
  const Fields fields = Shuffled(demo->packages);
  const auto count = static_cast<int64_t>(fields.size());

  const ReadResult hot = ReadAll(demo->db.get(), fields);
  Report(&screen, "from memory", hot);

  CloseStore(std::move(demo->db));
  const Stopwatch opening;
  demo->db = OpenStore(demo->packages_path());
  screen.Line("reopened", "in " + Seconds(opening.seconds()) + ", with an empty memory tier");

  const ReadResult cold = ReadAll(demo->db.get(), fields);
  Report(&screen, "first reads", cold);
  const ReadResult warm = ReadAll(demo->db.get(), fields);
  Report(&screen, "once more", warm);

  const bool all_equal = hot.equal == count && cold.equal == count && warm.equal == count;
  screen.Prove(all_equal, Count(hot.equal) + " + " + Count(cold.equal) + " + " + Count(warm.equal) +
                              " of 3 x " + Count(count) + " values equal to the source");
}

}   // namespace shale::demo
