// SPDX-License-Identifier: Apache-2.0
#include "supervisor/supervision_options.h"

#include <algorithm>

#include "runtime/spec.h"

namespace tsc {
namespace {

constexpr std::int64_t kLongest = std::int64_t{1} << 40;  // what no clock of ours overflows with

std::chrono::milliseconds Milliseconds(const Json& message, const char* key, std::int64_t least, std::chrono::milliseconds fallback) {
  return std::chrono::milliseconds(std::clamp(IntMember(message, key, fallback.count()), least, kLongest));
}

Result<HealthCheck> ParseHealth(const Json& json) {
  HealthCheck check;
  check.process = Member(json, "process");
  TSC_TRY(ParseProcess(check.process));  // what is wrong with it is said now, not at each check
  auto& settings = check.settings;
  settings.interval = Milliseconds(json, "intervalMs", 1, settings.interval);
  settings.timeout = Milliseconds(json, "timeoutMs", 1, settings.timeout);
  settings.start_period = Milliseconds(json, "startPeriodMs", 0, settings.start_period);
  settings.start_interval = Milliseconds(json, "startIntervalMs", 1, settings.start_interval);
  settings.retries = static_cast<int>(std::clamp<std::int64_t>(IntMember(json, "retries", settings.retries), 1, 1 << 30));
  return check;
}

}  // namespace

Result<SupervisionOptions> ParseSupervision(const Json& message) {
  SupervisionOptions options;
  options.restart = TSC_TRY(ParseRestartPolicy(Member(message, "restart")));
  if (Member(message, "health").is_object()) options.health = TSC_TRY(ParseHealth(Member(message, "health")));
  options.limits.idle = Milliseconds(message, "idleTimeoutMs", 0, options.limits.idle);
  options.limits.lifetime = Milliseconds(message, "maxLifetimeMs", 0, options.limits.lifetime);
  return options;
}

}  // namespace tsc
