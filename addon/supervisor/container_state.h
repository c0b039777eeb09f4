// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/json_reader.h"
#include "core/result.h"

namespace tsc {

//     kPreparing ─▶ kCreated ─▶ kStarting ─▶ kRunning ⇄ kPaused ─▶ kStopped ─▶ gone
//                                                 any ───────────────▲
enum class ContainerState { kPreparing, kCreated, kStarting, kRunning, kPaused, kStopped };
const char* StateName(ContainerState state);
Failure WrongState(const char* step, ContainerState state);

struct ExitInfo {
  int code = 0;
  std::optional<int> signal;
  bool oom_killed = false;
  double started_at = 0, finished_at = 0;
  std::string error;
  std::string reason;  // "idle", "lifetime": the limit that it was stopped at
  std::int64_t cpu_ms = 0;
  std::optional<std::uint64_t> memory_peak;
};
Json ExitJson(const ExitInfo& exit);

}  // namespace tsc
