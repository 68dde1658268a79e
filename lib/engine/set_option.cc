// Options that are changed while the store is open.
#include "engine/engine.h"

namespace shale {

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
  // The only hot one. What the disk tier has of the budget stays as it is.
  const auto budget = wanted.number(Opt::kMemoryBudget);
  const auto others =
      static_cast<int64_t>(options_.memory_budget) - static_cast<int64_t>(options_.cache_bytes);
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

const char* Engine::OptionText(std::string_view name) {
  MutexLock lock(&set_options_mu_);
  for (const auto& [set_name, text] : set_options_) {
    if (set_name == name) return text.c_str();
  }
  return options_.Effective(name);
}

}   // namespace shale
