// SPDX-License-Identifier: Apache-2.0
#include "supervisor/health_state.h"

namespace tsc {

const char* HealthStatusName(HealthStatus status) {
  switch (status) {
    case HealthStatus::kStarting:
      return "starting";
    case HealthStatus::kHealthy:
      return "healthy";
    case HealthStatus::kUnhealthy:
      return "unhealthy";
  }
  return "unhealthy";
}

void HealthState::Begin() {
  status_ = HealthStatus::kStarting;
  failing_streak_ = 0;
}

void HealthState::Take(const HealthSettings& settings, HealthResult result, std::chrono::milliseconds age) {
  const bool success = result.exit_code == 0;
  results_.push_back(std::move(result));
  if (results_.size() > kResultsKept) results_.pop_front();
  if (success) {
    failing_streak_ = 0;
    status_ = HealthStatus::kHealthy;
    return;
  }
  if (status_ == HealthStatus::kStarting && age < settings.start_period) return;
  if (++failing_streak_ >= settings.retries) status_ = HealthStatus::kUnhealthy;
}

std::chrono::milliseconds HealthState::NextDelay(const HealthSettings& settings, std::chrono::milliseconds age) const {
  return status_ == HealthStatus::kStarting && age < settings.start_period ? settings.start_interval : settings.interval;
}

Json HealthState::Describe() const {
  Json log = Json::array();
  for (const auto& result : results_) {
    log.push_back({{"start", result.start}, {"end", result.end}, {"exitCode", result.exit_code}, {"output", result.output}});
  }
  return {{"status", HealthStatusName(status_)}, {"failingStreak", failing_streak_}, {"log", std::move(log)}};
}

void HealthState::Restore(const Json& description) {
  failing_streak_ = static_cast<int>(IntMember(description, "failingStreak"));
  for (const auto& entry : Member(description, "log")) {
    HealthResult result;
    if (Member(entry, "start").is_number()) result.start = Member(entry, "start").get<double>();
    if (Member(entry, "end").is_number()) result.end = Member(entry, "end").get<double>();
    result.exit_code = static_cast<int>(IntMember(entry, "exitCode"));
    result.output = StringMember(entry, "output");
    results_.push_back(std::move(result));
  }
}

}  // namespace tsc
