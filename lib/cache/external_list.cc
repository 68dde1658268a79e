#include "cache/external_list.h"

#include <sys/mman.h>

#include <cstdlib>

#include "cache/vm_region.h"

namespace shale {

namespace {

// From here a block is a mapping of its own, so that its memory really goes back when it is freed.
constexpr size_t kMapFromBytes = size_t{1} << 20;
constexpr size_t kBlockHeaderBytes = 16;   // keeps the data aligned

struct BlockHeader {
  size_t mapped_bytes;   // 0: from malloc
};

}   // namespace

size_t ExternalList::ChargeOf(size_t bytes) {
  bytes += kBlockHeaderBytes;
  return bytes >= kMapFromBytes ? RoundUpTo(bytes, kPageBytes) : RoundUpTo(bytes, 16) + 16;
}

size_t ExternalList::LargestFor(size_t charge) {
  const size_t slack = charge >= kMapFromBytes ? kPageBytes : 32;
  return charge - kBlockHeaderBytes - slack;
}

char* ExternalList::AllocateBlock(size_t bytes) {
  bytes += kBlockHeaderBytes;
  void* p = MAP_FAILED;
  size_t mapped_bytes = 0;
  if (bytes >= kMapFromBytes) {
    mapped_bytes = RoundUpTo(bytes, kPageBytes);
    p = mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  if (p == MAP_FAILED) {
    // Small, or the process has no more mappings.
    mapped_bytes = 0;
    p = std::malloc(bytes);
    if (p == nullptr) return nullptr;
  }
  static_cast<BlockHeader*>(p)->mapped_bytes = mapped_bytes;
  return static_cast<char*>(p) + kBlockHeaderBytes;
}

void ExternalList::FreeBlock(char* block) {
  char* p = block - kBlockHeaderBytes;
  const size_t mapped_bytes = reinterpret_cast<BlockHeader*>(p)->mapped_bytes;
  if (mapped_bytes != 0) {
    munmap(p, mapped_bytes);
  } else {
    std::free(p);
  }
}

void ExternalList::Push(ItemRef ref) {
  ExternalPart* part = Part(ref);
  part->prev = newest_;
  part->next = kNoItem;
  (newest_ != kNoItem ? Part(newest_)->next : oldest_) = ref;
  newest_ = ref;
  count_++;
}

void ExternalList::Remove(ItemRef ref) {
  const ExternalPart* part = Part(ref);
  (part->prev != kNoItem ? Part(part->prev)->next : oldest_) = part->next;
  (part->next != kNoItem ? Part(part->next)->prev : newest_) = part->prev;
  count_--;
}

ItemRef ExternalList::Candidate(bool spare_marked) {
  for (size_t tries = count_; tries > 0; tries--) {
    const ItemRef ref = oldest_;
    Item* item = arena_->At(ref);
    const bool spared = spare_marked && item->mark() > 0;
    if (item->pins() == 0 && !spared) return ref;
    if (spared) item->SetMark(item->mark() - 1);
    Remove(ref);
    Push(ref);
  }
  return kNoItem;
}

}   // namespace shale
