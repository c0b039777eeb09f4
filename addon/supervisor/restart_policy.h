// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "core/json_reader.h"
#include "core/result.h"

namespace tsc {

// When a container that ended is started again: Docker's policies. `kAlways` and `kUnlessStopped` differ only after a reboot.
struct RestartPolicy {
  enum class When { kNo, kOnFailure, kAlways, kUnlessStopped };
  When when = When::kNo;
  int max_retries = 0;  // of kOnFailure; 0: without end
};

// {policy: 'no' | 'on-failure' | 'always' | 'unless-stopped', maxRetries}; nothing is 'no'.
Result<RestartPolicy> ParseRestartPolicy(const Json& json);
Json RestartPolicyJson(const RestartPolicy& policy);

//     back-off            first 100 ms, then twice the last one, at most 1 min
//     begins anew         after a run of 10 s
//     restarts count      from the last start that somebody asked for
inline constexpr std::chrono::milliseconds kFirstBackOff{100};
inline constexpr std::chrono::milliseconds kLongestBackOff{60'000};
inline constexpr std::chrono::milliseconds kSteadyRun{10'000};

// How a run ended, as far as a policy asks.
struct RunEnd {
  int exit_code = 0;
  std::chrono::milliseconds ran{};
  bool by_user = false;  // stopped or killed over the API, or at a limit of its life
};

// The restarts of one container.
class Restarts {
 public:
  explicit Restarts(int count = 0) : count_(count) {}

  // How long to wait before the next run, which is counted; nothing: there is none.
  std::optional<std::chrono::milliseconds> After(const RestartPolicy& policy, const RunEnd& end);
  int count() const { return count_; }

 private:
  int count_;
  std::chrono::milliseconds back_off_{};
};

// Whether one that has run before is started when the machine has been: `always` also after somebody had stopped it.
bool StartsAfterBoot(const RestartPolicy& policy, bool stopped_by_user);

}  // namespace tsc
