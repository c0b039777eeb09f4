// SPDX-License-Identifier: Apache-2.0
#include "supervisor/restart_policy.h"

#include <doctest/doctest.h>

#include <vector>

namespace tsc {
namespace {

using When = RestartPolicy::When;
using std::chrono::milliseconds;

constexpr RunEnd kCrash{1, milliseconds(5), false};

std::vector<std::int64_t> BackOffs(Restarts* restarts, const RestartPolicy& policy, int runs) {
  std::vector<std::int64_t> delays;
  for (int i = 0; i < runs; ++i) {
    const auto delay = restarts->After(policy, kCrash);
    delays.push_back(delay ? delay->count() : -1);
  }
  return delays;
}

}  // namespace

TEST_CASE("restarts wait twice as long each time, at most a minute") {
  Restarts restarts;
  CHECK(BackOffs(&restarts, {When::kAlways, 0}, 12) ==
        std::vector<std::int64_t>{100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000});
  CHECK(restarts.count() == 12);
}

TEST_CASE("a run of ten seconds begins the back-off anew, and not the count") {
  Restarts restarts;
  BackOffs(&restarts, {When::kAlways, 0}, 5);
  CHECK(restarts.After({When::kAlways, 0}, {1, milliseconds(9'999), false}) == milliseconds(3200));
  CHECK(restarts.After({When::kAlways, 0}, {1, milliseconds(10'000), false}) == milliseconds(100));
  CHECK(restarts.After({When::kAlways, 0}, kCrash) == milliseconds(200));
  CHECK(restarts.count() == 8);
}

TEST_CASE("on-failure ends with success, and after so many attempts") {
  Restarts restarts;
  CHECK_FALSE(restarts.After({When::kOnFailure, 0}, {0, milliseconds(5), false}));
  CHECK(BackOffs(&restarts, {When::kOnFailure, 2}, 4) == std::vector<std::int64_t>{100, 200, -1, -1});
  CHECK(restarts.count() == 2);
  Restarts unlimited;
  CHECK(BackOffs(&unlimited, {When::kOnFailure, 0}, 3) == std::vector<std::int64_t>{100, 200, 400});
}

TEST_CASE("always and unless-stopped go on after success") {
  for (const auto when : {When::kAlways, When::kUnlessStopped}) {
    CHECK(Restarts().After({when, 0}, {0, milliseconds(5), false}) == milliseconds(100));
  }
  CHECK_FALSE(Restarts().After({When::kNo, 0}, kCrash));
}

TEST_CASE("a stop by somebody ends every policy") {
  for (const auto when : {When::kNo, When::kOnFailure, When::kAlways, When::kUnlessStopped}) {
    CHECK_FALSE(Restarts().After({when, 0}, {137, milliseconds(5), true}));
  }
}

TEST_CASE("always and unless-stopped differ after a boot only") {
  CHECK(StartsAfterBoot({When::kAlways, 0}, true));
  CHECK(StartsAfterBoot({When::kAlways, 0}, false));
  CHECK_FALSE(StartsAfterBoot({When::kUnlessStopped, 0}, true));
  CHECK(StartsAfterBoot({When::kUnlessStopped, 0}, false));
  CHECK_FALSE(StartsAfterBoot({When::kOnFailure, 0}, false));
  CHECK_FALSE(StartsAfterBoot({When::kNo, 0}, false));
}

TEST_CASE("policies are read as they are written, and nothing else is") {
  CHECK(ParseRestartPolicy(Json())->when == When::kNo);
  for (const char* name : {"no", "on-failure", "always", "unless-stopped"}) {
    const auto policy = ParseRestartPolicy({{"policy", name}, {"maxRetries", 3}});
    REQUIRE(policy.ok());
    CHECK(RestartPolicyJson(*policy) == Json{{"policy", name}, {"maxRetries", 3}});
  }
  CHECK_FALSE(ParseRestartPolicy({{"policy", "sometimes"}}).ok());
  CHECK(ParseRestartPolicy({{"policy", "on-failure"}, {"maxRetries", -5}})->max_retries == 0);
}

}  // namespace tsc
