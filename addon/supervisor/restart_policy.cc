// SPDX-License-Identifier: Apache-2.0
#include "supervisor/restart_policy.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace tsc {
namespace {

using When = RestartPolicy::When;

constexpr std::array<std::pair<When, const char*>, 4> kNames{
    {{When::kNo, "no"}, {When::kOnFailure, "on-failure"}, {When::kAlways, "always"}, {When::kUnlessStopped, "unless-stopped"}}};

bool Applies(const RestartPolicy& policy, const RunEnd& end, int count) {
  if (end.by_user || policy.when == When::kNo) return false;
  if (policy.when != When::kOnFailure) return true;
  return end.exit_code != 0 && (policy.max_retries == 0 || count < policy.max_retries);
}

}  // namespace

Result<RestartPolicy> ParseRestartPolicy(const Json& json) {
  RestartPolicy policy;
  if (json.is_null()) return policy;
  const std::string name = StringMember(json, "policy", "no");
  const auto known = std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return name == entry.second; });
  if (known == kNames.end()) return Fail("parse restart policy", EINVAL, name);
  policy.when = known->first;
  policy.max_retries = static_cast<int>(std::clamp<std::int64_t>(IntMember(json, "maxRetries"), 0, 1 << 30));
  return policy;
}

Json RestartPolicyJson(const RestartPolicy& policy) {
  const auto known = std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return policy.when == entry.first; });
  return {{"policy", known->second}, {"maxRetries", policy.max_retries}};
}

std::optional<std::chrono::milliseconds> Restarts::After(const RestartPolicy& policy, const RunEnd& end) {
  if (!Applies(policy, end, count_)) return {};
  const bool anew = end.ran >= kSteadyRun || back_off_ == back_off_.zero();
  back_off_ = anew ? kFirstBackOff : std::min(back_off_ * 2, kLongestBackOff);
  ++count_;
  return back_off_;
}

bool StartsAfterBoot(const RestartPolicy& policy, bool stopped_by_user) {
  return policy.when == When::kAlways || (policy.when == When::kUnlessStopped && !stopped_by_user);
}

}  // namespace tsc
