// Options that are changed while the store is open.
#include "engine/engine.h"

namespace shale {

namespace {
constexpr size_t kLendSteps = 4;
}   // namespace

Status Engine::SetOption(const std::string& name, const std::string& text) {
  InFlightGuard guard(&in_flight_);
  if (!guard.entered()) return ClosedStatus();
  Options wanted = options_.effective;
  SHALE_RETURN_IF_NOT_OK(wanted.Set(name, text));
  for (size_t i = 0; const OptionRow* row = OptionAt(i); i++) {
    if (name != row->name || row->hot) continue;
    return Status::Invalid("option " + name + " cannot be changed while the store is open");
  }
  MutexLock lock(&set_options_mu_);
  // The only hot one. What the disk tier and the runs of keys have of the budget stays as it is.
  const auto budget = wanted.number(Opt::kMemoryBudget);
  const auto others = static_cast<int64_t>(options_.memory_budget - options_.cache_bytes +
                                           lent_bytes_.load(std::memory_order_relaxed));
  if (budget <= others || !cache_->Resize(static_cast<size_t>(budget - others))) {
    size_t least, most;
    cache_->ResizeLimits(&least, &most);
    const auto text_of = [others](size_t bytes) {
      return std::to_string(static_cast<int64_t>(bytes) + others);
    };
    return Status::Invalid("option memory.budget of this open store can be " + text_of(least) + ".." +
                           text_of(most));
  }
  set_options_.emplace_front(name, wanted.Get(name));
  return Status::Ok();
}

// In steps, for each makes every memory shard smaller; it does not go back. Where the memory tier can spare
// nothing the runs keep to what they have.
void Engine::LendToRuns() {
  if (key_runs_.bytes() <= lent_bytes_.load(std::memory_order_relaxed)) return;
  MutexLock lock(&set_options_mu_);
  const size_t lent = lent_bytes_.load(std::memory_order_relaxed);
  const size_t step = key_runs_.bytes_max() / kLendSteps + 1;
  const size_t wanted = (key_runs_.bytes() + step - 1) / step * step;
  if (wanted <= lent) return;
  if (cache_->Resize(cache_->capacity_bytes() - (wanted - lent))) {
    lent_bytes_.store(wanted, std::memory_order_relaxed);
  } else {
    key_runs_.KeepTo(lent);
  }
}

const char* Engine::OptionText(std::string_view name) {
  MutexLock lock(&set_options_mu_);
  for (const auto& [set_name, text] : set_options_) {
    if (set_name == name) return text.c_str();
  }
  return options_.Effective(name);
}

}   // namespace shale
