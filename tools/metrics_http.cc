#include "metrics_http.h"

#include <httplib.h>

#include <atomic>

#include "cli_tool.h"

namespace shale::tool {
namespace {

constexpr int kTimeoutSeconds = 5;
constexpr size_t kServerThreads = 2;   // a scrape every few seconds needs no more
constexpr char kLoopback[] = "127.0.0.1";

}   // namespace

std::string FetchText(const std::string& url) {
  const size_t host = url.find("://");
  if (host == std::string::npos || url.compare(0, host, "http") != 0)
    throw Failure{kExitUsage, "--url takes http://HOST:PORT/PATH, not: " + url};
  const size_t path = std::min(url.find('/', host + 3), url.size());
  httplib::Client client(url.substr(0, path));
  if (!client.is_valid()) throw Failure{kExitUsage, "--url takes http://HOST:PORT/PATH, not: " + url};
  client.set_connection_timeout(kTimeoutSeconds);
  client.set_read_timeout(kTimeoutSeconds);
  const httplib::Result result = client.Get(path < url.size() ? url.substr(path) : "/metrics");
  if (!result) throw Failure{kExitError, url + ": " + httplib::to_string(result.error())};
  if (result->status != 200)
    throw Failure{kExitError, url + ": HTTP status " + std::to_string(result->status)};
  return result->body;
}

struct MetricsServer::Impl {
  httplib::Server server;
  int port = 0;
  std::atomic<bool> stopped{false};
};

MetricsServer::MetricsServer(int port, std::function<std::string()> make_text)
    : impl_(std::make_unique<Impl>()) {
  httplib::Server& server = impl_->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kServerThreads); };
  server.set_read_timeout(kTimeoutSeconds);
  server.set_write_timeout(kTimeoutSeconds);
  server.set_keep_alive_timeout(1);   // Stop waits for it
  server.set_payload_max_length(0);
  // Without the library's own choice, which lets two servers share a port and hides that one is taken.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.Get("/metrics", [make_text](const httplib::Request&, httplib::Response& response) {
    try {
      response.set_content(make_text(), "text/plain; version=0.0.4; charset=utf-8");
    } catch (const Failure& failure) {
      response.status = 500;
      response.set_content(failure.message + "\n", "text/plain; charset=utf-8");
    }
  });
  if (port == 0) {
    impl_->port = server.bind_to_any_port(kLoopback);
  } else {
    impl_->port = server.bind_to_port(kLoopback, port) ? port : -1;
  }
  if (impl_->port < 0)
    throw Failure{kExitError, "cannot listen on port " + std::to_string(port) + " of 127.0.0.1"};
}

MetricsServer::~MetricsServer() = default;

std::string MetricsServer::url() const {
  return "http://" + std::string(kLoopback) + ":" + std::to_string(impl_->port) + "/metrics";
}

void MetricsServer::Run() {
  if (!impl_->stopped) impl_->server.listen_after_bind();
}

void MetricsServer::Stop() {
  impl_->stopped = true;
  impl_->server.stop();
}

}   // namespace shale::tool
