#include "fault/disk_model.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace shale_test {

namespace {

constexpr size_t kPage = 4096;

void CopyWithin(const DiskEvent& event, uint64_t from, uint64_t upto, char* out) {
  // The part of the write that lies in [from, upto), to out, which stands for `from`.
  const uint64_t begin = std::max(from, event.offset);
  const uint64_t end = std::min<uint64_t>(upto, event.offset + event.data.size());
  if (begin < end) std::memcpy(out + (begin - from), event.data.data() + (begin - event.offset), end - begin);
}

uint64_t SizeAfter(uint64_t size, const DiskEvent& event) {
  switch (event.kind) {
    case DiskEvent::Kind::kWrite:
      return std::max<uint64_t>(size, event.offset + event.data.size());
    case DiskEvent::Kind::kAllocate:
      return std::max(size, event.offset + event.size);
    default:
      return event.offset;   // kTruncate
  }
}

void ApplyTo(std::string* content, const DiskEvent& event) {
  content->resize(SizeAfter(content->size(), event), '\0');
  if (event.kind == DiskEvent::Kind::kWrite)
    std::memcpy(content->data() + event.offset, event.data.data(), event.data.size());
}

void ApplyEntry(std::map<std::string, NodeId>* entries, const DiskEvent& event) {
  if (!event.old_name.empty()) entries->erase(event.old_name);
  if (event.target == kNoNode)
    entries->erase(event.name);
  else
    (*entries)[event.name] = event.target;
}

void WriteSparse(const std::string& path, const std::string& content) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool ok = fd >= 0 && ftruncate(fd, static_cast<off_t>(content.size())) == 0;
  static const std::string zeros(kPage, '\0');
  for (size_t at = 0; ok && at < content.size();) {
    size_t end = at;
    const auto empty = [&](size_t p) {
      return std::memcmp(content.data() + p, zeros.data(), std::min(kPage, content.size() - p)) == 0;
    };
    while (end < content.size() && !empty(end)) end += kPage;
    end = std::min(end, content.size());
    if (end > at)
      ok =
          pwrite(fd, content.data() + at, end - at, static_cast<off_t>(at)) == static_cast<ssize_t>(end - at);
    at = std::max(end, at + 1);
    at = (at + kPage - 1) / kPage * kPage;
  }
  if (!ok) Fatal("cannot write the image %s: %s", path.c_str(), std::strerror(errno));
  close(fd);
}

}   // namespace

// ---- recording

DiskRecorder::DiskRecorder(std::string root, const DiskImage* image) : root_(std::move(root)) {
  tree_[0] = {};
  if (image == nullptr) return;
  for (const auto& [id, node] : image->nodes) {
    if (node.directory) tree_[id] = node.entries;
    next_node_ = std::max(next_node_, id + 1);
  }
}

size_t DiskRecorder::count() {
  const std::lock_guard<std::mutex> lock(mu_);
  return events_.size();
}

NodeId DiskRecorder::Find(NodeId dir, const std::string& leaf) const {
  if (leaf == ".") return dir;
  const auto entries = tree_.find(dir);
  if (entries == tree_.end()) return kNoNode;
  const auto entry = entries->second.find(leaf);
  return entry == entries->second.end() ? kNoNode : entry->second;
}

NodeId DiskRecorder::NodeOf(int fd) const {
  const auto found = fds_.find(fd);
  return found == fds_.end() ? kNoNode : found->second;
}

NodeId DiskRecorder::Resolve(int dir, const char* name, std::string* leaf) const {
  std::string path = name;
  NodeId at = NodeOf(dir);
  if (dir == AT_FDCWD) {
    if (path == root_) path += "/.";
    if (path.compare(0, root_.size() + 1, root_ + "/") != 0) return kNoNode;
    path.erase(0, root_.size() + 1);
    at = 0;
  }
  for (size_t slash; at != kNoNode && (slash = path.find('/')) != std::string::npos; path.erase(0, slash + 1))
    at = Find(at, path.substr(0, slash));
  *leaf = path;
  return at;
}

DiskEvent* DiskRecorder::Add(DiskEvent::Kind kind, NodeId node) {
  events_.emplace_back();
  events_.back().kind = kind;
  events_.back().node = node;
  return &events_.back();
}

void DiskRecorder::Make(NodeId dir, const std::string& leaf, bool directory) {
  const NodeId made = next_node_++;
  Add(DiskEvent::Kind::kMake, made)->directory = directory;
  DiskEvent* const entry = Add(DiskEvent::Kind::kEntry, dir);
  entry->name = leaf;
  entry->target = made;
  tree_[dir][leaf] = made;
  if (directory) tree_[made] = {};
}

void DiskRecorder::Opened(int fd, int dir, const char* name, bool creates) {
  fds_.erase(fd);
  std::string leaf;
  const NodeId parent = Resolve(dir, name, &leaf);
  if (parent == kNoNode) return;
  if (creates) Make(parent, leaf, false);
  const NodeId node = Find(parent, leaf);
  if (node == kNoNode) Fatal("the recorder does not know %s", name);
  fds_[fd] = node;
}

void DiskRecorder::Wrote(int fd, const void* data, size_t size, off_t offset) {
  const NodeId node = NodeOf(fd);
  if (node == kNoNode) return;
  DiskEvent* const event = Add(DiskEvent::Kind::kWrite, node);
  event->offset = static_cast<uint64_t>(offset);
  event->data.assign(static_cast<const char*>(data), size);
}

void DiskRecorder::Allocated(int fd, off_t offset, off_t size) {
  const NodeId node = NodeOf(fd);
  if (node == kNoNode) return;
  DiskEvent* const event = Add(DiskEvent::Kind::kAllocate, node);
  event->offset = static_cast<uint64_t>(offset);
  event->size = static_cast<uint64_t>(size);
}

void DiskRecorder::Truncated(int fd, off_t size) {
  if (const NodeId node = NodeOf(fd); node != kNoNode)
    Add(DiskEvent::Kind::kTruncate, node)->offset = static_cast<uint64_t>(size);
}

void DiskRecorder::SyncedData(int fd) {
  if (const NodeId node = NodeOf(fd); node != kNoNode) Add(DiskEvent::Kind::kSyncData, node);
}

void DiskRecorder::SyncedDirectory(int fd) {
  if (const NodeId node = NodeOf(fd); node != kNoNode) Add(DiskEvent::Kind::kSyncDirectory, node);
}

void DiskRecorder::MadeDirectory(int dir, const char* name) {
  std::string leaf;
  if (const NodeId parent = Resolve(dir, name, &leaf); parent != kNoNode) Make(parent, leaf, true);
}

void DiskRecorder::Renamed(int from_dir, const char* from, int to_dir, const char* to) {
  std::string old_leaf, leaf;
  const NodeId old_parent = Resolve(from_dir, from, &old_leaf), parent = Resolve(to_dir, to, &leaf);
  if (parent == kNoNode) return;
  if (old_parent != parent) Fatal("%s is renamed into another directory, which the model cannot", from);
  DiskEvent* const event = Add(DiskEvent::Kind::kEntry, parent);
  event->name = leaf;
  event->old_name = old_leaf;
  event->target = Find(parent, old_leaf);
  ApplyEntry(&tree_[parent], *event);
}

void DiskRecorder::Linked(int from_dir, const char* from, int to_dir, const char* to) {
  std::string old_leaf, leaf;
  const NodeId old_parent = Resolve(from_dir, from, &old_leaf), parent = Resolve(to_dir, to, &leaf);
  if (parent == kNoNode) return;
  DiskEvent* const event = Add(DiskEvent::Kind::kEntry, parent);
  event->name = leaf;
  event->target = Find(old_parent, old_leaf);
  ApplyEntry(&tree_[parent], *event);
}

void DiskRecorder::Removed(int dir, const char* name) {
  std::string leaf;
  const NodeId parent = Resolve(dir, name, &leaf);
  if (parent == kNoNode) return;
  DiskEvent* const event = Add(DiskEvent::Kind::kEntry, parent);
  event->name = leaf;
  ApplyEntry(&tree_[parent], *event);
}

// ---- what is left of it

std::string CutPolicy::Name() const {
  constexpr const char* kFiles[] = {"nothing", "prefixes", "pages", "pages and garbage", "everything"};
  constexpr const char* kEntries[] = {"none", "the first", "any", "all"};
  return std::string(kFiles[static_cast<size_t>(files)]) + " of what was not synced, " +
         kEntries[static_cast<size_t>(entries)] + " of the entries";
}

DiskModel::DiskModel(const DiskImage* image) {
  nodes_[0].directory = true;
  if (image == nullptr) return;
  for (const auto& [id, node] : image->nodes) {
    nodes_[id].directory = node.directory;
    nodes_[id].durable = node.content;
    nodes_[id].entries = node.entries;
  }
}

void DiskModel::Apply(const DiskEvent* event) {
  Node& node = nodes_[event->node];
  switch (event->kind) {
    case DiskEvent::Kind::kMake:
      node.directory = event->directory;
      break;
    case DiskEvent::Kind::kSyncData:
      for (const DiskEvent* change : node.unsynced) ApplyTo(&node.durable, *change);
      node.unsynced.clear();
      break;
    case DiskEvent::Kind::kSyncDirectory:
      for (const DiskEvent* change : node.unsynced_entries) ApplyEntry(&node.entries, *change);
      node.unsynced_entries.clear();
      break;
    case DiskEvent::Kind::kEntry:
      node.unsynced_entries.push_back(event);
      break;
    default:
      node.unsynced.push_back(event);
  }
}

// Each page as it was after some of the changes to it, the length likewise.
std::string DiskModel::Pages(const Node& node, bool garbage, Dice* dice) {
  const auto& changes = node.unsynced;
  std::vector<uint64_t> sizes = {node.durable.size()};
  std::set<uint64_t> pages;
  for (const DiskEvent* change : changes) {
    const uint64_t before = sizes.back();
    sizes.push_back(SizeAfter(before, *change));
    uint64_t from = change->offset, upto = change->offset + change->data.size();
    // What is cut off, and comes back as zeros.
    if (change->kind == DiskEvent::Kind::kTruncate) upto = std::max(from, before);
    for (uint64_t page = from / kPage; upto > from && page <= (upto - 1) / kPage; page++) pages.insert(page);
  }
  std::string content = node.durable;
  content.resize(*std::max_element(sizes.begin(), sizes.end()), '\0');
  for (const uint64_t page : pages) {
    const uint64_t from = page * kPage, upto = std::min<uint64_t>(from + kPage, content.size());
    if (from >= upto) continue;
    // Most pages are there whole, or not at all.
    const uint64_t kept = dice->OneIn(3)   ? 0
                          : dice->OneIn(3) ? dice->Below(changes.size() + 1)
                                           : changes.size();
    for (size_t i = 0; i < kept; i++) {
      const DiskEvent& change = *changes[i];
      if (change.kind == DiskEvent::Kind::kWrite) CopyWithin(change, from, upto, content.data() + from);
      if (change.kind == DiskEvent::Kind::kTruncate && change.offset < upto) {
        const uint64_t begin = std::max(from, change.offset);
        std::memset(content.data() + begin, 0, upto - begin);
      }
    }
    if (!garbage || !dice->OneIn(6)) continue;
    for (const DiskEvent* change : changes) {
      if (change->kind != DiskEvent::Kind::kWrite) continue;
      DiskEvent noise = *change;
      for (char& c : noise.data) c = static_cast<char>(dice->Next());
      CopyWithin(noise, from, upto, content.data() + from);
    }
  }
  uint64_t size = dice->OneIn(2) ? sizes.back() : sizes[dice->Below(sizes.size())];
  if (size > node.durable.size() && dice->OneIn(3)) {
    size = dice->Between(node.durable.size(), size);
    if (dice->OneIn(2)) size = std::max<uint64_t>(node.durable.size(), size / kPage * kPage);
  }
  content.resize(size, '\0');
  return content;
}

std::string DiskModel::Content(const Node& node, CutPolicy::Files policy, Dice* dice) {
  if (node.unsynced.empty()) return node.durable;
  std::string content = node.durable;
  switch (policy) {
    case CutPolicy::Files::kNothingKept:
      return content;
    case CutPolicy::Files::kAllKept:
      for (const DiskEvent* change : node.unsynced) ApplyTo(&content, *change);
      return content;
    case CutPolicy::Files::kPrefix: {
      const size_t kept = dice->Below(node.unsynced.size() + 1);
      for (size_t i = 0; i < kept; i++) ApplyTo(&content, *node.unsynced[i]);
      if (kept == node.unsynced.size() || node.unsynced[kept]->kind != DiskEvent::Kind::kWrite)
        return content;
      DiskEvent part = *node.unsynced[kept];
      part.data.resize(dice->Below(part.data.size() + 1));
      if (!part.data.empty()) ApplyTo(&content, part);
      return content;
    }
    default:
      return Pages(node, policy == CutPolicy::Files::kGarbage, dice);
  }
}

DiskImage DiskModel::Cut(const CutPolicy& policy, Dice* dice) const {
  DiskImage image;
  std::vector<NodeId> left = {0};
  while (!left.empty()) {
    const NodeId id = left.back();
    left.pop_back();
    if (image.nodes.contains(id)) continue;
    const Node& node = nodes_.at(id);
    DiskImage::Node& made = image.nodes[id];
    made.directory = node.directory;
    if (!node.directory) {
      made.content = Content(node, policy.files, dice);
      continue;
    }
    made.entries = node.entries;
    const auto& changes = node.unsynced_entries;
    const size_t first = policy.entries == CutPolicy::Entries::kPrefix ? dice->Below(changes.size() + 1)
                         : policy.entries == CutPolicy::Entries::kNothingKept ? 0
                                                                              : changes.size();
    for (size_t i = 0; i < first; i++) {
      if (policy.entries == CutPolicy::Entries::kAny && dice->OneIn(2)) continue;
      ApplyEntry(&made.entries, *changes[i]);
    }
    for (const auto& [name, target] : made.entries) left.push_back(target);
  }
  return image;
}

// ---- as files

void DiskImage::WriteTo(const std::string& path) const {
  std::map<NodeId, std::string> written;
  std::vector<std::pair<NodeId, std::string>> left = {{0, path}};
  while (!left.empty()) {
    const auto [id, at] = left.back();
    left.pop_back();
    const Node& node = nodes.at(id);
    if (node.directory) {
      if (mkdir(at.c_str(), 0700) != 0) Fatal("cannot make %s: %s", at.c_str(), std::strerror(errno));
      for (const auto& [name, target] : node.entries) left.emplace_back(target, at + "/" + name);
    } else if (const auto other = written.find(id); other != written.end()) {
      if (link(other->second.c_str(), at.c_str()) != 0) Fatal("cannot link %s", at.c_str());
    } else {
      WriteSparse(at, node.content);
      written[id] = at;
    }
  }
}

}   // namespace shale_test
