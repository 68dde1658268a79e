// The HTTP side of metrics, in one file, so that nothing else sees the library behind it: text served on
// loopback, and text fetched.
#ifndef SHALE_TOOLS_METRICS_HTTP_H_
#define SHALE_TOOLS_METRICS_HTTP_H_

#include <functional>
#include <memory>
#include <string>

namespace shale::tool {

// The body behind http://HOST:PORT/PATH. A Failure says what is wrong with the address, the connection or the
// answer.
std::string FetchText(const std::string& url);

// Answers GET /metrics on 127.0.0.1 with what `make_text` returns, in Prometheus' text format. `make_text` is
// called from several threads; what it throws is answered as a server's error.
class MetricsServer {
 public:
  // Port 0: any that is free. A Failure if the port cannot be had.
  MetricsServer(int port, std::function<std::string()> make_text);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  std::string url() const;
  // Until Stop, which any other thread may call, also before.
  void Run();
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}   // namespace shale::tool

#endif   // SHALE_TOOLS_METRICS_HTTP_H_
