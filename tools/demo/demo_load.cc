// Chapter 1: real data goes in, one call a key.

#include "demo/demo.h"
#include "progress_bar.h"

namespace shale::demo {

void ShowLoad(Demo* demo) {
  Screen& screen = demo->screen;
  screen.Chapter(
      "Load",
      "Every field of every installed package becomes a key: pkg/<package>/<Field>. One shale_put each.");
  demo->packages = ReadPackages(demo->source);
  const Packages& packages = demo->packages;
  const auto count = static_cast<int64_t>(packages.fields.size());
  screen.Line("source", Count(packages.stanzas) + " packages, " + Count(count) + " fields, " +
                            Bytes(static_cast<double>(packages.bytes)) + "; the longest value has " +
                            Bytes(static_cast<double>(packages.longest_value)));

  const Stopwatch opening;
  demo->db = OpenStore(demo->packages_path());
  screen.Line("created", "64 disk shards in " + Seconds(opening.seconds()));

  int64_t done = 0;
  const Stopwatch loading;
  {
    tool::ProgressBar progress("   loading", count);
    for (const auto& [key, value] : packages.fields) {
      Put(demo->db.get(), key, value);
      ++done;
      progress.Update(done, done);
    }
  }
  const double taken = loading.seconds();
  demo->load_rate = PerSecond(count, taken, "keys");
  screen.Line("loaded", Count(done) + " keys, " + Bytes(static_cast<double>(packages.bytes)) + " in " +
                            Seconds(taken) + ": " + Bytes(static_cast<double>(packages.bytes) / taken) +
                            "/s, " + demo->load_rate + " (one thread, each write acknowledged)");
}

}   // namespace shale::demo
