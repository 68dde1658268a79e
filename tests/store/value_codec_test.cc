#include "store/value_codec.h"

#include <sodium.h>
#include <zstd.h>

#include "base/coding.h"
#include "base/limits.h"
#include "base/random.h"
#include "store/assert_code.h"
#include "store/hex.h"
#include "store/value_zip.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

ValueCipher::StoreId ExampleStore(unsigned char first = 0xA0) {
  ValueCipher::StoreId id;
  for (size_t i = 0; i < id.size(); i++) id[i] = static_cast<unsigned char>(first + i);
  return id;
}

std::shared_ptr<const SecretKey> ExampleKey(char first = 0) {
  Buffer bytes;
  for (size_t i = 0; i < SecretKey::kBytes; i++)
    bytes.push_back(static_cast<char>(first + static_cast<char>(i)));
  std::shared_ptr<const SecretKey> key;
  ASSERT_OK(SecretKey::Copy(bytes, &key));
  return key;
}

std::unique_ptr<ValueCipher> ExampleCipher(char key = 0, unsigned char store = 0xA0) {
  std::unique_ptr<ValueCipher> cipher;
  ASSERT_OK(ValueCipher::Make(*ExampleKey(key), ExampleStore(store), &cipher));
  return cipher;
}

void InitCodec(ValueCodec* codec, bool encrypts, size_t compress_bytes_min) {
  ValueCodec::Config config;
  const auto key = ExampleKey();
  config.store = ExampleStore();
  config.key = encrypts ? key.get() : nullptr;
  config.compress_bytes_min = compress_bytes_min;
  config.compress_level = 1;
  ASSERT_OK(codec->Init(config));
}

Status Unsealed(const ValueCodec& codec, Bytes key, uint8_t form, Bytes stored, Buffer* out) {
  Buffer storage(stored);
  Bytes value = storage;
  Status s = codec.Unseal(key, form, &storage, &value);
  out->assign(s.ok() ? value : Bytes());
  return s;
}

Buffer RandomBytes(Random* random, size_t size) {
  Buffer bytes;
  for (size_t i = 0; i < size; i++) bytes.push_back(static_cast<char>(random->Next() >> 56));
  return bytes;
}

// FORMAT.md shows these bytes.
TEST(an_encrypted_value_has_these_bytes) {
  unsigned char nonce[ValueCipher::kNonceBytes];
  for (size_t i = 0; i < sizeof nonce; i++) nonce[i] = static_cast<unsigned char>(0x40 + i);
  Buffer sealed;
  ExampleCipher()->EncryptWith(nonce, "rock", 0, "slate", &sealed);
  ASSERT_STR(HexDump(sealed),
             "40414243 44454647 48494a4b 4c4d4e4f\n"
             "50515253 54555657 fd2a14e7 e63f0ed6\n"
             "bc62fdad 0023eaf4 125920a0 90");
}

TEST(a_key_id_has_these_bytes) {
  const ValueCipher::KeyId id = ValueCipher::IdOf(*ExampleKey(), ExampleStore());
  ASSERT_STR(HexDump(MakeBytes(id.data(), id.size())), "27fa967e 8e2f3641 4c736941 85241857");
}

// The frame is zstd's, and the next version of it may write another: what is frozen is that this one is read.
TEST(a_compressed_value_of_these_bytes_is_read) {
  const unsigned char zipped[] = {0xe8, 0x07, 0x28, 0xb5, 0x2f, 0xfd, 0x60, 0xe8, 0x02, 0x4d, 0x00,
                                  0x00, 0x10, 0x73, 0x73, 0x01, 0x00, 0xe3, 0x2b, 0x80, 0x05};
  Buffer value;
  ASSERT_OK(UnzipValue(MakeBytes(zipped, sizeof zipped), &value));
  assert_true(value == Buffer(1000, 's'));
}

TEST(values_come_back_from_every_form) {
  Random random(TestSeed());
  for (const bool encrypts : {false, true}) {
    for (const size_t compress : {size_t{0}, size_t{1}, size_t{100}}) {
      ValueCodec codec;
      InitCodec(&codec, encrypts, compress);
      for (size_t size = 0; size < 300'000; size = size * 3 / 2 + 1) {
        for (const bool repeats : {false, true}) {
          const Buffer value = repeats ? Buffer(size, 'x') : RandomBytes(&random, size);
          Buffer stored, back;
          uint8_t form = 0xFF;
          ASSERT_OK(codec.Seal("key", value, &stored, &form));
          assert_int_equal((form & kRecordEncrypted) != 0, encrypts);
          if (form == 0) stored = value;
          assert_true(stored.size() <= codec.StoredBytesMost(value.size()));
          const bool zips = compress != 0 && size >= compress && repeats && size > 40;
          if (zips) assert_true((form & kRecordCompressed) != 0 && stored.size() < value.size() + 40);
          if (!repeats) assert_int_equal(form & kRecordCompressed, 0);
          ASSERT_OK(Unsealed(codec, "key", form, stored, &back));
          assert_true(back == value);
        }
      }
    }
  }
}

TEST(an_encrypted_value_is_good_for_its_key_its_store_and_its_form_only) {
  Buffer sealed;
  ASSERT_OK(ExampleCipher()->Encrypt("rock", 0, "slate", &sealed));
  const auto opens = [&](const ValueCipher& cipher, Bytes key, uint8_t form, Buffer bytes) {
    Bytes plain;
    return cipher.Decrypt(key, form, bytes.data(), bytes.size(), &plain) && plain == "slate";
  };
  assert_true(opens(*ExampleCipher(), "rock", 0, sealed));
  assert_false(opens(*ExampleCipher(), "rocks", 0, sealed));
  assert_false(opens(*ExampleCipher(), "rocl", 0, sealed));
  assert_false(opens(*ExampleCipher(), "", 0, sealed));
  assert_false(opens(*ExampleCipher(), "rock", kRecordCompressed, sealed));
  assert_false(opens(*ExampleCipher(1), "rock", 0, sealed));
  assert_false(opens(*ExampleCipher(0, 0xA1), "rock", 0, sealed));
  for (size_t bit = 0; bit < sealed.size() * 8; bit++)
    assert_false(opens(*ExampleCipher(), "rock", 0, FlippedBit(sealed, bit)));
  for (size_t size = 0; size < sealed.size(); size++)
    assert_false(opens(*ExampleCipher(), "rock", 0, sealed.substr(0, size)));
}

TEST(the_same_value_is_never_encrypted_the_same_way) {
  Buffer first, second;
  ASSERT_OK(ExampleCipher()->Encrypt("rock", 0, "slate", &first));
  ASSERT_OK(ExampleCipher()->Encrypt("rock", 0, "slate", &second));
  assert_true(first.substr(0, ValueCipher::kNonceBytes) != second.substr(0, ValueCipher::kNonceBytes));
  assert_true(first.substr(ValueCipher::kNonceBytes) != second.substr(ValueCipher::kNonceBytes));
}

TEST(a_value_in_the_wrong_form_is_refused) {
  ValueCodec plain, encrypted;
  InitCodec(&plain, false, 0);
  InitCodec(&encrypted, true, 0);
  Buffer stored, out;
  uint8_t form = 0;
  ASSERT_OK(encrypted.Seal("k", "value", &stored, &form));
  AssertCode(Unsealed(plain, "k", form, stored, &out), Code::E_INCOMPATIBLE);
  AssertCode(Unsealed(encrypted, "k", 0, "value", &out), Code::E_CORRUPT);
  AssertCode(Unsealed(encrypted, "k", form | kRecordCompressed, stored, &out), Code::E_CORRUPT);
  AssertCode(Unsealed(plain, "k", kRecordCompressed, "value", &out), Code::E_CORRUPT);
}

// ---- what claims to be compressed

Buffer FrameOf(Bytes value, bool with_size = true) {
  Buffer frame(ZSTD_compressBound(value.size()), '\0');
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, with_size ? 1 : 0);
  frame.resize(ZSTD_compress2(context, frame.data(), frame.size(), value.data(), value.size()));
  ZSTD_freeCCtx(context);
  return frame;
}

Buffer Claimed(uint64_t length, Bytes frame) {
  Buffer out;
  PutVarint64(&out, length);
  return out.append(frame);
}

TEST(a_frame_of_another_length_than_recorded_is_refused) {
  const Buffer value(1000, 'v');
  Buffer out;
  ASSERT_OK(UnzipValue(Claimed(1000, FrameOf(value)), &out));
  for (const uint64_t length : {0ull, 1ull, 999ull, 1001ull, 1ull << 20, 1ull << 30, 1ull << 40, ~0ull})
    AssertCode(UnzipValue(Claimed(length, FrameOf(value)), &out), Code::E_CORRUPT);
  AssertCode(UnzipValue(Claimed(1000, FrameOf(value, false)), &out), Code::E_CORRUPT);
  AssertCode(UnzipValue(Claimed(2000, FrameOf(value) + FrameOf(value)), &out), Code::E_CORRUPT);
  AssertCode(UnzipValue(Claimed(1000, FrameOf(value) + Buffer(1, '\0')), &out), Code::E_CORRUPT);
  AssertCode(UnzipValue("", &out), Code::E_CORRUPT);
  AssertCode(UnzipValue(Buffer(11, '\xFF'), &out), Code::E_CORRUPT);
}

// Some hundred bytes that say a gibibyte: refused before a page of it is allocated.
TEST(a_bomb_is_refused_by_what_it_can_hold) {
  Buffer frame("\x28\xB5\x2F\xFD\xA0\x00\x00\x00\x40", 9);   // one segment, content size 2^30
  frame.append("\x01\x00\x00", 3);                           // an empty last block
  Buffer out;
  AssertCode(UnzipValue(Claimed(uint64_t{1} << 30, frame), &out), Code::E_CORRUPT);
  assert_true(out.capacity() < 4096);
}

TEST(changed_frames_are_refused_or_have_the_recorded_length) {
  Random random(TestSeed());
  Buffer text;
  while (text.size() < 5000)
    text += "{\"id\":" + std::to_string(random.Below(100'000)) + ",\"kind\":\"rock\"}";
  Buffer zipped, out;
  assert_true(ZipValue(text, 1, &zipped));
  uint64_t refused = 0;
  for (int i = 0; i < 100'000; i++) {
    Buffer bad = zipped;
    for (uint64_t changes = 1 + random.Below(4); changes > 0; changes--)
      bad[random.Below(bad.size())] = static_cast<char>(random.Next() >> 56);
    if (random.Below(8) == 0) bad.resize(random.Below(bad.size() + 1));
    uint64_t told = 0;
    Bytes rest = bad;
    const bool has_length = GetVarint64(&rest, &told);
    const Status s = UnzipValue(bad, &out);
    if (s.ok()) assert_true(has_length && out.size() == told);
    if (!s.ok()) AssertCode(s, Code::E_CORRUPT);
    refused += !s.ok();
  }
  assert_true(refused > 50'000);
}

}   // namespace
}   // namespace shale

RUN()
