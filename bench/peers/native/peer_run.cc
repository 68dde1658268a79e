#include "peer_run.h"

#include <cstdio>
#include <utility>

#include "process_stats.h"

namespace bench {
namespace {

constexpr double kMiBBytes = 1 << 20;

}   // namespace

PeerRun::PeerRun(const PeerSettings& settings, const PeerKind& kind)
    : settings_(settings), kind_(kind), values_(settings.value_size()) {}

PeerRun::~PeerRun() {
  sessions_.clear();
}

bool PeerRun::Open(std::string* why) {
  store_ = kind_.open(settings_, why);
  if (store_ == nullptr) return false;
  for (int i = 0; i <= settings_.threads; ++i) {
    sessions_.push_back(store_->NewSession(why));
    if (sessions_.back() == nullptr) return false;
  }
  written_before_ = WrittenBytes();
  return true;
}

void PeerRun::Run(const std::string& name, const PeerLoads& loads, const PeerLimits& limits,
                  int64_t key_bytes, const std::function<int64_t()>& live_keys, const PeerLoads& others) {
  PrintHeld();
  PeerPhase phase;
  const double server_cpu_before_s = store_->ServerCpuSeconds();
  RunPeerPhase(loads, others, limits, &phase);
  phase.cpu_s += store_->ServerCpuSeconds() - server_cpu_before_s;
  Hold(name, std::move(phase), live_keys() * (key_bytes + settings_.value_bytes));
}

bool PeerRun::RunGroups(const PeerLoads& loads, int64_t groups_per_thread, int64_t rows, int64_t key_bytes) {
  PrintHeld();
  PeerPhase phase;
  RunPeerPhase(loads, {}, PeerLimits{0, groups_per_thread}, &phase);
  const bool all = phase.errors == 0;
  phase.ops = rows;
  phase.latency = LatencyHistogram();
  Hold("load", std::move(phase), rows * (key_bytes + settings_.value_bytes));
  return all;
}

void PeerRun::Hold(const std::string& name, PeerPhase phase, int64_t live_bytes) {
  Line line;
  line.name = name;
  line.phase = std::move(phase);
  line.written_bytes = WrittenBytes() - written_before_;
  line.rss_mib = static_cast<double>(ProcessStatusKib("VmHWM")) / 1024 + store_->ServerPeakMib();
  line.disk_mib = static_cast<double>(DirectoryBytes(settings_.directory)) / kMiBBytes;
  line.live_mib = static_cast<double>(live_bytes) / kMiBBytes;
  held_ = std::move(line);
  written_before_ = WrittenBytes();
}

bool PeerRun::Close(std::string* why) {
  sessions_.clear();
  const double server_mib = store_ == nullptr ? 0 : store_->ServerPeakMib();
  const bool closed = store_ == nullptr || store_->Close(why);
  store_.reset();
  if (held_) {
    held_->written_bytes += WrittenBytes() - written_before_;
    held_->rss_mib = static_cast<double>(ProcessStatusKib("VmHWM")) / 1024 + server_mib;
  }
  PrintHeld();
  return closed;
}

void PeerRun::OneOperation(const std::string& name, double seconds, double cpu_s, int64_t live_bytes,
                           int64_t errors) {
  Line line;
  line.name = name;
  line.phase.ops = 1;
  line.phase.errors = errors;
  line.phase.wall_s = seconds;
  line.phase.cpu_s = cpu_s;
  line.phase.latency.Add(static_cast<int64_t>(seconds * 1e9));
  line.written_bytes = WrittenBytes();
  line.rss_mib = static_cast<double>(ProcessStatusKib("VmHWM")) / 1024;
  line.disk_mib = static_cast<double>(DirectoryBytes(settings_.directory)) / kMiBBytes;
  line.live_mib = static_cast<double>(live_bytes) / kMiBBytes;
  Print(line);
}

void PeerRun::PrintHeld() {
  if (!held_) return;
  Print(*held_);
  const PeerPhase& phase = held_->phase;
  // Of a mixture the writes once more, for they are what stalls.
  if (phase.write_ops > 0 && phase.write_ops < phase.ops) {
    Line writes;
    writes.name = held_->name + "-writes";
    writes.phase.ops = phase.write_ops;
    writes.phase.wall_s = phase.wall_s;
    writes.phase.latency = phase.write_latency;
    writes.rss_mib = -1;
    Print(writes);
  }
  held_.reset();
}

void PeerRun::Print(const Line& line) const {
  const PeerPhase& phase = line.phase;
  const auto micros = [&](double share) { return static_cast<double>(phase.latency.Quantile(share)) * 1e-3; };
  const double ops = static_cast<double>(phase.ops);
  std::printf("%s,%s,%s,%d,%d,%lld,%.6f,%lld,%.3f,", settings_.engine.c_str(), settings_.workload.c_str(),
              line.name.c_str(), settings_.threads, settings_.value_bytes,
              static_cast<long long>(settings_.keys), phase.wall_s, static_cast<long long>(phase.ops),
              ops / phase.wall_s);
  const bool whole =
      line.rss_mib >= 0;   // else a part of a phase, which has no share of the process of its own
  if (whole) std::printf("%.4f", phase.cpu_s * 1e6 / ops);
  if (phase.latency.count() > 0) {
    std::printf(",%.3f,%.3f,%.3f,%.3f,", micros(0.5), micros(0.99), micros(0.999),
                static_cast<double>(phase.latency.max()) * 1e-3);
  } else {
    std::printf(",,,,,");
  }
  if (whole && line.written_bytes >= 0) std::printf("%.2f", static_cast<double>(line.written_bytes) / ops);
  if (whole) {
    std::printf(",%.1f,%.1f,", line.rss_mib, line.disk_mib);
    if (line.live_mib >= 0) std::printf("%.1f", line.live_mib);
    std::printf(",%lld\n", static_cast<long long>(phase.errors));
  } else {
    std::printf(",,,,0\n");
  }
  std::fflush(stdout);
}

}   // namespace bench
