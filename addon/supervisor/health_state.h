// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

#include "core/json_reader.h"

namespace tsc {

// How often a container is checked and what makes it unhealthy: Docker's HEALTHCHECK.
struct HealthSettings {
  std::chrono::milliseconds interval{30'000};  // from the end of one check to the next; before the first one, too
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds start_period{0};  // failures in it do not count
  std::chrono::milliseconds start_interval{5'000};
  int retries = 3;
};

enum class HealthStatus { kStarting, kHealthy, kUnhealthy };
const char* HealthStatusName(HealthStatus status);

// What one check found. Times in milliseconds since 1970.
struct HealthResult {
  static constexpr std::size_t kLongestOutput = 4096;
  double start = 0, end = 0;
  int exit_code = 0;  // -1: it could not be run, or took too long
  std::string output;
};

// The health of one container, from the results of its checks alone:
//
//     kStarting ──success──▶ kHealthy ◀──success── kUnhealthy
//         └───── as many failures in a row as `retries` ─────▲
//
// Until the first success, failures of checks that began within the start period do not count.
class HealthState {
 public:
  static constexpr std::size_t kResultsKept = 5;

  // Running anew. The results of the last run stay to be seen.
  void Begin();
  // It does not run any more, and is not healthy then.
  void End() { status_ = HealthStatus::kUnhealthy; }
  // `age`: how long the container had run when the check began.
  void Take(const HealthSettings& settings, HealthResult result, std::chrono::milliseconds age);
  // From now to the next check.
  std::chrono::milliseconds NextDelay(const HealthSettings& settings, std::chrono::milliseconds age) const;

  HealthStatus status() const { return status_; }
  Json Describe() const;
  // What Describe gave.
  void Restore(const Json& description);

 private:
  HealthStatus status_ = HealthStatus::kStarting;
  int failing_streak_ = 0;
  std::deque<HealthResult> results_;  // oldest first
};

}  // namespace tsc
