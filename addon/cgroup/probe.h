// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cgroup/base.h"
#include "cgroup/mounts.h"

namespace tsc {

// Decides which of the mounted trees are usable and makes the base in them. Always succeeds; what is missing has a reason.
CgroupBase ProbeCgroups(const std::string& name, ControllerSet v1_always, const std::vector<CgroupMount>& mounts);

}  // namespace tsc
