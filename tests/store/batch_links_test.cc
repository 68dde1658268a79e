#include "store/batch_links.h"

#include <array>

#include "base/random.h"
#include "test.h"   // last: cmocka has a macro named fail

namespace shale {
namespace {

using Goals = std::array<LogPosition, kDiskShards>;

Goals Closed(const BatchLinks& links, std::initializer_list<BatchLinks::Frame> wanted) {
  Goals goals{};
  for (const auto& [shard, position] : wanted) goals[static_cast<size_t>(shard)] = position;
  links.Close(goals.data());
  return goals;
}

void AssertGoals(const Goals& goals, std::initializer_list<BatchLinks::Frame> wanted) {
  Goals expected{};
  for (const auto& [shard, position] : wanted) expected[static_cast<size_t>(shard)] = position;
  for (size_t s = 0; s < expected.size(); s++) {
    if (goals[s] != expected[s]) fail_msg("shard %zu: %lu", s, static_cast<unsigned long>(goals[s]));
  }
}

TEST(without_links_goals_stay_as_they_are) {
  BatchLinks links;
  assert_true(links.empty());
  AssertGoals(Closed(links, {{3, 100}}), {{3, 100}});
}

TEST(a_goal_at_or_behind_a_frame_leads_to_its_partners) {
  BatchLinks links;
  links.Add({{1, 100}, {2, 200}, {63, 300}});
  assert_false(links.empty());
  AssertGoals(Closed(links, {{1, 99}}), {{1, 99}});
  AssertGoals(Closed(links, {{1, 100}}), {{1, 100}, {2, 200}, {63, 300}});
  AssertGoals(Closed(links, {{63, 5000}}), {{1, 100}, {2, 200}, {63, 5000}});
  AssertGoals(Closed(links, {{1, 100}, {2, 999}}), {{1, 100}, {2, 999}, {63, 300}});
  AssertGoals(Closed(links, {{4, 999}}), {{4, 999}});
}

TEST(closure_follows_chains_in_whatever_order_they_were_added) {
  BatchLinks links;
  links.Add({{3, 30}, {4, 40}});
  links.Add({{2, 20}, {3, 31}});
  links.Add({{1, 10}, {2, 21}});
  AssertGoals(Closed(links, {{1, 10}}), {{1, 10}, {2, 21}, {3, 31}, {4, 40}});
  AssertGoals(Closed(links, {{2, 20}}), {{2, 20}, {3, 31}, {4, 40}});
  AssertGoals(Closed(links, {{4, 40}}), {{3, 30}, {4, 40}});   // 3 up to 30 reaches no other link
}

TEST(a_link_is_forgotten_only_when_all_its_frames_are_durable) {
  BatchLinks links;
  links.Add({{1, 100}, {2, 200}});
  Goals synced{};
  synced[1] = 100;
  synced[2] = 199;
  links.Forget(synced.data());
  AssertGoals(Closed(links, {{1, 100}}), {{1, 100}, {2, 200}});
  synced[2] = 200;
  links.Forget(synced.data());
  assert_true(links.empty());
  AssertGoals(Closed(links, {{1, 100}}), {{1, 100}});
}

TEST(forgetting_one_link_keeps_the_others) {
  BatchLinks links;
  links.Add({{1, 100}, {2, 200}});
  links.Add({{1, 110}, {3, 300}});
  Goals synced{};
  synced[1] = 105;
  synced[2] = 200;
  links.Forget(synced.data());
  AssertGoals(Closed(links, {{1, 110}}), {{1, 110}, {3, 300}});
}

// The definition itself: nothing at or before a goal is tied to something behind the partner's goal; and
// nothing is raised without a reason.
TEST(random_links_are_closed_and_goals_are_minimal) {
  Random dice(TestSeed());
  for (int round = 0; round < 300; round++) {
    BatchLinks links;
    std::vector<std::vector<BatchLinks::Frame>> all;
    Goals next{};
    const size_t shards = 2 + dice.Below(6);
    for (size_t i = dice.Below(20); i > 0; i--) {
      std::vector<BatchLinks::Frame> frames;
      for (size_t s = 0; s < shards; s++) {
        if (dice.Below(2) == 0) frames.emplace_back(static_cast<int>(s), next[s] += 1 + dice.Below(5));
      }
      if (frames.size() < 2) continue;
      all.push_back(frames);
      links.Add(frames);
    }
    Goals wanted{};
    wanted[dice.Below(shards)] = 1 + dice.Below(40);
    Goals closed = wanted;
    links.Close(closed.data());
    Goals justified = wanted;   // grown one link at a time, as often as there are links
    for (size_t pass = 0; pass <= all.size(); pass++) {
      for (const auto& frames : all) {
        bool reached = false;
        for (const auto& [s, p] : frames) reached = reached || justified[static_cast<size_t>(s)] >= p;
        for (const auto& [s, p] : frames) {
          LogPosition& goal = justified[static_cast<size_t>(s)];
          if (reached && goal < p) goal = p;
        }
      }
    }
    assert_true(closed == justified);
  }
}

}   // namespace
}   // namespace shale

RUN()
