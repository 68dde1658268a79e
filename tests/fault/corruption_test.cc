// Files of small stores harmed in every way, one harm at a time, thousands of them:
//  (1) verify and salvage change nothing; verify names every file whose content mattered: where an open is
//      refused or a read fails or misses a key, the harmed files are in the report
//  (2) no open and no read crashes, hangs, or gives wrong bytes with OK; a refused open has changed nothing
//  (3) salvage of a store that was closed gives back every key but those whose value lay in the harmed bytes
//      alone, none wrong, older or deleted; of one that was not, nothing that the key never was
//
//   CORRUPTIONS=100000 SEED=7      how many
//   SEED=.. AT=17                  that one alone
// The same over stores of 64 shards, and with whole batches: tests/abi/mutation_test.cc,
// salvage_batch_test.cc.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>

#include "fault/harm.h"
#include "fault/specimen.h"
#include "store/superblock.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale_test {
namespace {

constexpr uint64_t kPerStore = 400;
constexpr unsigned kHangSeconds = 300;   // of a harm that takes a hundredth of one
constexpr char kOtherBoot[] = "22222222-2222-2222-2222-222222222222";

char running[512];   // told when the program is ended by a signal

void TellAndDie(int signal) {
  const char* const how = signal == SIGALRM ? "hangs: " : "crashed: ";
  for (const char* text : {how, static_cast<const char*>(running), "\n"})
    (void)!write(STDERR_FILENO, text, std::strlen(text));
  _exit(1);
}

struct Tally {
  uint64_t harms = 0, mattered = 0, harmless_named = 0, refused = 0, lost = 0;
};

class Harmer {
 public:
  Harmer(uint64_t seed, bool unclean, Tally* tally)
      : seed_(seed), unclean_(unclean), specimen_(seed, unclean), tally_(tally) {}

  void Good() {
    std::snprintf(running, sizeof running, "a good store");
    specimen_.bytes().RestoreTo(work_.path());
    if (const auto named = Verify(specimen_.bytes()); !named.empty())
      Die("verify names %s", named.begin()->c_str());
  }

  void Do(uint64_t number) {
    Dice dice(seed_ + number);
    const Harm harm = DrawHarm(specimen_.bytes(), number, &dice);
    std::snprintf(running, sizeof running, "SEED=%llu AT=%llu, %s: %s",
                  static_cast<unsigned long long>(seed_), static_cast<unsigned long long>(number),
                  unclean_ ? "unclean" : "clean", harm.what.c_str());
    alarm(kHangSeconds);
    // A store that was not closed is judged otherwise after another boot.
    shale::SetBootIdForTest(unclean_ && dice.OneIn(2) ? kOtherBoot : nullptr);
    harm.after.RestoreTo(work_.path());
    const std::set<std::string> named = Verify(harm.after);
    Salvage(harm);
    const bool matters = OpenAndRead(harm.after);
    alarm(0);
    tally_->harms++;
    tally_->mattered += matters;
    tally_->harmless_named += !matters && !named.empty();
    for (const std::string& file : harm.files) {
      if (!unclean_ && matters && !named.contains(file)) Die("%s is not named by verify", file.c_str());
    }
  }

 private:
  template <typename... Arguments>
  [[noreturn]] void Die(const char* format, Arguments... arguments) {
    char text[1024];
    std::snprintf(text, sizeof text, format, arguments...);
    Fatal("%s: %s", running, text);
  }

  // The files that verify finds damaged or suspicious.
  std::set<std::string> Verify(const StoreBytes& given) {
    int64_t problems = 0;
    char* text = nullptr;
    shale_error* err = nullptr;
    const shale_status status = shale_verify_with(work_.path().c_str(), specimen_.options(), nullptr, nullptr,
                                                  &problems, &text, 0, &err);
    // Without superblocks nothing can be said about any file.
    if (status != SHALE_OK) Die("verify: %s: %s", shale_status_name(status), shale_error_message(err));
    const std::string report = text;
    shale_mem_free(text);
    std::set<std::string> named;
    for (size_t at = 0; (at = report.find("{\"name\":\"", at)) != std::string::npos;) {
      at += 9;
      const size_t end = report.find('"', at), state = report.find("\"state\":\"", end) + 9;
      if (report.compare(state, 7, "damaged") == 0 || report.compare(state, 10, "suspicious") == 0)
        named.insert("/" + report.substr(at, end - at));
    }
    if (static_cast<int64_t>(named.size()) != problems) Die("verify names not as many files as it counts");
    if (const std::string file = given.Difference(work_.path()); !file.empty())
      Die("verify has changed %s", file.c_str());
    return named;
  }

  void Salvage(const Harm& harm) {
    const TempDir rescued("corruption-rescued");
    int64_t recovered = 0, suspicious = 0, dropped = 0;
    shale_error* err = nullptr;
    Want(SHALE_OK,
         shale_salvage_with(work_.path().c_str(), specimen_.options(), rescued.path().c_str(),
                            specimen_.options(), nullptr, nullptr, &recovered, &suspicious, &dropped, nullptr,
                            0, &err),
         &err, running);
    if (const std::string file = harm.after.Difference(work_.path()); !file.empty())
      Die("salvage has changed %s", file.c_str());
    shale_db* db = nullptr;
    Want(SHALE_OK, shale_open(rescued.path().c_str(), specimen_.read_only(), &db, &err), &err, running);
    std::map<std::string, std::string> seen;
    if (Scan(db, &seen) != SHALE_END) Die("a scan of what was salvaged fails");
    Want(SHALE_OK, shale_close(db, &err), &err, running);
    shale_free(db);
    if (static_cast<int64_t>(seen.size()) != recovered) Die("not as many keys are there as were recovered");
    for (const auto& [key, value] : seen) {
      const auto row = specimen_.rows().find(key);
      const bool right =
          unclean_ ? specimen_.WasEver(key, value) : row != specimen_.rows().end() && row->second == value;
      if (!right) Die("salvage gives wrong, old or deleted bytes for %s", Show(key).c_str());
    }
    if (unclean_) return;
    for (const auto& [key, unused] : specimen_.rows()) {
      if (seen.contains(key)) continue;
      tally_->lost++;
      const bool may = std::any_of(harm.files.begin(), harm.files.end(), [&](const std::string& file) {
        return specimen_.LiesIn(key, file, harm.from, harm.upto);
      });
      if (!may) Die("%s is lost, and its bytes are not", Show(key).c_str());
    }
    if (dropped + recovered != static_cast<int64_t>(specimen_.rows().size()))
      Die("%lld were recovered and %lld dropped", static_cast<long long>(recovered),
          static_cast<long long>(dropped));
  }

  shale_status Scan(shale_db* db, std::map<std::string, std::string>* seen) {
    shale_iter* iter = nullptr;
    shale_status status = shale_iter_new(db, nullptr, 0, nullptr, 0, 0, &iter, 0, nullptr);
    const void* key = nullptr;
    const void* value = nullptr;
    size_t key_len = 0, value_len = 0;
    while (status == SHALE_OK) {
      status = shale_iter_next(iter, &key, &key_len, &value, &value_len, nullptr);
      if (status == SHALE_OK)
        seen->emplace(std::string(static_cast<const char*>(key), key_len),
                      std::string(static_cast<const char*>(value), value_len));
    }
    shale_iter_free(iter);
    return status;
  }

  static bool IsReport(shale_status status) { return status == SHALE_E_CORRUPT || status == SHALE_E_IO; }

  // False: everything is there, and nobody says anything.
  bool OpenAndRead(const StoreBytes& given) {
    shale_db* db = nullptr;
    shale_error* err = nullptr;
    const shale_status open = shale_open(work_.path().c_str(), specimen_.options(), &db, &err);
    if (open != SHALE_OK) {
      if (!IsReport(open) && open != SHALE_E_INCOMPATIBLE)
        Die("open says %s: %s", shale_status_name(open), shale_error_message(err));
      if (const std::string file = given.Difference(work_.path()); !file.empty())
        Die("open was refused (%s) and has changed %s", shale_error_message(err), file.c_str());
      shale_error_free(err);
      tally_->refused++;
      return true;
    }
    bool matters = false;
    std::map<std::string, std::string> seen;
    const shale_status scanned = Scan(db, &seen);
    if (scanned != SHALE_END && !IsReport(scanned)) Die("a scan says %s", shale_status_name(scanned));
    if (scanned != SHALE_END || seen != specimen_.rows()) matters = true;
    for (const auto& [key, value] : seen) {
      if (!specimen_.WasEver(key, value)) Die("a scan gives wrong bytes for %s", Show(key).c_str());
    }
    for (const auto& [key, unused] : specimen_.rows()) {
      void* value = nullptr;
      size_t size = 0;
      const shale_status status = shale_get(db, key.data(), key.size(), &value, &size, nullptr, 0, nullptr);
      const std::string got = status == SHALE_OK ? std::string(static_cast<const char*>(value), size) : "";
      shale_mem_free(value);
      if (status != SHALE_OK && status != SHALE_NOT_FOUND && !IsReport(status))
        Die("a get says %s", shale_status_name(status));
      if (status != SHALE_OK) {
        matters = true;
        if (scanned == SHALE_END && status == SHALE_NOT_FOUND && seen.contains(key))
          Die("%s is in a scan and not in a get", Show(key).c_str());
        continue;
      }
      if (!specimen_.WasEver(key, got)) Die("a get gives wrong bytes for %s", Show(key).c_str());
      if (got != specimen_.rows().at(key)) matters = true;
    }
    // A damaged shard may report itself once more, or refuse what is still to be written, if a compaction met
    // the damage first.
    const shale_status closed = shale_close(db, nullptr);
    if (closed != SHALE_OK && !IsReport(closed) && closed != SHALE_E_READ_ONLY)
      Die("close says %s", shale_status_name(closed));
    matters = matters || closed != SHALE_OK;
    shale_free(db);
    return matters;
  }

  const uint64_t seed_;
  const bool unclean_;
  const Specimen specimen_;
  const TempDir work_{"corruption-work"};
  Tally* const tally_;
};

void Print(const Tally& tally, bool unclean) {
  const auto n = [](uint64_t x) { return static_cast<unsigned long long>(x); };
  std::printf("  %llu corruptions of %s stores: %llu mattered%s, %llu opens refused", n(tally.harms),
              unclean ? "unclean" : "closed", n(tally.mattered), unclean ? "" : " and were named",
              n(tally.refused));
  std::printf(", %llu keys lost their bytes, %llu harmless ones were named\n", n(tally.lost),
              n(tally.harmless_named));
  std::fflush(stdout);
}

void Run(bool unclean, uint64_t count) {
  const uint64_t seed = TestSeed();
  Dice dice(seed);
  Tally tally;
  const bool one = std::getenv("AT") != nullptr;
  for (uint64_t store = 0; tally.harms < count; store++) {
    // The first store is that of the seed, so that a failing one is found again by its own number.
    const uint64_t of_store = store == 0 ? seed : dice.Next() >> 16;
    SetFatalSeed(of_store);
    Harmer harmer(of_store, unclean, &tally);
    if (one) return harmer.Do(EnvNumber("AT", 0));
    harmer.Good();
    for (uint64_t i = 0; i < kPerStore && tally.harms < count; i++) harmer.Do(i);
    if (store % 20 == 19) Print(tally, unclean);
  }
  Print(tally, unclean);
  // Each kind of file in each way: some of it always matters, and some never does.
  if (count >= kHarmedKinds * kHarmWays) assert_true(tally.mattered > 0 && tally.mattered < tally.harms);
  assert_int_equal(shale_live_handles(), 0);
}

uint64_t Corruptions() {
  return EnvNumber("CORRUPTIONS", kSanitized ? 200 : 1000);
}

TEST(a_closed_store_says_what_is_wrong_and_gives_back_the_rest) {
  Run(false, Corruptions() * 3 / 4);
}

TEST(an_unclean_store_never_gives_wrong_bytes) {
  Run(true, Corruptions() / 4);
}

}   // namespace
}   // namespace shale_test

int main(int argc, char** argv) {
  using namespace shale_test;
  if (argc == 4 && std::strcmp(argv[1], "--write-and-die") == 0)
    Specimen::WriteAndDie(argv[2], std::strtoull(argv[3], nullptr, 10));
  if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0);
  mallopt(M_ARENA_MAX, 1);   // hundreds of opens a second, each with its threads
  for (const int signal : {SIGALRM, SIGSEGV, SIGBUS, SIGABRT, SIGFPE}) std::signal(signal, TellAndDie);
  return RunTests(__FILE__);
}
