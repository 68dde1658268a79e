// load: rows from a file into the store, in atomic batches or, faster, each by itself. Nothing is kept in the
// memory tier: the process ends when it is done.

#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include "cli_input.h"
#include "cli_rows.h"
#include "cli_store.h"
#include "cli_text.h"
#include "cli_tool.h"
#include "progress_bar.h"

namespace shale::tool {
namespace {

struct LoadArgs {
  std::string file;
  std::string format = "auto";
  std::string batch = "1000";
  bool bulk = false;
  bool hex = false;
  bool quiet = false;
};

constexpr char kLoadFooter[] =
    "FILE `-` is standard input. Each line is one row, either JSON as `dump` prints it:\n"
    "  {\"key\":\"user/7\",\"value\":\"Mary\",\"ttl_ms\":60000}\n"
    "or text as `scan` prints it, key and value with a tab between and \\t \\n \\r \\\\ \\xHH for special "
    "bytes (with --hex:\n"
    "in hexadecimal). If the first line starts with a brace it is taken as JSON. Empty lines are skipped. A "
    "key that\n"
    "is there already gets the new value; without ttl_ms the option ttl.default_ms decides.\n"
    "Rows are stored in atomic batches of --batch rows: after a crash or an error a batch is there as a "
    "whole or not\n"
    "at all. With --bulk each row is stored by itself, --batch of them at a time, which is faster; fastest "
    "are "
    "rows\n"
    "sorted by key. A wrong line ends the work with exit code 2 and names how many rows were stored before.\n"
    "\n"
    "Examples:\n"
    "  shale load backup.jsonl\n"
    "  shale load --bulk sorted.jsonl\n"
    "  gzip -dc backup.jsonl.gz | shale load -\n"
    "  printf 'a\\t1\\nb\\t2\\n' | shale load -";

// A batch is written when it has this many bytes, whatever --batch says: it is held in memory.
constexpr size_t kBatchBytesMax = size_t{16} << 20;
// The longest line that can be a valid row: every byte of the largest value and key as \u00XX.
constexpr size_t kLineBytesMax = size_t{6} * (SHALE_VALUE_BYTES_MAX + SHALE_KEY_BYTES_MAX) + 1024;

class Loader {
 public:
  virtual ~Loader() = default;
  virtual void Add(const Row& row) = 0;
  virtual void Finish() = 0;   // writes what is held
  int64_t rows() const { return rows_; }

 protected:
  Loader(shale_db* db, size_t batch_rows) : db_(db), batch_rows_(batch_rows) {}

  shale_db* const db_;
  const size_t batch_rows_;
  int64_t rows_ = 0;   // acknowledged
};

class BatchLoader final : public Loader {
 public:
  BatchLoader(shale_db* db, size_t batch_rows) : Loader(db, batch_rows) {
    shale_batch* made = nullptr;
    Try(shale_batch_new(&made), ErrorSlot());
    batch_.reset(made);
  }

  void Add(const Row& row) override {
    const int64_t ttl_ms = row.ttl_ms.value_or(SHALE_TTL_DEFAULT);
    const size_t bytes = row.key.size() + row.value.size();
    // Write first what came first, so that the last row of a key wins; a row above a batch's limit goes
    // alone.
    if (shale_batch_bytes(batch_.get()) + bytes > kBatchBytesMax) Finish();
    ErrorSlot error;
    if (bytes > kBatchBytesMax) {
      Try(shale_put(db_, row.key.data(), row.key.size(), row.value.data(), row.value.size(), ttl_ms, nullptr,
                    SHALE_WRITE_AROUND, error),
          error);
      ++rows_;
      return;
    }
    Try(shale_batch_put(batch_.get(), row.key.data(), row.key.size(), row.value.data(), row.value.size(),
                        ttl_ms, error),
        error);
    ++held_;
    if (held_ == batch_rows_) Finish();
  }

  void Finish() override {
    ErrorSlot error;
    Try(shale_write(db_, batch_.get(), SHALE_WRITE_AROUND, error), error);
    rows_ += static_cast<int64_t>(held_);
    held_ = 0;
    shale_batch_clear(batch_.get());
  }

 private:
  Batch batch_;
  size_t held_ = 0;
};

// One call has one time to live.
class BulkLoader final : public Loader {
 public:
  BulkLoader(shale_db* db, size_t batch_rows) : Loader(db, batch_rows) {}

  void Add(const Row& row) override {
    if (!held_.empty() && row.ttl_ms != held_.back().ttl_ms) Finish();
    held_.push_back(row);
    bytes_ += row.key.size() + row.value.size();
    if (held_.size() == batch_rows_ || bytes_ > kBatchBytesMax) Finish();
  }

  void Finish() override {
    if (held_.empty()) return;
    std::vector<shale_slice> keys, values;
    for (const Row& row : held_) {
      keys.push_back({row.key.data(), row.key.size()});
      values.push_back({row.value.data(), row.value.size()});
    }
    ErrorSlot error;
    Try(shale_multi_put(db_, keys.data(), values.data(), keys.size(),
                        held_.back().ttl_ms.value_or(SHALE_TTL_DEFAULT), SHALE_WRITE_AROUND, error),
        error);
    rows_ += static_cast<int64_t>(held_.size());
    held_.clear();
    bytes_ = 0;
  }

 private:
  std::vector<Row> held_;
  size_t bytes_ = 0;
};

void LoadLines(Input* input, const LoadArgs& args, Loader* loader) {
  ProgressBar progress("loading", input->bytes_total(), args.quiet);
  std::string format = args.hex ? "text" : args.format;
  std::string line;
  std::string why;
  Row row;
  while (input->NextLine(&line, kLineBytesMax)) {
    if (!line.empty() && line.back() == '\r' && line.front() == '{') line.pop_back();
    if (line.empty()) continue;
    if (format == "auto") format = line.front() == '{' ? "json" : "text";
    const bool good =
        format == "json" ? RowFromJson(line, &row, &why) : RowFromText(line, args.hex, &row, &why);
    if (!good) throw Failure{kExitUsage, why};
    loader->Add(row);
    progress.Update(input->bytes_read(), loader->rows());
  }
  loader->Finish();
}

int RunLoad(Tool* tool, const LoadArgs& args) {
  if (args.format != "auto" && args.format != "json" && args.format != "text") {
    throw Failure{kExitUsage, "--format is none of auto json text: " + args.format};
  }
  int64_t batch_rows = 0;
  if (!ParseInt64(args.batch, &batch_rows) || batch_rows < 1 || batch_rows > 1'000'000) {
    throw Failure{kExitUsage, "--batch is not in 1..1000000: " + args.batch};
  }
  Input input(args.file);
  Store store(tool->globals, IfAbsent::kCreate);
  std::unique_ptr<Loader> loader;
  if (args.bulk) {
    loader = std::make_unique<BulkLoader>(store.get(), static_cast<size_t>(batch_rows));
  } else {
    loader = std::make_unique<BatchLoader>(store.get(), static_cast<size_t>(batch_rows));
  }
  const auto start = std::chrono::steady_clock::now();
  try {
    LoadLines(&input, args, loader.get());
  } catch (const Failure& failure) {
    throw Failure{failure.exit_code, "line " + std::to_string(input.line_number()) + ": " + failure.message +
                                         " (" + std::to_string(loader->rows()) + " rows were stored before)"};
  }
  store.Close();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  if (!args.quiet) {
    std::fprintf(stderr, "loaded %s rows, %s bytes read, %.1f s\n", WithCommas(loader->rows()).c_str(),
                 WithCommas(input.bytes_read()).c_str(), taken.count());
  }
  return kExitOk;
}

}   // namespace

void AddLoad(CLI::App* app, Tool* tool) {
  const auto args = std::make_shared<LoadArgs>();
  CLI::App* load = AddCommand(app, tool, "load", "Store rows from a file", kLoadFooter,
                              [tool, args] { return RunLoad(tool, *args); });
  AddWord(load, "FILE", &args->file, "The file, or - for standard input")->required();
  CLI::Option* format = AddWord(load, "--format", &args->format, "Form of the lines; auto if not given")
                            ->type_name("auto|json|text");
  AddWord(load, "--batch", &args->batch, "Rows in an atomic batch, or at a time; 1000 if not given")
      ->type_name("N");
  load->add_flag("--bulk", args->bulk, "Each row by itself, not in atomic batches: faster");
  load->add_flag("-q,--quiet", args->quiet, "No progress and no summary");
  load->add_flag("--hex", args->hex, "Lines are text with key and value in hexadecimal")->excludes(format);
}

}   // namespace shale::tool
