// Values on disk that are compressed and encrypted, through a whole disk tier: every way on which they are
// written, moved, replayed and read; the wrong key; and what can be found in the files.
#include "base/coding.h"
#include "store/collector.h"
#include "store/hex.h"
#include "store/store_fixture.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

constexpr char kMarker[] = "plain-text-of-a-value-that-nobody-else-should-see";

std::shared_ptr<const SecretKey> KeyOf(char fill) {
  std::shared_ptr<const SecretKey> key;
  ASSERT_OK(SecretKey::Copy(Buffer(SecretKey::kBytes, fill), &key));
  return key;
}

// Compressible, and different for each key and round.
Buffer ValueOf(const std::string& seed, size_t size) {
  Buffer value;
  while (value.size() < size) value += kMarker + seed;
  value.resize(size);
  return value;
}

Buffer NoiseOf(uint64_t seed, size_t size) {
  Random random(seed + 1);
  Buffer value;
  while (value.size() < size) value.push_back(static_cast<char>(random.Next() >> 56));
  return value;
}

void Seal(StoreHome* home, char key, size_t compress_bytes_min) {
  home->config.key = key != 0 ? KeyOf(key) : nullptr;
  home->config.compress_bytes_min = compress_bytes_min;
  home->config.compress_level = 1;
}

// Small and large, compressible and not, inline and in the log, with deadlines, deletes, touches and batches.
void Fill(StoreHome* home, int round) {
  const std::string r = std::to_string(round);
  for (int i = 0; i < 200; i++) {
    const auto n = static_cast<uint64_t>(i);
    const std::string key = "key" + std::to_string(i);
    const size_t size = static_cast<size_t>(i % 7 == 0 ? i % 70 : i * 37 % 5000);
    home->Put(key, i % 2 == 0 ? ValueOf(key + r, size) : NoiseOf(n, size),
              i % 5 == 0 ? home->clock.NowMs() + 1'000'000 : 0);
    if (i % 11 == 10) home->Delete("key" + std::to_string(i / 2));
    if (i % 13 == 0) home->Touch(key, home->clock.NowMs() + 2'000'000);
  }
  home->Batch({"batch/a" + r, "batch/b", "batch/c"}, ValueOf("batch" + r, 3000));
  home->Batch({"batch/d", "batch/e"}, "small");
  home->Put("empty", "");
}

void RunForms(char key, size_t compress_bytes_min) {
  StoreHome home;
  Seal(&home, key, compress_bytes_min);
  home.Open();
  Fill(&home, 1);
  home.AssertIs(home.model);
  home.Close();
  home.Open();
  home.AssertIs(home.model);
  Fill(&home, 2);
  home.CrashAndCopy();   // replayed from the log
  home.Open();
  home.AssertIs(home.model);
  Fill(&home, 3);
  ReclaimState state;
  while (!state.finished) ASSERT_OK(home.store->ReclaimStep(&state));
  assert_true(home.store->Stats().gc_moved_records > 0);
  home.AssertIs(home.model);
  std::string why;
  if (!home.store->ValidateSpace(&why)) fail_msg("%s", why.c_str());
  home.Close();
  home.Open();
  home.AssertIs(home.model);
  home.Close();
}

TEST(a_store_that_compresses_equals_the_model) {
  RunForms(0, 1);
}
TEST(a_store_with_a_key_equals_the_model) {
  RunForms('k', 0);
}
TEST(a_store_with_both_equals_the_model) {
  RunForms('k', 100);
}

TEST(compression_can_be_turned_on_and_off) {
  StoreHome home;
  home.Open();
  Fill(&home, 1);
  home.Close();
  const auto bytes_of = [&] { return home.store->Stats().log_appended_bytes; };
  Seal(&home, 0, 64);
  home.Open();
  home.AssertIs(home.model);
  const Buffer value = ValueOf("large", 100'000);
  const uint64_t before = bytes_of();
  home.Put("large", value);
  assert_true(bytes_of() - before < 10'000);
  const StoreStats stats = home.store->Stats();
  assert_int_equal(stats.compressed_values, 1);
  assert_int_equal(stats.compressed_from_bytes, 100'000);
  assert_true(stats.compressed_to_bytes < 10'000 && stats.compressed_to_bytes > 20);
  home.Put("noise", NoiseOf(1, 1000));
  assert_int_equal(home.store->Stats().compression_raw_bytes, 1000);
  home.Close();
  Seal(&home, 0, 0);
  home.Open();
  home.AssertIs(home.model);
  home.Put("large", value);
  assert_int_equal(home.store->Stats().compressed_values, 0);
  home.Close();
}

// A large value that compresses well is small enough to lie in the index; encryption moves none out of it.
TEST(where_a_value_lies_is_decided_by_its_size_before_encryption) {
  for (const char key : {'\0', 'k'}) {
    StoreHome home;
    Seal(&home, key, 100);
    home.Open();
    DiskRead read;
    home.Put("a", Buffer(kInlineMax, 'a'));
    home.Put("b", NoiseOf(2, kInlineMax + 1));
    home.Put("c", Buffer(5000, 'c'));
    home.Get("a", &read);
    assert_int_equal(read.place, 0);
    home.Get("b", &read);
    assert_int_not_equal(read.place, 0);
    home.Get("c", &read);
    assert_int_equal(read.place, 0);
    home.AssertIs(home.model);
    home.Close();
  }
}

TEST(a_remembered_place_is_read_in_every_form) {
  for (const char key : {'\0', 'k'}) {
    for (const size_t compress : {size_t{0}, size_t{100}}) {
      StoreHome home;
      Seal(&home, key, compress);
      home.Open();
      for (const Buffer& value : {ValueOf("some", 9000) + NoiseOf(3, 3000), NoiseOf(3, 9000)}) {
        DiskWrite write = home.MakePut("key", value);
        DurablePoint point;
        ASSERT_OK(home.store->Prepare(&write));
        ASSERT_OK(home.store->Append(&write, &point));
        home.store->Publish(write);
        const DiskPlace place = home.store->PlaceOf(write);
        assert_int_not_equal(place, 0);
        DiskRead read;
        const auto length = static_cast<uint32_t>(value.size());
        ASSERT_OK(home.store->ReadPlace(home.Ref("key"), place, length, &read));
        assert_true(read.value == value);
        AssertCode(home.store->ReadPlace(home.Ref("key"), place, length + 1, &read), Code::E_CORRUPT);
        AssertCode(home.store->ReadPlace(home.Ref("key"), place, length - 1, &read), Code::E_CORRUPT);
      }
      home.Close();
    }
  }
}

TEST(the_wrong_key_is_refused_and_nothing_is_written) {
  StoreHome plain, sealed;
  plain.Open();
  Fill(&plain, 1);
  plain.Close();
  Seal(&sealed, 'k', 0);
  sealed.Open();
  Fill(&sealed, 1);
  sealed.Close();
  for (const bool read_only : {false, true}) {
    plain.config.read_only = sealed.config.read_only = read_only;
    Seal(&plain, 'k', 0);
    plain.AssertRefused(Code::E_INCOMPATIBLE, "is not encrypted");
    Seal(&sealed, 0, 0);
    sealed.AssertRefused(Code::E_INCOMPATIBLE, "no key");
    Seal(&sealed, 'l', 0);
    sealed.AssertRefused(Code::E_INCOMPATIBLE, "another key");
    Seal(&sealed, 'k', 0);
    sealed.Open();
    sealed.AssertIs(sealed.model);
    sealed.Close();
    Seal(&plain, 0, 0);
    plain.Open();
    plain.AssertIs(plain.model);
    plain.Close();
  }
}

void AssertNowhere(const std::string& path, Bytes text, const char* what) {
  for (const auto& [name, bytes] : FilesBelow(path)) {
    if (bytes.find(text) != Buffer::npos) fail_msg("%s is found in %s", what, name.c_str());
  }
}

// In no file, at no time: in the log, in tables, after a crash and after garbage collection.
TEST(no_file_of_a_store_with_a_key_shows_a_value) {
  StoreHome home;
  Seal(&home, 'k', 0);
  home.Open();
  Fill(&home, 1);
  const Bytes marker = Bytes(kMarker, 16);
  const Buffer key_bytes(SecretKey::kBytes, 'k');
  const auto look = [&] {
    AssertNowhere(home.config.path, marker, "a value");
    AssertNowhere(home.config.path, key_bytes, "the key");
  };
  look();
  ASSERT_OK(home.store->Flush());
  look();
  home.store->KeepHint("keys alone", 1000);
  home.Close();
  look();
  home.Open();
  Fill(&home, 2);
  home.CrashAndCopy();
  look();
  home.Open();
  ReclaimState state;
  while (!state.finished) ASSERT_OK(home.store->ReclaimStep(&state));
  ASSERT_OK(home.store->Flush());
  look();
  home.Close();
  look();
}

// Whoever can compute checksums still cannot make a value: of every record each byte is changed and the
// checksum made right again.
TEST(a_changed_record_with_a_right_checksum_gives_no_value) {
  StoreHome home;
  Seal(&home, 'k', 100);
  home.Open();
  const Buffer key = home.KeyIn(5);
  const Buffer value = ValueOf("v", 600) + NoiseOf(4, 300);
  const RecordPlace place = home.Put(key, value);
  home.Close();
  const Buffer good = FilesBelow(home.config.path).at("05/" + SegmentName(SegmentOf(place.at)));
  const Buffer raw = good.substr(OffsetOf(place.at), place.next - place.at);
  home.Open();
  LogRecord record;
  size_t size = 0;
  std::array<unsigned char, 16> uuid;
  std::memcpy(uuid.data(), good.data() + 24, uuid.size());
  const uint64_t salt = LogSalt(uuid.data(), 5);
  assert_true(DecodeRecord(raw, salt, place.at, &record, &size) == Decoded::kRecord);
  assert_int_equal(record.flags, kRecordCompressed | kRecordEncrypted);
  for (size_t i = 0; i < record.value.size(); i++) {
    Buffer changed(record.value);
    changed[i] = static_cast<char>(changed[i] ^ (1 << i % 8));
    LogRecord bad = record;
    bad.value = changed;
    Buffer out(raw.size(), '\0');
    EncodeRecord(bad, salt, place.at, out.data());
    home.Overwrite(5, place.at, out);
    DiskRead read;
    AssertCode(home.store->Read(home.Ref(key), true, &read), Code::E_CORRUPT);
    assert_true(read.value.empty());
  }
  for (const uint8_t flags : {uint8_t{0}, kRecordCompressed, kRecordEncrypted}) {
    LogRecord bad = record;
    bad.flags = flags;
    Buffer out(raw.size(), '\0');
    EncodeRecord(bad, salt, place.at, out.data());
    home.Overwrite(5, place.at, out);
    DiskRead read;
    AssertCode(home.store->Read(home.Ref(key), true, &read), Code::E_CORRUPT);
  }
  home.Overwrite(5, place.at, raw);
  ASSERT_STR(home.Get(key), value);
  home.Close();
}

// A record that says that its value is longer or shorter than what comes out of it.
TEST(a_record_whose_compressed_value_lies_about_its_length_is_corrupt) {
  StoreHome home;
  Seal(&home, 0, 100);
  home.Open();
  const Buffer key = home.KeyIn(9);
  const RecordPlace place = home.Put(key, ValueOf("v", 600) + NoiseOf(5, 300));
  home.Close();
  const Buffer file = FilesBelow(home.config.path).at("09/" + SegmentName(SegmentOf(place.at)));
  const Buffer raw = file.substr(OffsetOf(place.at), place.next - place.at);
  home.Open();
  std::array<unsigned char, 16> uuid;
  std::memcpy(uuid.data(), file.data() + 24, uuid.size());
  const uint64_t salt = LogSalt(uuid.data(), 9);
  LogRecord record;
  size_t size = 0;
  assert_true(DecodeRecord(raw, salt, place.at, &record, &size) == Decoded::kRecord);
  assert_int_equal(record.flags, kRecordCompressed);
  Bytes frame = record.value;
  uint64_t length = 0;
  assert_true(GetVarint64(&frame, &length) && length == 900);
  for (const uint64_t lie : {128ull, 899ull, 901ull, 16'000ull}) {
    Buffer changed;
    PutVarint64(&changed, lie);
    changed.append(frame);
    LogRecord bad = record;
    bad.value = changed;
    assert_int_equal(changed.size(), record.value.size());
    Buffer out(raw.size(), '\0');
    EncodeRecord(bad, salt, place.at, out.data());
    home.Overwrite(9, place.at, out);
    DiskRead read;
    AssertCode(home.store->Read(home.Ref(key), true, &read), Code::E_CORRUPT);
  }
  // An encrypted value where there is no key, and what was never compressed.
  for (const uint8_t flags : {kRecordEncrypted, kRecordForm, uint8_t{0}}) {
    LogRecord bad = record;
    bad.flags = flags;
    bad.value = flags == 0 ? Bytes("rock") : record.value;
    Buffer out(raw.size(), '\0');
    EncodeRecord(bad, salt, place.at, out.data());
    home.Overwrite(9, place.at, out);
    DiskRead read;
    AssertCode(home.store->Read(home.Ref(key), true, &read), Code::E_CORRUPT);
  }
  home.Close();
}

}   // namespace
}   // namespace shale

RUN()
