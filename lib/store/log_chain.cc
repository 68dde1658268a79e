#include "store/log_chain.h"

#include <algorithm>

namespace shale {

namespace {

using Found = SegmentFile;

Status ReadHeader(const Fd& dir, const std::string& path, const LogIdentity& identity, bool may_be_torn,
                  Found* found) {
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir, SegmentName(found->number), &fd));
  char raw[kSegmentHeaderBytes];
  size_t got = 0;
  SHALE_RETURN_IF_NOT_OK(ReadAt(fd, path, 0, raw, sizeof raw, &got));
  Status s = DecodeSegmentHeader(Bytes(raw, got), path, &found->header);
  if (s.Is(Code::E_CORRUPT) && may_be_torn) return Status::Ok();   // found->valid stays false
  SHALE_RETURN_IF_NOT_OK(s);
  const SegmentHeader& h = found->header;
  if (h.uuid != identity.uuid) {
    return Status::Error(Code::E_INCOMPATIBLE, path + ": belongs to another store");
  }
  if (h.shard != identity.shard || h.shard_count != identity.shard_count) {
    return Status::Error(Code::E_INCOMPATIBLE, path + ": belongs to shard " + std::to_string(h.shard) +
                                                   " of " + std::to_string(h.shard_count));
  }
  if (h.segment != found->number)
    return Status::Corrupt(path + ": its header says segment " + SegmentName(h.segment));
  found->valid = true;
  return Status::Ok();
}

}   // namespace

void BuildLogChain(const std::vector<SegmentFile>& files, LogChain* chain) {
  *chain = LogChain();
  if (!files.empty()) chain->highest_number = files.back().number;
  LogPosition successor_previous_end = 0;
  bool have_successor = false;
  for (auto it = files.rbegin(); it != files.rend(); ++it) {
    const uint32_t previous = SegmentOf(successor_previous_end);
    if (!it->valid || (have_successor && it->number > previous)) {
      chain->orphans.push_back(SegmentName(it->number));
      if (!it->valid) chain->headerless.push_back(it->number);
      continue;
    }
    LogChain::Segment segment;
    segment.number = it->number;
    segment.previous_end = it->header.previous_end;
    if (have_successor && it->number == previous) segment.end = OffsetOf(successor_previous_end);
    chain->segments.push_back(segment);
    successor_previous_end = it->header.previous_end;
    have_successor = true;
  }
  std::reverse(chain->segments.begin(), chain->segments.end());
}

Status ReadLogChain(const Fd& dir, const std::string& shard_name, const LogIdentity& identity,
                    bool may_be_torn, LogChain* chain) {
  std::vector<std::string> names;
  SHALE_RETURN_IF_NOT_OK(ListDirectory(dir, shard_name, &names));
  std::vector<Found> files;
  for (const std::string& name : names) {
    Found found;
    if (ParseSegmentName(name, &found.number)) files.push_back(found);
  }
  std::sort(files.begin(), files.end(), [](const Found& a, const Found& b) { return a.number < b.number; });
  for (Found& found : files) {
    const std::string path = shard_name + "/" + SegmentName(found.number);
    SHALE_RETURN_IF_NOT_OK(ReadHeader(dir, path, identity, may_be_torn, &found));
  }
  BuildLogChain(files, chain);
  if (chain->segments.empty()) return Status::Corrupt(shard_name + ": no log segment");
  return Status::Ok();
}

}   // namespace shale
