// A leaderboard: points by player, and the players by points, best first. Two rows of a player change
// together in a batch, so that no reader ever sees one without the other.
//
//     leaderboard [PLAYERS]                    (20000)
#include "store.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <vector>

namespace {

void Expect(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "leaderboard: not so: %s\n", what);
  std::exit(1);
}

std::string PlayerKey(std::string_view player) {
  return "player/" + std::string(player);
}

// Keys are ordered as bytes: the points, subtracted from the most that there can be and written with the
// highest byte first, put the best player in front.
std::string RankKey(uint64_t points, std::string_view player) {
  std::string key = "rank/";
  const uint64_t missing = UINT64_MAX - points;
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(missing >> shift));
  return key.append(player);
}

constexpr size_t kRankNameAt = 5 + 8;   // "rank/" and the points

void SetPoints(Store& board, std::string_view player, uint64_t points) {
  Batch batch;
  if (const auto old = board.Get(PlayerKey(player))) batch.Delete(RankKey(std::stoull(*old), player));
  batch.Put(PlayerKey(player), std::to_string(points)).Put(RankKey(points, player), "");
  board.Write(batch);
}

std::vector<std::string> Best(const Store& board, int64_t count) {
  std::vector<std::string> players;
  board.Keys("rank/", count, [&](std::string_view key) { players.emplace_back(key.substr(kRankNameAt)); });
  return players;
}

}   // namespace

int main(int argc, char** argv) try {
  const int players = argc > 1 ? std::atoi(argv[1]) : 20000;
  std::string dir = "/tmp/shale-leaderboard-XXXXXX";
  Expect(mkdtemp(dir.data()) != nullptr, "a directory can be made below /tmp");
  std::vector<std::pair<uint64_t, std::string>> truth;
  {
    Store board(dir);
    std::mt19937_64 random(7);
    for (int i = 0; i < players; i++) {
      const std::string name = "player-" + std::to_string(i);
      SetPoints(board, name, random() % 1000);        // a first game
      const uint64_t points = random() % 1'000'000;   // and a better or a worse one
      SetPoints(board, name, points);
      truth.emplace_back(points, name);
    }
    SetPoints(board, "you", 999'999'999);
    truth.emplace_back(999'999'999, "you");
  }
  std::sort(truth.begin(), truth.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });

  const Store board(dir);   // another day
  const auto best = Best(board, 5);
  for (const std::string& name : best)
    std::printf("%12s  %s\n", board.Get(PlayerKey(name))->c_str(), name.c_str());
  Expect(best.size() == std::min<size_t>(5, truth.size()) && best[0] == "you", "the best player is in front");
  const auto all = Best(board, 0);
  Expect(all.size() == truth.size(), "every player has one rank, however often the points changed");
  for (size_t i = 0; i < all.size(); i++)
    Expect(all[i] == truth[i].second, "the order is that of the points");
  try {
    board.Get("");
    Expect(false, "an empty key is refused");
  } catch (const std::runtime_error& e) {
    Expect(std::string_view(e.what()).substr(0, 9) == "E_INVALID", "an empty key is not valid");
  }
  std::filesystem::remove_all(dir);
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "leaderboard: %s\n", e.what());
  return 1;
}
