// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>

#include "cgroup/cgroup.h"
#include "core/json_reader.h"
#include "core/result.h"

namespace tsc {

// The answer to `stats` (docs/protocol.md): null is what the kernel does not count here. `network` is a process whose network namespace is
// the container's own.
Result<Json> ReportStats(const std::optional<Cgroup>& cgroup, std::optional<pid_t> network);

}  // namespace tsc
