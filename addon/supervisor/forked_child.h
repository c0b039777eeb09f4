// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// Forks a child that is called `title`, has no descriptors but stdio and those in `keep`, runs `child`, exits, and is killed when this
// process ends. Its pidfd, to be waited for. Step "start worker".
Result<UniqueFd> ForkChild(std::vector<int> keep, const char* title, const std::function<void()>& child);

}  // namespace tsc
