// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/json_reader.h"
#include "core/result.h"
#include "supervisor/health_state.h"
#include "supervisor/life_limits.h"
#include "supervisor/restart_policy.h"

namespace tsc {

struct HealthCheck {
  Json process;  // OCI process
  HealthSettings settings;
};

// What is done with a container while nobody asks: the part of the `create` message about it.
struct SupervisionOptions {
  RestartPolicy restart;
  std::optional<HealthCheck> health;
  LifeLimitOptions limits;
};

Result<SupervisionOptions> ParseSupervision(const Json& message);

}  // namespace tsc
