#include "fault/harm.h"

#include <algorithm>
#include <cstring>

namespace shale_test {

namespace {

enum Way { kFlip, kZero, kTruncate, kExtend, kDelete, kSwap, kGarbage, kMisplace };
constexpr const char* kWayNames[kHarmWays] = {"a bit flipped", "512 bytes of zeros",
                                              "cut",           "bytes appended",
                                              "deleted",       "swapped with another of its kind",
                                              "garbage",       "a part of it written at a wrong place"};
constexpr const char* kKinds[kHarmedKinds][2] = {
    {"", ".seg"}, {"", ".ldb"}, {"MANIFEST-", ""}, {"CURRENT", ""}, {"SHALE-", ""}};

std::vector<std::string> FilesOfKind(const StoreBytes& store, size_t kind) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : store.files) {
    const std::string leaf = name.substr(name.rfind('/') + 1);
    if (!bytes.data.empty() && leaf.starts_with(kKinds[kind][0]) && leaf.ends_with(kKinds[kind][1]))
      names.push_back(name);
  }
  return names;
}

std::string RandomBytes(uint64_t size, Dice* dice) {
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(dice->Below(256));
  return bytes;
}

// As a file of that size holds it: without the zeros at its end.
void Put(FileBytes* file, std::string bytes, uint64_t size) {
  const size_t last = bytes.find_last_not_of('\0');
  bytes.resize(last == std::string::npos ? 0 : last + 1);
  *file = {std::move(bytes), size};
}

// Bytes laid over those of the file from harm->from on; the file does not grow.
void Overlay(FileBytes* file, std::string bytes, Harm* harm) {
  bytes.resize(std::min<uint64_t>(bytes.size(), file->size - harm->from));
  harm->upto = harm->from + bytes.size();
  std::string all = file->data;
  all.resize(std::max<size_t>(all.size(), harm->upto));
  std::memcpy(all.data() + harm->from, bytes.data(), bytes.size());
  Put(file, std::move(all), file->size);
}

}   // namespace

Harm DrawHarm(const StoreBytes& store, uint64_t number, Dice* dice) {
  const size_t kind = number % kHarmedKinds;
  const auto way = static_cast<Way>(number / kHarmedKinds % kHarmWays);
  const std::vector<std::string> names = FilesOfKind(store, kind);
  if (names.size() < 2) Fatal("the store has not two files %s*%s", kKinds[kind][0], kKinds[kind][1]);
  const std::string name = names[dice->Below(names.size())];
  Harm harm;
  harm.after = store;
  FileBytes& file = harm.after.files[name];
  const FileBytes before = file;
  const uint64_t end = before.data.size();
  harm.files.push_back(name);
  harm.from = dice->Below(end);
  switch (way) {
    case kFlip:
      file.data[harm.from] = static_cast<char>(file.data[harm.from] ^ (1 << dice->Below(8)));
      harm.upto = harm.from + 1;
      Put(&file, file.data, file.size);
      break;
    case kZero:
      Overlay(&file, std::string(512, '\0'), &harm);
      break;
    case kTruncate:
      Put(&file, file.data.substr(0, harm.from), harm.from);
      break;
    case kExtend: {
      harm.from = file.size;
      std::string bytes = file.data;
      bytes.resize(file.size);
      bytes += RandomBytes(dice->Between(1, 600), dice);
      Put(&file, bytes, bytes.size());
      break;
    }
    case kDelete:
      harm.from = 0;
      harm.after.files.erase(name);
      break;
    case kSwap: {
      std::string other;
      do other = names[dice->Below(names.size())];
      while (other == name);
      harm.from = harm.upto = 0;   // every record says where it belongs: nothing need be lost
      if (harm.after.files[other] != file) harm.files.push_back(other);
      std::swap(harm.after.files[other], file);
      break;
    }
    case kGarbage:
      Overlay(&file, RandomBytes(dice->Between(1, 5000), dice), &harm);
      break;
    case kMisplace:
      Overlay(&file, before.data.substr(dice->Below(end), dice->Between(1, 5000)), &harm);
      break;
  }
  harm.what = name + ", " + kWayNames[way] + " (" + std::to_string(harm.from) + " to " +
              std::to_string(std::min(harm.upto, before.size)) + " of " + std::to_string(end) + ")" +
              (harm.files.size() > 1 ? " with " + harm.files[1] : "");
  if (harm.after.files == store.files) harm.files.clear();
  return harm;
}

}   // namespace shale_test
