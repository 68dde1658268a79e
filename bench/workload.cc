#include "workload.h"

#include <algorithm>
#include <cstring>

#include "fast_random.h"

namespace bench {
namespace {

// The noise stays in the second-level cache, so that making a value costs little beside storing it.
constexpr size_t kNoiseBytes = size_t{256} << 10;

char* AppendDecimal(char* out, uint64_t number) {
  char digits[20];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count > 0) *out++ = digits[--count];
  return out;
}

bool Explain(const char* what, const Key& key, const std::string& reason, std::string* why) {
  *why = std::string(what) + " of " + std::string(key.view()) + ": " + reason;
  return false;
}

class Writes final : public Load {
 public:
  Writes(Engine* engine, const Values* values, int thread, int64_t* count)
      : engine_(engine), values_(values), thread_(thread), count_(count), value_(values->size(), '\0') {}

  bool RunBatch(std::string* why) override {
    for (int64_t i = 0; i < kStoreBatchOps; ++i) {
      const Key key(thread_, next_);
      values_->Fill(key, value_.data());
      if (!engine_->Put(key.view(), value_, why)) return Explain("put", key, *why, why);
      ++next_;
    }
    // Once a batch: the neighbouring counts share this cache line.
    *count_ = next_;
    return true;
  }

  int64_t batch_ops() const override { return kStoreBatchOps; }

 private:
  Engine* const engine_;
  const Values* const values_;
  const int thread_;
  int64_t* const count_;
  int64_t next_ = 0;
  std::string value_;
};

// Reads a key and checks what came back.
class Reads : public Load {
 public:
  Reads(Engine* engine, const Values* values)
      : engine_(engine), values_(values), buffer_(values->size(), '\0') {}

  int64_t batch_ops() const final { return kStoreBatchOps; }

 protected:
  bool ReadOne(const Key& key, std::string* why) {
    std::string_view value;
    if (!engine_->Get(key.view(), &buffer_, &value, why)) return Explain("get", key, *why, why);
    if (!values_->CarriesKey(key, value)) return Explain("get", key, "the value belongs to another key", why);
    if (++reads_ % kFullCheckEvery == 0 && !values_->Equals(key, value)) {
      return Explain("get", key, "the value differs from what was written", why);
    }
    return true;
  }

 private:
  Engine* const engine_;
  const Values* const values_;
  int64_t reads_ = 0;
  std::string buffer_;
};

class HotReads final : public Reads {
 public:
  HotReads(Engine* engine, const Values* values, int thread, int64_t keys)
      : Reads(engine, values), thread_(thread), keys_(keys), random_(static_cast<uint64_t>(thread)) {}

  bool RunBatch(std::string* why) override {
    for (int64_t i = 0; i < kStoreBatchOps; ++i) {
      if (!ReadOne(Key(thread_, random_.Below(keys_)), why)) return false;
    }
    return true;
  }

 private:
  const int thread_;
  const int64_t keys_;
  FastRandom random_;
};

class UniformReads final : public Reads {
 public:
  // ends[t]: how many keys the threads up to and with t have written.
  UniformReads(Engine* engine, const Values* values, int thread, std::shared_ptr<const KeyCounts> ends)
      : Reads(engine, values), ends_(std::move(ends)), random_(static_cast<uint64_t>(thread)) {}

  bool RunBatch(std::string* why) override {
    for (int64_t i = 0; i < kStoreBatchOps; ++i) {
      const int64_t position = random_.Below(ends_->back());
      const auto owner = std::upper_bound(ends_->begin(), ends_->end(), position);
      const int64_t before = owner == ends_->begin() ? 0 : *(owner - 1);
      if (!ReadOne(Key(static_cast<int>(owner - ends_->begin()), position - before), why)) return false;
    }
    return true;
  }

 private:
  const std::shared_ptr<const KeyCounts> ends_;
  FastRandom random_;
};

}   // namespace

Key::Key(int thread, int64_t number)
    : id_(static_cast<uint64_t>(thread) << 40 | static_cast<uint64_t>(number)) {
  std::memcpy(text_, "key_", 4);
  char* end = AppendDecimal(text_ + 4, static_cast<uint64_t>(thread));
  *end++ = '_';
  end = AppendDecimal(end, static_cast<uint64_t>(number));
  size_ = static_cast<size_t>(end - text_);
}

Values::Values(size_t value_bytes, int noise_bits)
    : value_bytes_(value_bytes), noise_(kNoiseBytes + value_bytes, '\0') {
  FastRandom random(0);
  for (char& byte : noise_) byte = static_cast<char>(random.Next() >> (64 - noise_bits));
}

const char* Values::Noise(const Key& key) const {
  return noise_.data() + (key.id() * 0x9E3779B97F4A7C15u >> 32) % kNoiseBytes;
}

void Values::Fill(const Key& key, char* out) const {
  const std::string_view text = key.view();
  std::memcpy(out, text.data(), text.size());
  out[text.size()] = '\n';
  const size_t head = text.size() + 1;
  std::memcpy(out + head, Noise(key), value_bytes_ - head);
}

bool Values::CarriesKey(const Key& key, std::string_view value) const {
  const std::string_view text = key.view();
  return value.size() == value_bytes_ && std::memcmp(value.data(), text.data(), text.size()) == 0 &&
         value[text.size()] == '\n';
}

bool Values::Equals(const Key& key, std::string_view value) const {
  const size_t head = key.view().size() + 1;
  return CarriesKey(key, value) && std::memcmp(value.data() + head, Noise(key), value_bytes_ - head) == 0;
}

std::vector<std::unique_ptr<Load>> MakeWrites(Engine* engine, const Values* values, KeyCounts* counts) {
  std::vector<std::unique_ptr<Load>> loads;
  for (size_t t = 0; t < counts->size(); ++t) {
    loads.push_back(std::make_unique<Writes>(engine, values, static_cast<int>(t), &(*counts)[t]));
  }
  return loads;
}

std::vector<std::unique_ptr<Load>> MakeHotReads(Engine* engine, const Values* values,
                                                const KeyCounts* counts) {
  std::vector<std::unique_ptr<Load>> loads;
  for (size_t t = 0; t < counts->size(); ++t) {
    const int64_t keys = std::min(kHotKeysPerThread, (*counts)[t]);
    loads.push_back(std::make_unique<HotReads>(engine, values, static_cast<int>(t), keys));
  }
  return loads;
}

std::vector<std::unique_ptr<Load>> MakeUniformReads(Engine* engine, const Values* values,
                                                    const KeyCounts* counts) {
  auto ends = std::make_shared<KeyCounts>();
  int64_t total = 0;
  for (const int64_t count : *counts) ends->push_back(total += count);
  std::vector<std::unique_ptr<Load>> loads;
  for (size_t t = 0; t < counts->size(); ++t) {
    loads.push_back(std::make_unique<UniformReads>(engine, values, static_cast<int>(t), ends));
  }
  return loads;
}

}   // namespace bench
