// The data of the demonstration: what every Debian machine has, its list of installed packages.
//
//  (1) One key per field, pkg/<package>/<Field>; the value is the field's text with its continuation lines.
//  (2) std::map compares bytes as unsigned, as the store does: the map's order is the order that a scan must
//  show. (3) A package that is listed twice (two architectures) is there once: the later stanza wins, field
//  by field.
#ifndef SHALE_TOOLS_DEMO_DEMO_PACKAGES_H_
#define SHALE_TOOLS_DEMO_DEMO_PACKAGES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shale::demo {

struct Packages {
  std::map<std::string, std::string> fields;   // key -> value
  std::vector<std::string> sections;           // of each stanza that names one
  int64_t stanzas = 0;
  int64_t bytes = 0;   // of keys and values
  size_t longest_value = 0;
  std::string example;   // "bash" if installed, else the package with most fields
};

// Throws DemoFailure if the file cannot be read or holds no package.
Packages ReadPackages(const std::string& path);

}   // namespace shale::demo

#endif   // SHALE_TOOLS_DEMO_DEMO_PACKAGES_H_
