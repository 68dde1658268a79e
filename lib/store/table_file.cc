#include "store/table_file.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"
#include "store/index_check.h"
#include "store/index_crc.h"

namespace shale {

namespace {

constexpr size_t kTrailerBytes = 5;   // type, checksum
constexpr size_t kTagBytes = 8;       // behind each key: sequence << 8 | type
// A row has at most a key and an inline value, a block one row more than its size: longer ones are not
// searched for where nothing says how long a block is.
constexpr size_t kBlockBytesMax = size_t{256} << 10;

struct Handle {
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t end() const { return offset + size + kTrailerBytes; }
};

bool GetHandle(Bytes* in, Handle* handle) {
  return GetVarint64(in, &handle->offset) && GetVarint64(in, &handle->size) &&
         handle->offset <= SIZE_MAX / 4 && handle->size <= SIZE_MAX / 4;
}

// Calls visit(key, value) for each entry; false if the bytes are not those of a block.
bool WalkBlock(Bytes block, const std::function<void(Bytes key, Bytes value)>& visit) {
  if (block.size() < 4) return false;
  const uint64_t restarts = LoadLE<uint32_t>(block.data() + block.size() - 4);
  if (restarts == 0 || restarts > (block.size() - 4) / 4) return false;
  Bytes in = block.substr(0, block.size() - 4 - restarts * 4);
  Buffer key;
  while (!in.empty()) {
    uint64_t shared = 0, own = 0, value_len = 0;
    if (!GetVarint64(&in, &shared) || !GetVarint64(&in, &own) || !GetVarint64(&in, &value_len)) return false;
    if (shared > key.size() || own > in.size() || value_len > in.size() - own) return false;
    key.resize(shared);
    key.append(in.substr(0, own));
    visit(key, in.substr(own, value_len));
    in.remove_prefix(own + value_len);
  }
  return true;
}

bool SplitKey(Bytes internal, TableEntry* entry) {
  if (internal.size() < kTagBytes) return false;
  const auto tag = LoadLE<uint64_t>(internal.data() + internal.size() - kTagBytes);
  entry->key = internal.substr(0, internal.size() - kTagBytes);
  entry->sequence = tag >> 8;
  entry->deleted = (tag & 0xFF) == 0;
  return (tag & 0xFF) <= 1;
}

class TableReader {
 public:
  TableReader(Bytes file, const KeySpan& span, const std::function<void(const TableEntry&)>& visit,
              TableScan* scan)
      : file_(file), span_(span), visit_(visit), scan_(scan) {}

  void Read() {
    Handle metaindex, index;
    if (!ReadFooter(&metaindex, &index)) return Search(file_.size());
    std::vector<std::pair<Buffer, Handle>> blocks;
    if (!ReadIndexBlock(index, metaindex.offset, &blocks)) {
      CheckPart(metaindex, "list of filters");
      return Search(metaindex.offset);
    }
    Handle filter;
    const bool has_filter = ReadMetaindex(metaindex, &filter);
    uint64_t expected = 0;
    Buffer last = span_.from;
    for (const auto& [key, handle] : blocks) {
      if (handle.offset != expected) Fault(expected, "bytes that no block covers");
      expected = handle.end();
      const Buffer upto = key.substr(0, key.size() - std::min(key.size(), kTagBytes));
      if (!ReadData(handle)) scan_->lost.push_back(KeySpan{last, upto});
      last = upto;
    }
    if (has_filter) {
      CheckPart(filter, "filter");
      if (filter.offset != expected) Fault(expected, "bytes that no block covers");
      expected = filter.end();
    }
    if (metaindex.offset != expected) Fault(expected, "bytes that no block covers");
  }

 private:
  void Fault(uint64_t offset, std::string what) {
    scan_->faults.push_back(FileFault{offset, std::move(what)});
  }

  bool ReadFooter(Handle* metaindex, Handle* index) {
    const size_t at = file_.size() - std::min(file_.size(), kTableFooterBytes);
    Bytes footer = file_.substr(at);
    const bool right = footer.size() == kTableFooterBytes &&
                       LoadLE<uint64_t>(footer.data() + kTableFooterBytes - 8) == kTableMagic &&
                       !IsDamagedTableFooter(footer, at);
    if (!right) {
      Fault(at, "the footer is damaged");
      return false;
    }
    GetHandle(&footer, metaindex);
    GetHandle(&footer, index);
    const Bytes padding = footer.substr(0, footer.size() - 8);
    if (std::any_of(padding.begin(), padding.end(), [](char c) { return c != 0; }))
      Fault(at, "the footer's padding is not zero");
    return true;
  }

  // The block's bytes if its checksum is right.
  bool Block(const Handle& handle, Bytes* block) const {
    if (handle.end() > file_.size()) return false;
    const Bytes covered = file_.substr(handle.offset, handle.size + 1);
    IndexCrc crc;
    crc.Add(covered);
    if (covered.back() != 0 || crc.Masked() != LoadLE<uint32_t>(covered.data() + covered.size()))
      return false;
    *block = covered.substr(0, handle.size);
    return true;
  }

  void CheckPart(const Handle& handle, const char* what) {
    Bytes block;
    if (!Block(handle, &block)) Fault(handle.offset, std::string("the ") + what + " is damaged");
  }

  bool ReadIndexBlock(const Handle& handle, uint64_t limit, std::vector<std::pair<Buffer, Handle>>* blocks) {
    Bytes block;
    bool good = Block(handle, &block);
    good = good &&
           WalkBlock(block,
                     [&](Bytes key, Bytes value) {
                       Handle data;
                       good = good && GetHandle(&value, &data) && data.end() <= limit;
                       if (good) blocks->emplace_back(Buffer(key), data);
                     }) &&
           good;
    if (!good) Fault(handle.offset, "the list of blocks is damaged");
    return good;
  }

  // False: there is no filter, or nobody knows where.
  bool ReadMetaindex(const Handle& handle, Handle* filter) {
    Bytes block;
    if (!Block(handle, &block)) {
      Fault(handle.offset, "the list of filters is damaged");
      return false;
    }
    bool found = false;
    WalkBlock(block, [&](Bytes, Bytes value) { found = GetHandle(&value, filter); });
    return found;
  }

  bool ReadData(const Handle& handle) {
    Bytes block;
    if (Block(handle, &block) && HandOut(block)) return true;
    Fault(handle.offset, "a block of rows is damaged");
    return false;
  }

  bool HandOut(Bytes block) {
    TableEntry entry;
    bool good = true;
    if (!WalkBlock(block, [&](Bytes key, Bytes) { good = good && SplitKey(key, &entry); }) || !good)
      return false;
    WalkBlock(block, [&](Bytes key, Bytes value) {
      SplitKey(key, &entry);
      entry.row = value;
      if (scan_->entries++ == 0) scan_->smallest = entry.key;
      scan_->largest = entry.key;
      visit_(entry);
    });
    scan_->blocks++;
    return true;
  }

  // Nothing says where blocks are: they follow each other from the beginning, and a checksum shows where each
  // ends.
  void Search(uint64_t limit) {
    scan_->lost.push_back(span_);
    std::vector<Handle> found;
    for (uint64_t at = 0; at + kTrailerBytes < limit;) {
      const uint64_t size = SizeOfBlockAt(at, limit);
      if (size == 0) {
        at++;
        continue;
      }
      const Handle handle{at, size};
      const Bytes block = file_.substr(at, size);
      if (!IsIndexBlock(block, found)) HandOut(block);
      found.push_back(handle);
      at = handle.end();
    }
  }

  // 0: none begins here. The first entry of a block shares nothing and has a key with a tag.
  uint64_t SizeOfBlockAt(uint64_t at, uint64_t limit) const {
    Bytes in = file_.substr(at, std::min<uint64_t>(limit - at, 20));
    uint64_t shared = 1, own = 0, value_len = 0;
    if (!GetVarint64(&in, &shared) || shared != 0) return 0;
    if (!GetVarint64(&in, &own) || own < kTagBytes || !GetVarint64(&in, &value_len)) return 0;
    const uint64_t longest = std::min<uint64_t>(limit - at, kBlockBytesMax);
    if (own + value_len > longest) return 0;
    IndexCrc crc;
    for (uint64_t size = 0; size + kTrailerBytes <= longest; size++) {
      const char byte = file_[at + size];
      IndexCrc with_type = crc;
      with_type.Add('\0');
      if (byte == 0 && size > own + value_len &&
          with_type.Masked() == LoadLE<uint32_t>(file_.data() + at + size + 1)) {
        return size;
      }
      crc.Add(byte);
    }
    return 0;
  }

  // Where the footer is gone the list of blocks looks like a block of rows: each value is the place of a
  // block before it.
  static bool IsIndexBlock(Bytes block, const std::vector<Handle>& found) {
    bool all = true;
    uint64_t expected = 0;
    const bool walked = WalkBlock(block, [&](Bytes, Bytes value) {
      Handle handle;
      all = all && GetHandle(&value, &handle) && value.empty() && handle.offset >= expected;
      expected = handle.end();
    });
    return walked && all && !found.empty() && expected <= found.back().end();
  }

  const Bytes file_;
  const KeySpan& span_;
  const std::function<void(const TableEntry&)>& visit_;
  TableScan* const scan_;
};

}   // namespace

Status ReadTable(const Fd& dir, const std::string& path, const std::string& name, uint64_t size,
                 const KeySpan& span, const std::function<void(const TableEntry&)>& visit, TableScan* scan) {
  Fd fd;
  SHALE_RETURN_IF_NOT_OK(OpenFileForRead(dir, name, &fd));
  uint64_t file_size = 0;
  SHALE_RETURN_IF_NOT_OK(FileSize(fd, path, &file_size));
  if (size != 0 && file_size != size) {
    scan->faults.push_back(FileFault{std::min(size, file_size), std::to_string(file_size) + " bytes, and " +
                                                                    std::to_string(size) + " were written"});
  }
  Buffer bytes(size != 0 ? std::min(size, file_size) : file_size, '\0');
  size_t got = 0;
  SHALE_RETURN_IF_NOT_OK(ReadAt(fd, path, 0, bytes.data(), bytes.size(), &got));
  bytes.resize(got);
  TableReader(bytes, span, visit, scan).Read();
  return Status::Ok();
}

}   // namespace shale
