#include "peer_store.h"

#include <algorithm>
#include <utility>

namespace bench {

// In a function: files add themselves before main, in no order that is known.
std::vector<PeerKind>& PeerKinds() {
  static std::vector<PeerKind> kinds;
  return kinds;
}

PeerKindAdder::PeerKindAdder(PeerKind kind) {
  std::vector<PeerKind>& kinds = PeerKinds();
  const auto behind = std::upper_bound(kinds.begin(), kinds.end(), kind,
                                       [](const PeerKind& a, const PeerKind& b) { return a.name < b.name; });
  kinds.insert(behind, std::move(kind));
}

}   // namespace bench
