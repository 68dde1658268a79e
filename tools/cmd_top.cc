// top and serve-metrics: the figures of a store, watched and served. A store is open in one process at a
// time: `top` on a directory opens it, and watches what another process does through that process's endpoint
// (--url).

#include <csignal>
#include <memory>
#include <thread>

#include "cli_store.h"
#include "cli_tool.h"
#include "metrics_http.h"
#include "metrics_text.h"
#include "top_screen.h"
#include "top_view.h"

namespace shale::tool {
namespace {

struct TopArgs {
  std::string url;
  double interval_s = 1;
  int64_t count = 0;
  bool plain = false;
};

constexpr char kTopFooter[] =
    "Shows, every interval, what a store holds and how often what happens in it. q ends it.\n"
    "With --url: the store of another process, which serves its figures (shale_stats_prometheus) over HTTP. "
    "Without:\n"
    "the store in --db, which this command opens. Latencies are shown if the store was opened with\n"
    "stats.histograms=true. Text without a terminal's help is written with --plain, or to a pipe.\n"
    "\n"
    "Examples:\n"
    "  shale top --url http://127.0.0.1:9464/metrics\n"
    "  shale top --url http://127.0.0.1:9464/metrics --plain --count 3 --interval 10\n"
    "  shale -o cache.warm_restart=true top";

constexpr char kServeFooter[] =
    "Opens the store and answers GET /metrics on 127.0.0.1 in Prometheus' text format until it is told to "
    "end\n"
    "(SIGINT, SIGTERM). The address is printed when it is ready. Port 0 takes any that is free. A program "
    "that has a\n"
    "store open serves the same text with one call, shale_stats_prometheus.\n"
    "\n"
    "Examples:\n"
    "  shale serve-metrics --port 9464\n"
    "  curl http://127.0.0.1:9464/metrics";

std::string MetricsOf(shale_db* db) {
  char* text = nullptr;
  ErrorSlot error;
  Try(shale_stats_prometheus(db, &text, error), error);
  const std::unique_ptr<char, decltype(&shale_mem_free)> owner(text, shale_mem_free);
  return text;
}

// Where the figures come from.
class Source {
 public:
  Source(const Tool& tool, const std::string& url) : url_(url) {
    if (url.empty()) store_ = std::make_unique<Store>(tool.globals, IfAbsent::kRefuse);
  }
  MetricsSample Take() const {
    const std::string text = store_ != nullptr ? MetricsOf(store_->get()) : FetchText(url_);
    MetricsSample sample = MetricsSample::Parse(text, std::chrono::steady_clock::now());
    if (!sample.Has("shale_cache_hits_total")) throw Failure{kExitError, url_ + ": no figures of a store"};
    return sample;
  }
  void Close() {
    if (store_ != nullptr) store_->Close();
  }

 private:
  const std::string url_;
  std::unique_ptr<Store> store_;
};

void Print(Output* out, const std::string& title, const std::vector<TopLine>& lines) {
  out->WriteLine(title);
  for (const TopLine& line : lines) out->WriteLine(line.text);
  out->WriteLine("");
  out->Flush();
}

int RunTop(Tool* tool, const TopArgs& args) {
  Source source(*tool, args.url);
  const std::string title = "shale top  " + (args.url.empty() ? tool->globals.dir : args.url);
  const int interval_ms = static_cast<int>(args.interval_s * 1000);
  MetricsSample before = source.Take();
  std::unique_ptr<TopScreen> screen;
  if (!args.plain && tool->out.is_terminal()) {
    screen = std::make_unique<TopScreen>();
    screen->Show(title + "  q: end", TopLines(before, before));
  }
  for (int64_t shown = 0; args.count == 0 || shown < args.count; shown++) {
    if (screen == nullptr) {
      std::this_thread::sleep_for(std::chrono::milliseconds(interval_ms));
    } else if (!screen->Wait(interval_ms)) {
      break;
    }
    MetricsSample now = source.Take();
    if (screen != nullptr) {
      screen->Show(title + "  q: end", TopLines(before, now));
    } else {
      Print(&tool->out, title, TopLines(before, now));
    }
    before = std::move(now);
  }
  screen.reset();
  source.Close();
  return kExitOk;
}

int RunServe(Tool* tool, int port) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);   // before any thread is made: they all leave them to sigwait
  Store store(tool->globals, IfAbsent::kRefuse);
  MetricsServer server(port, [&store] { return MetricsOf(store.get()); });
  std::thread serving([&server] { server.Run(); });
  try {
    tool->out.WriteLine(server.url());
    tool->out.Flush();
    int signal = 0;
    sigwait(&ends, &signal);
  } catch (...) {
    server.Stop();
    serving.join();
    throw;
  }
  server.Stop();
  serving.join();
  store.Close();
  return kExitOk;
}

}   // namespace

void AddTop(CLI::App* app, Tool* tool) {
  const auto args = std::make_shared<TopArgs>();
  CLI::App* top = AddCommand(app, tool, "top", "Watch the figures of a store", kTopFooter,
                             [tool, args] { return RunTop(tool, *args); });
  AddWord(top, "--url", &args->url, "Where another process serves the figures of its store")
      ->type_name("URL");
  top->add_option("--interval", args->interval_s, "Seconds between two looks (1)")
      ->check(CLI::Range(0.05, 3600.0))
      ->type_name("S");
  top->add_option("--count", args->count, "End after N looks")
      ->check(CLI::Range(int64_t{1}, INT64_MAX))
      ->type_name("N");
  top->add_flag("--plain", args->plain, "Lines of text instead of a screen");

  const auto port = std::make_shared<int>(0);
  CLI::App* serve = AddCommand(app, tool, "serve-metrics", "Serve the figures of a store to Prometheus",
                               kServeFooter, [tool, port] { return RunServe(tool, *port); });
  serve->add_option("--port", *port, "Port on 127.0.0.1")
      ->required()
      ->check(CLI::Range(0, 65535))
      ->type_name("PORT");
}

}   // namespace shale::tool
