#include "base/hash.h"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/hash_short.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

HashSecret FixedSecret() {
  unsigned char seed[32];
  for (int i = 0; i < 32; i++) seed[i] = static_cast<unsigned char>(i);
  HashSecret secret;
  DeriveSecret(seed, &secret);
  return secret;
}

std::string Hex(const unsigned char* bytes, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; i++) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", bytes[i]);
    text += two;
  }
  return text;
}

Buffer FromHex(const std::string& text) {
  Buffer bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return bytes;
}

// Beside this file, wherever the test is started.
std::ifstream OpenGolden(const std::string& name) {
  const std::string here = __FILE__;
  std::ifstream in(here.substr(0, here.rfind("base/hash_test.cc")) + "golden/" + name);
  if (!in) in.open("tests/golden/" + name);
  return in;
}

TEST(the_hash_in_place_is_the_hash) {
  HashSecret secret;
  DeriveSecret(reinterpret_cast<const unsigned char*>("0123456789abcdef0123456789abcdef"), &secret);
  std::string key;
  for (int length = 0; length < 300; length++) {
    assert_true(HashKeyHere(secret, key) == HashKey(secret, key));
    key.push_back(static_cast<char>(length * 7 + 1));
  }
}

TEST(a_secret_is_derived_the_same_for_ever) {
  const std::string wanted =
      "541dc2097f9b212281f4ea3d49ce55e24f220b662d36c68e32dbc498176b6002"
      "680dcf98c00366f4119d31ffab1cbcc9597a4b215ce024f017a94f68b8925517"
      "ca185ee0a574faa8774d3af668e874f3fe0ac17f2f59752d91e9b081e3a04b6a"
      "eb4cab7966601237756510e3007414ec95f197f3c5440ce01702933ee95f9646"
      "362f319fde9abde0235ee794a434714570aaf1bb243530e75648e3e5867e8360"
      "86a6ddff14bb7d6b42f60246089990fd216261a5fa319ed99f7d57268b595ab8";
  ASSERT_STR(Hex(FixedSecret().bytes, HashSecret::kBytes), wanted);
}

TEST(every_bit_of_the_seed_changes_the_secret) {
  const HashSecret base = FixedSecret();
  for (int bit = 0; bit < 256; bit++) {
    unsigned char seed[32];
    for (int i = 0; i < 32; i++) seed[i] = static_cast<unsigned char>(i);
    seed[bit / 8] = static_cast<unsigned char>(seed[bit / 8] ^ (1 << bit % 8));
    HashSecret secret;
    DeriveSecret(seed, &secret);
    for (size_t block = 0; block < HashSecret::kBytes; block += 16) {
      assert_true(std::memcmp(secret.bytes + block, base.bytes + block, 16) != 0);
    }
  }
}

TEST(a_thousand_keys_are_routed_as_frozen) {
  std::ifstream in = OpenGolden("routing.txt");
  assert_true(in.good());
  const HashSecret secret = FixedSecret();
  int keys = 0;
  std::vector<int> keys_in_shard(kDiskShards);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) continue;
    std::istringstream fields(line);
    std::string key, wanted_hash;
    int memory_shard, disk_shard;
    assert_true(static_cast<bool>(fields >> key >> wanted_hash >> memory_shard >> disk_shard));
    const uint64_t hash = HashKey(secret, FromHex(key));
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    ASSERT_STR(text, wanted_hash);
    assert_int_equal(DiskShardOf(hash), disk_shard);
    assert_int_equal(hash >> (64 - kMemoryShardBits), memory_shard);
    assert_int_equal(memory_shard / (kMemoryShards / kDiskShards),
                     disk_shard);   // memory shards nest in disk shards
    keys++;
    keys_in_shard[static_cast<size_t>(disk_shard)]++;
  }
  assert_int_equal(keys, 1000);
  for (const int count : keys_in_shard) assert_true(count > 0);
}

TEST(another_secret_routes_otherwise) {
  const HashSecret one = FixedSecret();
  unsigned char seed[32] = {};
  HashSecret two;
  DeriveSecret(seed, &two);
  int same = 0;
  for (int i = 0; i < 1000; i++) {
    const std::string key = "key" + std::to_string(i);
    same += DiskShardOf(HashKey(one, key)) == DiskShardOf(HashKey(two, key));
  }
  assert_true(same < 100);   // one in 64 by chance
}

TEST(the_stored_checksum_is_the_published_one) {
  assert_true(Checksum64("") == 0x2D06800538D394C2);
  assert_true(Checksum64("a") != Checksum64(Bytes("a\0", 2)));
}

}   // namespace
}   // namespace shale

RUN()
