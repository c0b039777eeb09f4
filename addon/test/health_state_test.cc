// SPDX-License-Identifier: Apache-2.0
#include "supervisor/health_state.h"

#include <doctest/doctest.h>

#include <vector>

namespace tsc {
namespace {

using std::chrono::milliseconds;

HealthResult Found(int exit_code) { return {1, 2, exit_code, "said " + std::to_string(exit_code)}; }

// The status after each of these results, all of checks that began at `age`.
std::vector<std::string> Statuses(HealthState* state, const HealthSettings& settings, const std::vector<int>& codes,
                                  milliseconds age = milliseconds(60'000)) {
  std::vector<std::string> statuses;
  for (const int code : codes) {
    state->Take(settings, Found(code), age);
    statuses.emplace_back(HealthStatusName(state->status()));
  }
  return statuses;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("one success makes healthy, only as many failures in a row as retries make unhealthy") {
  HealthState state;
  const HealthSettings settings;
  CHECK(Statuses(&state, settings, {1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0}) == Names{"starting", "starting", "healthy", "healthy", "healthy",
                                                                               "healthy", "healthy", "healthy", "unhealthy", "unhealthy",
                                                                               "healthy"});
}

TEST_CASE("what could not be run or took too long is a failure like any other") {
  HealthState state;
  HealthSettings settings;
  settings.retries = 2;
  CHECK(Statuses(&state, settings, {-1, 137}) == Names{"starting", "unhealthy"});
}

TEST_CASE("failures in the start period do not count, a success ends it") {
  HealthState state;
  HealthSettings settings;
  settings.start_period = milliseconds(1000);
  settings.retries = 1;
  CHECK(Statuses(&state, settings, {1, 1, 1}, milliseconds(999)) == Names{"starting", "starting", "starting"});
  CHECK(state.Describe()["failingStreak"] == 0);
  CHECK(Statuses(&state, settings, {0, 1}, milliseconds(999)) == Names{"healthy", "unhealthy"});
  HealthState late;
  CHECK(Statuses(&late, settings, {1}, milliseconds(1000)) == Names{"unhealthy"});
}

TEST_CASE("checks come at the start interval in the start period, until the first success") {
  HealthState state;
  HealthSettings settings;
  settings.interval = milliseconds(700);
  settings.start_interval = milliseconds(20);
  CHECK(state.NextDelay(settings, milliseconds(0)) == milliseconds(700));
  settings.start_period = milliseconds(1000);
  CHECK(state.NextDelay(settings, milliseconds(0)) == milliseconds(20));
  CHECK(state.NextDelay(settings, milliseconds(1000)) == milliseconds(700));
  state.Take(settings, Found(0), milliseconds(10));
  CHECK(state.NextDelay(settings, milliseconds(20)) == milliseconds(700));
}

TEST_CASE("the last five results are kept, also over a restart, and come back from their description") {
  HealthState state;
  const HealthSettings settings;
  Statuses(&state, settings, {1, 2, 3, 4, 5, 6});
  state.Begin();
  CHECK(std::string(HealthStatusName(state.status())) == "starting");
  const Json description = state.Describe();
  REQUIRE(description["log"].size() == 5);
  CHECK(description["log"][0]["exitCode"] == 2);
  CHECK(description["log"][4] == Json{{"start", 1}, {"end", 2}, {"exitCode", 6}, {"output", "said 6"}});
  HealthState again;
  again.Restore(description);
  CHECK(again.Describe() == description);
}

TEST_CASE("what does not run is not healthy") {
  HealthState state;
  state.Take({}, Found(0), milliseconds(1));
  state.End();
  CHECK(state.Describe()["status"] == "unhealthy");
}

}  // namespace tsc
