// Keys that were made to collide do not, because the hash has a secret that each store draws for itself,
// keeps, and shows nobody.
#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "base/hash.h"
#include "bench/flood_keys.h"
#include "model/store_kit.h"
#include "shale/shale.h"
#include "store/superblock.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

constexpr size_t kKeys = size_t{1} << 16;

using Keys = std::vector<std::string>;

// How many keys the fullest of `count` places has, by the bits of the hash from `shift` on.
size_t Fullest(const std::vector<uint64_t>& hashes, int shift, size_t count) {
  std::vector<size_t> held(count);
  for (const uint64_t hash : hashes) held[(hash >> shift) % count]++;
  return *std::max_element(held.begin(), held.end());
}

// By bounds that a random function misses once in a billion runs.
void WantSpread(const Keys& keys, const shale::HashSecret& secret) {
  std::vector<uint64_t> hashes;
  for (const std::string& key : keys) hashes.push_back(shale::HashKey(secret, key));
  assert_true(Fullest(hashes, 58, 64) < kKeys / 64 * 5 / 4);     // disk shards
  assert_true(Fullest(hashes, 56, 256) < kKeys / 256 * 3 / 2);   // memory shards
  assert_true(Fullest(hashes, 0, kKeys) <= 16);                  // buckets
  assert_true(Fullest(hashes, 24, kKeys) <= 16);                 // tags
  const std::set<uint64_t> different(hashes.begin(), hashes.end());
  assert_true(different.size() + 3 >= keys.size());   // a pair of the third kind has one chance in 2^27
}

uint64_t Unkeyed(const std::string& key) {
  return XXH3_64bits(key.data(), key.size());
}

TEST(the_crafted_keys_do_collide_where_the_secret_is_known) {
  for (const Keys& keys : {bench::ShortFlood(kKeys), bench::LongFlood(kKeys)}) {
    for (const std::string& key : keys) assert_true(Unkeyed(key) == Unkeyed(keys[0]));
    assert_int_equal(std::set<std::string>(keys.begin(), keys.end()).size(), kKeys);
  }
  const Keys pairs = bench::PairFlood(kKeys);
  for (size_t i = 0; i < kKeys; i += 2) {
    assert_true(pairs[i] != pairs[i + 1]);
    assert_true(XXH3_64bits_withSeed(pairs[i].data(), 32, bench::kFloodedSeed) ==
                XXH3_64bits_withSeed(pairs[i + 1].data(), 32, bench::kFloodedSeed));
  }
}

TEST(they_are_spread_by_a_secret) {
  Dice dice(TestSeed());
  unsigned char seed[32];
  for (unsigned char& byte : seed) byte = static_cast<unsigned char>(dice.Below(256));
  shale::HashSecret secret;
  shale::DeriveSecret(seed, &secret);
  for (const Keys& keys : {bench::ShortFlood(kKeys), bench::LongFlood(kKeys), bench::PairFlood(kKeys)})
    WantSpread(keys, secret);
}

shale::Superblock SuperblockOf(const std::string& path) {
  shale::Fd dir;
  shale::Superblock superblock;
  int damaged = 0;
  ASSERT_OK(shale::OpenDirectory(path, false, &dir));
  ASSERT_OK(shale::ReadSuperblock(dir, &superblock, &damaged));
  return superblock;
}

shale_db* Open(const std::string& path) {
  shale_db* db = nullptr;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_open(path.c_str(), nullptr, &db, &err), &err, "open");
  return db;
}

void Close(shale_db* db) {
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_close(db, &err), &err, "close");
  shale_free(db);
}

// The shards are those of the secret that is in the superblock, whose own spread is what is looked at: each
// shard's directory has its part.
TEST(a_store_draws_its_secret_once) {
  const Keys keys = bench::ShortFlood(4096);
  const TempDir first("flood"), second("flood");
  shale::Superblock blocks[2];
  for (size_t i = 0; i < 2; i++) {
    const std::string& path = i == 0 ? first.path() : second.path();
    shale_db* db = Open(path);
    for (const std::string& key : keys) {
      shale_error* err = nullptr;
      Want(SHALE_OK, shale_put(db, key.data(), key.size(), "v", 1, SHALE_TTL_NEVER, nullptr, 0, &err), &err,
           "put");
    }
    Close(db);
    blocks[i] = SuperblockOf(path);
    db = Open(path);
    for (const std::string& key : keys) {
      shale_error* err = nullptr;
      Want(SHALE_OK, shale_exists(db, key.data(), key.size(), 0, &err), &err, "exists");
    }
    Close(db);
    assert_true(SuperblockOf(path).secret_seed == blocks[i].secret_seed);
    shale::HashSecret secret;
    shale::DeriveSecret(blocks[i].secret_seed.data(), &secret);
    std::vector<uint64_t> hashes;
    for (const std::string& key : keys) hashes.push_back(shale::HashKey(secret, key));
    assert_true(Fullest(hashes, 58, 64) < 4096 / 64 * 5 / 2);
  }
  assert_true(blocks[0].secret_seed != blocks[1].secret_seed);
  // verify looks up for each row whether its key belongs to the shard that it is in.
  int64_t problems = 0;
  shale_error* err = nullptr;
  Want(SHALE_OK, shale_verify(first.path().c_str(), nullptr, nullptr, &problems, nullptr, 0, &err), &err,
       "verify");
  assert_int_equal(problems, 0);
}

}   // namespace
}   // namespace shale_test

RUN()
