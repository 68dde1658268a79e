// LMDB: a B+ tree in one mapped file, one writer at a time.
#include <lmdb.h>

#include "peer_store.h"

namespace bench {
namespace {

MDB_val ToVal(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

std::string_view ToView(const MDB_val& val) {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}

class LmdbSession final : public PeerSession {
 public:
  LmdbSession(MDB_env* env, MDB_dbi dbi) : env_(env), dbi_(dbi) {}
  ~LmdbSession() override {
    if (reader_ != nullptr) mdb_txn_abort(reader_);
  }

  bool Put(std::string_view key, std::string_view value) override {
    MDB_txn* txn = nullptr;
    if (!Ok(mdb_txn_begin(env_, nullptr, 0, &txn))) return false;
    return PutIn(txn, key, value) && Ok(mdb_txn_commit(txn));
  }

  // A copy into the buffer, since the bytes in the map are good only as long as the transaction.
  Answer Get(std::string_view key, std::string* buffer, std::string_view* value) override {
    if (!Renew()) return Answer::kFailed;
    MDB_val found_key = ToVal(key), found;
    const int code = mdb_get(reader_, dbi_, &found_key, &found);
    if (code == 0) buffer->assign(ToView(found));
    mdb_txn_reset(reader_);
    *value = *buffer;
    if (code == MDB_NOTFOUND) return Answer::kMissing;
    return Ok(code) ? Answer::kFound : Answer::kFailed;
  }

  int64_t Scan(std::string_view from, int64_t limit, const RowJudge& judge) override {
    if (!Renew()) return -1;
    MDB_cursor* cursor = nullptr;
    int64_t rows = 0;
    int code = mdb_cursor_open(reader_, dbi_, &cursor);
    if (code == 0) {
      MDB_val key = ToVal(from), value;
      code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
      while (code == 0) {
        ++rows;
        if (!judge(ToView(key), ToView(value)) || rows == limit) break;
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
      }
      mdb_cursor_close(cursor);
    }
    mdb_txn_reset(reader_);
    return code == MDB_NOTFOUND || Ok(code) ? rows : -1;
  }

  bool PutMany(const std::vector<Row>& rows) override {
    MDB_txn* txn = nullptr;
    if (!Ok(mdb_txn_begin(env_, nullptr, 0, &txn))) return false;
    for (const Row& row : rows) {
      if (!PutIn(txn, row.key, row.value)) return false;
    }
    return Ok(mdb_txn_commit(txn));
  }

 private:
  bool PutIn(MDB_txn* txn, std::string_view key, std::string_view value) {
    MDB_val key_val = ToVal(key), value_val = ToVal(value);
    const int code = mdb_put(txn, dbi_, &key_val, &value_val, 0);
    if (code != 0) mdb_txn_abort(txn);
    return Ok(code);
  }

  bool Renew() {
    return Ok(reader_ == nullptr ? mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reader_)
                                 : mdb_txn_renew(reader_));
  }

  bool Ok(int code) {
    if (code == 0) [[likely]]
      return true;
    why_ = mdb_strerror(code);
    return false;
  }

  MDB_env* const env_;
  const MDB_dbi dbi_;
  MDB_txn* reader_ = nullptr;   // kept, and renewed for each read
};

class LmdbStore final : public PeerStore {
 public:
  ~LmdbStore() override { mdb_env_close(env_); }

  static std::unique_ptr<PeerStore> Open(const PeerSettings& settings, std::string* why) {
    auto store = std::make_unique<LmdbStore>();
    // Addresses only; what is not written takes no space.
    const size_t map_bytes = size_t{1} << 40;
    const unsigned flags = MDB_NOTLS | (settings.durability == Durability::kSync ? 0u : unsigned{MDB_NOSYNC});
    int code = mdb_env_create(&store->env_);
    if (code == 0) code = mdb_env_set_mapsize(store->env_, map_bytes);
    if (code == 0) code = mdb_env_set_maxreaders(store->env_, static_cast<unsigned>(settings.threads) + 8);
    if (code == 0) code = mdb_env_open(store->env_, settings.directory.c_str(), flags, 0600);
    MDB_txn* txn = nullptr;
    if (code == 0) code = mdb_txn_begin(store->env_, nullptr, 0, &txn);
    if (code == 0) code = mdb_dbi_open(txn, nullptr, 0, &store->dbi_);
    if (code == 0) code = mdb_txn_commit(txn);
    if (code == 0) return store;
    *why = mdb_strerror(code);
    return nullptr;
  }

  std::unique_ptr<PeerSession> NewSession(std::string*) override {
    return std::make_unique<LmdbSession>(env_, dbi_);
  }

  bool Close(std::string*) override {
    mdb_env_close(env_);
    env_ = nullptr;
    return true;
  }

 private:
  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;
};

PeerKind Kind() {
  PeerKind kind;
  kind.name = "lmdb";
  int major = 0, minor = 0, patch = 0;
  mdb_version(&major, &minor, &patch);
  kind.version = std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  kind.open = [](const PeerSettings& settings, std::string* why) { return LmdbStore::Open(settings, why); };
  return kind;
}

const PeerKindAdder lmdb(Kind());

}   // namespace
}   // namespace bench
