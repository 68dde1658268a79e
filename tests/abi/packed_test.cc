// Packed buffers come from other languages, and perhaps from their mistakes: every buffer that is not exactly
// what it says must be refused, without a look past its end. Inputs lie at the very end of a page before one
// that cannot be read.
#include "abi/packed.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "base/coding.h"
#include "base/deadline.h"
#include "base/limits.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

// Bytes that end where memory ends.
class AtTheEdge {
 public:
  explicit AtTheEdge(Bytes bytes) : size_(bytes.size()) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t readable = (size_ + page - 1) / page * page;
    mapped_size_ = readable + page;
    mapped_ = static_cast<char*>(
        mmap(nullptr, mapped_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    assert_true(mapped_ != MAP_FAILED);
    start_ = mapped_ + readable - size_;
    if (size_ > 0) std::memcpy(start_, bytes.data(), size_);
    assert_int_equal(mprotect(mapped_ + readable, page, PROT_NONE), 0);
  }
  ~AtTheEdge() { munmap(mapped_, mapped_size_); }
  AtTheEdge(const AtTheEdge&) = delete;
  AtTheEdge& operator=(const AtTheEdge&) = delete;
  Bytes bytes() const { return Bytes(start_, size_); }

 private:
  size_t size_;
  size_t mapped_size_ = 0;
  char* mapped_ = nullptr;
  char* start_ = nullptr;
};

struct Op {
  bool is_delete = false;
  Buffer key;
  Buffer value;
  int64_t ttl_ms = 0;
};

void PutSized(Buffer* out, Bytes part) {
  PutFixed<uint32_t>(out, static_cast<uint32_t>(part.size()));
  out->append(part);
}

Buffer PackKeys(const std::vector<Op>& ops) {
  Buffer packed;
  for (const Op& op : ops) PutSized(&packed, op.key);
  return packed;
}

Buffer PackItems(const std::vector<Op>& ops) {
  Buffer packed;
  for (const Op& op : ops) {
    PutSized(&packed, op.key);
    PutSized(&packed, op.value);
  }
  return packed;
}

Buffer PackOps(const std::vector<Op>& ops) {
  Buffer packed;
  for (const Op& op : ops) {
    packed.push_back(op.is_delete ? 2 : 1);
    PutSized(&packed, op.key);
    if (op.is_delete) continue;
    PutFixed<int64_t>(&packed, op.ttl_ms);
    PutSized(&packed, op.value);
  }
  return packed;
}

enum class Form { kKeys, kItems, kOps };
constexpr Form kForms[] = {Form::kKeys, Form::kItems, Form::kOps};

Buffer Pack(Form form, const std::vector<Op>& ops) {
  if (form == Form::kKeys) return PackKeys(ops);
  return form == Form::kItems ? PackItems(ops) : PackOps(ops);
}

// What was read, with only the fields that the form has.
Status Parse(Form form, Bytes packed, size_t count, std::vector<Op>* out) {
  const AtTheEdge edge(packed);
  out->clear();
  if (form == Form::kKeys) {
    std::vector<Bytes> keys;
    SHALE_RETURN_IF_NOT_OK(ParsePackedKeys(edge.bytes(), count, &keys));
    for (Bytes key : keys) out->push_back({false, Buffer(key), "", 0});
  } else if (form == Form::kItems) {
    std::vector<KeyValue> items;
    SHALE_RETURN_IF_NOT_OK(ParsePackedItems(edge.bytes(), count, &items));
    for (const KeyValue& item : items) out->push_back({false, Buffer(item.key), Buffer(item.value), 0});
  } else {
    WriteBatch batch;
    SHALE_RETURN_IF_NOT_OK(ParsePackedOps(edge.bytes(), count, &batch));
    for (const WriteBatch::Op& op : batch.ops()) {
      out->push_back({op.is_delete, Buffer(batch.key(op)), Buffer(op.is_delete ? Bytes() : batch.value(op)),
                      op.is_delete ? 0 : op.ttl_ms});
    }
  }
  return Status::Ok();
}

Code CodeOf(Form form, Bytes packed, size_t count) {
  std::vector<Op> ignored;
  return Parse(form, packed, count, &ignored).code();
}

void AssertCode(Code actual, Code expected) {
  assert_string_equal(CodeName(static_cast<int32_t>(actual)), CodeName(static_cast<int32_t>(expected)));
}

Buffer RandomBytes(Random* random, size_t size) {
  Buffer bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random->Next());
  return bytes;
}

std::vector<Op> RandomOps(Random* random, Form form, size_t count) {
  std::vector<Op> ops(count);
  for (Op& op : ops) {
    op.is_delete = form == Form::kOps && random->Next() % 3 == 0;
    op.key = RandomBytes(random, 1 + random->Next() % 20);
    if (form == Form::kKeys || op.is_delete) continue;
    op.value = RandomBytes(random, random->Next() % 40);
    if (form == Form::kOps) op.ttl_ms = static_cast<int64_t>(random->Next() % 1000) - 1;
  }
  return ops;
}

void AssertSame(const std::vector<Op>& actual, const std::vector<Op>& expected) {
  assert_int_equal(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); i++) {
    assert_true(actual[i].is_delete == expected[i].is_delete);
    assert_true(actual[i].key == expected[i].key);
    assert_true(actual[i].value == expected[i].value);
    assert_true(actual[i].ttl_ms == expected[i].ttl_ms);
  }
}

TEST(what_was_packed_is_read_back_in_order) {
  Random random(TestSeed());
  for (int round = 0; round < 300; round++) {
    for (Form form : kForms) {
      const std::vector<Op> ops = RandomOps(&random, form, random.Next() % 12);
      std::vector<Op> parsed;
      ASSERT_OK(Parse(form, Pack(form, ops), ops.size(), &parsed));
      AssertSame(parsed, ops);
    }
  }
}

TEST(no_entries_are_an_empty_buffer_and_nothing_else) {
  for (Form form : kForms) {
    AssertCode(CodeOf(form, "", 0), Code::OK);
    AssertCode(CodeOf(form, "x", 0), Code::E_INVALID);
    AssertCode(CodeOf(form, "", 1), Code::E_INVALID);
  }
  std::vector<Bytes> keys;
  ASSERT_OK(ParsePackedKeys(MakeBytes(nullptr, 0), 0, &keys));
}

TEST(a_buffer_cut_anywhere_is_refused) {
  Random random(TestSeed());
  for (int round = 0; round < 30; round++) {
    for (Form form : kForms) {
      const std::vector<Op> ops = RandomOps(&random, form, 1 + random.Next() % 5);
      const Buffer packed = Pack(form, ops);
      for (size_t size = 0; size < packed.size(); size++) {
        AssertCode(CodeOf(form, Bytes(packed).substr(0, size), ops.size()), Code::E_INVALID);
      }
    }
  }
}

TEST(bytes_behind_the_last_entry_are_refused) {
  Random random(TestSeed());
  for (Form form : kForms) {
    const std::vector<Op> ops = RandomOps(&random, form, 3);
    AssertCode(CodeOf(form, Pack(form, ops) + '\0', ops.size()), Code::E_INVALID);
  }
}

TEST(a_count_that_is_not_the_number_of_entries_is_refused) {
  Random random(TestSeed());
  for (Form form : kForms) {
    const std::vector<Op> ops = RandomOps(&random, form, 4);
    const Buffer packed = Pack(form, ops);
    AssertCode(CodeOf(form, packed, ops.size()), Code::OK);
    for (size_t count : {size_t{0}, size_t{3}, size_t{5}, packed.size(), SIZE_MAX / 16, SIZE_MAX}) {
      AssertCode(CodeOf(form, packed, count), Code::E_INVALID);
    }
  }
}

TEST(a_length_beyond_the_buffer_is_refused) {
  for (uint32_t length : {uint32_t{4}, uint32_t{0x7FFFFFFF}, uint32_t{0x80000000}, uint32_t{0xFFFFFFFF}}) {
    Buffer key;
    PutFixed<uint32_t>(&key, length);
    key += "abc";
    AssertCode(CodeOf(Form::kKeys, key, 1), Code::E_INVALID);
    AssertCode(CodeOf(Form::kOps, '\2' + key, 1), Code::E_INVALID);
    Buffer value;
    PutSized(&value, "key");
    AssertCode(CodeOf(Form::kItems, value + key, 1), Code::E_INVALID);
  }
}

TEST(keys_keep_their_limits) {
  for (Form form : kForms) {
    AssertCode(CodeOf(form, Pack(form, {{false, Buffer(kKeyBytesMax, 'k'), "v", 0}}), 1), Code::OK);
    AssertCode(CodeOf(form, Pack(form, {{false, Buffer(kKeyBytesMax + 1, 'k'), "v", 0}}), 1),
               Code::E_TOO_LARGE);
    // Of two, so that the buffer is not too short already.
    AssertCode(CodeOf(form, Pack(form, {{false, "long enough", "v", 0}, {false, "", "v", 0}}), 2),
               Code::E_INVALID);
  }
}

TEST(an_unknown_kind_of_operation_is_refused) {
  for (int kind = 0; kind < 256; kind++) {
    Buffer packed = PackOps({{true, "key", "", 0}});
    packed[0] = static_cast<char>(kind);
    AssertCode(CodeOf(Form::kOps, packed, 1), kind == 2 ? Code::OK : Code::E_INVALID);
  }
}

TEST(an_operation_takes_every_ttl_but_keep) {
  for (int64_t ttl_ms : {kTtlDefault, kTtlNever, int64_t{1}, INT64_MAX}) {
    AssertCode(CodeOf(Form::kOps, PackOps({{false, "key", "value", ttl_ms}}), 1), Code::OK);
  }
  for (int64_t ttl_ms : {kTtlKeep, int64_t{-3}, INT64_MIN}) {
    AssertCode(CodeOf(Form::kOps, PackOps({{false, "key", "value", ttl_ms}}), 1), Code::E_INVALID);
  }
}

// Whatever comes is refused, or is a buffer that packs to the same bytes again.
TEST(damaged_and_random_buffers_are_refused_or_mean_what_they_say) {
  Random random(TestSeed());
  size_t accepted = 0, refused = 0;
  for (int round = 0; round < 20'000; round++) {
    const Form form = kForms[random.Next() % 3];
    size_t count = random.Next() % 4;
    Buffer packed = random.Next() % 4 == 0 ? RandomBytes(&random, random.Next() % 64)
                                           : Pack(form, RandomOps(&random, form, count));
    for (size_t hits = random.Next() % 3; hits > 0 && !packed.empty(); hits--) {
      packed[random.Next() % packed.size()] = static_cast<char>(random.Next());
    }
    if (random.Next() % 8 == 0) count = random.Next() % 6;
    std::vector<Op> parsed;
    const Status s = Parse(form, packed, count, &parsed);
    if (s.ok()) {
      accepted++;
      assert_int_equal(parsed.size(), count);
      assert_true(Pack(form, parsed) == packed);
    } else {
      refused++;
      assert_true(s.Is(Code::E_INVALID) || s.Is(Code::E_TOO_LARGE));
    }
  }
  assert_true(accepted > 1000);   // or the test has looked at one side only
  assert_true(refused > 1000);
}

}   // namespace
}   // namespace shale

RUN()
