#include "crash/oracle.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "model/store_kit.h"

namespace shale_test {

static_assert(std::atomic<uint64_t>::is_always_lock_free, "slots are shared between processes");

namespace {

uint64_t Mix(uint64_t x) {
  x ^= x >> 30;
  x *= 0xBF58476D1CE4E5B9u;
  x ^= x >> 27;
  x *= 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

uint64_t HashOf(const char* bytes, size_t size) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (size_t i = 0; i < size; i++) hash = (hash ^ static_cast<unsigned char>(bytes[i])) * 0x100000001B3u;
  return Mix(hash);
}

constexpr size_t kHeadBytes = 16;   // sequence, checksum of key and the rest

// Mostly small, around the inline limit often enough, 32 KiB at most.
size_t ValueBytes(uint64_t random) {
  switch (random % 16) {
    case 0:
      return 8192 + (random >> 8) % (24 << 10);
    case 1:
    case 2:
      return 1024 + (random >> 8) % 7168;
    case 3:
    case 4:
    case 5:
      return 490 + (random >> 8) % 44;
    default:
      return 16 + (random >> 8) % 300;
  }
}

}   // namespace

uint64_t NextSequence(const Slot& slot) {
  return std::max({slot.highest.load(), SequenceOf(slot.pending), SequenceOf(slot.committed)}) + 1;
}

Oracle* MapOracle(const std::string& path, bool create) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0), 0600);
  if (fd < 0) Fatal("cannot open the oracle %s: %s", path.c_str(), std::strerror(errno));
  if (create && ftruncate(fd, sizeof(Oracle)) != 0) Fatal("cannot size the oracle: %s", std::strerror(errno));
  void* memory = mmap(nullptr, sizeof(Oracle), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) Fatal("cannot map the oracle: %s", std::strerror(errno));
  close(fd);
  return static_cast<Oracle*>(memory);
}

void UnmapOracle(Oracle* oracle) {
  munmap(oracle, sizeof(Oracle));
}

std::string PlainKey(uint32_t i) {
  return "key/" + std::to_string(i);
}
std::string GroupPrefix(uint32_t group) {
  return "group/" + std::to_string(group) + "/";
}
std::string GroupKey(uint32_t group, uint32_t member) {
  return GroupPrefix(group) + std::to_string(member);
}
std::string CounterKey(uint32_t i) {
  return "count/" + std::to_string(i);
}

std::string ValueOf(const std::string& key, uint64_t sequence) {
  uint64_t random = Mix(HashOf(key.data(), key.size()) ^ sequence);
  std::string value(ValueBytes(random), '\0');
  for (size_t i = kHeadBytes; i < value.size(); i += 8) {
    random = Mix(random + 0x9E3779B97F4A7C15u);
    std::memcpy(value.data() + i, &random, std::min<size_t>(8, value.size() - i));
  }
  const uint64_t checksum = HashOf(key.data(), key.size()) ^ Mix(sequence) ^
                            HashOf(value.data() + kHeadBytes, value.size() - kHeadBytes);
  std::memcpy(value.data(), &sequence, 8);
  std::memcpy(value.data() + 8, &checksum, 8);
  return value;
}

uint64_t SequenceIn(const std::string& key, const std::string& value) {
  if (value.size() < kHeadBytes) return 0;
  uint64_t sequence;
  std::memcpy(&sequence, value.data(), 8);
  return value == ValueOf(key, sequence) ? sequence : 0;
}

int64_t TtlOf(uint64_t sequence) {
  const uint64_t random = Mix(sequence);
  return static_cast<int64_t>(20 + (random % 4 == 0 ? random % 2480 : random % 300));
}

bool GroupIsDropped(uint64_t sequence) {
  return sequence % 4 == 0;
}
bool GroupDeletes(uint64_t sequence, uint32_t member) {
  return GroupIsDropped(sequence) || (sequence + member) % 7 == 0;
}

int64_t WallClockMs() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}   // namespace shale_test
