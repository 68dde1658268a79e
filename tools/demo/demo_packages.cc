#include "demo/demo_packages.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "demo/demo_store.h"

namespace shale::demo {
namespace {

using Stanza = std::vector<std::pair<std::string, std::string>>;

void AddLine(const std::string& line, Stanza* stanza) {
  if (line.front() == ' ' || line.front() == '\t') {
    if (!stanza->empty()) stanza->back().second.append("\n").append(line);
    return;
  }
  const size_t colon = line.find(':');
  if (colon == std::string::npos || colon == 0) return;
  const size_t text = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
  stanza->emplace_back(line.substr(0, colon), line.substr(text));
}

void AddStanza(const Stanza& stanza, Packages* packages, size_t* most_fields) {
  std::string name;
  for (const auto& [field, value] : stanza) {
    if (field == "Package") name = value;
    if (field == "Section") packages->sections.push_back(value);
  }
  if (name.empty()) return;
  ++packages->stanzas;
  for (const auto& [field, value] : stanza) {
    std::string key = "pkg/" + name + "/" + field;
    if (key.size() <= SHALE_KEY_BYTES_MAX) packages->fields[std::move(key)] = value;
  }
  if (packages->example != "bash" && (name == "bash" || stanza.size() > *most_fields)) {
    packages->example = name;
    *most_fields = stanza.size();
  }
}

}   // namespace

Packages ReadPackages(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DemoFailure{path + ": cannot be read (give another package list as argument)"};
  Packages packages;
  size_t most_fields = 0;
  Stanza stanza;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) {
      AddLine(line, &stanza);
      continue;
    }
    AddStanza(stanza, &packages, &most_fields);
    stanza.clear();
  }
  AddStanza(stanza, &packages, &most_fields);
  if (packages.fields.empty()) throw DemoFailure{path + ": holds no package"};
  for (const auto& [key, value] : packages.fields) {
    packages.bytes += static_cast<int64_t>(key.size() + value.size());
    packages.longest_value = std::max(packages.longest_value, value.size());
  }
  return packages;
}

}   // namespace shale::demo
