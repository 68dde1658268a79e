// SQLite with a write-ahead log: a connection a thread, and one for all writers, since only one can write at
// a time and those that find it busy would sleep.
#include <sqlite3.h>

#include <mutex>

#include "peer_store.h"

namespace bench {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

bool Execute(sqlite3* db, const std::string& sql, std::string* why) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return true;
  *why = sqlite3_errmsg(db);
  return false;
}

Database Connect(const PeerSettings& settings, int64_t cache_kib, std::string* why) {
  sqlite3* raw = nullptr;
  const std::string path = settings.directory + "/kv.db";
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Database db(raw);
  if (code != SQLITE_OK) {
    *why = sqlite3_errstr(code);
    return nullptr;
  }
  sqlite3_busy_timeout(raw, 60'000);
  const bool sync = settings.durability == Durability::kSync;
  const std::string sql = std::string("PRAGMA journal_mode=WAL; PRAGMA synchronous=") +
                          (sync ? "FULL" : "OFF") + "; PRAGMA cache_size=-" + std::to_string(cache_kib);
  return Execute(raw, sql, why) ? std::move(db) : nullptr;
}

Statement MakeStatement(sqlite3* db, const char* sql, std::string* why) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK)
    *why = sqlite3_errmsg(db);
  return Statement(raw);
}

void Bind(sqlite3_stmt* statement, int place, std::string_view bytes) {
  sqlite3_bind_blob(statement, place, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
}

std::string_view Column(sqlite3_stmt* statement, int place) {
  const void* data = sqlite3_column_blob(statement, place);
  return {static_cast<const char*>(data), static_cast<size_t>(sqlite3_column_bytes(statement, place))};
}

// The one connection that writes.
struct SqliteWriter {
  std::mutex mutex;
  Database db;
  Statement put;   // after db: finalized before it is closed
};

class SqliteSession final : public PeerSession {
 public:
  static std::unique_ptr<PeerSession> Open(const PeerSettings& settings, int64_t cache_kib,
                                           SqliteWriter* writer, std::string* why) {
    auto session = std::make_unique<SqliteSession>();
    session->writer_ = writer;
    session->db_ = Connect(settings, cache_kib, why);
    if (session->db_ == nullptr) return nullptr;
    session->get_ = MakeStatement(session->db_.get(), "SELECT v FROM kv WHERE k = ?1", why);
    session->scan_ =
        MakeStatement(session->db_.get(), "SELECT k, v FROM kv WHERE k >= ?1 ORDER BY k LIMIT ?2", why);
    return session->get_ != nullptr && session->scan_ != nullptr ? std::move(session) : nullptr;
  }

  bool Put(std::string_view key, std::string_view value) override {
    const std::lock_guard<std::mutex> lock(writer_->mutex);
    return PutLocked(key, value);
  }

  Answer Get(std::string_view key, std::string* buffer, std::string_view* value) override {
    Bind(get_.get(), 1, key);
    const int code = sqlite3_step(get_.get());
    if (code == SQLITE_ROW) buffer->assign(Column(get_.get(), 0));
    sqlite3_reset(get_.get());
    *value = *buffer;
    if (code == SQLITE_ROW) return Answer::kFound;
    if (code == SQLITE_DONE) return Answer::kMissing;
    why_ = sqlite3_errmsg(db_.get());
    return Answer::kFailed;
  }

  int64_t Scan(std::string_view from, int64_t limit, const RowJudge& judge) override {
    Bind(scan_.get(), 1, from);
    sqlite3_bind_int64(scan_.get(), 2, limit);
    int64_t rows = 0;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(scan_.get())) == SQLITE_ROW) {
      ++rows;
      if (!judge(Column(scan_.get(), 0), Column(scan_.get(), 1))) break;
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE) why_ = sqlite3_errmsg(db_.get());
    sqlite3_reset(scan_.get());
    return code == SQLITE_ROW || code == SQLITE_DONE ? rows : -1;
  }

  bool PutMany(const std::vector<Row>& rows) override {
    const std::lock_guard<std::mutex> lock(writer_->mutex);
    if (!Execute(writer_->db.get(), "BEGIN IMMEDIATE", &why_)) return false;
    for (const Row& row : rows) {
      if (PutLocked(row.key, row.value)) continue;
      std::string ignored;
      Execute(writer_->db.get(), "ROLLBACK", &ignored);
      return false;
    }
    return Execute(writer_->db.get(), "COMMIT", &why_);
  }

 private:
  bool PutLocked(std::string_view key, std::string_view value) {
    sqlite3_stmt* const put = writer_->put.get();
    Bind(put, 1, key);
    Bind(put, 2, value);
    const int code = sqlite3_step(put);
    if (code != SQLITE_DONE) why_ = sqlite3_errmsg(writer_->db.get());
    sqlite3_reset(put);
    return code == SQLITE_DONE;
  }

  SqliteWriter* writer_ = nullptr;
  Database db_;
  Statement get_;   // after db_: finalized before it is closed
  Statement scan_;
};

class SqliteStore final : public PeerStore {
 public:
  // Each connection has a page cache of its own: half of the budget is the writer's, the others share the
  // rest.
  static std::unique_ptr<PeerStore> Open(const PeerSettings& settings, std::string* why) {
    auto store = std::make_unique<SqliteStore>();
    const int64_t kib = settings.budget_bytes() / 1024;
    store->settings_ = settings;
    store->reader_kib_ = kib / 2 / (settings.threads + 1);
    store->writer_.db = Connect(settings, kib / 2, why);
    if (store->writer_.db == nullptr) return nullptr;
    // What its manual advises: rows in the tree of keys where they are small against a page, else beside it.
    const std::string table = std::string("CREATE TABLE IF NOT EXISTS kv (k BLOB PRIMARY KEY, v BLOB)") +
                              (settings.value_bytes < 200 ? " WITHOUT ROWID" : "");
    if (!Execute(store->writer_.db.get(), table, why)) return nullptr;
    store->writer_.put =
        MakeStatement(store->writer_.db.get(), "INSERT OR REPLACE INTO kv VALUES (?1, ?2)", why);
    return store->writer_.put != nullptr ? std::move(store) : nullptr;
  }

  std::unique_ptr<PeerSession> NewSession(std::string* why) override {
    return SqliteSession::Open(settings_, reader_kib_, &writer_, why);
  }

  bool Close(std::string*) override {
    writer_.put.reset();
    writer_.db.reset();
    return true;
  }

 private:
  PeerSettings settings_;
  int64_t reader_kib_ = 0;
  SqliteWriter writer_;
};

PeerKind Kind() {
  PeerKind kind;
  kind.name = "sqlite";
  kind.version = sqlite3_libversion();
  kind.log_file_suffix = "-wal";
  kind.open = [](const PeerSettings& settings, std::string* why) { return SqliteStore::Open(settings, why); };
  return kind;
}

const PeerKindAdder sqlite(Kind());

}   // namespace
}   // namespace bench
